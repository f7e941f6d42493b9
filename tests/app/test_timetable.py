"""The timers of `dawnwatch serve`: their schedules, and when a turn is due, missed, or come to twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.app.timetable import LOOK_S, SLACK, Turn, due_turn, read_timers, rest_s, turns
from shared.app_settings import SCHEDULES
from shared.errors import ConfigError
from shared.schedule import parse

SEVEN = datetime(2026, 11, 23, 7, tzinfo=UTC)
QUARTERS = parse("0 */15 * * * *")
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)


def test_a_timer_has_its_usual_schedule_or_its_variables() -> None:
    timers = read_timers({"DELIVERY_SCHEDULE": " 0 0 6 * * Mon ", "SERVICE_HEALTH_SCHEDULE": ""})
    texts = {timer.setting: timer.schedule.text for timer in timers}
    usual = {setting.name: setting.usual for setting in SCHEDULES}
    assert texts == usual | {"DELIVERY_SCHEDULE": "0 0 6 * * Mon"}


def test_every_bad_schedule_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        read_timers({"DELIVERY_SCHEDULE": "*/5 * * * *", "SERVICE_HEALTH_SCHEDULE": "0 0 24 * * *"})
    lines = str(told.value).splitlines()
    assert lines[0].startswith('environment: SERVICE_HEALTH_SCHEDULE: "24" is no hour')
    assert lines[1].startswith('environment: DELIVERY_SCHEDULE: "*/5 * * * *" has 5 fields')


@pytest.mark.parametrize(
    ("since", "now", "turn"),
    [
        pytest.param(SEVEN, SEVEN + 14 * MINUTE, None, id="not yet"),
        pytest.param(SEVEN, SEVEN + 15 * MINUTE, Turn(SEVEN + 15 * MINUTE, is_past_due=False), id="on time"),
        pytest.param(
            SEVEN,
            SEVEN + 15 * MINUTE + SLACK,
            Turn(SEVEN + 15 * MINUTE, is_past_due=False),
            id="late, within the slack",
        ),
        pytest.param(
            SEVEN, SEVEN + 15 * MINUTE + SLACK + SECOND, Turn(SEVEN + 15 * MINUTE, is_past_due=True), id="past due"
        ),
        pytest.param(SEVEN, SEVEN + 9 * HOUR, Turn(SEVEN + 15 * MINUTE, is_past_due=True), id="many missed: one turn"),
        pytest.param(SEVEN, SEVEN, None, id="an instant that was seen to is not due again"),
        pytest.param(SEVEN - SECOND, SEVEN, Turn(SEVEN, is_past_due=False), id="the very instant"),
    ],
)
def test_a_turn_is_due_once(since: datetime, now: datetime, turn: Turn | None) -> None:
    assert due_turn(QUARTERS, since, now) == turn


def test_a_rest_ends_with_the_turn_and_is_never_long() -> None:
    assert rest_s(QUARTERS, SEVEN, SEVEN) == LOOK_S
    assert rest_s(QUARTERS, SEVEN, SEVEN + 15 * MINUTE - 3 * SECOND) == 3
    assert rest_s(QUARTERS, SEVEN, SEVEN + HOUR) == 0


class Hands:
    """A clock that rests move; what else moves it is set by the instant after which it does."""

    def __init__(self, at: datetime, jumps: dict[datetime, datetime], end: datetime) -> None:
        self.at = at
        self.jumps = jumps
        self.end = end
        self.slept = 0

    def now(self) -> datetime:
        return self.at

    async def rest(self, seconds: float) -> bool:
        self.slept += 1
        self.at += timedelta(seconds=seconds)
        for after in sorted(self.jumps):
            if self.at >= after:
                self.at = self.jumps.pop(after)
                break
        return self.at < self.end

    async def turns(self) -> list[tuple[str, bool]]:
        return [(f"{turn.due_at:%H:%M}", turn.is_past_due) async for turn in turns(QUARTERS, self.now, self.rest)]


async def test_turns_come_on_time() -> None:
    hands = Hands(SEVEN, {}, SEVEN + HOUR + SECOND)
    assert await hands.turns() == [("07:15", False), ("07:30", False), ("07:45", False), ("08:00", False)]


async def test_what_a_machine_slept_through_is_one_turn_past_due() -> None:
    hands = Hands(SEVEN, {SEVEN + 20 * MINUTE: SEVEN + 3 * HOUR + 10 * MINUTE}, SEVEN + 3 * HOUR + 20 * MINUTE)
    assert await hands.turns() == [("07:15", False), ("07:30", True), ("10:15", False)]


async def test_a_clock_that_is_set_back_is_gone_along_with() -> None:
    """It was a year ahead when the process started: nothing waits for that year to pass."""
    ahead = SEVEN + timedelta(days=365)
    hands = Hands(ahead, {ahead + 16 * MINUTE: SEVEN}, SEVEN + timedelta(days=365) + 20 * MINUTE)
    hands.end = datetime(9999, 1, 1, tzinfo=UTC)
    told = []
    async for turn in turns(QUARTERS, hands.now, hands.rest):
        told.append(turn.due_at)
        if len(told) == 3:
            break
    assert told == [ahead + 15 * MINUTE, SEVEN + 15 * MINUTE, SEVEN + 30 * MINUTE]


async def test_a_clock_that_is_corrected_by_a_little_gives_no_turn_twice() -> None:
    quarter = SEVEN + 15 * MINUTE
    hands = Hands(SEVEN, {quarter + 10 * SECOND: quarter - 5 * SECOND}, SEVEN + 31 * MINUTE)
    assert await hands.turns() == [("07:15", False), ("07:30", False)]


async def test_nothing_is_done_once_it_is_time_to_stop() -> None:
    hands = Hands(SEVEN, {}, SEVEN)
    assert await asyncio.wait_for(hands.turns(), 5) == []
    assert hands.slept == 1
