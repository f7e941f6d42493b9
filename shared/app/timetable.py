"""When timers fire where no Azure fires them: the schedules of the Functions app, and the turns that come of them.

A turn that was missed, for the machine slept or its clock jumped, is taken once, late, and is past due then. Where the
clock goes back, what follows goes by the new one: a turn may come twice, which does no harm.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.app_settings import SCHEDULES
from shared.config.section import ENVIRONMENT
from shared.errors import ConfigError, Mistake, ScheduleError
from shared.schedule import Schedule, parse

SLACK = timedelta(minutes=1)
"""How late a turn may be and not be past due; how far back a clock may go, and still be waited for."""

LOOK_S = 20.0
"""How long a rest is at most: while the machine sleeps, or its clock is set, the loop knows nothing of it."""

type Rest = Callable[[float], Awaitable[bool]]
"""Sleeps for so many seconds, or until it is time to stop: whether to go on."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer, by the name of its setting."""

    setting: str
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Turn:
    """One firing of a timer: when it was due, and whether that was missed."""

    due_at: datetime
    is_past_due: bool


def read_timers(environ: Mapping[str, str]) -> tuple[Timer, ...]:
    """Read every timer's schedule: its variable's, or else the usual one.

    Raises:
        ConfigError: with every variable that holds none.
    """
    timers, mistakes = list[Timer](), list[Mistake]()
    for setting in SCHEDULES:
        try:
            timers.append(Timer(setting.name, parse(environ.get(setting.name, "").strip() or setting.usual or "")))
        except ScheduleError as error:
            mistakes.append(Mistake(ENVIRONMENT, setting.name, str(error)))
    if mistakes:
        raise ConfigError(mistakes)
    return tuple(timers)


def due_turn(schedule: Schedule, since: datetime, now: datetime) -> Turn | None:
    """Say whether a turn is due that was not at `since`; the first stands for all that were missed."""
    due_at = schedule.next_after(since)
    return Turn(due_at, now - due_at > SLACK) if due_at <= now else None


def rest_s(schedule: Schedule, since: datetime, now: datetime) -> float:
    """Say how long to rest until the next turn, or until it is time to look at the clock again."""
    left_s = (schedule.next_after(since) - now).total_seconds()
    return min(max(left_s, 0), LOOK_S)


async def turns(schedule: Schedule, clock: Callable[[], datetime], rest: Rest) -> AsyncIterator[Turn]:
    """Yield each turn when it is due, until `rest` says that it is time to stop. What is done meanwhile delays them."""
    since = clock()
    while await rest(rest_s(schedule, since, clock())):
        now = clock()
        if now < since - SLACK:
            since = now
        if turn := due_turn(schedule, since, now):
            since = now
            yield turn
