"""What has become of each finding since it was last told (pure): one incident, few messages, nothing resolved unseen.

    not known --seen--> open --not seen, all read--> resolved --2 days--> history
                         ^                              |
                         +------- seen within 6 h ------+

`shared.verdict` decides on one trouble; here a whole pass is brought together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.incident import Incident, State
from shared.model import Finding, Transition
from shared.verdict import Decision, Policy, Verdict, badness

__all__ = ["Incident", "Outcome", "Policy", "State", "reconcile"]

type Named = tuple[str, Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a pass changes: the new state, the incidents that differ, those that are history now, and what to tell.

    `changed` is empty where nothing that matters is different: then only the check's own row is to be written. What is
    in `closed` leaves the state; where `changed` holds a newer one of the same fingerprint, that takes its place.
    `late` says that the pass is older than the last one, so that the check's row stays as it is.
    """

    state: State
    changed: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()
    transitions: tuple[Transition, ...] = ()
    late: bool = False


def reconcile(
    state: State, check: str, findings: Iterable[Finding], now: datetime, policy: Policy, *, complete: bool
) -> Outcome:
    """Decide what a pass of `check` changes.

    `complete` says that everything in the check's scope was read: only then can anything ease or be over. A pass older
    than the last one (a clock that jumped back, a slow worker) can only bring news of what was never heard of. The same
    pass again changes nothing and tells nothing.
    """
    late = state.passed_at is not None and now < state.passed_at
    verdict = Verdict(check, now, policy, can_ease=complete)
    seen = _worst_of_each(findings)
    decided = _first_seen(verdict, state, seen) if late else _decide(verdict, state, seen)
    changed, replaced, transitions = _compare(state, decided)
    closed = {} if late else {key: old for key, old in state.incidents.items() if _is_history(old, now, policy)}
    if changed or closed:
        kept = {key: incident for key, incident in state.incidents.items() if key not in closed} | changed
        state = replace(state, incidents=kept)
    if not late:
        state = replace(state, passed_at=now, good_at=now if complete else state.good_at)
    return Outcome(
        state=state,
        changed=tuple(changed.values()),
        closed=(*replaced, *(incident for key, incident in closed.items() if key not in changed)),
        transitions=tuple(transitions),
        late=late,
    )


def _worst_of_each(findings: Iterable[Finding]) -> dict[str, Finding]:
    seen: dict[str, Finding] = {}
    for finding in findings:
        fingerprint = finding.fingerprint
        other = seen.get(fingerprint)
        if other is None or badness(finding) > badness(other):
            seen[fingerprint] = finding
    return seen


def _first_seen(verdict: Verdict, state: State, seen: Mapping[str, Finding]) -> Iterator[Named]:
    for fingerprint, finding in seen.items():
        if fingerprint not in state.incidents:
            yield fingerprint, verdict.on_new(finding)


def _decide(verdict: Verdict, state: State, seen: Mapping[str, Finding]) -> Iterator[Named]:
    for fingerprint, finding in seen.items():
        known = state.incidents.get(fingerprint)
        yield fingerprint, verdict.on_new(finding) if known is None else verdict.on_seen(known, finding)
    for fingerprint, known in state.incidents.items():
        if fingerprint not in seen:
            yield fingerprint, verdict.on_unseen(known)


def _compare(state: State, decided: Iterable[Named]) -> tuple[dict[str, Incident], list[Incident], list[Transition]]:
    """Return what differs, the incidents that newer ones replace, and what to tell."""
    changed: dict[str, Incident] = {}
    replaced: list[Incident] = []
    transitions: list[Transition] = []
    for fingerprint, (incident, transition) in decided:
        before = state.incidents.get(fingerprint)
        if incident is before:
            continue
        changed[fingerprint] = incident
        if before is not None and before.opened_at != incident.opened_at:
            replaced.append(before)
        if transition is not None:
            transitions.append(transition)
    return changed, replaced, transitions


def _is_history(incident: Incident, now: datetime, policy: Policy) -> bool:
    """Whether it is over for good: people know, and no clock that jumps back by a day can bring it up anew."""
    return not incident.is_open and incident.told is None and now >= incident.last_at + policy.remember_for
