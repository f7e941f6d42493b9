"""A clock that a box and what is served share: it stands still until all is done, and then goes on to the next turn."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sandbox import Sandbox
from shared.app.memory_queue import MemoryQueue
from shared.app.opened import App, Places
from shared.app.serving import Service, serve
from shared.app.timetable import read_timers
from tests.bad_morning import CHANGES, Watched

SETTLED_S = 120
NO_CHANGES: Mapping[datetime, Callable[[], object]] = {}


@dataclass
class Driven:
    """The clock of a box: `timers` rest when nothing is left to be done, `changes` happen when it is time."""

    box: Sandbox
    queue: MemoryQueue
    timers: int
    changes: Mapping[datetime, Callable[[], object]]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _resting: list[tuple[datetime, asyncio.Event]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.box.now

    async def rest(self, seconds: float) -> bool:
        """Sleep by the box's clock."""
        woken = asyncio.Event()
        if seconds:
            self._resting.append((self.now() + timedelta(seconds=seconds), woken))
            await woken.wait()
        return not self.stopping.is_set()

    async def go_on_until(self, end: datetime) -> None:
        """Go from one turn to the next."""
        while self.now() < end:
            await self._settled()
            self._set(min(end, *(at for at, _ in self._resting)))
        await self._settled()

    async def jump(self, to: datetime) -> None:
        """Set the clock at once, as whoever wakes a machine up does."""
        await self._settled()
        self._set(to)
        await self._settled()

    async def stop(self) -> None:
        """Ask to stop."""
        self.stopping.set()
        for _, woken in self._resting:
            woken.set()

    def _set(self, to: datetime) -> None:
        for at in sorted(self.changes):
            if self.now() < at <= to:
                self.changes[at]()
        self.box.set_now(to)
        due = [woken for at, woken in self._resting if at <= to]
        self._resting = [(at, woken) for at, woken in self._resting if at > to]
        for woken in due:
            woken.set()

    async def _settled(self) -> None:
        queue = self.queue
        await until(lambda: len(self._resting) == self.timers and not queue.waiting and not queue.under_way)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that nobody tells of."""
    async with asyncio.timeout(SETTLED_S):
        while not is_so():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.002)


@asynccontextmanager
async def serving(
    watched: Watched, changes: Mapping[datetime, Callable[[], object]] = NO_CHANGES, retry_after_s: float = 0.01
) -> AsyncIterator[Driven]:
    """Serve what is watched, by the box's clock; what happens in the demo's bad morning happens, and `changes`."""
    queue, timers = MemoryQueue(retry_after_s), read_timers({})
    all_changes = {at: partial(change, watched.tenant) for at, change in CHANGES.items()} | dict(changes)
    driven = Driven(watched.box, queue, len(timers), all_changes)
    places = Places(watched.folder / "dawnwatch.toml", "dawnwatch.db", watched.folder)
    app = App(places, watched.environ, clock=driven.now, queue=queue)
    served = asyncio.ensure_future(serve(Service(app, queue, timers, driven.now, 4), driven.stopping, driven.rest))
    try:
        yield driven
    finally:
        await driven.stop()
        await asyncio.wait_for(served, 30)
        await app.close()
