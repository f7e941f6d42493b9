"""What the Functions host does, without Azure: timers fire, workers take what they planned, what fails is tried again.

All of it is on one event loop. What befalls one timer or message is told, and never stops the others.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from shared.app.memory_queue import TRIES, MemoryQueue, Taken
from shared.app.opened import App
from shared.app.pending import deliver_pending
from shared.app.performing import give_up, perform
from shared.app.planning import plan, plan_morning
from shared.app.timetable import Rest, Timer, turns
from shared.errors import DawnwatchError
from shared.model import Check
from shared.plan import encode
from shared.telemetry import fail, part_of, run_of, warn

GRACE_S = 8.0
"""How long what is under way may go on once asked to stop: Docker kills after ten seconds."""


class Work(Protocol):
    """What a timer is for."""

    def __call__(self, app: App, /, *, run: str, past_due: bool) -> Coroutine[None, None, None]:
        """Do it."""
        ...


WORK: Mapping[str, Work] = {
    "WORKSPACE_ACCESS_SCHEDULE": partial(plan, check=Check.WORKSPACE_ACCESS),
    "APP_REGISTRATIONS_SCHEDULE": partial(plan, check=Check.APP_REGISTRATIONS),
    "SNAPSHOT_CURRENCY_SCHEDULE": partial(plan, check=Check.SNAPSHOT_CURRENCY),
    "SNAPSHOT_CURRENCY_HOURLY_SCHEDULE": partial(plan, check=Check.SNAPSHOT_CURRENCY),
    "SERVICE_HEALTH_SCHEDULE": partial(plan, check=Check.SERVICE_HEALTH),
    "DELIVERY_SCHEDULE": deliver_pending,
    "MORNING_REPORT_SCHEDULE": plan_morning,
}
"""What each timer is for, by the name of its setting."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is served: an app whose queue this is, its timers, a clock, and how many passes run at once."""

    app: App
    queue: MemoryQueue
    timers: Sequence[Timer]
    clock: Callable[[], datetime]
    workers: int


async def serve(service: Service, stopping: asyncio.Event, rest: Rest | None = None) -> int:
    """Plan each check at once, then whenever its timer fires, and run what is planned; end what is begun at the end.

    Returns how many messages wait still once it is asked to stop: the next start plans them anew.
    """
    for check in Check:
        await _tried(plan(service.app, check, run=run_of(None), past_due=False), "first round")
    async with asyncio.TaskGroup() as group:
        for timer in service.timers:
            group.create_task(_keep(service, timer, rest or partial(_rest, stopping)))
        for _ in range(service.workers):
            group.create_task(_work(service))
        await stopping.wait()
        service.queue.close()
    return service.queue.waiting


async def _rest(stopping: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return not stopping.is_set()


async def _keep(service: Service, timer: Timer, rest: Rest) -> None:
    work = WORK[timer.setting]
    async for turn in turns(timer.schedule, service.clock, rest):
        await _tried(work(service.app, run=run_of(None), past_due=turn.is_past_due), timer.setting)


async def _work(service: Service) -> None:
    while (taken := await service.queue.take()) is not None:
        with part_of(taken.message.run):
            await _perform(service, taken)


async def _perform(service: Service, taken: Taken) -> None:
    """Do what a message asks for; where it fails for the last time, say so where people see it."""
    queue, body = service.queue, encode(taken.message).encode()
    if await _tried(perform(service.app, body, attempt=taken.attempt), "passes", taken):
        queue.done(taken)
    elif taken.attempt < TRIES:
        queue.failed(taken)
    elif await _tried(give_up(service.app, body), "passes_poison", taken):
        queue.done(taken)
    else:
        queue.poison(taken)


async def _tried(work: Coroutine[None, None, None], by: str, taken: Taken | None = None) -> bool:
    """Do some work: whether it was done. What kept it from that is told."""
    (failure,) = await asyncio.gather(work, return_exceptions=True)
    if failure is not None:
        _tell_failure(failure, by, taken)
    return failure is None


def _tell_failure(failure: BaseException, by: str, taken: Taken | None) -> None:
    message, attempt = (taken.message, taken.attempt) if taken else (None, None)
    target, check = (message.target, message.check) if message else (None, None)
    if isinstance(failure, DawnwatchError):
        warn("not done", by=by, target=target, check=check, attempt=attempt, reason=str(failure))
    else:
        reason = type(failure).__name__
        fail("not done", failure, by=by, target=target, check=check, attempt=attempt, reason=reason)
