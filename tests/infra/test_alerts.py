"""Who watches the watcher: alerts fire when they should, and only then. Each query is run over lines of telemetry."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared.app_settings import SCHEDULES
from shared.model import Check
from shared.schedule import parse
from tests.infra.foreseen import EVERYTHING, MAIN, Deployment, both
from tests.infra.queries import NOW, Line, alerts, line, run

ALERTS = alerts(MAIN)
EVERY = "(every target)"
HOURLY = (Check.WORKSPACE_ACCESS, Check.SNAPSHOT_CURRENCY, Check.SERVICE_HEALTH)
MORNING = datetime(2026, 11, 25, 7, 5, tzinfo=UTC)


def planned(minutes_ago: float, check: Check, targets: int) -> Line:
    return line(minutes_ago, "planned", check=check.value, targets=targets)


def passed(minutes_ago: float, check: Check, target: str, outcome: str = "clear") -> Line:
    return line(minutes_ago, "pass ended", check=check.value, target=target, outcome=outcome, duration_s=1.5)


def a_good_day(*targets: str) -> Iterator[Line]:
    """Every check planned and passed on time for two days."""
    for check in Check:
        hours = 6 if check is Check.APP_REGISTRATIONS else 1
        for age in range(10, 48 * 60, hours * 60):
            yield planned(age, check, len(targets))
            yield from (passed(age - 1, check, target) for target in targets)
    yield from (line(age, "delivery ended", sent=0, waiting=0, oldest_s=0, poison_messages=0) for age in (2, 7, 12))


def without(lines: Iterator[Line], check: Check, target: str, younger_than: float) -> list[Line]:
    """Take the latest passes of one check of one target away."""
    gone = {("check", check.value), ("target", target)}
    return [
        one
        for one in lines
        if not (one.message == "pass ended" and gone <= set(one.fields) and one.minutes_ago < younger_than)
    ]


def told(lines: list[Line], now: datetime = NOW) -> list[tuple[object, ...]]:
    rows = run(ALERTS["no-good-pass"], lines, now)
    return sorted((row["target"], row["check"], row["why"]) for row in rows)


def test_a_good_day_is_quiet() -> None:
    lines = list(a_good_day("contoso", "fabrikam"))
    assert {name: run(query, lines) for name, query in ALERTS.items()} == {name: [] for name in ALERTS}


@pytest.mark.parametrize("check", [*HOURLY])
@pytest.mark.parametrize(("quiet_for", "fires"), [(130, False), (140, True)])
def test_two_intervals_without_a_good_pass_are_told_of_one_target(check: Check, quiet_for: int, fires: bool) -> None:
    lines = without(a_good_day("contoso", "fabrikam"), check, "contoso", quiet_for)
    lines += [passed(age, check, "contoso", "unknown") for age in (9, quiet_for - 1)]
    lines.append(passed(quiet_for, check, "contoso"))
    assert told(lines) == ([("contoso", check.value, "no good pass")] if fires else [])


@pytest.mark.parametrize(("quiet_for", "fires"), [(730, False), (740, True)])
def test_a_check_of_every_six_hours_has_twelve(quiet_for: int, fires: bool) -> None:
    lines = without(a_good_day("contoso"), Check.APP_REGISTRATIONS, "contoso", quiet_for)
    lines += [passed(age, Check.APP_REGISTRATIONS, "contoso", "unknown") for age in (9, 369)]
    lines.append(passed(quiet_for, Check.APP_REGISTRATIONS, "contoso", "findings"))
    assert told(lines) == ([("contoso", "app-registrations", "no good pass")] if fires else [])


@pytest.mark.parametrize(("now", "fires"), [(MORNING, True), (MORNING.replace(hour=11), False)])
def test_in_the_morning_three_quarters_of_an_hour_are_too_long_for_snapshots(now: datetime, fires: bool) -> None:
    lines = without(a_good_day("contoso"), Check.SNAPSHOT_CURRENCY, "contoso", 55)
    lines.append(passed(3, Check.SNAPSHOT_CURRENCY, "contoso", "unknown"))
    assert told(lines, now) == ([("contoso", "snapshot-currency", "no good pass")] if fires else [])


def test_findings_are_a_good_pass() -> None:
    lines = without(a_good_day("contoso"), Check.WORKSPACE_ACCESS, "contoso", 60)
    assert told([*lines, passed(5, Check.WORKSPACE_ACCESS, "contoso", "findings")]) == []


def test_a_target_whose_passes_end_no_more_is_told_of_while_it_is_planned() -> None:
    lines = without(a_good_day("contoso", "fabrikam"), Check.WORKSPACE_ACCESS, "contoso", 300)
    assert told(lines) == [("contoso", "workspace-access", "no good pass")]


def test_a_target_that_was_taken_out_is_not() -> None:
    lines = list(a_good_day("fabrikam"))
    lines += [one for one in a_good_day("contoso", "fabrikam") if one.minutes_ago > 300]
    assert told(lines) == []


def test_a_new_target_has_its_time() -> None:
    lines = [*a_good_day("contoso"), passed(20, Check.WORKSPACE_ACCESS, "new", "unknown")]
    assert told(lines) == []


def of_service_health(one: Line) -> bool:
    return ("check", Check.SERVICE_HEALTH.value) in one.fields


def test_a_check_that_is_planned_no_more_is_told_of() -> None:
    def stopped(one: Line) -> bool:
        return one.message == "planned" and of_service_health(one) and one.minutes_ago < 200

    lines = [one for one in a_good_day("contoso") if not stopped(one)]
    assert told(lines) == [(EVERY, "service-health", "not planned")]


def test_a_check_that_no_target_needs_is_planned_for_none_and_that_is_well() -> None:
    lines = [one for one in a_good_day("contoso") if not of_service_health(one)]
    lines += [planned(age, Check.SERVICE_HEALTH, 0) for age in range(10, 48 * 60, 60)]
    assert told(lines) == []


def test_what_is_planned_and_never_run_is_told_of() -> None:
    lines = [one for one in a_good_day("contoso") if one.message != "pass ended"]
    assert told(lines) == sorted((EVERY, check.value, "planned and not run") for check in Check)


def test_a_new_deployment_has_its_time() -> None:
    rare = ("check", Check.APP_REGISTRATIONS.value)
    assert told([one for one in a_good_day("contoso") if one.minutes_ago < 100 and rare not in one.fields]) == []


def test_passes_that_ended_before_the_deployment_began_anew_do_not_count() -> None:
    assert told([passed(30, Check.WORKSPACE_ACCESS, "contoso", "unknown")]) == []


@pytest.mark.parametrize(("youngest", "fires"), [(50, False), (70, True)])
def test_silence_for_an_hour_is_told_of(youngest: float, fires: bool) -> None:
    lines = [one for one in a_good_day("contoso") if one.minutes_ago > youngest]
    lines.append(line(youngest, "delivery ended", oldest_s=0))
    lines.append(line(1, "Host lock lease acquired"))
    assert bool(run(ALERTS["silent"], lines)) is fires
    assert run(ALERTS["silent"], []) != []


@pytest.mark.parametrize(("oldest_s", "fires"), [(0, False), (3599.9, False), (3600, True), (90000, True)])
def test_what_has_waited_for_an_hour_is_told_of(oldest_s: float, fires: bool) -> None:
    lines = [line(7, "delivery ended", oldest_s=86400), line(2, "delivery ended", oldest_s=oldest_s)]
    assert [row["why"] for row in run(ALERTS["deliveries-pending"], lines)] == (["messages wait"] if fires else [])


def test_deliveries_that_are_not_even_tried_are_told_of() -> None:
    lines = [one for one in a_good_day("contoso") if one.message != "delivery ended"]
    assert run(ALERTS["deliveries-pending"], lines) == [{"why": "no delivery was tried"}]


def test_a_poisoned_message_is_told_of_for_an_hour_and_the_queue_while_it_holds_any() -> None:
    poisoned = [line(age, "message poisoned", target="contoso", check="snapshot-currency") for age in (59, 30, 61)]
    kept = [line(7, "delivery ended", poison_messages=0), line(2, "delivery ended", poison_messages=3)]
    rows = run(ALERTS["poisoned"], [*poisoned, *kept])
    assert sorted((row["target"], row["check"]) for row in rows) == [
        ("(the poison queue)", ""),
        ("contoso", "snapshot-currency"),
    ]
    assert run(ALERTS["poisoned"], [poisoned[2], *reversed(kept[:1])]) == []


def test_the_limits_are_two_intervals_of_the_schedules_and_a_quarter_of_an_hour() -> None:
    usual = {schedule.name: str(schedule.usual) for schedule in SCHEDULES}
    day = [usual["SNAPSHOT_CURRENCY_SCHEDULE"], usual["SNAPSHOT_CURRENCY_HOURLY_SCHEDULE"]]
    expected = {
        ("workspace-access", 0, 24): longest_gap(usual["WORKSPACE_ACCESS_SCHEDULE"]),
        ("app-registrations", 0, 24): longest_gap(usual["APP_REGISTRATIONS_SCHEDULE"]),
        ("snapshot-currency", 0, 24): longest_gap(*day),
        ("snapshot-currency", 5, 10): 15,
        ("service-health", 0, 24): longest_gap(usual["SERVICE_HEALTH_SCHEDULE"]),
    }
    query = ALERTS["no-good-pass"].partition("];")[0].partition("[\n")[2]
    rows = [[part.strip(' "') for part in row.split(",")] for row in query.replace(",\n", "\n").strip().split("\n")]
    found = {(check, int(start), int(end)): int(minutes) for check, start, end, minutes in rows}
    assert found == {key: 2 * gap + 15 for key, gap in expected.items()}


def longest_gap(*schedules: str) -> int:
    """The longest time between two turns of a day in minutes."""
    at = sorted({turn for schedule in schedules for turn in turns(schedule)})
    return max(
        int((after - before).total_seconds()) // 60 for before, after in pairwise([*at, at[0] + timedelta(days=1)])
    )


def turns(schedule: str) -> Iterator[datetime]:
    """The turns of one day."""
    timer, begins_at = parse(schedule), NOW.replace(hour=0)
    at = timer.next_after(begins_at - timedelta(seconds=1))
    while at < begins_at + timedelta(days=1):
        yield at
        at = timer.next_after(at)


@both
def test_each_rule_looks_back_for_two_days_every_quarter_of_an_hour_and_ends_by_itself(deployment: Deployment) -> None:
    workspace = deployment.one("Microsoft.OperationalInsights/workspaces").id
    for rule in deployment.of("Microsoft.Insights/scheduledQueryRules"):
        times = [rule.at(f"properties.{name}") for name in ("evaluationFrequency", "overrideQueryTimeRange")]
        assert times == ["PT15M", "P2D"]
        assert rule.at("properties.autoMitigate") is True
        assert rule.at("properties.enabled") is True
        assert rule.at("properties.scopes") == [workspace]


def test_somebody_is_told_where_an_address_is_given() -> None:
    group = EVERYTHING.one("Microsoft.Insights/actionGroups")
    receivers = group.at("properties.emailReceivers")
    assert isinstance(receivers, list)
    assert [receiver["emailAddress"] for receiver in receivers] == ["mornings@example.com"]
    for rule in EVERYTHING.of("Microsoft.Insights/scheduledQueryRules"):
        assert rule.at("properties.actions.actionGroups") == [group.id]
    assert MAIN.of("Microsoft.Insights/actionGroups") == []
    for rule in MAIN.of("Microsoft.Insights/scheduledQueryRules"):
        assert rule.at("properties.actions.actionGroups") == []


def test_each_row_is_an_alert_of_its_own() -> None:
    """Azure makes one alert for each combination of dimensions: every one must be a column, and name the row."""
    lines = without(a_good_day("contoso", "fabrikam"), Check.WORKSPACE_ACCESS, "contoso", 300)
    lines += [line(1, "message poisoned", target="contoso", check="snapshot-currency")]
    lines += [line(1, "delivery ended", oldest_s=7200, poison_messages=1)]
    for rule in MAIN.of("Microsoft.Insights/scheduledQueryRules"):
        criteria = rule.at("properties.criteria.allOf")
        assert isinstance(criteria, list)
        names = [dimension["name"] for dimension in criteria[0]["dimensions"]]
        rows = run(criteria[0]["query"], lines)
        keys = [tuple(row[name] for name in names) for row in rows]
        assert len(set(keys)) == len(keys)
        assert "silent" in rule.name or rows
