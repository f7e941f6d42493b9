"""Transitions become one Adaptive Card for Teams (pure): a headline, the worst first, the rest counted, under 20 KB."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from shared.model import Severity, Transition, TransitionKind
from shared.notify import card_finding
from shared.notify.channel import Message
from shared.notify.elements import Element, container, encoded, gap, line, open_url, run
from shared.notify.wording import could_not_look, counted, over_line, plural, stamp
from shared.text import inert

PAYLOAD_AT_MOST = 20_480  # bytes; Teams takes 28 KB, and tells nobody when a card was larger
_TAIL_ROOM = 400  # bytes kept for the line that counts the rest
_IN_FULL = 6  # findings told in full: what one minute is enough for
_SHOWN = 20  # findings shown at all

_TARGET_LIMIT, _TITLE_LIMIT = 60, 160
_STYLES = {
    Severity.CRITICAL: "attention",
    Severity.ERROR: "attention",
    Severity.WARNING: "warning",
    Severity.INFORMATIONAL: "accent",
}
_KIND_ORDER = {kind: place for place, kind in enumerate(TransitionKind)}


def render_card(message: Message) -> Element:
    """Return the card. Its whole payload stays within PAYLOAD_AT_MOST, and a finding is on it whole or counted."""
    ordered = sorted(message.transitions, key=_worst_first)
    card = _frame(message, ordered)
    body = [_header(message, ordered)]
    card["body"] = body
    shown = _fitting(ordered, _around(message), PAYLOAD_AT_MOST - _TAIL_ROOM - len(render_payload(card)))
    body.extend(shown)
    body.extend(_tail(ordered[len(shown) :]))
    return card


def render_payload(card: Element) -> bytes:
    """Return the card in the envelope that a Teams workflow's webhook takes, as UTF-8."""
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return encoded({"type": "message", "attachments": [attachment]})


def _worst_first(transition: Transition) -> tuple[bool, int, int, datetime, str]:
    finding = transition.finding
    return (
        transition.kind is TransitionKind.RESOLVED,
        finding.severity.rank,
        _KIND_ORDER[transition.kind],
        finding.due_at or datetime.max.replace(tzinfo=UTC),
        finding.title,
    )


def _frame(message: Message, ordered: Sequence[Transition]) -> Element:
    button = open_url(message.link, "Open the report")
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": "en",
        "fallbackText": f"Dawnwatch: {inert(_headline(message, ordered), _TITLE_LIMIT)} ({_counted(ordered)})",
        "msteams": {"width": "Full", "entities": []},
        "body": [],
        **({"actions": [button]} if button else {}),
    }


def _header(message: Message, ordered: Sequence[Transition]) -> Element:
    unread = sum(could_not_look(t.finding) and t.kind is not TransitionKind.RESOLVED for t in ordered)
    lines = [
        line(run(message.target, _TARGET_LIMIT, weight="Bolder"), gap(), run(stamp(message.at), 40)),
        line(run(_news(ordered), _TITLE_LIMIT, size="Large", weight="Bolder"), spacing="Small"),
        line(run(_counted(ordered), 120), spacing="Small"),
    ]
    if unread:
        lines.append(line(run(_unread_words(unread), 160, weight="Bolder"), spacing="Small"))
    return container(lines, _header_style(ordered), bleed=True)


def _counted(ordered: Sequence[Transition]) -> str:
    return counted(ordered) or "no change"


def _unread_words(unread: int) -> str:
    return f"Could not look everywhere: {plural(unread, 'read')} failed. What was not seen may be broken."


def _header_style(ordered: Sequence[Transition]) -> str:
    if not ordered:
        return "emphasis"
    return "good" if ordered[0].kind is TransitionKind.RESOLVED else _STYLES[ordered[0].finding.severity]


def _headline(message: Message, ordered: Sequence[Transition]) -> str:
    return f"{message.target}: {_news(ordered)}"


def _news(ordered: Sequence[Transition]) -> str:
    """The worst that there is to say; good news only where all of it is good."""
    if not ordered:
        return "Nothing new to tell"
    if ordered[0].kind is not TransitionKind.RESOLVED:
        return ordered[0].finding.title
    return "".join(over_line(ordered[0].finding)) if len(ordered) == 1 else f"{len(ordered):,} findings are over"


def _fitting(ordered: Sequence[Transition], around: card_finding.Around, room: int) -> list[Element]:
    """Take findings in order until the room is used up: in full, then in short, never in part."""
    shown: list[Element] = []
    for transition in ordered[:_SHOWN]:
        block = next((b for b in _forms(transition, around, len(shown)) if len(encoded(b)) < room), None)
        if block is None:
            break
        room -= len(encoded(block)) + 1  # and its comma
        shown.append(block)
    return shown


def _around(message: Message) -> card_finding.Around:
    findings = (*message.also_open, *(transition.finding for transition in message.transitions))
    causes = {finding.fingerprint: finding for finding in findings}
    return card_finding.Around(message.at, causes, alone=len(message.transitions) == 1)


def _forms(transition: Transition, around: card_finding.Around, place: int) -> Iterator[Element]:
    if place < _IN_FULL:
        yield card_finding.in_full(transition, around)
    yield card_finding.in_short(transition)


def _tail(rest: Sequence[Transition]) -> Iterator[Element]:
    if rest:
        words = f"and {len(rest):,} more: {counted(rest)}"
        yield line(run(words, 160, weight="Bolder"), separator=True, spacing="Medium")
