"""What becomes of a finding, each decision as a row: hours since the start, what is seen, and what is told then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.checks.credentials import check_credentials
from shared.incident import Incident, Reason, State
from shared.model import Finding, Severity, TransitionKind
from tests.builders import NOON, a_pool, a_secret, a_target, only
from tests.incidents import DAY, HOUR, SEVERITIES, START, Watch, a_finding

type Row = tuple[float, str, str]


def seen(words: str) -> list[Finding]:
    """Build what is seen of `error 1 hush<5`: severity, stage, and the hour until which it is silenced."""
    findings = []
    for text in filter(None, (part.strip() for part in words.split(","))):
        severity, *more = text.split()
        hush = next((START + float(word[5:]) * HOUR for word in more if word.startswith("hush<")), None)
        stage = next((int(word) for word in more if word.isdigit()), 0)
        findings.append(a_finding(SEVERITIES[severity], stage=stage, silenced_until=hush))
    return findings


def play(*rows: Row) -> Watch:
    """Make a pass of each row; one that begins with `?` was not read completely."""
    watch = Watch()
    for hours, words, expected in rows:
        told = watch.look(hours, *seen(words.removeprefix("?")), complete=not words.startswith("?"))
        assert told == expected.split(), f"after {hours} h"
    return watch


HISTORIES: dict[str, tuple[Row, ...]] = {
    "what is seen for the first time opens": ((0, "error", "opened"),),
    "what stays the same is told once": ((0, "error", "opened"), (1, "error", ""), (24, "error", "")),
    "what is worse escalates": ((0, "warning", "opened"), (1, "error", "escalated"), (2, "critical", "escalated")),
    "what is better eases": ((0, "critical", "opened"), (1, "warning", "eased"), (2, "warning", "")),
    "a later stage of one severity escalates": ((0, "warning 0", "opened"), (1, "warning 1", "escalated")),
    "an earlier stage is no message, but the later one is news again": (
        (0, "warning 1", "opened"),
        (1, "warning 0", ""),
        (2, "warning 1", "escalated"),
    ),
    "a later stage of a lesser severity eases": ((0, "critical 0", "opened"), (1, "error 5", "eased")),
    "what is gone resolves": ((0, "error", "opened"), (1, "", "resolved"), (2, "", "")),
    "not read is not resolved": ((0, "error", "opened"), (1, "?", ""), (2, "", "resolved")),
    "not read is not eased": ((0, "critical", "opened"), (1, "?warning", ""), (2, "warning", "eased")),
    "an earlier stage that was not read completely is not forgotten": (
        (0, "warning 2", "opened"),
        (1, "?warning 1", ""),
        (2, "?warning 2", ""),
    ),
    "what was not read completely opens": ((0, "?error", "opened"),),
    "what was not read completely escalates": ((0, "error", "opened"), (1, "?critical", "escalated")),
    "critical is reminded of daily, from when it was last told": (
        (0, "error", "opened"),
        (10, "critical", "escalated"),
        (33.9, "critical", ""),
        (34, "critical", "reminded"),
        (57.9, "critical", ""),
        (58, "?critical", "reminded"),
    ),
    "error is reminded of weekly": ((0, "error", "opened"), (167.9, "error", ""), (168, "error", "reminded")),
    "warning is never reminded of": ((0, "warning", "opened"), (2000, "warning", "")),
    "informational is never reminded of": ((0, "informational", "opened"), (2000, "informational", "")),
    "a worse stage that falls on a reminder is told as that": (
        (0, "critical", "opened"),
        (24, "critical 1", "escalated"),
    ),
    "what was worse is reminded of as it was known, where it was not read completely": (
        (0, "critical", "opened"),
        (24, "?warning", "reminded"),
    ),
    "silenced from the start to the end: nothing": (
        (0, "error hush<9", ""),
        (1, "critical hush<9", ""),
        (2, "", ""),
        (10, "", ""),
    ),
    "a silence that ends while it is open opens it": ((0, "error hush<9", ""), (9, "error", "opened")),
    "a silence that ends on an incomplete pass opens it too": (
        (0, "error hush<9", ""),
        (9, "?warning", "opened"),
    ),
    "a silence that ends tells that it got worse": (
        (0, "error", "opened"),
        (1, "critical hush<9", ""),
        (9, "critical", "escalated"),
    ),
    "a silence that ends tells that it got better": (
        (0, "error", "opened"),
        (1, "warning hush<9", ""),
        (9, "?warning", ""),
        (10, "warning", "eased"),
    ),
    "a silence that ends has nothing to say of what stayed": (
        (0, "error", "opened"),
        (1, "error hush<9", ""),
        (9, "error", ""),
    ),
    "a silence holds reminders back, and its end brings one": (
        (0, "critical", "opened"),
        (24, "critical hush<30", ""),
        (30, "critical", "reminded"),
    ),
    "what people know of and resolves while silenced says so when the silence ends": (
        (0, "error", "opened"),
        (1, "error hush<9", ""),
        (2, "", ""),
        (8.9, "", ""),
        (9, "?", ""),
        (9.1, "", "resolved"),
        (9.2, "", ""),
    ),
    "what resolves while silenced and comes back was never over for people": (
        (0, "error", "opened"),
        (1, "error hush<90", ""),
        (2, "", ""),
        (80, "error", ""),
        (81, "critical", "escalated"),
        (82, "", "resolved"),
    ),
    "what comes back within six hours opens again": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (6.9, "error", "opened"),
        (7, "", "resolved"),
    ),
    "what comes back silenced opens when the silence ends": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (2, "error hush<9", ""),
        (9, "error", "opened"),
    ),
    "flapping: the third end waits until it has been gone for six hours": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (2, "error", "opened"),
        (3, "", "resolved"),
        (4, "error", "opened"),
        (5, "", ""),
        (6, "error", ""),
        (7, "", ""),
        (12, "?", ""),
        (12.9, "", ""),
        (13, "", "resolved"),
    ),
    "what flaps still escalates": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (2, "error", "opened"),
        (3, "", "resolved"),
        (4, "error", "opened"),
        (5, "", ""),
        (6, "critical", "escalated"),
    ),
    "a clock that jumps back a day changes nothing that is known": (
        (48, "error", "opened"),
        (24, "", ""),
        (24.1, "critical", ""),
        (24.2, "warning", ""),
        (49, "error", ""),
        (50, "", "resolved"),
        (26, "error", ""),
        (51, "", ""),
    ),
    "a clock that jumps back a day brings up nothing that was over for more than six hours": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (20, "", ""),
        (-4, "error", ""),
    ),
    "a late pass still opens what was never heard of": ((48, "", ""), (24, "error", "opened"), (49, "", "resolved")),
    "of two findings of one trouble the worst counts": (
        (0, "critical, warning", "opened"),
        (1, "warning, critical", ""),
    ),
    "nothing comes back at the instant at which it ended": (
        (0, "error", "opened"),
        (1, "", "resolved"),
        (1, "error", ""),
        (1.1, "error", "opened"),
    ),
    "nothing eases at the instant at which it was told, but it does escalate": (
        (0, "error", "opened"),
        (0, "warning", ""),
        (0, "critical", "escalated"),
        (1, "warning", "eased"),
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_each_history_tells_what_it_should(name: str) -> None:
    play(*HISTORIES[name])


@pytest.mark.parametrize("name", HISTORIES)
def test_replaying_the_last_pass_of_any_history_changes_nothing(name: str) -> None:
    watch = play(*HISTORIES[name])
    hours, words, _ = HISTORIES[name][-1]
    if watch.last.late:
        return
    before = watch.state
    assert watch.look(hours, *seen(words.removeprefix("?")), complete=not words.startswith("?")) == []
    assert (watch.last.changed, watch.last.closed) == ((), ())
    assert watch.state == before


def known(watch: Watch) -> Incident:
    (incident,) = watch.state.incidents.values()
    return incident


# --- what is written ---


@pytest.mark.parametrize(
    ("after", "is_written"),
    [
        (a_finding(detail="Ends in 11 days."), False),
        (replace(a_finding(), title="Ends in 11 days", evidence={"days": 11}), False),
        (a_finding(stage=1), True),
        (a_finding(Severity.WARNING), True),
        (a_finding(due_at=START), True),
        (a_finding(explained_by=("f",)), True),
        (a_finding(identity="credential.expired"), True),
        (a_finding(silenced_until=START + DAY), True),
        (replace(a_finding(), subject=replace(a_finding().subject, name="Renamed")), True),
    ],
)
def test_only_what_matters_is_written(after: Finding, is_written: bool) -> None:
    watch = Watch()
    watch.look(0, a_finding())
    watch.look(1, after)
    assert bool(watch.last.changed) is is_written
    assert known(watch).finding == (after if is_written else a_finding())


def test_a_pass_without_change_leaves_every_incident_the_same_object() -> None:
    watch = Watch()
    watch.look(0, a_finding(), a_finding(app="b"))
    before = watch.state.incidents
    watch.look(1, a_finding(detail="x"), a_finding(app="b"))
    assert watch.state.incidents is before
    assert watch.state.passed_at == START + HOUR


def test_what_is_told_carries_the_newest_words() -> None:
    watch = Watch()
    watch.look(0, a_finding(Severity.CRITICAL))
    watch.look(23, a_finding(Severity.CRITICAL, detail="Newer."))
    watch.look(24, a_finding(Severity.CRITICAL, detail="Newest."))
    assert (watch.told[-1].kind, watch.told[-1].finding.detail) == (TransitionKind.REMINDED, "Newest.")
    assert known(watch).finding.detail == "Newest."


def test_what_is_told_after_a_silence_is_not_marked_silenced() -> None:
    watch = play((0, "error", "opened"), (1, "error hush<9", ""), (2, "", ""), (9, "", "resolved"))
    assert watch.told[-1].finding.silenced is None


def test_good_is_when_everything_was_read() -> None:
    watch = play((0, "", ""), (1, "?", ""))
    assert (watch.state.passed_at, watch.state.good_at) == (START + HOUR, START)
    watch.look(-5)
    assert watch.last.late
    assert (watch.state.passed_at, watch.state.good_at) == (START + HOUR, START)


# --- history ---


def reasons(watch: Watch) -> list[Reason]:
    return [line.reason for line in known(watch).history]


def test_the_record_says_what_a_silence_held_back() -> None:
    watch = play((0, "error hush<9", ""), (1, "error hush<9", ""), (2, "critical hush<9", ""), (3, "", ""))
    assert reasons(watch) == [Reason.SILENCED, Reason.SILENCED, Reason.RESOLVED]
    assert known(watch).history[1].severity is Severity.CRITICAL
    assert known(watch).resolved_at == START + 3 * HOUR


def test_the_record_says_when_it_ended_and_when_that_was_told() -> None:
    watch = play((0, "error", "opened"), (1, "error hush<9", ""), (2, "", ""), (9, "", "resolved"))
    assert reasons(watch) == [Reason.OPENED, Reason.RESOLVED, Reason.RESOLVED]
    assert known(watch).resolved_at == START + 2 * HOUR


def test_the_record_says_that_it_came_back_unsaid() -> None:
    watch = play((0, "error", "opened"), (1, "error hush<9", ""), (2, "", ""), (3, "error", ""))
    assert reasons(watch) == [Reason.OPENED, Reason.RESOLVED, Reason.RETURNED]


def test_a_flapping_end_is_written_down_when_it_is_first_not_seen() -> None:
    watch = play((0, "error", "opened"), (1, "", "resolved"), (2, "error", "opened"), (3, "", "resolved"))
    watch.look(4, a_finding())
    watch.look(5)
    watch.look(6)
    assert reasons(watch)[-1] is Reason.FLAPPING
    assert (known(watch).gone_at, known(watch).returns) == (START + 5 * HOUR, 2)


def test_what_is_over_becomes_history_after_two_days() -> None:
    watch = play((0, "error", "opened"), (1, "", "resolved"), (48.9, "", ""))
    assert not watch.last.closed
    watch.look(49)
    assert [incident.resolved_at for incident in watch.last.closed] == [START + HOUR]
    assert (watch.state.incidents, watch.last.changed) == ({}, ())


def test_what_is_still_to_be_told_is_not_history_yet() -> None:
    watch = play((0, "error", "opened"), (1, "error hush<900", ""), (2, "", ""), (800, "", ""))
    assert (watch.last.closed, len(watch.state.incidents)) == ((), 1)


@pytest.mark.parametrize("hours", [7, 30, 49, 100])
def test_what_comes_back_later_is_a_new_incident_and_the_old_one_is_history(hours: float) -> None:
    watch = play((0, "error", "opened"), (1, "", "resolved"), (hours, "error", "opened"))
    assert (known(watch).opened_at, known(watch).returns) == (START + hours * HOUR, 0)
    assert [incident.opened_at for incident in watch.last.closed] == [START]
    assert watch.last.changed == (known(watch),)


def test_a_history_is_bounded() -> None:
    watch = Watch()
    for hour in range(0, 24 * 250, 24):
        watch.look(hour, a_finding(Severity.CRITICAL))
    assert len(known(watch).history) == 200
    assert known(watch).opened_at == START


def test_nothing_from_nothing() -> None:
    watch = Watch()
    assert watch.look(0) == []
    assert watch.state == State(passed_at=START, good_at=START)


# --- a credential's whole way ---


@pytest.mark.parametrize(
    ("expiry_days", "told_at"),
    [
        ((60, 30, 14, 7, 3, 1), [60, 30, 14, 7, 3, 1, 0]),
        ((90, 45, 14, 3), [90, 45, 14, 3, 0]),
        ((30,), [30, 14, 3, 0]),
        ((2, 1), [2, 1, 0]),
        ((1, 2, 2), [1, 0]),
    ],
)
def test_a_credential_that_runs_out_tells_once_per_mark(expiry_days: tuple[int, ...], told_at: list[int]) -> None:
    """It is also told where the severity rises: at 14 and 3 days left, whatever the marks."""
    target, watch = a_target(expiry_days=expiry_days), Watch()
    ends_at = NOON + timedelta(days=100)
    told = []
    for hours in range(0, 24 * 100 + 12, 6):
        now = NOON + hours * HOUR
        findings = check_credentials(target, a_pool(a_secret(ends_at, starts_at=NOON - DAY)), now)
        kinds = watch.look_at(now, findings)
        told += [(ends_at - now) / DAY for kind in kinds if kind != "reminded"]
    assert told == told_at
    assert {kind.value for kind in (item.kind for item in watch.told)} <= {"opened", "escalated", "reminded"}
    assert only(item.finding for item in watch.told[-1:]).id == "credential.expired"
