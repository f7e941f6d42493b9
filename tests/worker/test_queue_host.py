"""The stand-in for the host's queue trigger, over real storage: what becomes of messages that go well or fail."""

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.worker.conftest import StartWorker
from tests.worker.process import WorkerDiedError
from tests.worker.queue_host import Fate, Handled, Numbers, QueueHost
from tests.worker.storage import Storage
from tests.worker.worker import Worker

ECHO = Path(__file__).parent / "apps" / "echo"
NUMBERS = Numbers(16, 8, max_dequeue_count=3, visibility_timeout_s=0, is_base64=True)
QUEUE, POISON = "echoes", "echoes-poison"
ALL_NUMBERS = """{"extensions": {"queues": {
    "batchSize": 8, "newBatchThreshold": 2, "maxDequeueCount": 3, "visibilityTimeout": "00:01:30",
    "messageEncoding": "none"
}}}"""


@pytest.fixture
def worker(start_worker: StartWorker, storage: Storage) -> Worker:
    return start_worker(storage.settings, ECHO)


def _drain(worker: Worker, function: str = "echo", numbers: Numbers = NUMBERS) -> list[Handled]:
    with QueueHost(worker, function, numbers) as host:
        return host.drain()


def _fates(handled: list[Handled]) -> list[tuple[str, int, Fate]]:
    return [(one.body, one.dequeue_count, one.fate) for one in handled]


def _life(heard: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(heard["expires_at"]) - datetime.fromisoformat(heard["inserted_at"])


def test_an_empty_queue_and_one_that_is_not_there_yet_are_left(worker: Worker, storage: Storage) -> None:
    assert _drain(worker) == []
    storage.put(QUEUE)
    assert _drain(worker) == []


def test_what_goes_well_is_deleted(worker: Worker, storage: Storage) -> None:
    bodies = [f"message {number}" for number in range(40)]
    storage.put(QUEUE, *bodies)
    handled = _drain(worker)
    assert Counter(_fates(handled)) == Counter((body, 1, Fate.DELETED) for body in bodies)
    heard = [fields for one in handled if one.invocation for fields in one.invocation.said("heard")]
    assert sorted(fields["body"] for fields in heard) == sorted(bodies)
    assert {fields["count"] for fields in heard} == {"1"}
    assert {_life(fields) for fields in heard} == {timedelta(days=7)}
    assert len({fields["id"] for fields in heard}) == 40
    assert all(fields["receipt"] for fields in heard)
    assert storage.count(QUEUE) == 0


def test_what_fails_is_released_and_at_last_moved_to_poison(worker: Worker, storage: Storage) -> None:
    storage.put(QUEUE, "fail", "well")
    handled = _drain(worker)
    assert sorted(_fates(handled)) == [
        ("fail", 1, Fate.RELEASED),
        ("fail", 2, Fate.RELEASED),
        ("fail", 3, Fate.POISONED),
        ("well", 1, Fate.DELETED),
    ]
    assert {one.invocation.error for one in handled if one.invocation} == {"ValueError: fail", ""}
    assert (storage.count(QUEUE), storage.texts(POISON)) == (0, [base64.b64encode(b"fail").decode()])
    assert [one.fate for one in _drain(worker, "echo_poison")] == [Fate.DELETED]
    assert storage.count(POISON) == 0


def test_what_is_released_is_hidden_for_the_time_that_host_json_says(worker: Worker, storage: Storage) -> None:
    storage.put(QUEUE, "fail")
    numbers = replace(NUMBERS, visibility_timeout_s=60)
    assert [one.fate for one in _drain(worker, numbers=numbers)] == [Fate.RELEASED]
    assert (storage.texts(QUEUE), storage.count(QUEUE)) == ([], 1)


def test_a_poison_queue_has_no_poison_queue(worker: Worker, storage: Storage) -> None:
    storage.put(POISON, "always")
    assert _fates(_drain(worker, "echo_poison")) == [("always", 1, Fate.HIDDEN)]
    assert (storage.texts(POISON), storage.count(POISON)) == ([], 1)
    assert storage.names == [POISON]


def test_a_message_that_came_too_often_is_moved_without_the_function(worker: Worker, storage: Storage) -> None:
    storage.put(QUEUE, "forgotten")
    with storage.queues.get_queue_client(QUEUE) as queue:
        for _ in range(NUMBERS.max_dequeue_count):
            message = queue.receive_message(visibility_timeout=1)
            assert message is not None
            queue.update_message(message, visibility_timeout=0)
    (handled,) = _drain(worker)
    assert (handled.dequeue_count, handled.fate, handled.invocation) == (4, Fate.POISONED, None)


@pytest.mark.parametrize("text", [b"not base64", b'{"a": 1}', b"/////w=="], ids=["words", "json", "no text"])
def test_what_cannot_be_decoded_is_moved_as_it_is_without_the_function(
    worker: Worker, storage: Storage, text: bytes
) -> None:
    storage.put(QUEUE, text)
    (handled,) = _drain(worker)
    assert (handled.fate, handled.invocation) == (Fate.POISONED, None)
    assert storage.texts(POISON) == [text.decode()]


def test_without_encoding_words_are_words(worker: Worker, storage: Storage) -> None:
    storage.put(QUEUE, b"plain words")
    assert _fates(_drain(worker, numbers=replace(NUMBERS, is_base64=False))) == [("plain words", 1, Fate.DELETED)]


def test_the_members_of_a_json_message_stand_before_what_the_host_knows_of_it(worker: Worker, storage: Storage) -> None:
    storage.put(QUEUE, json.dumps({"id": "mine", "DequeueCount": "7", "none": None, "many": [1]}))
    (handled,) = _drain(worker)
    assert handled.invocation is not None
    (heard,) = handled.invocation.said("heard")
    assert (heard["id"], heard["count"]) == ("mine", "7")


def test_two_hosts_share_the_work_of_one_queue(start_worker: StartWorker, storage: Storage) -> None:
    workers = [start_worker(storage.settings, ECHO) for _ in range(2)]
    bodies = [f"message {number}" for number in range(60)]
    storage.put(QUEUE, *bodies)
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(_drain, workers)
    assert sorted(one.body for one in (*first, *second)) == sorted(bodies)
    assert first
    assert second


def test_a_worker_that_dies_loses_nothing(worker: Worker, start_worker: StartWorker, storage: Storage) -> None:
    storage.put(QUEUE, "well")
    with QueueHost(worker, "echo", replace(NUMBERS, hidden_s=1)) as host:
        worker.process.kill()
        with pytest.raises(WorkerDiedError, match="status -9"):
            host.drain()
    assert storage.count(QUEUE) == 1
    other = start_worker(storage.settings, ECHO)
    while not (handled := _drain(other)):
        pass
    assert _fates(handled) == [("well", 2, Fate.DELETED)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("{}", Numbers(16, 8, 5, 0, is_base64=True)),
        ('{"extensions": {"queues": {}}}', Numbers(16, 8, 5, 0, is_base64=True)),
        (ALL_NUMBERS, Numbers(8, 2, 3, 90, is_base64=False)),
        ('{"extensions": {"queues": {"batchSize": 10}}}', Numbers(10, 5, 5, 0, is_base64=True)),
    ],
    ids=["nothing", "no numbers", "all numbers", "half of a batch"],
)
def test_the_numbers_are_those_of_host_json(tmp_path: Path, text: str, numbers: Numbers) -> None:
    (tmp_path / "host.json").write_text(text, encoding="utf-8")
    assert Numbers.read(tmp_path) == numbers
