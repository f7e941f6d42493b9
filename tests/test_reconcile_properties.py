"""Whatever happens in whatever order: nothing is lost, doubled or out of order, and people believe what is true."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.incident import State
from shared.ledger.codec import decode_incident, encode_incident
from shared.model import Finding, Severity, Transition, TransitionKind
from shared.reconcile import Outcome
from tests.incidents import POLICY, START, Watch, a_finding

FAR = timedelta(days=30)
LETTERS = {
    TransitionKind.OPENED: "o",
    TransitionKind.ESCALATED: "e",
    TransitionKind.EASED: "e",
    TransitionKind.REMINDED: "e",
    TransitionKind.RESOLVED: "r",
}
steps = st.one_of(
    st.sampled_from([0, 1, 60, 3600, 6 * 3600 - 1, 6 * 3600, 86_400, 2 * 86_400, 7 * 86_400, -60, -86_400]),
    st.integers(-2 * 86_400, 9 * 86_400),
    st.integers(1, 4 * 3600),
).map(lambda seconds: timedelta(seconds=seconds))


@dataclass(frozen=True)
class Look:
    """One pass of a history: so long after the one before, and what was seen."""

    after: timedelta
    troubles: tuple[tuple[str, Severity, int, timedelta | None], ...]
    complete: bool

    def findings(self, now: datetime) -> list[Finding]:
        return [
            a_finding(severity, app=app, stage=stage, silenced_until=now + hush if hush else None, detail=str(now))
            for app, severity, stage, hush in self.troubles
        ]


hushes = st.none() | st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=9)])
troubles = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(Severity), st.integers(0, 2), st.none() | hushes)
looks = st.builds(
    Look,
    after=steps,
    troubles=st.lists(troubles, max_size=3, unique_by=lambda trouble: trouble[0]).map(tuple),
    complete=st.sampled_from([True, True, True, False]),
)
# Some passes are made twice, as a queue does that delivers a message again.
histories = st.lists(st.tuples(looks, st.sampled_from([False, False, True])), min_size=1, max_size=25)


class Audit:
    """What an onlooker knows who sees only what went in and what came out."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.now = START
        self.heard: dict[str, list[Transition]] = defaultdict(list)
        self.ever_seen: set[str] = set()
        self.gone_since: dict[str, datetime] = {}
        self.returns: dict[str, int] = defaultdict(int)
        self.hushed_until: dict[str, datetime] = {}
        self.opened: set[tuple[str, datetime]] = set()
        self.closed: list[tuple[str, datetime]] = []

    def look(self, look: Look) -> None:
        self.now += look.after
        before, findings = self.watch.state, look.findings(self.now)
        self.watch.look_at(self.now, findings, complete=look.complete)
        outcome = self.watch.last
        self.ever_seen |= {finding.fingerprint for finding in findings}
        for transition in outcome.transitions:
            self._hear(transition)
        self._note(outcome)
        self._check_pass(before, outcome, findings, complete=look.complete)
        if not outcome.late:
            self._follow(findings, complete=look.complete)
            if look.complete and (before.passed_at is None or self.now > before.passed_at):
                self._check_belief(findings)

    def look_again(self, look: Look) -> None:
        """Make the same pass again: nothing is different, but for words."""
        before = self.watch.state
        findings = [replace(finding, detail="again") for finding in look.findings(self.now)]
        self.watch.look_at(self.now, findings, complete=look.complete)
        assert (self.watch.last.transitions, self.watch.last.changed, self.watch.last.closed) == ((), (), ())
        assert self.watch.state == before

    def through_the_ledger(self) -> None:
        """Go on with what a ledger gives back."""
        known = {key: decode_incident(encode_incident(item)) for key, item in self.watch.state.incidents.items()}
        assert known == self.watch.state.incidents
        self.watch.state = replace(self.watch.state, incidents=known)

    def _hear(self, transition: Transition) -> None:
        told = self.heard[transition.finding.fingerprint]
        if transition.kind is TransitionKind.REMINDED:
            after = POLICY.remind_after[transition.finding.severity]
            assert transition.at - told[-1].at >= after
        if transition.kind is TransitionKind.EASED:
            assert transition.finding.severity.rank > told[-1].finding.severity.rank
        if transition.kind is TransitionKind.ESCALATED:
            assert transition.finding.severity.rank <= told[-1].finding.severity.rank
        told.append(transition)

    def _note(self, outcome: Outcome) -> None:
        self.opened |= {(item.finding.fingerprint, item.opened_at) for item in outcome.changed}
        self.closed += [(item.finding.fingerprint, item.opened_at) for item in outcome.closed]
        kept = [(key, item.opened_at) for key, item in outcome.state.incidents.items()]
        assert sorted(kept + self.closed) == sorted(self.opened)
        assert all(item.resolved_at is not None and item.told is None for item in outcome.closed)

    def _check_pass(self, before: State, outcome: Outcome, findings: list[Finding], *, complete: bool) -> None:
        kinds = {transition.kind for transition in outcome.transitions}
        silent = {finding.fingerprint for finding in findings if finding.silenced}
        assert all(transition.finding.fingerprint not in silent for transition in outcome.transitions)
        assert all(transition.finding.silenced is None for transition in outcome.transitions)
        if not complete:
            assert not kinds & {TransitionKind.RESOLVED, TransitionKind.EASED}
        if outcome.late:
            assert kinds <= {TransitionKind.OPENED}
            assert before.incidents.items() <= outcome.state.incidents.items()
        changed = {item.finding.fingerprint for item in outcome.changed}
        assert {transition.finding.fingerprint for transition in outcome.transitions} <= changed

    def _follow(self, findings: list[Finding], *, complete: bool) -> None:
        seen = {finding.fingerprint: finding for finding in findings}
        for fingerprint, finding in seen.items():
            self.returns[fingerprint] += self.gone_since.pop(fingerprint, None) is not None
            until = finding.silenced.until if finding.silenced else START - FAR
            # What ended in silence at this very instant is not seen again at it: its silence stands.
            ended = self.watch.state.incidents[fingerprint].resolved_at == self.now
            self.hushed_until[fingerprint] = max(until, self.hushed_until.get(fingerprint, until)) if ended else until
        for fingerprint in self.ever_seen:
            if complete and fingerprint not in seen:
                self.gone_since.setdefault(fingerprint, self.now)

    def _check_belief(self, findings: list[Finding]) -> None:
        for finding in findings:
            if finding.silenced is None:
                last = self.heard[finding.fingerprint][-1]
                assert last.kind is not TransitionKind.RESOLVED
                assert last.finding.severity is finding.severity
                assert last.finding.stage >= finding.stage
        for fingerprint, since in self.gone_since.items():
            told = self.heard[fingerprint]
            may_wait = self.now < since + POLICY.reopen_within and self.returns[fingerprint] >= 2
            if told and not may_wait and self.now >= self.hushed_until.get(fingerprint, self.now):
                assert told[-1].kind is TransitionKind.RESOLVED


@settings(max_examples=300, deadline=None)
@given(histories)
def test_what_is_told_is_in_order_and_true(history: list[tuple[Look, bool]]) -> None:
    audit = Audit()
    for look, twice in history:
        audit.look(look)
        if twice:
            audit.look_again(look)
        audit.through_the_ledger()
    for _ in range(3):  # when all is well at last, everything that was told has its end
        audit.look(Look(after=FAR, troubles=(), complete=True))
    for told in audit.heard.values():
        assert re.fullmatch("(oe*r)*", "".join(LETTERS[item.kind] for item in told))
        assert [item.at for item in told] == sorted(item.at for item in told)
    ids = [item.id for told in audit.heard.values() for item in told]
    assert len(ids) == len(set(ids))
    assert not audit.watch.state.incidents


@settings(max_examples=100, deadline=None)
@given(histories)
def test_one_trouble_never_sways_another(history: list[tuple[Look, bool]]) -> None:
    """All of them together tell what each alone would have told."""
    together, alone = Audit(), {app: Audit() for app in "abc"}
    for look, _ in history:
        together.look(look)
        for app, audit in alone.items():
            audit.look(replace(look, troubles=tuple(item for item in look.troubles if item[0] == app)))
    apart = {item.id for audit in alone.values() for item in audit.watch.told}
    assert {item.id for item in together.watch.told} == apart
