"""The arrival history: what earlier passes read of each day's snapshot, so that a pass need ask for three days only."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

import msgspec

from shared.checks.snapshot_time import Calendar
from shared.errors import LedgerError, StateConflictError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import KnownDays, SetFacts, SnapshotFacts, TableDay
from shared.ledger.book import Book, set_key
from shared.ledger.store import Change, Put, Row
from shared.model import Check
from shared.morning import Landing


class _KeptTable(msgspec.Struct, frozen=True):
    name: str
    rows: int
    newest_at: datetime
    arrived_at: datetime | None = None
    content_at: datetime | None = None


class _KeptDay(msgspec.Struct, frozen=True):
    day: str
    name: str
    time_column: str
    tables: list[_KeptTable]


_decoder = msgspec.json.Decoder(_KeptDay)


async def recall(book: Book, target: Target) -> KnownDays:
    """Recall the snapshots that the ledger knows of a target, by table and time column, oldest first."""
    if not target.snapshots:
        return {}
    known: dict[tuple[str, str], list[TableDay]] = {}
    for row in await book.store.read(book.target, "a|"):
        kept = _decode(book, row)
        for table in kept.tables:
            day = TableDay(
                day=datetime.fromisoformat(kept.day).date(),
                rows=table.rows,
                newest_at=table.newest_at,
                arrived_at=table.arrived_at,
                content_at=table.content_at,
            )
            known.setdefault((table.name, kept.time_column), []).append(day)
    return {key: tuple(sorted(days, key=lambda day: day.day)) for key, days in known.items()}


def _decode(book: Book, row: Row) -> _KeptDay:
    try:
        return _decoder.decode(row.body)
    except msgspec.DecodeError as error:
        msg = f"The ledger row {row.key!r} of {book.target!r} holds no day's snapshot: {error}. Nothing was changed."
        raise LedgerError(msg) from error


async def landings(book: Book, target: Target, now: datetime) -> tuple[Landing, ...]:
    """Say when the snapshot that each set should have by the end of today landed, as far as the ledger knows."""
    if not target.snapshots:
        return ()
    kept = [_decode(book, row) for row in await book.store.read(book.target, "a|")]
    passed_at, good_at = (await book.passes()).get(Check.SNAPSHOT_CURRENCY, (None, None))
    is_read = passed_at is not None and passed_at == good_at
    return tuple(_landing(expected, kept, now, is_read=is_read) for expected in target.snapshots)


def _landing(expected: SnapshotExpectation, kept: Iterable[_KeptDay], now: datetime, *, is_read: bool) -> Landing:
    """The set has landed with the last of its tables: a table that is missing has not."""
    day = Calendar(expected, now).todays.isoformat()
    tables = {
        table.name: table for found in kept if (found.day, found.name) == (day, expected.name) for table in found.tables
    }
    arrivals = [tables[name].arrived_at or tables[name].newest_at for name in expected.tables if name in tables]
    if len(arrivals) == len(expected.tables):
        return Landing(expected.name, max(arrivals))
    return Landing(expected.name, None, unread=not is_read)


async def remember(book: Book, facts: SnapshotFacts | None, now: datetime) -> None:
    """Write down each day's snapshot of each set as it was just read, where it is new or has changed."""
    if facts is None:
        return
    rows = {row.key: row for row in await book.store.read(book.target, "a|")}
    groups: list[list[Change]] = []
    for key, body in _days(facts).items():
        row = rows.get(key)
        if row is None or row.body != body:
            groups.append([Put(key, body, row.version if row else None)])
    with suppress(StateConflictError):  # another pass has just written what it read
        await book.store.write(book.target, groups)


def _days(facts: SnapshotFacts) -> Mapping[str, bytes]:
    return {
        f"a|{set_key(found.expectation.name)}|{day}": msgspec.json.encode(kept)
        for found in facts.sets
        for day, kept in _by_day(found.expectation, found).items()
    }


def _by_day(expected: SnapshotExpectation, found: SetFacts) -> dict[str, _KeptDay]:
    days: dict[str, _KeptDay] = {}
    for table in found.tables:
        for day in table.days:
            key = day.day.isoformat()
            kept = days.setdefault(key, _KeptDay(key, expected.name, expected.time_column, []))
            kept.tables.append(_KeptTable(table.name, day.rows, day.newest_at, day.arrived_at, day.content_at))
    return days
