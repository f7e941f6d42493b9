"""An app that watches a tenant in a box: its queue is a list, its ledger a file, its clock the box's."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox import Sandbox
from shared.app.opened import App, Places
from shared.app.performing import perform
from shared.errors import QueueError
from shared.model import Check
from shared.plan import PassMessage, encode
from shared.telemetry import fields_of, logger
from tests.bad_morning import FOUR, Watched, watching
from tests.watching import assert_no_secret


@dataclass
class ListQueue:
    """A queue that keeps what is put there, or refuses it."""

    waiting: list[PassMessage] = field(default_factory=list)
    refuses: bool = False
    given_up: int = 0

    async def put(self, messages: Sequence[PassMessage]) -> None:
        if self.refuses:
            raise QueueError("The queue could not be used.")
        self.waiting += messages

    async def poisoned(self) -> int:
        return self.given_up


class Lines(logging.Handler):
    """Every line that was told: its message and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, dict[str, object]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append((str(record.msg), fields_of(record)))

    def of(self, message: str) -> list[dict[str, object]]:
        return [fields for told, fields in self.told if told == message]


@dataclass
class Operated:
    """An app, what it watches, and what it says."""

    watched: Watched
    app: App
    queue: ListQueue
    lines: Lines
    at: datetime = FOUR

    @property
    def box(self) -> Sandbox:
        return self.watched.box

    @property
    def config(self) -> Path:
        return self.watched.folder / "dawnwatch.toml"

    def set_now(self, at: datetime) -> None:
        self.at = at
        self.box.set_now(at)

    async def perform(self, message: PassMessage, *, attempt: int = 1) -> None:
        await perform(self.app, encode(message).encode(), attempt=attempt)

    async def look(self, *checks: Check) -> None:
        """Do passes that were planned just now."""
        for check in checks:
            await self.perform(PassMessage("contoso", check.value, self.at, "r1"))

    async def work_off(self) -> list[str]:
        """Do all that waits, and name it."""
        done, self.queue.waiting = self.queue.waiting, []
        for message in done:
            await self.perform(message)
        return [f"{message.target} {message.check}" for message in done]


@pytest_asyncio.fixture
async def operated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Operated]:
    lines, queue, level = Lines(), ListQueue(), logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    with watching(tmp_path, monkeypatch, FOUR) as watched:
        clock: list[Callable[[], datetime]] = []
        places = Places(tmp_path / "dawnwatch.toml", "dawnwatch.db", tmp_path)
        app = App(places, watched.environ, clock=lambda: clock[0](), queue=queue, settings_for_s=0)
        made = Operated(watched, app, queue, lines)
        clock.append(lambda: made.at)
        yield made
        await app.close()
        assert_no_secret(watched.box, *(f"{message} {fields}" for message, fields in lines.told))
    logger.removeHandler(lines)
    logger.setLevel(level)
