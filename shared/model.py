"""The words of the house: finding, severity, subject, coverage, report. Everything later on the way speaks them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated


def _aware() -> object:
    from msgspec import Meta  # only once a row is decoded: the command's help loads nothing heavy

    return Meta(tz=True)


# An aware instant: what is decoded without a time zone is refused.
type Instant = Annotated[datetime, _aware()]


class Severity(StrEnum):
    """How bad a finding is, in Azure Monitor's words. Source: Azure Monitor alert severities (Sev0 to Sev3)."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFORMATIONAL = "informational"

    @property
    def rank(self) -> int:
        """0 is the worst, as in Sev0."""
        return _RANKS[self]

    def at_least(self, other: "Severity") -> bool:
        """Whether this is as bad as `other`, or worse."""
        return self.rank <= other.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Check(StrEnum):
    """The checks, by the names that the command line takes."""

    WORKSPACE_ACCESS = "workspace-access"
    APP_REGISTRATIONS = "app-registrations"
    SNAPSHOT_CURRENCY = "snapshot-currency"
    SERVICE_HEALTH = "service-health"


class Outcome(StrEnum):
    """What a look came to: unknown where anything was not read, never clear."""

    CLEAR = "clear"
    FINDINGS = "findings"
    UNKNOWN = "unknown"


class SubjectKind(StrEnum):
    """What a finding can be about."""

    WORKSPACE = "workspace"
    PRINCIPAL = "principal"
    APPLICATION = "application"
    CREDENTIAL = "credential"
    SNAPSHOT = "snapshot"
    TABLE = "table"
    SERVICE = "service"
    READ = "read"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Subject:
    """The one thing that a finding is about: `id` is stable, `name` is what people call it, `parent` holds it."""

    kind: SubjectKind
    id: str
    name: str | None = None
    parent: str | None = None

    @property
    def label(self) -> str:
        """The name, or the id where it has none."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do: steps in the order to take them, and a deep link to the blade where they are taken."""

    steps: tuple[str, ...]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Silenced:
    """Until when, and why, a finding is told to nobody. It stays in the report."""

    until: Instant
    reason: str


type Evidence = Mapping[str, str | int | float | bool | list[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, about to be, or cannot be told.

    `family` groups the stages of one trouble: it goes into the fingerprint, the id does not, so that a credential that
    runs from expiring to expired stays one incident. `stage` is how far the trouble has come within one severity: a
    higher one is worse.
    """

    id: str
    family: str
    target: str
    severity: Severity
    subject: Subject
    title: str
    detail: str
    remedy: Remedy
    due_at: Instant | None = None
    stage: int = 0
    evidence: Evidence = field(default_factory=dict)
    explained_by: tuple[str, ...] = ()
    silenced: Silenced | None = None

    @property
    def fingerprint(self) -> str:
        """The identity of the trouble: family, target and subject, never message, severity or days left."""
        parts = (self.family, self.target, self.subject.kind, self.subject.id.lower())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def counts(self) -> bool:
        """Whether it decides an outcome: at or above warning, and not silenced."""
        return self.silenced is None and self.severity.at_least(Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was read, how much of it was ignored on purpose, and how much could not be (None: nobody knows)."""

    read: int = 0
    ignored: int = 0
    unread: int | None = 0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one target, in the report."""

    check: Check
    outcome: Outcome
    observed_at: datetime
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What one look says of one target, worst finding first."""

    name: str
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """Unknown where a check could not read, else findings at or above warning, else clear."""
        outcomes = {result.outcome for result in self.checks}
        if Outcome.UNKNOWN in outcomes:
            return Outcome.UNKNOWN
        return Outcome.FINDINGS if any(finding.counts for finding in self.findings) else Outcome.CLEAR


@dataclass(frozen=True, slots=True)
class Report:
    """One look at all targets."""

    at: datetime
    notices: tuple[str, ...]
    targets: tuple[TargetReport, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the targets': one that is unknown makes the whole unknown."""
        return worst_of(target.outcome for target in self.targets)


def worst_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of a whole: one part that is unknown makes it unknown."""
    found = set(outcomes)
    return next((outcome for outcome in (Outcome.UNKNOWN, Outcome.FINDINGS) if outcome in found), Outcome.CLEAR)


class TransitionKind(StrEnum):
    """What has become of a finding since it was last told."""

    OPENED = "opened"
    ESCALATED = "escalated"
    EASED = "eased"
    REMINDED = "reminded"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a finding that people are told of: what channels carry."""

    kind: TransitionKind
    finding: Finding
    at: Instant

    @property
    def id(self) -> str:
        """The same for the same change, however often it is sent."""
        how_bad = f"{self.finding.severity}/{self.finding.stage}"
        parts = (self.finding.fingerprint, self.kind, how_bad, self.at.isoformat())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
