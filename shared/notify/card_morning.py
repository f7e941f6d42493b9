"""The morning report becomes one Adaptive Card (pure): what is open, what is over, what ends soon, what landed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from shared.model import Finding, Severity
from shared.morning import Landing, Morning
from shared.notify.card import PAYLOAD_AT_MOST, render_payload
from shared.notify.elements import Element, container, encoded, gap, line, run
from shared.notify.wording import plural, severity_word, stamp, when
from shared.text import inert

_TITLE, _NAME = 160, 60  # limits, in characters
_LINES_SHOWN = 8  # of each list of a target
_TAIL_ROOM = 400  # bytes kept for the line that counts the rest

_COLOURS = {
    Severity.CRITICAL: "Attention",
    Severity.ERROR: "Attention",
    Severity.WARNING: "Warning",
    Severity.INFORMATIONAL: "Default",
}


def render_morning(mornings: Sequence[Morning], now: datetime) -> Element:
    """Return the card: `mornings` in their order, as many as fit into PAYLOAD_AT_MOST, the rest counted."""
    card: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": "en",
        "fallbackText": f"Dawnwatch, this morning: {inert(_summary(mornings), _TITLE)}",
        "msteams": {"width": "Full", "entities": []},
        "body": [],
    }
    body = [_header(mornings, now)]
    card["body"] = body
    room = PAYLOAD_AT_MOST - _TAIL_ROOM - len(render_payload(card))
    shown = 0
    for morning in mornings:
        block = container(list(_target(morning, now)), "default", separator=True, spacing="Medium")
        size = len(encoded(block)) + 1
        if size >= room:
            break
        body.append(block)
        room, shown = room - size, shown + 1
    if shown < len(mornings):
        body.append(line(run(_rest(mornings[shown:]), _TITLE, weight="Bolder"), separator=True))
    return card


def _summary(mornings: Sequence[Morning]) -> str:
    troubled = sum(not morning.is_clear for morning in mornings)
    if len(mornings) == 1:
        return f"{mornings[0].target} is clear" if not troubled else f"{mornings[0].target}: {_state(mornings[0])}"
    return (
        f"{plural(len(mornings), 'target')}, all clear"
        if not troubled
        else f"{troubled:,} of {len(mornings):,} in trouble"
    )


def _header(mornings: Sequence[Morning], now: datetime) -> Element:
    style = "good" if all(morning.is_clear for morning in mornings) else "warning"
    if any(morning.worst in {Severity.CRITICAL, Severity.ERROR} for morning in mornings):
        style = "attention"
    lines = [
        line(run("Morning report", _NAME, weight="Bolder"), gap(), run(stamp(now), 40)),
        line(run(_summary(mornings), _TITLE, size="Large", weight="Bolder"), spacing="Small"),
    ]
    return container(lines, style, bleed=True)


def _state(morning: Morning) -> str:
    counting = [finding for finding in morning.open if finding.counts]
    words = [plural(len(counting), "open finding")] if counting else []
    if morning.unread:
        words.append(f"not read since yesterday: {', '.join(morning.unread)}")
    return "; ".join(words) or "clear"


def _target(morning: Morning, now: datetime) -> Iterator[Element]:
    colour = "Good" if morning.is_clear else "Warning" if morning.worst in {None, Severity.WARNING} else "Attention"
    yield line(
        run(morning.target, _NAME, weight="Bolder"), gap(), run(_state(morning), _TITLE, color=colour, weight="Bolder")
    )
    yield from _list("", (_finding(finding) for finding in morning.open if finding.counts))
    yield from _list("Over since yesterday", ([run(finding.title, _TITLE)] for finding in morning.resolved))
    yield from _list("Ends within 60 days", (_ending(finding, now) for finding in morning.expiring))
    yield from _list("Snapshots", (_landing(landing, now) for landing in morning.landings))


def _finding(finding: Finding) -> list[Element]:
    word = severity_word(finding.severity)
    return [run(word, 20, color=_COLOURS[finding.severity], weight="Bolder"), gap(), run(finding.title, _TITLE)]


def _ending(finding: Finding, now: datetime) -> list[Element]:
    ends = when(finding.due_at, now) if finding.due_at else ""
    return [run(finding.subject.label, _NAME), gap(), run(ends, 60, isSubtle=True)]


def _landing(landing: Landing, now: datetime) -> list[Element]:
    absent = "could not be read" if landing.unread else "has not landed yet"
    words = f"landed {when(landing.at, now)}" if landing.at else absent
    return [run(landing.name, _NAME), gap(), run(words, 80, isSubtle=True)]


def _list(title: str, items: Iterable[list[Element]]) -> Iterator[Element]:
    lines = list(items)
    if lines and title:
        yield line(run(title, _NAME, isSubtle=True), spacing="Medium")
    for runs in lines[:_LINES_SHOWN]:
        yield line(run("•", 2), gap(), *runs, spacing="Small")
    if len(lines) > _LINES_SHOWN:
        yield line(run(f"and {len(lines) - _LINES_SHOWN:,} more", _NAME), spacing="Small")


def _rest(mornings: Sequence[Morning]) -> str:
    troubled = sum(not morning.is_clear for morning in mornings)
    return f"and {plural(len(mornings), 'more target')}, {troubled:,} of them in trouble"
