"""The queue of `dawnwatch serve`: nothing waits twice, nothing runs beside itself, what fails is tried again."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.app.memory_queue import RETRY_AFTER_S, TRIES, MemoryQueue, Taken
from shared.plan import PassMessage

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOST = Path(__file__).parents[2] / "host.json"


def a_message(target: str = "contoso", check: str = "workspace-access", run: str = "first") -> PassMessage:
    return PassMessage(target, check, NOW, run)


async def take(queue: MemoryQueue) -> Taken:
    taken = await asyncio.wait_for(queue.take(), 5)
    assert taken is not None
    return taken


def test_it_tries_as_often_and_waits_as_long_as_the_host_does() -> None:
    queues = json.loads(HOST.read_text(encoding="utf-8"))["extensions"]["queues"]
    assert queues["maxDequeueCount"] == TRIES
    assert queues["visibilityTimeout"] == str(timedelta(seconds=RETRY_AFTER_S)).zfill(8)


async def test_messages_are_taken_in_order_and_none_waits_twice() -> None:
    queue = MemoryQueue()
    await queue.put([a_message("a"), a_message("b"), a_message("a", "app-registrations")])
    await queue.put([a_message("b", run="second"), a_message("c"), a_message("c", run="twice at once")])
    assert queue.waiting == 4
    taken = [(await take(queue)).message for _ in range(4)]
    assert [(message.target, message.check, message.run) for message in taken] == [
        ("a", "workspace-access", "first"),
        ("b", "workspace-access", "first"),
        ("a", "app-registrations", "first"),
        ("c", "workspace-access", "first"),
    ]


async def test_a_check_never_runs_beside_itself() -> None:
    queue = MemoryQueue()
    await queue.put([a_message()])
    first = await take(queue)
    await queue.put([a_message(run="second")])
    second = asyncio.ensure_future(queue.take())
    await asyncio.sleep(0.01)
    assert not second.done()
    queue.done(first)
    taken = await asyncio.wait_for(second, 5)
    assert taken == Taken(a_message(run="second"))
    assert (queue.waiting, queue.under_way) == (0, 1)


async def test_what_failed_is_tried_again_after_a_while_and_counted() -> None:
    queue = MemoryQueue(retry_after_s=0.05)
    await queue.put([a_message()])
    queue.failed(await take(queue))
    assert (queue.waiting, queue.under_way) == (1, 0)
    await queue.put([a_message(run="planned meanwhile: it waits already")])
    started_s = asyncio.get_running_loop().time()
    assert await take(queue) == Taken(a_message(), attempt=2)
    assert asyncio.get_running_loop().time() - started_s > 0.04


async def test_what_was_planned_while_a_try_failed_goes_on_in_its_place() -> None:
    queue = MemoryQueue(retry_after_s=0)
    await queue.put([a_message()])
    first = await take(queue)
    await queue.put([a_message(run="second")])
    queue.failed(first)
    assert await take(queue) == Taken(a_message(run="second"), attempt=2)
    assert queue.waiting == 0


async def test_what_nobody_heard_of_is_counted_until_its_like_succeeds() -> None:
    queue = MemoryQueue()
    await queue.put([a_message()])
    queue.poison(await take(queue))
    assert await queue.poisoned() == 1
    await queue.put([a_message(run="second")])
    queue.done(await take(queue))
    assert await queue.poisoned() == 0


async def test_a_closed_queue_gives_nothing_out_and_is_told_the_rest_all_the_same() -> None:
    queue = MemoryQueue(retry_after_s=0)
    await queue.put([a_message("a"), a_message("b")])
    taken = await take(queue)
    queue.close()
    queue.failed(taken)
    await queue.put([a_message("c")])
    await asyncio.sleep(0.01)
    assert await queue.take() is None
    assert queue.waiting == 3


async def test_who_waits_for_a_message_hears_that_the_queue_is_closed() -> None:
    queue = MemoryQueue()
    waiting = asyncio.ensure_future(queue.take())
    await asyncio.sleep(0)
    queue.close()
    assert await asyncio.wait_for(waiting, 5) is None
