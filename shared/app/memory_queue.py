"""The queue between a timer and its passes where no Azure has one: in this process, and forgotten with it.

That is no loss: each start plans every check anew, and each timer does. A target's check waits once, however often it
is planned meanwhile, and never runs beside itself. What fails waits for its next try, as Azure's queue lets it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from shared.plan import PassMessage
from shared.telemetry import tell

TRIES = 5
"""How often a message is tried before it is given up: as host.json has it for Azure's queue."""

RETRY_AFTER_S = 60.0
"""How long a message that failed waits for its next try: as host.json has it."""

type _Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a worker has taken, and the how many-th try this is."""

    message: PassMessage
    attempt: int = 1

    @property
    def key(self) -> _Key:
        """What there is one of at a time."""
        return self.message.target, self.message.check


class MemoryQueue:
    """Messages that wait, oldest first. Each one taken ends with `done`, `failed` or `poison`."""

    def __init__(self, retry_after_s: float = RETRY_AFTER_S) -> None:
        self._retry_after_s = retry_after_s
        self._waiting: dict[_Key, Taken] = {}
        self._under_way: set[_Key] = set()
        self._poisoned: set[_Key] = set()
        self._ready: asyncio.Queue[_Key] = asyncio.Queue()

    @property
    def waiting(self) -> int:
        """How many messages wait, those that failed and are to be tried again among them."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """How many messages workers are at."""
        return len(self._under_way)

    async def put(self, messages: Sequence[PassMessage]) -> None:
        """Put messages there, but for those whose like is waiting still."""
        before = len(self._waiting)
        for message in messages:
            self._add(Taken(message))
        if still := len(messages) - (len(self._waiting) - before):
            tell("still waiting", messages=still)

    async def poisoned(self) -> int:
        """Count the messages that were given up, and could not even be made findings of; until one like it succeeds."""
        return len(self._poisoned)

    async def take(self) -> Taken | None:
        """Take the next message, when there is one; None once the queue is closed."""
        try:
            key = await self._ready.get()
        except asyncio.QueueShutDown:
            return None
        self._under_way.add(key)
        return self._waiting.pop(key)

    def done(self, taken: Taken) -> None:
        """End a message: nothing is left to be done of it."""
        self._poisoned.discard(taken.key)
        self._end(taken)

    def poison(self, taken: Taken) -> None:
        """End a message that nobody heard of in the end."""
        self._poisoned.add(taken.key)
        self._end(taken)

    def failed(self, taken: Taken) -> None:
        """Let a message wait for its next try. One that was planned meanwhile goes on in its place."""
        self._under_way.discard(taken.key)
        newest = self._waiting.get(taken.key, taken).message
        self._waiting[taken.key] = Taken(newest, taken.attempt + 1)
        asyncio.get_running_loop().call_later(self._retry_after_s, self._make_ready, taken.key)

    def close(self) -> None:
        """Give out no more messages."""
        self._ready.shutdown(immediate=True)

    def _add(self, taken: Taken) -> None:
        if taken.key not in self._waiting:
            self._waiting[taken.key] = taken
            if taken.key not in self._under_way:
                self._make_ready(taken.key)

    def _end(self, taken: Taken) -> None:
        self._under_way.discard(taken.key)
        if taken.key in self._waiting:
            self._make_ready(taken.key)

    def _make_ready(self, key: _Key) -> None:
        with suppress(asyncio.QueueShutDown):
            self._ready.put_nowait(key)
