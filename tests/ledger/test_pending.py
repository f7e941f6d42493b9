"""The markers of a table: which targets have something to deliver, found in one request, and never one too few."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.errors import LedgerError
from shared.ledger.account import ByConnectionString
from shared.ledger.pending import SETTLE_AFTER
from shared.ledger.store import Put, Remove
from shared.ledger.tables import TablesStore
from tests.azurite import Azurite
from tests.ledger.watched import Before, Watched, nothing

AT_ONCE = timedelta(seconds=-5)  # the server tells its time in whole seconds


class Shelf:
    """One table, and stores over it that can be watched."""

    def __init__(self, connection_string: str, table: str) -> None:
        self._connection_string = connection_string
        self._table = table

    def store(
        self,
        settle_after: timedelta = SETTLE_AFTER,
        before: Before = nothing,
        clock: Callable[[], float] = lambda: 1_000_000.0,
    ) -> tuple[TablesStore, Watched]:
        wire = Watched(before)
        account = ByConnectionString(self._connection_string, web={"transport": wire})
        return TablesStore(account, self._table, settle_after=settle_after, clock=clock), wire

    async def add(self, target: str, key: str = "o|1") -> None:
        async with self.store()[0] as store:
            await store.write(target, [[Put(key, b"")]])

    async def deliver(self, target: str) -> None:
        async with self.store()[0] as store:
            await store.write(target, [[Remove(row.key, row.version) for row in await store.read(target, "o|")]])

    async def settled(self) -> list[str]:
        async with self.store(AT_ONCE)[0] as store:
            return await store.with_pending()

    async def named(self) -> list[str]:
        async with self.store()[0] as store:
            return await store.with_pending()


@pytest.fixture
def shelf(azurite: Azurite, table_name: str) -> Shelf:
    return Shelf(azurite.connection_string, table_name)


async def test_a_marker_is_written_before_what_it_stands_for(shelf: Shelf) -> None:
    store, wire = shelf.store()
    async with store:
        wire.asked.clear()
        await store.write("contoso", [[Put("o|1", b""), Put("s", b"")]])
        assert wire.asked == ["touch", "commit"]


async def test_what_adds_nothing_to_deliver_costs_one_request(shelf: Shelf) -> None:
    await shelf.add("contoso")
    store, wire = shelf.store()
    async with store:
        (row,) = await store.read("contoso", "o|")
        wire.asked.clear()
        await store.write("contoso", [[Put("o|1", b"tried", row.version), Put("s", b"")]])
        assert wire.asked == ["commit"]


async def test_the_pending_ones_of_many_targets_take_one_request(shelf: Shelf) -> None:
    store, wire = shelf.store()
    async with store:
        await asyncio.gather(*(store.write(f"t{number:02}", [[Put("i|1", b"")]]) for number in range(60)))
        await store.write("t17", [[Put("o|1", b"")]])
        wire.asked.clear()
        assert await store.with_pending() == ["t17"]
        assert wire.asked == ["list"]


async def test_a_marker_is_removed_when_it_is_old_and_nothing_is_left(shelf: Shelf) -> None:
    await shelf.add("contoso")
    await shelf.add("fabrikam")
    await shelf.deliver("contoso")
    assert await shelf.named() == ["contoso", "fabrikam"]
    assert await shelf.settled() == ["fabrikam"]
    assert await shelf.named() == ["fabrikam"]


async def test_an_old_marker_with_rows_is_looked_behind_only_now_and_then(shelf: Shelf) -> None:
    await shelf.add("contoso")
    store, wire = shelf.store(timedelta(seconds=2))
    async with store:
        await asyncio.sleep(3.1)
        for expected in (["list", "look", "redate"], ["list"]):
            wire.asked.clear()
            assert await store.with_pending() == ["contoso"]
            assert wire.asked == expected


@pytest.mark.parametrize("moment", ["list", "look", "remove"])
async def test_what_is_written_while_a_marker_is_being_removed_is_not_lost(shelf: Shelf, moment: str) -> None:
    await shelf.add("contoso")
    await shelf.deliver("contoso")

    async def write_now(word: str) -> None:
        if word == moment:
            await shelf.add("contoso", "o|2")

    reader, wire = shelf.store(AT_ONCE, write_now)
    async with reader:
        assert await reader.with_pending() == ["contoso"]
    assert moment in wire.asked
    assert await shelf.named() == ["contoso"]


@pytest.mark.parametrize("moment", ["touch", "commit"])
async def test_a_reader_in_the_middle_of_a_write_keeps_a_fresh_marker(shelf: Shelf, moment: str) -> None:
    async def read_now(word: str) -> None:
        if word == moment:
            await shelf.named()

    writer, wire = shelf.store(before=read_now)
    async with writer:
        await writer.write("contoso", [[Put("o|1", b"")]])
    assert moment in wire.asked
    assert await shelf.named() == await shelf.settled() == ["contoso"]


async def test_a_writer_that_was_frozen_marks_again_when_it_wakes(shelf: Shelf) -> None:
    now = [0.0]

    async def sleep_for_an_hour(word: str) -> None:
        if word == "commit":
            now[0] += 3600
            assert await shelf.settled() == []

    writer, wire = shelf.store(before=sleep_for_an_hour, clock=lambda: now[0])
    async with writer:
        wire.asked.clear()
        await writer.write("contoso", [[Put("o|1", b"")]])
        assert wire.asked == ["touch", "commit", "touch"]
    assert await shelf.named() == ["contoso"]


async def test_a_touch_lasts_for_minutes_and_not_when_the_clock_jumps_back(shelf: Shelf) -> None:
    now = [10_000.0]
    writer, wire = shelf.store(clock=lambda: now[0])
    async with writer:
        wire.asked.clear()
        for number, jump in enumerate((0, 299, 2, -3600)):
            now[0] += jump
            await writer.write("contoso", [[Put(f"o|{number}", b"")]])
    assert wire.asked == ["touch", "commit", "commit", "touch", "commit", "touch", "commit"]


async def test_a_writer_that_died_in_between_leaves_a_marker_that_goes_away(shelf: Shelf) -> None:
    async def die(word: str) -> None:
        if word == "commit":
            raise ConnectionResetError

    writer, _ = shelf.store(before=die)
    async with writer:
        with pytest.raises(LedgerError, match="could not be reached"):
            await writer.write("contoso", [[Put("o|1", b"secret body")]])
    assert await shelf.named() == ["contoso"]
    assert await shelf.settled() == []
    assert await shelf.named() == []
