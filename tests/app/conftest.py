"""One whole bad morning that was served, with a channel that fails and a service that refuses: what was said of it."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from sandbox.faults import parse_fault
from shared.formats.log_lines import json_line, text_line
from shared.telemetry import fields_of, logger
from tests.app.driven import serving
from tests.app.operated import operated
from tests.bad_morning import FOUR, HALF_PAST_NINE, Watched, watching

__all__ = ["morning", "operated"]


@dataclass(frozen=True)
class Line:
    """A line that was told: when, by the box's clock, and how it is spelt."""

    at: datetime
    level: str
    message: str
    fields: Mapping[str, object]
    spelt: tuple[str, str]


@dataclass(frozen=True)
class Morning:
    """What came of the morning: the lines, the cards' titles, the events' ids; and what may stand in none of them."""

    lines: tuple[Line, ...]
    cards: tuple[str, ...]
    events: tuple[str, ...]
    secrets: frozenset[str]

    def told(self, *messages: str) -> list[Line]:
        return [line for line in self.lines if line.message in messages]


class _Listener(logging.Handler):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.lines: list[Line] = []

    def emit(self, record: logging.LogRecord) -> None:
        spelt = text_line(record), json_line(record)
        self.lines.append(Line(self.clock(), record.levelname, record.getMessage(), fields_of(record), spelt))


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """Serve from 04:00 to 09:30; Teams fails from 05:40 to 06:20, the logs at 07:15, and Graph throttles at 07:40."""
    with pytest.MonkeyPatch.context() as patch, watching(tmp_path_factory.mktemp("morning"), patch, FOUR) as watched:
        listener = _Listener(lambda: watched.box.now)
        with _heard_by(listener):
            asyncio.run(_serve(watched))
        cards = tuple(str(card["fallbackText"]) for card in watched.cards)
        events = tuple(str(event.content["id"]) for event in watched.box.events)
        return Morning(tuple(listener.lines), cards, events, watched.box.secrets)


async def _serve(watched: Watched) -> None:
    faults = watched.box.faults
    changes = {
        FOUR + timedelta(minutes=100): lambda: faults.add(parse_fault("teams:status:status=503")),
        FOUR + timedelta(minutes=140): faults.clear,
        FOUR + timedelta(minutes=190): lambda: faults.add(parse_fault("logs:forbidden")),
        FOUR + timedelta(minutes=200): faults.clear,
        FOUR + timedelta(minutes=210): lambda: faults.add(parse_fault("graph:throttle:retry_after=0.05:times=2")),
    }
    async with serving(watched, changes) as driven:
        await driven.go_on_until(HALF_PAST_NINE)


@contextmanager
def _heard_by(listener: logging.Handler) -> Iterator[None]:
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    yield
    logger.removeHandler(listener)
    logger.setLevel(level)
