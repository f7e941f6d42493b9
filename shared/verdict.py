"""What has become of one trouble since people were last told of it (pure): each decision has a named reason.

What they were told is remembered by its severity and stage, so that a silence that ends tells what it held back, and a
worse stage of one trouble is told as that. Two rules keep transitions apart that passes of one instant could bring
forth: nothing comes back at the instant at which it ended, and nothing eases at the instant at which it was told.
"""

from collections.abc import Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TypedDict, Unpack

from shared.incident import HISTORY_AT_MOST, Incident, Moment, Reason, Told
from shared.model import Finding, Severity, Transition, TransitionKind

type Decision = tuple[Incident, Transition | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """How often to remind, how soon a return is a return, and how long what is over is kept at hand.

    `remember_for` is longer than `reopen_within` by more than a day: a clock that jumps back a day finds again what it
    knew.
    """

    remind_after: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {Severity.CRITICAL: timedelta(days=1), Severity.ERROR: timedelta(days=7)}
    )
    reopen_within: timedelta = timedelta(hours=6)
    flapping_after: int = 2
    remember_for: timedelta = timedelta(days=2)


# What of a finding is worth a write. Its texts and evidence are not: "ends in 12 days" is another text each day. The
# newest are in whatever is told, and are kept whenever something that matters changes.
_what_matters = attrgetter("id", "severity", "stage", "subject", "due_at", "explained_by", "silenced")


_REASONS = {kind: Reason(kind) for kind in TransitionKind}


class _Changes(TypedDict, total=False):
    finding: Finding
    resolved_at: datetime
    gone_at: datetime | None
    told: Told | None


def badness(of: Finding | Told) -> tuple[int, int]:
    """How bad it is, to compare: the severity, and within one severity the stage."""
    return -of.severity.rank, of.stage


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pass's judgement: each method returns the incident as it is now, the same object where nothing changed."""

    check: str
    now: datetime
    policy: Policy
    can_ease: bool

    def on_new(self, finding: Finding) -> Decision:
        """Decide on what was never heard of."""
        return self._speak(Incident(check=self.check, finding=finding, opened_at=self.now), finding)

    def on_seen(self, known: Incident, finding: Finding) -> Decision:
        """Decide on what is known and was seen: what was not read completely is as bad as it was, or worse."""
        if not known.is_open:
            return self._return(known, finding)
        if not self.can_ease and badness(finding) < badness(known.finding):
            finding = replace(known.finding, silenced=finding.silenced)
        return self._speak(known, finding)

    def on_unseen(self, known: Incident) -> Decision:
        """Decide on what is known and was not seen: it is over only if all was read, and a flapping one not at once."""
        if not self.can_ease:
            return known, None
        if not known.is_open or known.returns < self.policy.flapping_after:
            return self._end(known)
        if known.gone_at is None:
            return self._note(known, Reason.FLAPPING, gone_at=self.now), None
        if self.now >= known.gone_at + self.policy.reopen_within:
            return self._end(known)
        return known, None

    def _return(self, known: Incident, finding: Finding) -> Decision:
        if known.resolved_at is None or self.now <= known.last_at:
            return known, None
        soon = self.now < known.resolved_at + self.policy.reopen_within
        if known.told is None and not soon:
            return self.on_new(finding)
        back = replace(known, resolved_at=None, finding=finding, returns=known.returns + soon)
        if known.told is not None:  # nobody was told of its end: people believe it open still
            back = self._note(back, Reason.RETURNED)
        return self._speak(back, finding)

    def _end(self, known: Incident) -> Decision:
        """It is over. Nobody hears of it while it is silenced; later only those who were told that it began."""
        silenced = known.finding.silenced
        if known.told is None or (silenced is not None and self.now < silenced.until):
            return (self._note(known, Reason.RESOLVED, resolved_at=self.now) if known.is_open else known), None
        finding = known.finding if silenced is None else replace(known.finding, silenced=None)
        ended_at = known.resolved_at or self.now
        over = self._note(known, Reason.RESOLVED, finding=finding, resolved_at=ended_at, told=None)
        return over, Transition(TransitionKind.RESOLVED, finding, self.now)

    def _speak(self, incident: Incident, finding: Finding) -> Decision:
        """Tell what there is to tell; of a silenced one it is only written down, once."""
        kind = self._kind(incident.told, finding)
        if kind is None:
            return self._keep(incident, finding), None
        if finding.silenced is not None:
            kept = self._keep(incident, finding)
            return kept if kind is TransitionKind.REMINDED else self._note_silenced(kept), None
        told = Told(finding.severity, finding.stage, self.now)
        incident = self._note(incident, _REASONS[kind], finding=finding, told=told)
        return incident, Transition(kind, finding, self.now)

    def _kind(self, told: Told | None, finding: Finding) -> TransitionKind | None:
        if told is None:
            return TransitionKind.OPENED
        if badness(finding) > badness(told):
            return TransitionKind.ESCALATED
        if badness(finding) < badness(told) and not self._can_be_eased(told):
            return None
        if finding.severity is not told.severity:
            return TransitionKind.EASED
        after = self.policy.remind_after.get(finding.severity)
        return None if after is None or self.now < told.at + after else TransitionKind.REMINDED

    def _can_be_eased(self, told: Told) -> bool:
        return self.can_ease and self.now > told.at

    def _keep(self, incident: Incident, finding: Finding) -> Incident:
        told = self._lowered(incident.told, finding)
        if (
            told is incident.told
            and incident.gone_at is None
            and _what_matters(finding) == _what_matters(incident.finding)
        ):
            return incident
        return replace(incident, finding=finding, gone_at=None, told=told)

    def _lowered(self, told: Told | None, finding: Finding) -> Told | None:
        """Forget a stage that is no longer reached, so that it is told when it is reached again."""
        if told is None or finding.silenced is not None or not self._can_be_eased(told):
            return told
        if finding.severity is told.severity and finding.stage < told.stage:
            return replace(told, stage=finding.stage)
        return told

    def _note_silenced(self, incident: Incident) -> Incident:
        last, finding = incident.history[-1:], incident.finding
        held = (Reason.SILENCED, finding.severity, finding.id)
        noted = any((line.reason, line.severity, line.finding_id) == held for line in last)
        return incident if noted else self._note(incident, Reason.SILENCED)

    def _note(self, incident: Incident, reason: Reason, **changes: Unpack[_Changes]) -> Incident:
        finding = changes.get("finding", incident.finding)
        line = Moment(self.now, reason, finding.severity, finding.id)
        changes.setdefault("gone_at", None)
        return replace(incident, **changes, history=(*incident.history, line)[-HISTORY_AT_MOST:])
