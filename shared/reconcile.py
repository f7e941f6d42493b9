"""What has become of each finding since it was last told (pure): one incident, few messages, nothing resolved unseen.

    not known --seen--> open --not seen, all read--> resolved --6 h--> history
                         ^                              |
                         +------- seen within 6 h ------+

Every decision has a named reason, and says whether people are told. What they were told last is remembered by its
severity, so that a silence that ends tells what it held back, and a worse stage of one trouble is told as that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.model import Check, Finding, Severity, Transition, TransitionKind


class Reason(StrEnum):
    """Why a decision was taken: the transitions that can be told, and what is only written down."""

    OPENED = "opened"
    ESCALATED = "escalated"
    EASED = "eased"
    REMINDED = "reminded"
    RESOLVED = "resolved"
    FLAPPING = "flapping"
    SILENCED = "silenced"


@dataclass(frozen=True, slots=True)
class Policy:
    """How often to remind, and how long an incident that is over can come back."""

    remind_after: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {Severity.CRITICAL: timedelta(days=1), Severity.ERROR: timedelta(days=7)}
    )
    reopen_within: timedelta = timedelta(hours=6)
    flapping_after: int = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of an incident's history."""

    at: datetime
    reason: Reason
    severity: Severity
    finding_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is known of one trouble: `finding` as it was last seen, and what people were last told of it.

    `gone_at` is when it was first not seen while its resolution is held back; `returns` counts how often it came back.
    """

    check: Check
    finding: Finding
    opened_at: datetime
    resolved_at: datetime | None = None
    gone_at: datetime | None = None
    told_severity: Severity | None = None
    told_stage: int = 0
    told_at: datetime | None = None
    returns: int = 0
    history: tuple[Moment, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.resolved_at is None


HISTORY_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of one check of one target. `incidents` are the open ones, and those that could still come back."""

    passed_at: datetime | None = None
    good_at: datetime | None = None
    incidents: Mapping[str, Incident] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a pass changes: the new state, the incidents that differ, those that are history now, and what to tell."""

    state: State
    changed: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()
    transitions: tuple[Transition, ...] = ()


def reconcile(
    state: State, check: Check, findings: Sequence[Finding], now: datetime, policy: Policy, *, complete: bool
) -> Outcome:
    """Decide what a pass of `check` changes.

    `complete` says that everything in the check's scope was read: only then can anything ease or be over. A pass older
    than the last one (a clock that jumped back, a slow worker) can only bring news of what was never heard of.
    """
    stale = state.passed_at is not None and now < state.passed_at
    seen = {finding.fingerprint: finding for finding in findings}
    decide = _Decide(now, policy, can_ease=complete and not stale, stale=stale)
    after = dict(state.incidents)
    transitions: list[Transition] = []
    for fingerprint in _in_order(state.incidents, seen):
        known, finding = state.incidents.get(fingerprint), seen.get(fingerprint)
        incident, told = decide.one(check, known, finding)
        if incident is not None:
            after[fingerprint] = incident
        transitions += told
    closed = () if stale else tuple(i for i in after.values() if _is_history(i, now, policy))
    kept = {key: incident for key, incident in after.items() if incident not in closed}
    changed = tuple(incident for key, incident in kept.items() if incident != state.incidents.get(key))
    new = state if stale else replace(state, passed_at=now, good_at=now if complete else state.good_at)
    return Outcome(state=replace(new, incidents=kept), changed=changed, closed=closed, transitions=tuple(transitions))


def _in_order(known: Mapping[str, Incident], seen: Mapping[str, Finding]) -> Iterable[str]:
    return [*seen, *(fingerprint for fingerprint in known if fingerprint not in seen)]


def _is_history(incident: Incident, now: datetime, policy: Policy) -> bool:
    return incident.resolved_at is not None and now >= incident.resolved_at + policy.reopen_within


type Decision = tuple[Incident | None, list[Transition]]


@dataclass(frozen=True, slots=True)
class _Decide:
    now: datetime
    policy: Policy
    can_ease: bool
    stale: bool

    def one(self, check: Check, known: Incident | None, finding: Finding | None) -> Decision:
        """Decide on one fingerprint."""
        if known is None:
            return self._open(check, finding) if finding is not None else (None, [])
        if self.stale:
            return known, []
        if finding is None:
            return self._unseen(known)
        if not known.is_open:
            return self._return(known, finding) if self._can_return(known) else self._open(check, finding)
        return self._again(known, finding)

    def _can_return(self, known: Incident) -> bool:
        return known.resolved_at is not None and self.now < known.resolved_at + self.policy.reopen_within

    def _open(self, check: Check, finding: Finding) -> Decision:
        incident = Incident(check=check, finding=finding, opened_at=self.now)
        return self._tell(incident, Reason.OPENED, TransitionKind.OPENED)

    def _return(self, known: Incident, finding: Finding) -> Decision:
        incident = replace(known, finding=finding, resolved_at=None, gone_at=None, returns=known.returns + 1)
        return self._tell(incident, Reason.OPENED, TransitionKind.OPENED)

    def _unseen(self, known: Incident) -> Decision:
        if not known.is_open or not self.can_ease:
            return known, []
        if known.returns < self.policy.flapping_after:
            return self._resolve(known)
        if known.gone_at is None:
            return self._note(replace(known, gone_at=self.now), Reason.FLAPPING), []
        if self.now >= known.gone_at + self.policy.reopen_within:
            return self._resolve(known)
        return known, []

    def _resolve(self, known: Incident) -> Decision:
        incident = self._note(replace(known, resolved_at=self.now, gone_at=None), Reason.RESOLVED)
        hushed = known.told_severity is None or _is_silenced(known.finding, self.now)
        incident = replace(incident, told_severity=None, told_stage=0, told_at=None)
        return incident, [] if hushed else [Transition(TransitionKind.RESOLVED, known.finding, self.now)]

    def _again(self, known: Incident, finding: Finding) -> Decision:
        """It is still there: worse, better, the same for long enough to remind, or nothing to say."""
        better = _badness(finding) < _badness(known.finding)
        if better and not self.can_ease:
            return known, []
        incident = replace(known, finding=finding, gone_at=None)
        if incident.told_severity is None:
            if finding.silenced is not None:
                return incident, []
            return self._tell(incident, Reason.OPENED, TransitionKind.OPENED)
        told = (-incident.told_severity.rank, incident.told_stage)
        if _badness(finding) > told:
            return self._tell(incident, Reason.ESCALATED, TransitionKind.ESCALATED)
        if finding.severity.rank > incident.told_severity.rank:
            return self._tell(incident, Reason.EASED, TransitionKind.EASED)
        if finding.stage < incident.told_stage and finding.silenced is None:
            incident = replace(incident, told_stage=finding.stage)
        return self._remind(incident)

    def _remind(self, incident: Incident) -> Decision:
        after = self.policy.remind_after.get(incident.finding.severity)
        if after is None or incident.told_at is None or self.now < incident.told_at + after:
            return incident, []
        if incident.finding.silenced is not None:
            return incident, []
        return self._tell(incident, Reason.REMINDED, TransitionKind.REMINDED)

    def _tell(self, incident: Incident, reason: Reason, kind: TransitionKind) -> Decision:
        """Tell it, and remember what was told; a silenced one is only written down, once."""
        finding = incident.finding
        if finding.silenced is not None:
            noted = incident.history and incident.history[-1].reason is Reason.SILENCED
            return incident if noted else self._note(incident, Reason.SILENCED), []
        told = replace(incident, told_severity=finding.severity, told_stage=finding.stage, told_at=self.now)
        return self._note(told, reason), [Transition(kind, finding, self.now)]

    def _note(self, incident: Incident, reason: Reason) -> Incident:
        line = Moment(self.now, reason, incident.finding.severity, incident.finding.id)
        return replace(incident, history=(*incident.history, line)[-HISTORY_AT_MOST:])


def _badness(finding: Finding) -> tuple[int, int]:
    return -finding.severity.rank, finding.stage


def _is_silenced(finding: Finding, now: datetime) -> bool:
    return finding.silenced is not None and now < finding.silenced.until
