"""The morning report (pure): what the ledger knows of a target, said once a day whether or not anything is wrong.

Its absence is itself a sign: a monitor that has stopped says nothing, and nothing is what a quiet one says too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from shared.incident import Incident
from shared.model import Finding, Severity
from shared.ranking import worst_first

EXPIRES_WITHIN = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Landing:
    """When a set's snapshot of the day landed; None where it has not, or where nobody could look (`unread`)."""

    name: str
    at: datetime | None
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """One target this morning. `unread` are the checks that have not read everything since yesterday."""

    target: str
    open: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    expiring: tuple[Finding, ...] = ()
    landings: tuple[Landing, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst that is open and not silenced, at or above warning."""
        return min((f.severity for f in self.open if f.counts), key=lambda severity: severity.rank, default=None)

    @property
    def is_clear(self) -> bool:
        """Whether everything was read, and nothing at or above warning is open."""
        return self.worst is None and not self.unread

    @property
    def trouble(self) -> tuple[int, int, str]:
        """What to sort by: the most troubled first."""
        worst = self.worst
        rank = worst.rank if worst else (1 if self.unread else len(Severity))
        return rank, -sum(finding.counts for finding in self.open), self.target


def make_morning(
    target: str,
    incidents: Iterable[Incident],
    history: Iterable[Incident],
    good_at: Mapping[str, datetime | None],
    landings: Sequence[Landing],
    now: datetime,
) -> Morning:
    """Put together what there is to say of one target.

    `incidents` are the open ones and those lately over, `history` those that are over for good; `good_at` is when each
    check last read everything.
    """
    known = list(incidents)
    yesterday = now - timedelta(days=1)
    opened = [incident.finding for incident in known if incident.is_open]
    over = [item.finding for item in (*known, *history) if item.resolved_at and item.resolved_at >= yesterday]
    return Morning(
        target=target,
        open=tuple(worst_first(opened)),
        resolved=tuple(worst_first(over)),
        expiring=tuple(finding for _, _, finding in sorted(_expiring(opened, now), key=lambda item: item[:2])),
        landings=tuple(landings),
        unread=tuple(sorted(check for check, at in good_at.items() if at is None or at < yesterday)),
    )


def most_troubled_first(mornings: Iterable[Morning]) -> list[Morning]:
    """Sort targets: the worst open finding first, then by how many there are, then by name."""
    return sorted(mornings, key=lambda morning: morning.trouble)


def is_due(report_at: time | None, now: datetime) -> bool:
    """Whether the hour and minute (UTC) of the day's report have come."""
    return report_at is not None and now.astimezone(UTC).time() >= report_at


def _expiring(findings: Iterable[Finding], now: datetime) -> Iterator[tuple[datetime, str, Finding]]:
    """Find what ends within 60 days, with what to sort it by."""
    for finding in findings:
        if finding.id.startswith("credential.") and finding.due_at and finding.due_at <= now + EXPIRES_WITHIN:
            yield finding.due_at, finding.title, finding
