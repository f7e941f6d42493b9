"""What the ledger keeps of each day's snapshot: only the last days are read, and none is kept for ever."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from shared.errors import LedgerError
from shared.facts import SetFacts, SnapshotFacts, TableDay, TableFacts
from shared.ledger.book import Book
from shared.ledger.snapshots import recall, remember
from shared.ledger.store import Put, Store
from tests.builders import EXPECTED, NOON, a_target, snapshot_facts

DAY = timedelta(days=1)
NO_ZONE = b'{"name": "T", "rows": 1, "newest_at": "2026-11-22T07:00:00"}'
TARGET = a_target(snapshots=(EXPECTED,))


def facts(days: Iterable[int]) -> SnapshotFacts:
    """Every table of a set, on each of so many days ago."""
    instants = [NOON - ago * DAY for ago in days]
    known = tuple(TableDay(day=at.date(), rows=7, newest_at=at, arrived_at=at) for at in instants)
    tables = tuple(TableFacts(name=name, days=known) for name in EXPECTED.tables)
    return snapshot_facts(SetFacts(expectation=EXPECTED, tables=tables))


async def test_the_last_three_weeks_are_recalled(store: Store) -> None:
    book = Book(store, TARGET.name)
    await remember(book, facts(range(400)))
    known = await recall(book, TARGET, NOON)
    assert {name for name, _ in known} == set(EXPECTED.tables)
    for days in known.values():
        assert [day.day for day in days] == [(NOON - ago * DAY).date() for ago in range(21, -1, -1)]
    assert len(await store.read(TARGET.name, "a|")) == 400


async def test_what_is_as_it_was_is_not_written_again(store: Store) -> None:
    book = Book(store, TARGET.name)
    await remember(book, facts(range(3)))
    before = await store.read(TARGET.name, "a|")
    await remember(book, facts(range(3)))
    assert await store.read(TARGET.name, "a|") == before
    await remember(book, facts(range(4)))
    assert (await store.read(TARGET.name, "a|"))[1:] == before


async def test_older_days_than_the_ledger_keeps_are_removed(store: Store) -> None:
    book = Book(store, TARGET.name)
    await remember(book, facts([0, 1, 400, 401, 500]))
    await book.prune(NOON)
    days = [row.key.split("|")[1] for row in await store.read(TARGET.name, "a|")]
    assert days == [str((NOON - ago * DAY).date()) for ago in (400, 1, 0)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"v": 1, "body": {"day": "soon", "name": "x", "time_column": "t", "tables": []}}',
        b'{"v": 1, "body": {"day": "2026-11-22", "name": "x", "time_column": "t", "tables": [%s]}}' % NO_ZONE,
        b'{"v": 2, "body": {}}',
    ],
    ids=["empty", "no text", "no record", "no day", "no zone", "newer"],
)
async def test_a_damaged_day_is_named(store: Store, body: bytes) -> None:
    book, key = Book(store, TARGET.name), f"a|{NOON.date()}|x"
    await store.write(TARGET.name, [[Put(key, body)]])
    with pytest.raises(LedgerError, match=f"'a.{NOON.date()}.x' of '{TARGET.name}'"):
        await recall(book, TARGET, NOON)
    assert [row.body for row in await store.read(TARGET.name, "a|")] == [body]
