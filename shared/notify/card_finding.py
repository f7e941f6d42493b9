"""One finding on a card (pure): in full, or in one line. Each kind of change looks different, in words and colour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.model import Finding, Severity, Transition, TransitionKind
from shared.notify.elements import Element, action_set, container, fact_set, gap, line, open_url, run
from shared.notify.wording import could_not_look, due_word, label, over_line, plural, relative, subject_word, when
from shared.text import plain
from shared.wording import LIKELY_CAUSE, split_causes

_TITLE, _NAME, _DETAIL, _STEP = 160, 100, 600, 240  # limits, in characters
_STEPS_SHOWN = 6
_CAUSES_SHOWN = 2

_COLOURS = {
    Severity.CRITICAL: "Attention",
    Severity.ERROR: "Attention",
    Severity.WARNING: "Warning",
    Severity.INFORMATIONAL: "Accent",
}
_WORSE_STYLES = {
    Severity.CRITICAL: "attention",
    Severity.ERROR: "attention",
    Severity.WARNING: "warning",
    Severity.INFORMATIONAL: "accent",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a finding: the hour, what may explain it by fingerprint, and whether it is alone on its card."""

    now: datetime
    causes: Mapping[str, Finding]
    alone: bool = False


def in_full(transition: Transition, around: Around) -> Element:
    """Return the finding with all that a person needs to act; what is over stays short.

    The only finding on a card has its title and its colour in the headline: neither comes twice.
    """
    style = "default" if around.alone else _style(transition)
    items = _over if transition.kind is TransitionKind.RESOLVED else _open
    return container(
        [*items(transition, around)], style, spacing="Medium", separator=style == "default" and not around.alone
    )


def in_short(transition: Transition) -> Element:
    """Return the finding in one line."""
    if transition.kind is TransitionKind.RESOLVED:
        words, title = over_line(transition.finding)
        return line(run(words, 40, color="Good", weight="Bolder"), gap(), run(title, _TITLE))
    return line(_label_run(transition), gap(), run(transition.finding.title, _TITLE))


def _open(transition: Transition, around: Around) -> Iterator[Element]:
    yield from _opening(transition, titled=not around.alone)
    yield from _story(transition, around)


def _opening(transition: Transition, *, titled: bool) -> Iterator[Element]:
    finding = transition.finding
    yield line(_label_run(transition))
    if titled:
        yield line(run(finding.title, _TITLE, weight="Bolder", size="Medium"), spacing="None")
    yield line(
        run(subject_word(finding), _NAME, isSubtle=True), gap(), run(_subject_name(finding), _NAME), spacing="Small"
    )


def _story(transition: Transition, around: Around) -> Iterator[Element]:
    finding = transition.finding
    if transition.kind is not TransitionKind.REMINDED:
        yield line(run(split_causes(finding.detail)[0], _DETAIL), spacing="Small")
    if could_not_look(finding):
        yield line(
            run("This was not looked at: it may be broken, and what was known of it stands.", _DETAIL, italic=True)
        )
    facts = _facts(transition, around.now)
    if facts:
        yield fact_set(facts)
    yield from _cause(finding, around.causes)
    if transition.kind is not TransitionKind.REMINDED:
        yield from _steps(finding.remedy.steps)
    button = open_url(finding.remedy.link)
    if button:
        yield action_set(button)


def _facts(transition: Transition, now: datetime) -> list[tuple[str, str]]:
    """When it is due, and when it was seen: that only where it was not just now, as the headline says."""
    due_at = transition.finding.due_at
    facts = [(due_word(transition.finding, now), when(due_at, now))] if due_at else []
    return facts if relative(transition.at, now) == "now" else [*facts, ("Seen", when(transition.at, now))]


def _cause(finding: Finding, causes: Mapping[str, Finding]) -> Iterator[Element]:
    """Name the likely causes: in the words of the detail, or as known here; and count the others."""
    told = split_causes(finding.detail)[1][:_CAUSES_SHOWN]
    for words in told:
        yield line(run(LIKELY_CAUSE, 20, weight="Bolder"), gap(), run(words, _DETAIL))
    if not told:
        yield from _untold_cause(finding, causes)


def _untold_cause(finding: Finding, causes: Mapping[str, Finding]) -> Iterator[Element]:
    known = [causes[fingerprint] for fingerprint in finding.explained_by if fingerprint in causes][:_CAUSES_SHOWN]
    others = len(finding.explained_by) - len(known)
    for cause in known:
        yield line(run(LIKELY_CAUSE, 20, weight="Bolder"), gap(), run(cause.title, _TITLE))
    if others:
        words = f"{plural(others, 'other open finding')}, not named here" if known else plural(others, "open finding")
        yield line(run(LIKELY_CAUSE, 20, weight="Bolder"), gap(), run(words, _NAME))


def _steps(steps: Sequence[str]) -> Iterator[Element]:
    for number, step in enumerate(steps[:_STEPS_SHOWN], 1):
        spacing = "Medium" if number == 1 else "Small"
        yield line(run(f"{number}.", 4, weight="Bolder"), gap(), run(step, _STEP), spacing=spacing)
    left = len(steps) - _STEPS_SHOWN
    if left > 0:
        yield line(run(f"and {plural(left, 'more step')} in the report", _NAME), spacing="Small")


def _over(transition: Transition, around: Around) -> Iterator[Element]:
    finding = transition.finding
    if not around.alone:
        words, title = over_line(finding)
        yield line(run(words, 40, color="Good", weight="Bolder"), gap(), run(title, _TITLE))
    seen = run(f"· {when(transition.at, around.now)}", _NAME, isSubtle=True)
    yield line(run(_subject_name(finding), _NAME), gap(), seen, spacing="None")


def _style(transition: Transition) -> str:
    """Worse is a coloured box, over a green one, better or still open a quiet one, new a plain one."""
    if transition.kind is TransitionKind.RESOLVED:
        return "good"
    if transition.kind is TransitionKind.ESCALATED:
        return _WORSE_STYLES[transition.finding.severity]
    return "default" if transition.kind is TransitionKind.OPENED else "emphasis"


def _label_run(transition: Transition) -> Element:
    return run(label(transition), _NAME, weight="Bolder", color=_COLOURS[transition.finding.severity])


def _subject_name(finding: Finding) -> str:
    return plain(finding.subject.label, _NAME) or finding.subject.id
