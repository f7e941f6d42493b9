"""A round that is killed at any step, and made again: nothing is lost, and little is told twice."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.ledger.book import Book
from tests.azurite import Azurite
from tests.killing import AFTER, BEFORE, NAMES, TARGET, Recorder, one_tour, open_ledger

AT_ONCE = 3
LATER = timedelta(minutes=3)  # than a claim lasts
FIRST = {"opened worse error", "opened over error", "opened same error"}
TOLD = {"escalated worse critical", "resolved over error", "opened new error", "opened also new error"}
OPEN = {"worse": "critical", "new": "error", "same": "error", "also new": "error"}

LET_BE = "let be"
SOME_STEPS = (
    "after: put c put i put o #1",
    "after: put d #2",
    "before: send event_grid #1",
    "after: send teams #1",
    "after: remove d remove o #1",
    "after: put o put r #1",
    "after: send teams #2",
)

type Ledgers = Callable[[], str]


@pytest.fixture(params=["sqlite", "tables"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Ledgers:
    """Name a new ledger each time."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"{uuid4().hex}.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    return lambda: f"t{uuid4().hex}@{azurite.connection_string}"


async def killed_at(where: str, port: int, now: datetime, label: str) -> list[str]:
    """Start a round and kill it at a step; return the steps that it came to, all of them with `LET_BE`."""
    return await asyncio.to_thread(_killed_at, where, str(port), now.isoformat(), label)


def _killed_at(*words: str) -> list[str]:
    root, command = Path(__file__).parent.parent, [sys.executable, "-m", "tests.killing", *words]
    steps: list[str] = []
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "stopped":
                process.kill()
            else:
                steps.append(line.strip())
    assert (process.returncode == 0) is (words[-1] == LET_BE)
    assert words[-1] in (LET_BE, *steps)
    return steps


async def until_quiet(where: str, recorder: Recorder, now: datetime) -> None:
    """Make rounds until one tells nothing."""
    for _ in range(5):
        before = len(recorder.messages)
        tour = await one_tour(where, recorder.port, now)
        assert (tour.trouble, [stop.trouble for stop in tour.stops]) == (None, [None])
        if len(recorder.messages) == before:
            return
        now += LATER
    pytest.fail("It is never quiet.")


async def kill_and_go_on(where: str, *labels: str) -> Recorder:
    """Kill a second round at a step, the round after it at another, and so on; then let rounds be made until quiet."""
    now = AFTER
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        for name in NAMES:
            assert set(recorder.told(name)) == FIRST
        recorder.messages.clear()
        for label in labels:
            await killed_at(where, recorder.port, now, label)
            now += LATER
        await until_quiet(where, recorder, now)
    return recorder


def judge(recorder: Recorder, kills: int) -> None:
    """Nothing lost, and for each kill at most one message again for each channel, its events' ids as they were."""
    for name in NAMES:
        told, expected = recorder.told(name), TOLD | ({"report"} if name == "teams" else set())
        assert set(told) == expected
        messages = recorder.ids(name)
        assert sum(count - 1 for count in messages.values()) <= kills
        ids = Counter(ids for message in messages for ids in message)
        assert set(ids.values()) == {1}, "one transition came with two ids, or in two messages"
        assert len(ids) == len(TOLD)


async def what_is_known(where: str) -> None:
    async with open_ledger(where) as store:
        book = Book(store, TARGET.name)
        found = {i.finding.subject.id: i.finding.severity.value for i in await book.incidents() if i.is_open}
        assert found == OPEN
        assert [row.key for prefix in ("o|", "d|") for row in await store.read(TARGET.name, prefix)] == []
        assert len(await store.read(TARGET.name, "r|")) == 1


async def survive(where: str, *labels: str) -> None:
    recorder = await kill_and_go_on(where, *labels)
    try:
        judge(recorder, len(labels))
        await what_is_known(where)
    except AssertionError as error:
        error.add_note(f"killed at {labels}; told: {recorder.messages}")
        raise


async def all_steps(where: str) -> list[str]:
    """The steps of a round that is let be."""
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        recorder.messages.clear()
        steps = await killed_at(where, recorder.port, AFTER, LET_BE)
        judge(recorder, 0)
    await what_is_known(where)
    return steps


async def survive_each(ledgers: Ledgers, labels: Iterable[str]) -> None:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(label: str) -> None:
        async with at_once:
            await survive(ledgers(), label)

    found = await asyncio.gather(*(one(label) for label in labels), return_exceptions=True)
    for failed in found:
        if failed is not None:
            raise failed


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
async def test_a_round_is_killed_at_each_step(ledgers: Ledgers) -> None:
    steps = await all_steps(ledgers())
    assert set(SOME_STEPS) <= set(steps)
    await survive_each(ledgers, steps)


@pytest.mark.parametrize("ledgers", ["tables"], indirect=True)
async def test_a_round_over_a_table_is_killed_at_some_steps(ledgers: Ledgers) -> None:
    await survive_each(ledgers, SOME_STEPS)


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
async def test_a_round_is_killed_twice(ledgers: Ledgers) -> None:
    """First as soon as a channel has taken the message, then the next round as soon as it has told it again."""
    await survive(ledgers(), "after: send teams #1", "after: send teams #1")


async def test_two_processes_make_one_round_at_once(ledgers: Ledgers) -> None:
    where = ledgers()
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        recorder.messages.clear()
        await asyncio.gather(*(killed_at(where, recorder.port, AFTER, LET_BE) for _ in range(2)))
        await until_quiet(where, recorder, AFTER + LATER)
        judge(recorder, 0)
    await what_is_known(where)
