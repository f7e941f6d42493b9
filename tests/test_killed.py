"""A round that is killed at any step, and made again: nothing is lost, and little is told twice."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
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

type Ledgers = Callable[[], str]


@pytest.fixture(params=["sqlite", "tables"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Ledgers:
    """Name a new ledger each time."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"{uuid4().hex}.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    return lambda: f"t{uuid4().hex}@{azurite.connection_string}"


async def killed_at(where: str, port: int, now: datetime, number: int) -> list[str]:
    """Start a round and kill it at a step; return the steps that it came to, all of them where it ended before."""
    command = [sys.executable, "-m", "tests.killing", where, str(port), now.isoformat(), str(number)]
    root = Path(__file__).parent.parent
    process = await asyncio.create_subprocess_exec(*command, cwd=root, stdout=subprocess.PIPE)
    assert process.stdout is not None
    steps: list[str] = []
    while line := (await process.stdout.readline()).decode().strip():
        if line == "stopped":
            process.kill()
        else:
            steps.append(line)
    assert await process.wait() == 0 or number
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


async def kill_and_go_on(where: str, *numbers: int) -> tuple[str, Recorder]:
    """Kill a second round at a step, the round after it at another, and so on; then let rounds be made until quiet."""
    step, now = "none", AFTER
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        for name in NAMES:
            assert set(recorder.told(name)) == FIRST
        recorder.messages.clear()
        for number in numbers:
            steps = await killed_at(where, recorder.port, now, number)
            assert len(steps) == number, "it was not killed"
            step, now = steps[-1], now + LATER
        await until_quiet(where, recorder, now)
    return step, recorder


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


async def survive(where: str, *numbers: int) -> str:
    step, recorder = await kill_and_go_on(where, *numbers)
    try:
        judge(recorder, len(numbers))
        await what_is_known(where)
    except AssertionError as error:
        error.add_note(f"killed at {numbers}, {step}; told: {recorder.messages}")
        raise
    return step


async def all_steps(where: str) -> list[str]:
    """The steps of a round that is let be."""
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        recorder.messages.clear()
        steps = await killed_at(where, recorder.port, AFTER, 0)
        judge(recorder, 0)
    await what_is_known(where)
    return steps


async def test_a_round_is_killed_at_each_step(ledgers: Ledgers) -> None:
    """All steps with a file; with a table those where the answer was lost of each kind of step."""
    steps = await all_steps(ledgers())
    numbers = list(range(1, len(steps) + 1))
    if "@" in ledgers():
        first = {name: number for number, name in reversed(list(enumerate(steps, 1)))}
        numbers = sorted(number for name, number in first.items() if name.startswith("after"))
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with at_once:
            return await survive(ledgers(), number)

    found = await asyncio.gather(*(one(number) for number in numbers))
    assert {name for name in steps if name.startswith("after")} <= set(found)
    assert {f"after: send {name}" for name in NAMES} <= set(found)
    assert {"after: put d", "after: remove o", "after: remove d", "after: put r"} <= {
        f[: f.find(" ", 11)] if f.count(" ") > 2 else f for f in found
    } | set(found)


async def test_a_round_is_killed_again_and_again_just_after_it_told(ledgers: Ledgers) -> None:
    steps = await all_steps(ledgers())
    sent = steps.index("after: send teams") + 1
    state = sum(name.startswith(("before: put c", "after: put c")) for name in steps[:sent])
    await survive(ledgers(), sent, sent - 0 * state)


async def test_two_processes_make_one_round_at_once(ledgers: Ledgers) -> None:
    where = ledgers()
    async with Recorder() as recorder:
        await until_quiet(where, recorder, BEFORE)
        recorder.messages.clear()
        await asyncio.gather(*(killed_at(where, recorder.port, AFTER, 0) for _ in range(2)))
        await until_quiet(where, recorder, AFTER + LATER)
        judge(recorder, 0)
    await what_is_known(where)
