"""The arrival history: what earlier passes read of each day's snapshot, so that a pass need ask for three days only."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

import msgspec

from shared.checks.snapshot_time import Calendar
from shared.errors import StateConflictError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import KnownDays, SetFacts, SnapshotFacts, TableDay
from shared.ledger.book import Book, set_key
from shared.ledger.codec import Codec
from shared.ledger.store import Change, Put
from shared.model import Check, Instant
from shared.morning import Landing


class _KeptTable(msgspec.Struct, frozen=True):
    name: str
    rows: int
    newest_at: Instant
    arrived_at: Instant | None = None
    content_at: Instant | None = None


class _KeptDay(msgspec.Struct, frozen=True):
    day: date
    name: str
    time_column: str
    tables: list[_KeptTable]


_CODEC = Codec(_KeptDay, "day's snapshot")

RECALLED = timedelta(days=21)
"""How far back a pass looks: the checks judge by 20 days at most."""


async def recall(book: Book, target: Target, now: datetime) -> KnownDays:
    """Recall the snapshots that the ledger knows of a target's last days, by table and time column, oldest first.

    Raises:
        LedgerError: a row is damaged, and named.
    """
    if not target.snapshots:
        return {}
    known: dict[tuple[str, str], list[TableDay]] = {}
    for kept in await _kept(book, (now - RECALLED).date()):
        for table in kept.tables:
            day = TableDay(
                day=kept.day,
                rows=table.rows,
                newest_at=table.newest_at,
                arrived_at=table.arrived_at,
                content_at=table.content_at,
            )
            known.setdefault((table.name, kept.time_column), []).append(day)
    return {key: tuple(sorted(days, key=lambda day: day.day)) for key, days in known.items()}


async def _kept(book: Book, since: date) -> list[_KeptDay]:
    rows = await book.store.read(book.target, "a|", since=f"a|{since}")
    return [_CODEC.decode(row.body, f"The ledger row {row.key!r} of {book.target!r}") for row in rows]


async def landings(book: Book, target: Target, now: datetime) -> tuple[Landing, ...]:
    """Say when the snapshot that each set should have by the end of today landed, as far as the ledger knows."""
    if not target.snapshots:
        return ()
    kept = await _kept(book, (now - RECALLED).date())
    passed_at, good_at = (await book.passes()).get(Check.SNAPSHOT_CURRENCY, (None, None))
    is_read = passed_at is not None and passed_at == good_at
    return tuple(_landing(expected, kept, now, is_read=is_read) for expected in target.snapshots)


def _landing(expected: SnapshotExpectation, kept: Iterable[_KeptDay], now: datetime, *, is_read: bool) -> Landing:
    """The set has landed with the last of its tables: a table that is missing has not."""
    day = Calendar(expected, now).todays
    tables = {
        table.name: table for found in kept if (found.day, found.name) == (day, expected.name) for table in found.tables
    }
    arrivals = [tables[name].arrived_at or tables[name].newest_at for name in expected.tables if name in tables]
    if len(arrivals) == len(expected.tables):
        return Landing(expected.name, max(arrivals))
    return Landing(expected.name, None, unread=not is_read)


def landed(facts: SnapshotFacts, now: datetime) -> list[tuple[Landing, date]]:
    """Say when the snapshot that each set should have by tonight landed, as it was just read, and of which day it is.

    `unread` where a set has not landed as far as was read, and not everything was.
    """
    return [
        (
            _landing(found.expectation, _by_day(found.expectation, found).values(), now, is_read=not facts.unread),
            Calendar(found.expectation, now).todays,
        )
        for found in facts.sets
    ]


async def remember(book: Book, facts: SnapshotFacts | None) -> None:
    """Write down each day's snapshot of each set as it was just read, where it is new or has changed."""
    days = _days(facts) if facts else {}
    if not days:
        return
    rows = {row.key: row for row in await book.store.read(book.target, "a|", since=min(days))}
    groups: list[list[Change]] = []
    for key, body in days.items():
        row = rows.get(key)
        if row is None or row.body != body:
            groups.append([Put(key, body, row.version if row else None)])
    with suppress(StateConflictError):  # another pass has just written what it read
        await book.store.write(book.target, groups)


def _days(facts: SnapshotFacts) -> Mapping[str, bytes]:
    return {
        f"a|{day}|{set_key(found.expectation.name)}": _CODEC.encode(kept)
        for found in facts.sets
        for day, kept in _by_day(found.expectation, found).items()
    }


def _by_day(expected: SnapshotExpectation, found: SetFacts) -> dict[date, _KeptDay]:
    days: dict[date, _KeptDay] = {}
    for table in found.tables:
        for day in table.days:
            kept = days.setdefault(day.day, _KeptDay(day.day, expected.name, expected.time_column, []))
            kept.tables.append(_KeptTable(table.name, day.rows, day.newest_at, day.arrived_at, day.content_at))
    return days
