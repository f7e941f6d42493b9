"""A round in a process of its own, that stops at a step and waits there to be killed; and what it tells, taken down.

    python -m tests.killing LEDGER PORT NOW STEP

The steps are before and after each write of the ledger, and before and after each message is taken. It prints each
step's label; with a STEP that is no label, it comes to its end.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.config import Settings
from shared.errors import DeliveryError
from shared.expectations import Target
from shared.facts import KnownDays
from shared.gather.cloud import Progress
from shared.ledger.account import ByConnectionString
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Change, Row, Store
from shared.ledger.tables import TablesStore
from shared.model import Check, Coverage, Finding, Severity
from shared.monitor import Pass
from shared.notify.channel import Channel, Message
from shared.notify.cloud_events import render_events
from shared.rounds import Shell
from shared.tour import Tour, make_tour
from tests.incidents import HOUR, START, a_finding

TARGET = Target(name="contoso", tenant_id="t", workspace_id="/subscriptions/s/workspaces/law")
CHECKS = (Check.APP_REGISTRATIONS, Check.WORKSPACE_ACCESS)
SETTINGS = Settings(targets=(TARGET,))
BEFORE, AFTER = START - HOUR, START + HOUR / 6
NAMES = ("teams", "event_grid")

type Step = Callable[[str], None]


def world(check: Check, now: datetime) -> tuple[Finding, ...]:
    """What is wrong: from `START` on one trouble is worse, one is over, two are new, and one is as it was."""
    if check is Check.WORKSPACE_ACCESS:
        return (a_finding(app="same"), *([a_finding(app="also new")] if now >= START else []))
    if now < START:
        return (a_finding(app="worse"), a_finding(app="over"))
    return (a_finding(Severity.CRITICAL, app="worse"), a_finding(app="new"))


async def run(
    settings: Settings, target: Target, checks: Sequence[Check], now: datetime, progress: Progress, days: KnownDays
) -> list[Pass]:
    return [Pass(check, Coverage(read=1), world(check, now)) for check in checks]


def no_step(_: str) -> None:
    pass


class Stepped:
    """A store that says so before and after each write."""

    def __init__(self, store: Store, step: Step) -> None:
        self.store = store
        self.step = step

    async def __aenter__(self) -> Self:
        await self.store.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.store.__aexit__(kind, error, trace)

    async def read(self, target: str, prefix: str, until: str | None = None, *, since: str | None = None) -> list[Row]:
        return await self.store.read(target, prefix, until, since=since)

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        what = " ".join(sorted({f"{type(c).__name__} {c.key[0]}".lower() for group in groups for c in group}))
        self.step(f"before: {what or 'nothing'}")
        await self.store.write(target, groups)
        self.step(f"after: {what or 'nothing'}")

    async def with_pending(self) -> list[str]:
        return await self.store.with_pending()

    async def targets(self) -> list[str]:
        return await self.store.targets()


@dataclass
class Posting:
    """A channel that posts what it is told to a recorder, and returns when that took it."""

    name: str
    port: int
    step: Step = no_step
    min_severity: Severity = Severity.INFORMATIONAL

    async def send(self, message: Message) -> None:
        events = render_events(message, "here") if message.transitions else []
        told = [f"{t.kind} {t.finding.subject.id} {t.finding.severity}" for t in message.transitions]
        line = {"channel": self.name, "ids": [event["id"] for event in events], "told": told or ["report"]}
        self.step(f"before: send {self.name}")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(json.dumps(line).encode() + b"\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        if answer != b"taken\n":
            raise DeliveryError("the recorder is gone", permanent=False)
        self.step(f"after: send {self.name}")


@dataclass
class Recorder:
    """Takes down each message: which channel, the events' ids, and what was told."""

    messages: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if said := await reader.readline():  # none: it was killed before
            line = json.loads(said)
            self.messages.append((line["channel"], tuple(line["ids"]), tuple(line["told"])))
            writer.write(b"taken\n")
        writer.close()

    def told(self, channel: str) -> Counter[str]:
        """What a channel was told, each as often as it was."""
        return Counter(what for name, _, told in self.messages if name == channel for what in told)

    def ids(self, channel: str) -> Counter[tuple[str, ...]]:
        """The events of each message, and how often it came."""
        return Counter(ids for name, ids, _ in self.messages if name == channel)


def open_ledger(where: str) -> Store:
    """A file's path, or a table's name and a connection string."""
    table, mark, connection = where.partition("@")
    return TablesStore(ByConnectionString(connection), table) if mark else SqliteStore(Path(where))


def posting(port: int, step: Step = no_step) -> list[Channel]:
    return [Posting(name, port, step) for name in NAMES]


async def one_tour(where: str, port: int, now: datetime, step: Step = no_step) -> Tour:
    """Make one round of the target, and its report, over a ledger that is opened for it."""
    async with Stepped(open_ledger(where), step) as store:
        shell = Shell(SETTINGS, store, posting(port, step), lambda: now, run)
        return await make_tour(shell, [TARGET], CHECKS, lambda pages, read: None)


def stop_at(label: str) -> Step:
    """Label each step by its name and how often it came, and stand still at one: then nothing here goes on."""
    passed = Counter[str]()

    def step(name: str) -> None:
        passed[name] += 1
        sys.stdout.write(f"{name} #{passed[name]}\n")
        sys.stdout.flush()
        if f"{name} #{passed[name]}" == label:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            time.sleep(60)

    return step


def main(where: str, port: str, now: str, label: str) -> None:
    tour = asyncio.run(one_tour(where, int(port), datetime.fromisoformat(now), stop_at(label)))
    assert tour.trouble is None, tour
    assert all(stop.trouble is None for stop in tour.stops), tour


if __name__ == "__main__":
    main(*sys.argv[1:])
