"""When timers fire: Azure's NCRONTAB, which differs from cron where cron has days of the month and of the week."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.app_settings import SCHEDULES, AppSetting
from shared.errors import ScheduleError
from shared.schedule import parse

FRIDAY = datetime(2026, 11, 20, 7, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "after", "fires"),
    [
        ("0 */5 * * * *", FRIDAY, "2026-11-20T08:00:00"),
        ("30 */5 * * * *", FRIDAY, "2026-11-20T08:00:30"),
        ("*/30 * * * * *", FRIDAY, "2026-11-20T08:00:00"),
        ("0 */15 4-9 * * *", FRIDAY.replace(hour=9, minute=50), "2026-11-21T04:00:00"),
        ("0 0 0-3,10-23 * * *", FRIDAY, "2026-11-20T10:00:00"),
        ("0 40 1,7,13,19 * * *", FRIDAY, "2026-11-20T13:40:00"),
        ("0 20/15 * * * *", FRIDAY, "2026-11-20T08:20:00"),
        ("0 0 9-8/1 * * *", FRIDAY, "2026-11-20T08:00:00"),
        ("0 30 9 * JAN Mon", FRIDAY, "2027-01-04T09:30:00"),
        ("0 30 9 * january monday-friday", FRIDAY, "2027-01-01T09:30:00"),
        ("0 0 0 29 2 *", FRIDAY, "2028-02-29T00:00:00"),
        ("0 0 12 * * 0", FRIDAY, "2026-11-22T12:00:00"),
        ("  0  0 12 * * Sun ", FRIDAY, "2026-11-22T12:00:00"),
    ],
)
def test_it_fires_next_when_azure_does(text: str, after: datetime, fires: str) -> None:
    assert parse(text).next_after(after) == datetime.fromisoformat(fires).replace(tzinfo=UTC)


def test_a_day_and_a_day_of_the_week_must_both_match() -> None:
    fires = parse("0 0 6 13 * Fri").next_after(FRIDAY)
    assert fires == datetime(2027, 8, 13, 6, tzinfo=UTC)


def test_the_instant_itself_is_not_after_it_and_an_offset_is_heeded() -> None:
    hourly, eight = parse("0 0 * * * *"), datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert hourly.next_after(eight) == eight + timedelta(hours=1)
    assert hourly.next_after(eight - timedelta(microseconds=1)) == eight
    assert hourly.next_after(eight.astimezone(timezone(timedelta(hours=5, minutes=30)))) == eight + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 fields; write six fields"),
        ("*/5 * * * *", "has 5 fields; write six fields"),
        ("24:00:00", "has 1 field; write six fields"),
        ("0 0 0 * * * 2026", "has 7 fields"),
        ("0 60 * * * *", '"60" is no minute: it is 0 to 59'),
        ("0 0 24 * * *", '"24" is no hour: it is 0 to 23'),
        ("0 0 0 0 * *", '"0" is no day: it is 1 to 31'),
        ("0 0 0 * 13 *", '"13" is no month: it is 1 to 12, or a name from Jan on'),
        ("0 0 0 * * 7", '"7" is no day of the week: it is 0 to 6, or a name from Sun on'),
        ("0 0 0 * * Lun", '"LUN" is no day of the week'),
        ("0 0 0 L * *", '"L" is no day: it is 1 to 31'),
        ("0 0 0 ? * *", '"?" is no day: write *'),
        ("0 0 0 * * 5#2", '"5#2" is no day of the week: write *'),
        ("0 */0 * * * *", "a step is 1 or more"),
        ("0 1,,2 * * * *", '"" is no minute'),
        ("0 *-5 * * * *", '"*-5" is no minute'),
        ("0 ٣ * * * *", "is no minute: write *"),
        ("0 0 0 30 2 *", "never fires: none of its months has such a day"),
        ("0 0 0 31 Feb,Apr,Jun *", "never fires"),
        ("%WORKSPACE_ACCESS_SCHEDULE%", "has 1 field"),
    ],
)
def test_what_is_no_schedule_is_told_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as told:
        parse(text)
    assert said in str(told.value)


def test_a_hostile_text_is_bounded_and_inert() -> None:
    with pytest.raises(ScheduleError) as told:
        parse("\x1b[2J" * 5_000)
    assert "\x1b" not in str(told.value)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("setting", SCHEDULES, ids=lambda setting: setting.name)
def test_every_usual_schedule_can_be_read(setting: AppSetting) -> None:
    assert setting.usual
    assert parse(setting.usual).next_after(FRIDAY) <= FRIDAY + timedelta(days=1)


_numbers = st.sampled_from(["*", "0", "5", "1-3", "*/7", "2,4,6", "3/2"])


@given(second=_numbers, minute=_numbers, hour=_numbers, start_s=st.floats(0, 3e8))
def test_firing_goes_forward_and_misses_none(second: str, minute: str, hour: str, start_s: float) -> None:
    schedule, at = parse(f"{second} {minute} {hour} * * *"), FRIDAY + timedelta(seconds=start_s)
    first = schedule.next_after(at)
    assert first > at
    assert schedule.next_after(first - timedelta(seconds=1)) == first
    assert schedule.next_after(at + (first - at) / 2) == first
