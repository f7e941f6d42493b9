"""What every ledger store does, whichever it is: each test runs against all of them."""

import asyncio
import random

import pytest

from shared.errors import LedgerError, StateConflictError
from shared.ledger.limits import MAX_BODY_BYTES
from shared.ledger.store import Change, Put, Remove, Row, Store
from tests.ledger.conftest import Reopen

ODD_TARGETS = [
    "contoso",
    "a/b\\c#d?e",
    "100%",
    "~pending",
    "~ledger",
    "o'neill & söhne",
    "=2F",
    ".",
    "..",
    "日本 🌅",
    "A",
    "a",
]
ODD_KEYS = [
    "a",
    "A",
    "o|é".replace("é", "e"),
    "with space",
    "quote's",
    '"double"',
    "a&b=c+d",
    "~",
    "!",
    "x" * 500,
    "{a}|[b]",
]


# aiohttp warns of requests over 1 MiB; only a row or group that is itself so large makes one.
large = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")


async def rows(
    store: Store, target: str = "contoso", prefix: str = "", until: str | None = None, since: str | None = None
) -> dict[str, bytes]:
    return {row.key: row.body for row in await store.read(target, prefix, until, since=since)}


async def row(store: Store, key: str, target: str = "contoso") -> Row:
    (found,) = (row for row in await store.read(target, key) if row.key == key)
    return found


async def test_an_empty_ledger_has_nothing(store: Store) -> None:
    assert await store.read("contoso", "") == []
    assert await store.targets() == []
    assert await store.with_pending() == []
    await store.write("contoso", [])
    await store.write("contoso", [[]])
    assert await store.targets() == []


async def test_a_row_is_put_replaced_and_removed(store: Store) -> None:
    await store.write("contoso", [[Put("i|1", b"first")]])
    first = await row(store, "i|1")
    await store.write("contoso", [[Put("i|1", b"second", first.version)]])
    second = await row(store, "i|1")
    assert (first.body, second.body) == (b"first", b"second")
    assert first.version != second.version
    await store.write("contoso", [[Remove("i|1", second.version)]])
    assert await store.read("contoso", "") == []


async def test_the_same_body_written_again_is_a_new_version(store: Store) -> None:
    await store.write("contoso", [[Put("i|1", b"same")]])
    first = await row(store, "i|1")
    await store.write("contoso", [[Put("i|1", b"same", first.version)]])
    assert (await row(store, "i|1")).version != first.version


async def test_a_row_that_was_removed_and_came_back_is_not_as_it_was_read(store: Store) -> None:
    await store.write("contoso", [[Put("i|1", b"same")]])
    first = await row(store, "i|1")
    await store.write("contoso", [[Remove("i|1", first.version)], [Put("i|1", b"same")]])
    with pytest.raises(StateConflictError):
        await store.write("contoso", [[Remove("i|1", first.version)]])
    assert await rows(store) == {"i|1": b"same"}


async def test_a_conflict_leaves_the_whole_group_as_it_was(store: Store) -> None:
    await store.write("contoso", [[Put("a", b"a"), Put("b", b"b"), Put("c", b"c")]])
    a, b = await row(store, "a"), await row(store, "b")
    await store.write("contoso", [[Put("b", b"B", b.version)]])
    before = await store.read("contoso", "")
    lost: list[Change] = [Put("b", b"x", b.version), Put("a", b"x"), Remove("b", b.version), Remove("gone", a.version)]
    lost.append(Put("gone", b"x", a.version))
    for last in lost:
        group = [Put("new", b"new"), *([Put("a", b"x", a.version)] if last.key != "a" else []), last]
        with pytest.raises(StateConflictError):
            await store.write("contoso", [group])
        assert await store.read("contoso", "") == before


async def test_more_changes_than_a_transaction_holds(store: Store) -> None:
    groups = [[Put(f"g{number:03}|{part}", b"x") for part in range(3)] for number in range(250)]
    await store.write("contoso", groups)
    found = await store.read("contoso", "")
    assert [row.key for row in found] == [change.key for group in groups for change in group]
    await store.write(
        "contoso", [[Remove(row.key, row.version) for row in found[at : at + 100]] for at in (0, 100, 200)]
    )
    assert len(await store.read("contoso", "")) == 450


async def test_a_group_is_never_split(store: Store) -> None:
    """Each of 5 groups has 60 changes, so that no two fit into one transaction of Table Storage; the fourth is lost."""
    await store.write("contoso", [[Put("3|59", b"")]])
    with pytest.raises(StateConflictError):
        await store.write("contoso", [[Put(f"{number}|{part}", b"x") for part in range(60)] for number in range(5)])
    found = await rows(store)
    assert {number: sum(key.startswith(f"{number}|") for key in found) for number in range(5)} in (
        {0: 60, 1: 60, 2: 60, 3: 1, 4: 0},
        {0: 0, 1: 0, 2: 0, 3: 1, 4: 0},
    )


@large
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 900_000, MAX_BODY_BYTES])
async def test_bodies_of_every_size_come_back(store: Store, size: int) -> None:
    body = random.Random(size).randbytes(size)
    await store.write("contoso", [[Put("big", body)]])
    first = await row(store, "big")
    assert first.body == body
    await store.write("contoso", [[Put("big", body[::-1][: size // 2], first.version)]])
    assert await rows(store) == {"big": body[::-1][: size // 2]}


@large
async def test_several_large_bodies_in_one_write(store: Store) -> None:
    bodies = {f"b{number}": random.Random(number).randbytes(900_000) for number in range(7)}
    await store.write("contoso", [[Put(key, body)] for key, body in bodies.items()])
    assert await rows(store) == bodies
    group = [Put(f"c{number}", bytes(930_000)) for number in range(3)]
    await store.write("contoso", [group])
    assert len(await rows(store, prefix="c")) == 3


@large
async def test_the_largest_group_there_may_be(store: Store) -> None:
    keys = [f"{'k' * 496}{number:04}" for number in range(100)]
    await store.write("t" * 500, [[Put(key, bytes(28_000)) for key in keys]])
    assert list(await rows(store, "t" * 500)) == keys


@pytest.mark.parametrize(
    "group",
    [
        [Put("big", bytes(MAX_BODY_BYTES + 1))],
        [Put(f"b{number}", bytes(960_000)) for number in range(4)],
        [Put(f"k{number}", b"") for number in range(101)],
        [Put("twice", b"a"), Put("twice", b"b")],
        [Put("slash/", b"")],
        [Put("é", b"")],
        [Put("line\n", b"")],
        [Put("x" * 501, b"")],
    ],
    ids=["row", "group", "changes", "twice", "slash", "not ASCII", "control", "long"],
)
async def test_what_a_ledger_cannot_keep_is_refused_before_anything_is_written(
    store: Store, group: list[Change]
) -> None:
    with pytest.raises(LedgerError, match="ledger") as refused:
        await store.write("contoso", [[Put("first", b"")], group])
    assert not isinstance(refused.value, StateConflictError)
    assert await store.targets() == []


@pytest.mark.parametrize("target", ["", "\ud800", "x" * 501])
async def test_what_can_be_no_target_is_refused(store: Store, target: str) -> None:
    with pytest.raises(LedgerError, match="target name"):
        await store.write(target, [[Put("a", b"")]])
    with pytest.raises(LedgerError, match="target name"):
        await store.read(target, "")


async def test_ranges_by_prefix_and_end(store: Store) -> None:
    keys = ["h", "h|", "h|2026-01-01", "h|2026-01-02", "h|2026-02-01", "h}", "i|1", "o|1"]
    await store.write("contoso", [[Put(key, key.encode()) for key in keys]])
    assert list(await rows(store, prefix="h|")) == keys[1:5]
    assert list(await rows(store, prefix="h|", until="h|2026-01-02")) == keys[1:3]
    assert list(await rows(store, prefix="h|", until="h|2026-01-02~")) == keys[1:4]
    assert list(await rows(store, prefix="h|", until="a")) == []
    assert list(await rows(store, prefix="h|", until="z")) == keys[1:5]
    assert list(await rows(store, until="h}")) == keys[:5]
    assert list(await rows(store, prefix="none")) == []
    for since, first in [("h|2026-01-02", 3), ("h|2026-01-01~", 3), ("h", 1), ("h|", 1), ("a", 1)]:
        assert list(await rows(store, prefix="h|", since=since)) == keys[first:5]
        assert list(await rows(store, prefix="h|", until="h|2026-02-01", since=since)) == keys[first:4]
    assert list(await rows(store, prefix="h|", since="h}")) == []
    assert list(await rows(store, prefix="h|", until="h|2026-01-01", since="h|2026-01-02")) == []
    assert list(await rows(store, since="i|")) == keys[6:]
    for words in (("a/",), ("a", "b/")):
        with pytest.raises(LedgerError, match="key"):
            await store.read("contoso", *words)
    with pytest.raises(LedgerError, match="key"):
        await store.read("contoso", "a", since="é")


async def test_odd_targets_are_kept_apart(store: Store) -> None:
    for target in ODD_TARGETS:
        await store.write(target, [[Put("o|1", target.encode())]])
    assert await store.targets() == sorted(ODD_TARGETS)
    assert await store.with_pending() == sorted(ODD_TARGETS)
    for target in ODD_TARGETS:
        assert await rows(store, target) == {"o|1": target.encode()}


async def test_odd_keys_are_kept_in_order(store: Store) -> None:
    await store.write("contoso", [[Put(key, key.encode()) for key in ODD_KEYS]])
    assert list(await rows(store)) == sorted(ODD_KEYS)
    for key in ODD_KEYS:
        assert (await rows(store, prefix=key))[key] == key.encode()
    await store.write("contoso", [[Put(found.key, b"2", found.version) for found in await store.read("contoso", "")]])
    await store.write("contoso", [[Remove(found.key, found.version) for found in await store.read("contoso", "")]])
    assert await store.targets() == []


async def test_the_targets_with_something_to_deliver(store: Store) -> None:
    for number in range(30):
        await store.write(f"t{number:02}", [[Put("s|state", b""), Put("i|1", b""), Put("p|o|1", b""), Put("n", b"")]])
    await store.write("t07", [[Put("o|2026", b"")], [Put("s|other", b"")]])
    await store.write("t21", [[Put("i|2", b""), Put("o|", b"")]])
    assert await store.with_pending() == ["t07", "t21"]
    assert len(await store.targets()) == 30


async def test_two_writers_at_once_and_one_wins(reopen: Reopen) -> None:
    async with reopen() as one, reopen() as two:
        await one.write("contoso", [[Put("s", b"0")]])
        for number in range(10):
            version = (await row(one, "s")).version
            tries = (
                store.write("contoso", [[Put("s", name, version), Put(f"{number}|{name.decode()}", b"")]])
                for store, name in ((one, b"one"), (two, b"two"))
            )
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert sorted(type(result).__name__ for result in results) == ["NoneType", "StateConflictError"]
            winner = b"one" if results[0] is None else b"two"
            assert (await row(two, "s")).body == winner
            assert list(await rows(two, prefix=f"{number}|")) == [f"{number}|{winner.decode()}"]


async def test_two_writers_of_a_new_row_and_one_wins(reopen: Reopen) -> None:
    async with reopen() as one, reopen() as two:
        tries = (store.write("contoso", [[Put("o|1", b"")]]) for store in (one, two))
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "StateConflictError"]
        assert await one.with_pending() == ["contoso"]


async def test_a_new_ledger_is_opened_by_many_at_once(reopen: Reopen) -> None:
    async def use(number: int) -> None:
        async with reopen() as store:
            await store.write(f"t{number}", [[Put("a", b"")]])

    await asyncio.gather(*(use(number) for number in range(8)))
    async with reopen() as store:
        assert await store.targets() == [f"t{number}" for number in range(8)]


async def test_what_was_written_is_there_when_it_is_opened_again(reopen: Reopen) -> None:
    async with reopen() as store:
        await store.write("contoso", [[Put("o|1", b"body")]])
        before = await store.read("contoso", "")
    async with reopen() as store:
        assert await store.read("contoso", "") == before
        assert await store.with_pending() == ["contoso"]


async def test_a_call_that_is_given_up_leaves_the_store_in_order(store: Store) -> None:
    for number in range(20):
        task = asyncio.create_task(store.write("contoso", [[Put(f"{number:02}|a", b""), Put(f"{number:02}|b", b"")]]))
        await asyncio.sleep(number / 5000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    keys = list(await rows(store))
    assert {key[:2] for key in keys if key.endswith("a")} == {key[:2] for key in keys if key.endswith("b")}
    await store.write("contoso", [[Put("last", b"")]])
