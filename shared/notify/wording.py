"""The words of messages (pure): severities, changes, counts and times, as a person at 08:00 reads them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from shared.model import Finding, Severity, SubjectKind, Transition, TransitionKind

GATHER_FAILED_ID = "monitor.gather_failed"

_SEVERITIES = {
    Severity.CRITICAL: ("Critical", "critical", "critical"),
    Severity.ERROR: ("Error", "error", "errors"),
    Severity.WARNING: ("Warning", "warning", "warnings"),
    Severity.INFORMATIONAL: ("Informational", "informational", "informational"),
}
_CHANGES = {
    TransitionKind.OPENED: "new",
    TransitionKind.ESCALATED: "got worse",
    TransitionKind.EASED: "got better",
    TransitionKind.REMINDED: "still open",
    TransitionKind.RESOLVED: "over",
}
_SUBJECTS = {
    SubjectKind.WORKSPACE: "Workspace",
    SubjectKind.PRINCIPAL: "Principal",
    SubjectKind.APPLICATION: "Application",
    SubjectKind.CREDENTIAL: "Credential",
    SubjectKind.SNAPSHOT: "Snapshot",
    SubjectKind.TABLE: "Table",
    SubjectKind.SERVICE: "Service",
    SubjectKind.READ: "Could not read",
    SubjectKind.CHANNEL: "Channel",
}


def severity_word(severity: Severity) -> str:
    """Return the severity as a word that begins a line."""
    return _SEVERITIES[severity][0]


def subject_word(finding: Finding) -> str:
    """Return what kind of thing the finding is about."""
    return _SUBJECTS[finding.subject.kind]


def could_not_look(finding: Finding) -> bool:
    """Whether the finding says that something was not read: no news of it is good news."""
    return finding.id == GATHER_FAILED_ID


def label(transition: Transition) -> str:
    """Return the line over a finding: how bad it is, and what has become of it."""
    words = [severity_word(transition.finding.severity), _CHANGES[transition.kind]]
    if could_not_look(transition.finding):
        words.insert(1, "could not look")
    return " · ".join(words)


def over_line(finding: Finding) -> tuple[str, str]:
    """Return the two halves of a resolved finding's line: what we say, and the finding's title."""
    return ("Can be read again: " if could_not_look(finding) else "Over: ", finding.title)


def counted(transitions: Iterable[Transition]) -> str:
    """Return how many there are of each severity and what is over: "2 errors, 35 warnings, 1 over"."""
    return ", ".join(_count_words(Counter(_counted_as(transition) for transition in transitions)))


def _counted_as(transition: Transition) -> Severity | None:
    return None if transition.kind is TransitionKind.RESOLVED else transition.finding.severity


def _count_words(counts: Counter[Severity | None]) -> Iterable[str]:
    for severity in Severity:
        if counts[severity]:
            yield f"{counts[severity]:,} {_SEVERITIES[severity][1 if counts[severity] == 1 else 2]}"
    if counts[None]:
        yield f"{counts[None]:,} over"


def plural(count: int, noun: str) -> str:
    """Return "1 step", "2 steps"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def stamp(at: datetime) -> str:
    """Return an instant in UTC to the minute: "2026-11-22 08:05 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def when(at: datetime, now: datetime) -> str:
    """Return an instant in UTC with its distance from `now`: "today 08:00 UTC (5 minutes ago)"."""
    return f"{_day(at, now)} {at.astimezone(UTC):%H:%M} UTC ({relative(at, now)})"


def relative(at: datetime, now: datetime) -> str:
    """Return how far `at` is from `now`, rounded down to the minute: "in 6 days", "1 hour 5 minutes ago"."""
    distance = abs(at - now)
    if distance < timedelta(minutes=1):
        return "now"
    return f"in {_span(distance)}" if at > now else f"{_span(distance)} ago"


def due_word(finding: Finding, now: datetime) -> str:
    """Return what its `due_at` is called: the end of a credential, or the hour that something was due."""
    past = finding.due_at is not None and finding.due_at <= now
    if finding.family.startswith("credential"):
        return "Expired" if past else "Expires"
    return "Was due" if past else "Due"


def _day(at: datetime, now: datetime) -> str:
    day = at.astimezone(UTC).date()
    apart = (day - now.astimezone(UTC).date()).days
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(apart) or day.isoformat()


def _span(distance: timedelta) -> str:
    hours, minutes = divmod(distance.seconds // 60, 60)
    parts = [(distance.days, "day"), (hours, "hour"), (minutes, "minute")]
    while not parts[0][0]:
        parts.pop(0)
    shown = parts[:1] if parts[0][0] >= 10 and parts[0][1] == "day" else parts[:2]
    return " ".join(plural(count, noun) for count, noun in shown if count)
