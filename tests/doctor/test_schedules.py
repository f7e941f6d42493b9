"""Timers that cannot be read, that fire too seldom, or not when there is something to look at."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from shared.app_settings import SCHEDULES
from shared.doctor.diagnosis import Point, Verdict
from shared.doctor.schedules import OFTEN_ENOUGH, SNAPSHOTS_OFTEN_ENOUGH, find_silence, judge_schedules
from shared.schedule import parse
from tests.config_texts import a_target, settings_of

FRIDAY = datetime(2026, 11, 20, 8, 2, tzinfo=UTC)
USUAL = {setting.name: setting.usual or "" for setting in SCHEDULES}
APP = {"FUNCTIONS_WORKER_RUNTIME": "python", **USUAL}
TARGET = a_target('profiles = ["update-reports"]')


def points(environ: Mapping[str, str], config: str = TARGET) -> dict[str, Point]:
    settings = settings_of(config)
    return {point.what: point for point in judge_schedules(settings, settings.targets, environ, FRIDAY)}


def test_the_usual_schedules_are_well() -> None:
    found = points(APP)
    assert {point.verdict for point in found.values()} == {Verdict.OK}
    assert found.keys() == {*USUAL, "when snapshots are looked at", "the morning report"}
    assert "It fires next at 2026-11-20 08:50 UTC." in found["WORKSPACE_ACCESS_SCHEDULE"].detail


def test_a_command_on_a_machine_has_no_timers_to_judge() -> None:
    assert points({}) == {}
    assert points({"HOURLY_SCHEDULE": "nonsense"}) == {}
    assert points({"DELIVERY_SCHEDULE": "0 */5 * * * *"})


def test_a_timer_without_its_setting_is_not_loaded_by_the_host() -> None:
    point = points({name: text for name, text in APP.items() if name != "DELIVERY_SCHEDULE"})["DELIVERY_SCHEDULE"]
    assert point.verdict is Verdict.FAILED
    assert point.detail.endswith("does not load its timer. Usual is 30 */5 * * * *.")


@pytest.mark.parametrize(("name", "limit"), OFTEN_ENOUGH.items(), ids=OFTEN_ENOUGH)
def test_a_timer_may_be_silent_twice_as_long_as_usual(name: str, limit: timedelta) -> None:
    usual = [parse(USUAL[name])]
    assert find_silence(usual, limit / 2, FRIDAY) is None
    assert find_silence(usual, limit / 2 * 0.7, FRIDAY) is not None


def test_the_two_timers_of_the_snapshots_are_seldom_together_only() -> None:
    usual = [parse(USUAL[name]) for name in USUAL if "SNAPSHOT" in name]
    assert find_silence(usual, SNAPSHOTS_OFTEN_ENOUGH / 2, FRIDAY) is None
    assert all(find_silence([one], SNAPSHOTS_OFTEN_ENOUGH, FRIDAY) for one in usual)


@pytest.mark.parametrize(
    ("name", "text", "verdict", "said"),
    [
        ("WORKSPACE_ACCESS_SCHEDULE", "50 * * * *", Verdict.FAILED, "has 5 fields"),
        ("WORKSPACE_ACCESS_SCHEDULE", "50 * * * *", Verdict.FAILED, "Usual is 0 50 * * * *."),
        ("DELIVERY_SCHEDULE", "0 */5 * * * 8", Verdict.FAILED, '"8" is no day of the week'),
        ("WORKSPACE_ACCESS_SCHEDULE", "0 0 */2 * * *", Verdict.OK, "It fires next at 2026-11-20 10:00 UTC"),
        ("WORKSPACE_ACCESS_SCHEDULE", "0 0 */3 * * *", Verdict.WARNING, "more than 2 hours is too seldom"),
        ("WORKSPACE_ACCESS_SCHEDULE", "0 0 * * * Mon-Fri", Verdict.WARNING, "to 2026-11-23 00:00 UTC"),
        ("APP_REGISTRATIONS_SCHEDULE", "0 0 */12 * * *", Verdict.OK, "It fires next at 2026-11-20 12:00 UTC"),
        ("APP_REGISTRATIONS_SCHEDULE", "0 0 5 * * *", Verdict.WARNING, "more than 12 hours is too seldom"),
        ("DELIVERY_SCHEDULE", "0 0 * * * *", Verdict.WARNING, "more than 10 minutes is too seldom"),
        ("SERVICE_HEALTH_SCHEDULE", "0 0 5 * * *", Verdict.OK, "It fires next at 2026-11-21 05:00 UTC"),
    ],
)
def test_each_timer_is_read_and_fires_often_enough(name: str, text: str, verdict: Verdict, said: str) -> None:
    point = points({name: text})[name]
    assert point.verdict is verdict
    assert said in point.detail


def test_service_health_may_be_seldom_only_where_nobody_asks_for_it() -> None:
    config = a_target('[[target.service]]\nname = "Microsoft Intune"')
    assert (
        points({"SERVICE_HEALTH_SCHEDULE": "0 0 5 * * *"}, config)["SERVICE_HEALTH_SCHEDULE"].verdict is Verdict.WARNING
    )


@pytest.mark.parametrize(
    ("due", "hourly", "verdict", "said"),
    [
        ("08:00", USUAL["SNAPSHOT_CURRENCY_HOURLY_SCHEDULE"], Verdict.OK, "Within 60 minutes"),
        ("12:01", USUAL["SNAPSHOT_CURRENCY_HOURLY_SCHEDULE"], Verdict.OK, "Within 60 minutes"),
        ("12:30", "0 0 0-3/2,10-23/2 * * *", Verdict.WARNING, "12:30 UTC (contoso), look at 14:00 UTC"),
        ("08:00", "0 0 1 * * *", Verdict.WARNING, "It does not fire from 2026-11-20 09:45 UTC to 2026-11-21 01:00 UTC"),
    ],
)
def test_somebody_looks_soon_after_a_snapshot_is_due(due: str, hourly: str, verdict: Verdict, said: str) -> None:
    config = a_target(f'[[target.snapshot]]\nname = "Daily"\ntables = ["Daily"]\ndue = "{due}"')
    point = points({"SNAPSHOT_CURRENCY_HOURLY_SCHEDULE": hourly}, config)["when snapshots are looked at"]
    assert point.verdict is verdict
    assert said in point.detail


@pytest.mark.parametrize(
    ("report_at", "schedule", "verdict", "said"),
    [
        ("08:05", "0 */5 * * * *", Verdict.OK, "It is made at 08:05 UTC."),
        ("08:05", "0 0 9 * * *", Verdict.OK, "It is made at 09:00 UTC."),
        ("08:05", "0 0 12 * * *", Verdict.WARNING, "fires then only at 12:00 UTC"),
        ("08:05", "0 0 8 * * *", Verdict.FAILED, "It is never made"),
        ("23:59", "0 0 * * * *", Verdict.FAILED, "does not fire between 23:59 UTC and midnight"),
        ("off", "0 0 8 * * *", Verdict.OK, "It is off"),
    ],
)
def test_the_morning_report_is_made_when_it_is_wanted(
    report_at: str, schedule: str, verdict: Verdict, said: str
) -> None:
    config = f'{TARGET}\n[report]\nreport_at = "{report_at}"'
    point = points({"MORNING_REPORT_SCHEDULE": schedule}, config)["the morning report"]
    assert point.verdict is verdict
    assert said in point.detail


@pytest.mark.parametrize(
    ("environ", "what", "said"),
    [
        ({"AzureWebJobs.delivery.Disabled": "true"}, "delivery", "remove AzureWebJobs.delivery.Disabled"),
        ({"AzureWebJobs_delivery_Disabled": "1"}, "delivery", "remove AzureWebJobs_delivery_Disabled"),
        ({"AzureWebJobs.delivery.Disabled": "false"}, "delivery", None),
        ({"WEBSITE_TIME_ZONE": "W. Europe Standard Time"}, "WEBSITE_TIME_ZONE", "all else here is UTC"),
        ({"TZ": "Europe/Rome"}, "TZ", "Europe/Rome"),
        ({"TZ": "Etc/UTC"}, "TZ", None),
    ],
)
def test_what_keeps_timers_from_firing_in_time_is_told(environ: dict[str, str], what: str, said: str | None) -> None:
    point = points(APP | environ).get(what)
    assert (point is None) == (said is None)
    if point is not None:
        assert point.verdict is Verdict.WARNING
        assert said in point.detail if said else False
