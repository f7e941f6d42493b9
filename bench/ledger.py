"""The ledger: what deciding on 10,000 findings takes, what a quiet round writes, how the few pending ones are found."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from bench.azurite import open_azurite
from bench.reconciling import COUNT, a_finding, time_passes, trace_passes
from bench.table import Row as TableRow
from bench.table import at_least, note
from shared.config import Settings
from shared.expectations import Target
from shared.facts import KnownDays
from shared.gather.cloud import Progress
from shared.incident import Incident
from shared.ledger.account import ByConnectionString
from shared.ledger.book import Book
from shared.ledger.codec import encode_incident, encode_transition
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Change, Put, Row, Store
from shared.ledger.tables import TablesStore
from shared.model import Check, Coverage, Severity, Transition, TransitionKind
from shared.monitor import Pass
from shared.rounds import Shell, make_round

RECONCILE_S = 0.3
REQUESTS = 4
TARGETS, FINDINGS, PENDING = 1_000, 10, 20
PENDING_AT_LEAST = 10
_AT_ONCE = 16
_START = datetime(2026, 11, 22, 8, tzinfo=UTC)
_TARGET = Target(name="contoso", tenant_id="", workspace_id="")


def measure_ledger() -> list[TableRow]:
    """Measure the decision, the quiet round and the search for what is pending."""
    return [*_decision(), *asyncio.run(_quiet_round()), *_search()]


def _decision() -> list[TableRow]:
    slowest_s = max(time_passes(COUNT))
    traced = trace_passes(COUNT // 10)
    growth = traced[-1][1] / traced[9][1]  # what stays after two rounds of days, and after four
    return [
        TableRow(
            f"reconcile {COUNT:,} findings with as many in state: processor time, slowest of 20 passes",
            f"<= {RECONCILE_S:g} s",
            f"{slowest_s:.2f} s",
            slowest_s <= RECONCILE_S,
        ),
        TableRow(
            "  what the state holds on to after 20 passes, beside after 10",
            "<= 1.25x",
            f"{growth:.2f}x",
            growth <= 1.25,
        ),
    ]


# --- a round in which nothing has changed ---


@dataclass
class _Counting:
    """A store that counts the rows it is given to write, and how often it is asked anything."""

    store: Store
    rows: int = 0
    asked: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self, target: str, prefix: str, until: str | None = None, *, since: str | None = None) -> list[Row]:
        self.asked += 1
        return await self.store.read(target, prefix, until, since=since)

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        self.asked += 1
        self.rows += sum(len(group) for group in groups)
        await self.store.write(target, groups)

    async def with_pending(self) -> list[str]:
        return await self.store.with_pending()

    async def targets(self) -> list[str]:
        return await self.store.targets()


async def _quiet_round() -> list[TableRow]:
    findings = tuple(a_finding(number, Severity.ERROR, _START) for number in range(1_000))

    async def run(
        settings: Settings, target: Target, checks: Sequence[Check], at: datetime, progress: Progress, days: KnownDays
    ) -> list[Pass]:
        found = tuple(replace(finding, detail=f"Seen at {at}.") for finding in findings)
        return [Pass(check, Coverage(read=1), found) for check in checks]

    with TemporaryDirectory() as folder:
        async with SqliteStore(Path(folder) / "dawnwatch.db") as opened:
            store = _Counting(opened)
            for at in (_START, _START + timedelta(minutes=5)):
                store.rows = store.asked = 0
                shell = Shell(Settings(targets=(_TARGET,)), store, (), partial(_the, at), run)
                await make_round(shell, _TARGET, (Check.APP_REGISTRATIONS,), lambda pages, read: None)
    return [
        TableRow(
            "rows that a pass writes with 1,000 findings open and no change", "1", f"{store.rows}", store.rows == 1
        ),
        TableRow("  requests to the ledger for that", f"<= {REQUESTS}", f"{store.asked}", store.asked <= REQUESTS),
    ]


def _the(at: datetime) -> datetime:
    return at


# --- few pending ones among many targets ---


def _search() -> list[TableRow]:
    what = f"{TARGETS:,} targets in Azurite, {PENDING} with pending: time to read all of them, against finding those"
    with open_azurite() as connection:
        if connection is None:
            return [TableRow(what, f">= {PENDING_AT_LEAST}x", "not measured: Node or Azurite is not installed")]
        found, (pending_s, asked), (all_s, of_all) = asyncio.run(_search_both(connection))
    most = 1 + PENDING
    return [
        at_least(what, all_s / pending_s, PENDING_AT_LEAST),
        note("  the two", f"{all_s:.2f} s and {pending_s * 1e3:.0f} ms"),
        TableRow(
            "  requests for that: a list, and one for each that has some",
            f"<= {most}",
            f"{asked} (all: {of_all:,})",
            asked <= most and found == PENDING,
        ),
    ]


async def _search_both(connection: str) -> tuple[int, tuple[float, int], tuple[float, int]]:
    """Return how many targets were found, and the seconds and requests of both ways."""
    asked = 0

    def count(_: object) -> None:
        nonlocal asked
        asked += 1

    async with AsyncExitStack() as opened:
        account = ByConnectionString(connection, web={"raw_request_hook": count})
        store = await opened.enter_async_context(TablesStore(account, "bench"))
        await _fill(store)
        asked, begin = 0, time.perf_counter()
        names = await store.with_pending()
        found = [await Book(store, name).pending("teams") for name in names]
        pending_s, pending_asked = time.perf_counter() - begin, asked
        asked, begin = 0, time.perf_counter()
        for name in await store.targets():
            await store.read(name, "")
        return len([rows for rows in found if rows]), (pending_s, pending_asked), (time.perf_counter() - begin, asked)


async def _fill(store: Store) -> None:
    """Ten open findings each; of every fiftieth target one is still to be told."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        found = [a_finding(index, Severity.ERROR, _START) for index in range(FINDINGS)]
        incidents = [Incident(check=Check.APP_REGISTRATIONS, finding=finding, opened_at=_START) for finding in found]
        group: list[Change] = [
            Put(f"i|app-registrations|{incident.finding.fingerprint}", encode_incident(incident))
            for incident in incidents
        ]
        if number % (TARGETS // PENDING) == 0:
            told = Transition(TransitionKind.OPENED, found[0], _START)
            group.append(Put(f"o|teams|{_START:%Y-%m-%dT%H:%M:%SZ}|{told.id}", encode_transition(told)))
        async with at_once:
            await store.write(f"target-{number:04}", [group])

    await asyncio.gather(*(one(number) for number in range(TARGETS)))
