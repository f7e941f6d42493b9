"""What the ledger knows of a target, for people to look at: what is open, what was over, how the checks went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.expectations import Target
from shared.incident import Incident
from shared.ledger.book import Book
from shared.ledger.deliveries import Waiting, waiting_for
from shared.model import Check, Finding, Outcome, Silenced
from shared.plan import checks_of
from shared.ranking import worst_first

GOOD_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Passed:
    """When a check last passed, and when it last read everything; None where it never did."""

    passed_at: datetime | None = None
    good_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether the last pass read everything, and not too long ago: what was not read is not green."""
        return self.good_at is not None and self.good_at == self.passed_at and now < self.good_at + GOOD_FOR


@dataclass(frozen=True, slots=True)
class Overview:
    """One target as the ledger knows it: incidents worst first, those that are over last."""

    target: str
    incidents: tuple[Incident, ...]
    checks: Mapping[str, Passed]
    waiting: tuple[Waiting, ...]

    @property
    def titles(self) -> Mapping[str, str]:
        """What `explained_by` points at, by fingerprint."""
        return {incident.finding.fingerprint: incident.finding.title for incident in self.incidents}

    def is_complete(self, now: datetime) -> bool:
        """Whether every check read everything lately, and every channel takes what it is told."""
        return all(passed.is_good(now) for passed in self.checks.values()) and not any(w.since for w in self.waiting)

    def outcome(self, now: datetime) -> Outcome:
        """How it stands: unknown where anything was not read lately, else what is open."""
        if not all(passed.is_good(now) for passed in self.checks.values()):
            return Outcome.UNKNOWN
        return Outcome.FINDINGS if self.has_findings else Outcome.CLEAR

    @property
    def has_findings(self) -> bool:
        """Whether anything at or above warning is open, and not silenced."""
        return any(incident.is_open and incident.finding.counts for incident in self.incidents)


async def read_overview(book: Book, target: Target, *, over: bool = True) -> Overview:
    """Read all that is known of a target; without `over` only what is open.

    Raises:
        LedgerError: the ledger could not be read.
    """
    passes = await book.passes()
    checks = {check.value: Passed(*passes.get(check, (None, None))) for check in checks_of(target, tuple(Check))}
    known = [incident for incident in await book.incidents() if over or incident.is_open]
    known += await book.history() if over else ()
    return Overview(target.name, _in_order(known), checks, await waiting_for(book))


def _in_order(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Put the open ones first, the worst first; then those that are over, the latest first."""
    known = list(incidents)
    places = {id(finding): place for place, finding in enumerate(worst_first(item.finding for item in known))}
    still_open = sorted((item for item in known if item.is_open), key=lambda item: places[id(item.finding)])
    over = [item for item in known if not item.is_open]
    return (*still_open, *sorted(over, key=lambda item: item.resolved_at or item.opened_at, reverse=True))


def told_at(incident: Incident) -> datetime | None:
    """When people were last told of it."""
    return incident.told.at if incident.told else None


def silence_of(finding: Finding, now: datetime) -> Silenced | None:
    """The silence that keeps it from being told, while that lasts."""
    silenced = finding.silenced
    return silenced if silenced is not None and now < silenced.until else None
