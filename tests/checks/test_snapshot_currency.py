"""Daily snapshots: due, late, stale, partial, at risk, frozen and from the future, each at its boundary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.checks.snapshot_currency import check_snapshot_currency
from shared.facts import SetFacts, TableDay, TableFacts
from shared.model import Finding, Severity, SubjectKind
from tests.builders import (
    EXPECTED,
    a_day,
    a_set,
    a_table,
    a_target,
    a_workspace,
    at,
    ids,
    only,
    snapshot_facts,
)

TODAY, YESTERDAY = date(2026, 11, 22), date(2026, 11, 21)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def judge(facts: SetFacts, now: datetime, **target: Any) -> tuple[Finding, ...]:
    return check_snapshot_currency(a_target(**target), snapshot_facts(facts), now)


@pytest.mark.parametrize(
    ("newest", "lag", "now", "expected"),
    [
        (YESTERDAY, 0, at(7, 59, 59), None),
        (YESTERDAY, 0, at(8), "snapshot.late"),
        (YESTERDAY, 0, at(8, day=23) - SECOND, "snapshot.late"),
        (YESTERDAY, 0, at(8, day=23), "snapshot.stale"),
        (TODAY, 0, at(8), None),
        (TODAY, 0, at(23, 59, 59), None),
        (TODAY, 0, at(7, 59, 59, day=23), None),
        (TODAY, 0, at(8, day=23), "snapshot.late"),
        (date(2026, 11, 20), 0, at(7, 59, 59), "snapshot.late"),
        (date(2026, 11, 20), 0, at(8), "snapshot.stale"),
        (date(2026, 11, 20), 1, at(7, 59, 59), None),
        (date(2026, 11, 20), 1, at(8), "snapshot.late"),
        (YESTERDAY, 1, at(8), None),
        (date(2026, 11, 20), 2, at(8), None),
        (date(2026, 11, 19), 2, at(7, 59, 59), None),
        (date(2026, 11, 19), 2, at(8), "snapshot.late"),
        (date(2026, 11, 18), 2, at(8), "snapshot.stale"),
    ],
)
def test_late_from_the_instant_of_due_and_stale_a_day_later(
    newest: date, lag: int, now: datetime, expected: str | None
) -> None:
    facts = a_set(a_table(newest, count=5), lag_days=lag)
    assert ids(judge(facts, now)) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("newest", "due_day"),
    [
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 28), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 3, 1)),
        (date(2027, 2, 28), date(2027, 3, 1)),
    ],
)
def test_months_years_and_leap_days_make_no_difference(newest: date, due_day: date) -> None:
    due = datetime.combine(due_day, time(8, tzinfo=UTC))
    facts = a_set(a_table(newest, count=5))
    assert judge(facts, due - SECOND) == ()
    late = only(judge(facts, due))
    assert (late.id, late.severity, late.due_at) == ("snapshot.late", Severity.ERROR, due)
    stale = only(judge(facts, due + DAY))
    assert (stale.id, stale.severity, stale.due_at) == ("snapshot.stale", Severity.CRITICAL, due)


def test_another_due_time_is_kept_to_the_second() -> None:
    facts = a_set(a_table(YESTERDAY, count=5), due=time(23, 30))
    assert judge(facts, at(23, 29, 59)) == ()
    assert ids(judge(facts, at(23, 30))) == ["snapshot.late"]


def test_lateness_is_told_in_minutes() -> None:
    finding = only(judge(a_set(a_table(YESTERDAY)), at(9, 5)))
    assert "65 minutes after due" in finding.detail
    assert finding.title == "The Desktop Analytics snapshot is late"
    assert finding.subject.kind is SubjectKind.SNAPSHOT


def test_all_stages_of_one_set_are_one_incident() -> None:
    facts = a_set(a_table(YESTERDAY))
    moments = (at(7, 15), at(8), at(8, day=23))
    findings = [only(judge(facts, now)) for now in moments]
    assert [finding.id for finding in findings] == ["snapshot.at_risk", "snapshot.late", "snapshot.stale"]
    assert len({finding.fingerprint for finding in findings}) == 1


def test_a_table_that_is_empty_in_the_look_back_is_stale() -> None:
    facts = a_set(a_table(TODAY), TableFacts(name="MADeviceReadiness", earlier_at=at(1, day=1)))
    finding = only(judge(facts, at(9)))
    assert finding.id == "snapshot.stale"
    assert "MADeviceReadiness holds no row since 2026-11-01" in finding.detail
    alone = a_set(TableFacts(name="MADevice", earlier_at=at(1, day=1)))
    assert ids(judge(alone, at(9))) == ["snapshot.stale"]


# --- missing data ---

EMPTY = TableFacts(name="MADeviceReadiness")


@pytest.mark.parametrize(
    ("onboarded", "severity"),
    [
        (None, Severity.ERROR),
        (at(9) - timedelta(hours=72) + SECOND, Severity.INFORMATIONAL),
        (at(9) - timedelta(hours=72), Severity.ERROR),
    ],
)
def test_a_table_without_any_data_is_told_calmly_for_three_days(onboarded: datetime | None, severity: Severity) -> None:
    finding = only(judge(a_set(a_table(TODAY), EMPTY), at(9), onboarded_at=onboarded))
    assert (finding.id, finding.severity) == ("snapshot.no_data", severity)
    assert (finding.subject.kind, finding.subject.id) == (SubjectKind.TABLE, "MADeviceReadiness")


def test_a_set_without_any_data_is_told_by_table_and_not_as_late() -> None:
    assert ids(judge(a_set(EMPTY, TableFacts(name="MADevice")), at(9))) == ["snapshot.no_data"] * 2


# --- partial ---


def test_some_tables_have_it_and_others_not() -> None:
    facts = a_set(a_table(TODAY), a_table(YESTERDAY, name="MADeviceReadiness"))
    assert ids(judge(facts, at(7, 59, 59))) == ["snapshot.at_risk"]
    finding = only(judge(facts, at(8)))
    assert (finding.id, finding.severity, finding.due_at) == ("snapshot.partial", Severity.ERROR, at(8))
    assert finding.detail == "MADeviceReadiness has no snapshot of 2026-11-22."


def days_with(rows: Sequence[int]) -> TableFacts:
    """Build a table whose snapshots have so many rows, the last of them today's."""
    days = tuple(a_day(TODAY - timedelta(days=back), rows=count) for back, count in enumerate(reversed(rows)))
    return TableFacts(name="MADevice", days=tuple(reversed(days)))


@pytest.mark.parametrize(
    ("rows", "partial"),
    [
        ([100, 100, 100, 50], False),
        ([100, 100, 100, 49], True),
        ([100, 100, 1], False),
        ([100, 100, 101, 50], False),
        ([100, 101, 102, 50], True),
        ([100, 100, 102, 102, 50], True),
        ([1, 1, 1] + [100] * 14 + [49], True),
        ([1000] * 20 + [100] * 14 + [50], False),
        ([10] * 7 + [100] * 8 + [49], True),
    ],
)
def test_too_few_rows_against_the_median_of_up_to_fourteen_earlier_snapshots(rows: list[int], partial: bool) -> None:
    assert ids(judge(a_set(days_with(rows)), at(9))) == (["snapshot.partial"] if partial else [])


def test_too_few_rows_are_silent_until_due() -> None:
    facts = a_set(days_with([100, 100, 100, 100, 1]))
    assert judge(facts, at(7, 59, 59)) == ()
    finding = only(judge(facts, at(8)))
    assert finding.detail == "MADevice has 1 row of 2026-11-22; 100 are usual."


def test_the_next_snapshot_is_not_judged_before_its_own_due() -> None:
    table = days_with([100, 100, 100, 100, 1])
    without_yesterday = replace(table, days=tuple(day for day in table.days if day.day != YESTERDAY))
    assert judge(a_set(without_yesterday), at(7)) == ()


@pytest.mark.parametrize(("ratio", "partial"), [(0.0, False), (0.4, False), (0.6, True), (1.0, True)])
def test_the_ratio_is_configurable(ratio: float, partial: bool) -> None:
    findings = judge(a_set(days_with([100, 100, 100, 50]), min_rows_ratio=ratio), at(9))
    assert ids(findings) == (["snapshot.partial"] if partial else [])


# --- at risk ---


def history(offsets: Sequence[timedelta | None], lag: int = 0, name: str = "MADevice") -> TableFacts:
    """Build a table that has everything up to the snapshot before today's, the last offset being the most recent."""
    newest = YESTERDAY - timedelta(days=lag)
    days: list[TableDay] = []
    for back, offset in enumerate(reversed(offsets)):
        arrives = None if offset is None else offset + timedelta(days=lag)
        days.append(a_day(newest - timedelta(days=back), arrives=arrives))
    return TableFacts(name=name, days=tuple(reversed(days)))


def minutes(*values: int) -> list[timedelta | None]:
    return [timedelta(hours=6, minutes=value) for value in values]


@pytest.mark.parametrize(
    ("offsets", "silent_until"),
    [
        (minutes(*range(9)), None),
        (minutes(*range(10)), timedelta(hours=6, minutes=9)),
        (minutes(*range(19)), timedelta(hours=6, minutes=18)),
        (minutes(*range(20)), timedelta(hours=6, minutes=18)),
        (minutes(59, *range(20)), timedelta(hours=6, minutes=18)),
        (minutes(*range(19), 59), timedelta(hours=6, minutes=18)),
        (minutes(*range(18), 58, 59), timedelta(hours=6, minutes=58)),
        ([*minutes(*range(9)), None], None),
    ],
)
@pytest.mark.parametrize("lag", [0, 1, 2])
def test_later_than_on_nineteen_of_twenty_days_is_a_risk(
    offsets: list[timedelta | None], silent_until: timedelta | None, lag: int
) -> None:
    facts = a_set(history(offsets, lag), lag_days=lag)
    if silent_until is None:
        assert judge(facts, at(7, 59, 59)) == ()
        return
    assert judge(facts, at(0) + silent_until) == ()
    finding = only(judge(facts, at(0) + silent_until + SECOND))
    assert (finding.id, finding.severity, finding.due_at) == ("snapshot.at_risk", Severity.WARNING, at(8))
    assert ids(judge(facts, at(8))) == ["snapshot.late"]


def test_arrival_is_that_of_the_last_table() -> None:
    early, late = history(minutes(*[0] * 10)), history(minutes(*[30] * 10), name="MADeviceReadiness")
    facts = a_set(early, late)
    assert judge(facts, at(6, 30)) == ()
    assert ids(judge(facts, at(6, 30, 1))) == ["snapshot.at_risk"]


def test_it_is_at_risk_until_the_last_table_is_there() -> None:
    first = a_table(TODAY)
    facts = a_set(first, a_table(YESTERDAY, name="MADeviceReadiness"))
    finding = only(judge(facts, at(7, 15)))
    assert finding.id == "snapshot.at_risk"
    assert "Not here yet: MADeviceReadiness" in finding.detail
    assert judge(a_set(first, a_table(TODAY, name="MADeviceReadiness")), at(7, 15)) == ()


def test_days_that_one_table_lacks_are_no_history() -> None:
    short = history(minutes(*[0] * 9), name="MADeviceReadiness")
    assert judge(a_set(history(minutes(*[0] * 20)), short), at(7, 59)) == ()


def test_the_usual_time_and_the_threshold_are_told() -> None:
    finding = only(judge(a_set(a_table(YESTERDAY)), at(7, 15)))
    assert "usually arrives at 06:40 UTC" in finding.detail
    assert "Due at 2026-11-22 08:00 UTC" in finding.detail


# --- frozen, future, capped, unreachable ---


def with_content(*contents: datetime | None) -> SetFacts:
    names = ("UCClient", "UCClientUpdateStatus")
    tables = [
        TableFacts(name=name, days=(a_day(YESTERDAY, content_at=at(8)), a_day(TODAY, content_at=content)))
        for name, content in zip(names, contents, strict=False)
    ]
    return a_set(*tables, content_column="LastWUScanTime")


LIMIT = at(9) - timedelta(hours=72)


@pytest.mark.parametrize(
    ("contents", "frozen"),
    [
        ((LIMIT,), False),
        ((LIMIT - SECOND,), True),
        ((None,), True),
        ((None, LIMIT), False),
        ((LIMIT - SECOND, LIMIT), False),
        ((None, None), True),
    ],
)
def test_rewritten_but_not_refreshed(contents: tuple[datetime | None, ...], frozen: bool) -> None:
    findings = judge(with_content(*contents), at(9))
    assert ids(findings) == (["snapshot.frozen"] if frozen else [])


def test_frozen_is_not_judged_where_content_was_not_read_or_not_asked_for() -> None:
    facts = with_content(None)
    assert judge(replace(facts, content_read=False), at(9)) == ()
    assert judge(a_set(*facts.tables), at(9)) == ()


def test_a_late_set_is_late_and_not_frozen() -> None:
    table = TableFacts(name="UCClient", days=(a_day(YESTERDAY, content_at=at(1, day=1)),))
    assert ids(judge(a_set(table, content_column="LastWUScanTime"), at(9))) == ["snapshot.late"]


def test_rows_from_the_future_are_told_beside_the_rest() -> None:
    ahead = a_table(TODAY, ahead_at=at(12))
    finding = only(judge(a_set(ahead), at(9)))
    assert (finding.id, finding.severity) == ("snapshot.future", Severity.WARNING)
    assert "3 hours ahead" in finding.detail


def test_rows_from_the_future_alone_are_no_snapshot() -> None:
    facts = a_set(TableFacts(name="MADevice", ahead_at=at(12)))
    assert ids(judge(facts, at(9))) == ["snapshot.future", "snapshot.stale"]
    beside = a_set(a_table(TODAY), TableFacts(name="MADeviceReadiness", ahead_at=at(12)))
    assert ids(judge(beside, at(9))) == ["snapshot.future", "snapshot.partial"]


@pytest.mark.parametrize(
    ("status", "billable", "capped"),
    [
        ("OverQuota", True, True),
        ("overquota", True, True),
        ("SubscriptionSuspended", True, True),
        ("ApproachingQuota", True, False),
        ("RespectQuota", True, False),
        ("OverQuota", False, False),
    ],
)
def test_a_cap_matters_where_a_billable_set_is_expected(status: str, billable: bool, capped: bool) -> None:
    target = a_target(snapshots=(replace(EXPECTED, billable=billable),))
    facts = snapshot_facts(a_set(a_table(TODAY)), workspace=a_workspace(status=status))
    assert ids(check_snapshot_currency(target, facts, at(9))) == (["workspace.capped"] if capped else [])


def test_a_workspace_that_is_not_there_is_said_once_and_its_tables_are_not_judged() -> None:
    facts = snapshot_facts(a_set(a_table(YESTERDAY)), workspace=a_workspace("Deleting", status="OverQuota"))
    assert ids(check_snapshot_currency(a_target(snapshots=(EXPECTED,)), facts, at(9))) == ["workspace.unreachable"]


def test_a_workspace_that_takes_no_queries_from_here_is_unreachable() -> None:
    facts = snapshot_facts(workspace=a_workspace(queries=False))
    finding = only(check_snapshot_currency(a_target(snapshots=(EXPECTED,)), facts, at(9)))
    assert finding.id == "workspace.unreachable"
    assert "publicNetworkAccessForQuery" in finding.detail
    assert check_snapshot_currency(a_target(), facts, at(9)) == ()


# --- properties ---

table_days = st.lists(st.integers(-1, 30), unique=True, max_size=25).map(
    lambda backs: tuple(a_day(TODAY - timedelta(days=back)) for back in sorted(backs, reverse=True))
)
tables = st.builds(
    TableFacts,
    name=st.sampled_from(["A", "B", "C"]),
    days=table_days,
    earlier_at=st.sampled_from([None, at(0, day=1) - timedelta(days=60)]),
    ahead_at=st.sampled_from([None, at(23, day=23)]),
)


@settings(deadline=None)
@given(st.lists(tables, min_size=1, max_size=3), st.integers(0, 2), st.integers(0, 2 * 86400))
def test_whatever_the_tables_hold_one_trouble_is_told_once(found: list[TableFacts], lag: int, seconds: int) -> None:
    now = at(0) + timedelta(seconds=seconds)
    findings = judge(a_set(*found, lag_days=lag, content_column="LastWUScanTime"), now)
    assert len({finding.fingerprint for finding in findings}) == len(findings)
    assert sum(finding.family == "snapshot.currency" for finding in findings) <= 1
