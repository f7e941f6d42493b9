"""Messages on a real queue, a real worker: what becomes of good ones, bad ones, old ones, and of what nobody can do."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep

import pytest
from azure.storage.queue import QueueServiceClient

from shared.app.queue import PASSES, POISON
from shared.config import Limits
from tests.azurite import Azurite
from tests.worker.boxed import READER, Boxed
from tests.worker.conftest import StartWorker
from tests.worker.process import WorkerDiedError
from tests.worker.queue_host import Fate, Handled, Numbers, QueueHost
from tests.worker.results import Invocation
from tests.worker.triggers import timer
from tests.worker.worker import APP, Worker

NUMBERS = replace(Numbers.read(APP), visibility_timeout_s=0)
"""Those of host.json, but for the wait before a message is tried again."""
CHECKS = ("workspace-access", "app-registrations", "snapshot-currency", "service-health")
STRANGERS = (
    "good morning",
    "[]",
    "{}",
    '{"target": "contoso", "check": "everything", "planned_at": "2026-11-25T02:00:00Z"}',
    '{"target": "contoso", "check": "workspace-access", "planned_at": "yesterday"}',
    '{"target": ["contoso"], "check": "workspace-access", "planned_at": "2026-11-25T02:00:00Z"}',
    '{"target": "contoso", "check": "workspace-access", "planned_at": "2026-11-25T02:00:00Z"',
)


def a_message(check: str = "workspace-access", target: str = "contoso", *, age: timedelta = timedelta(0)) -> str:
    planned_at = datetime.now(UTC) - age
    return json.dumps({"target": target, "check": check, "planned_at": planned_at.isoformat(), "run": "r1"})


def drain(
    worker: Worker, function: str = "passes", numbers: Numbers = NUMBERS, account: QueueServiceClient | None = None
) -> list[Handled]:
    with QueueHost(worker, function, numbers, account) as host:
        return host.drain()


def done_once(handled: list[Handled]) -> list[Invocation]:
    """Return how the functions went; each message was given once and is gone."""
    assert {(one.fate, one.dequeue_count) for one in handled} == {(Fate.DELETED, 1)}
    return [one.invocation for one in handled if one.invocation is not None]


def test_a_pass_of_each_check_is_run_and_told(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    boxed.storage.put(PASSES, *(a_message(check) for check in CHECKS))
    done = done_once(drain(worker))
    told = [fields for one in done for fields in one.said("pass ended")]
    assert sorted(fields["check"] for fields in told) == sorted(CHECKS)
    assert {(one["target"], one["run"], one["outcome"], one["unread"], one["attempt"]) for one in told} == {
        ("contoso", "r1", "clear", "0", "1")
    }
    assert all(int(fields["read"]) and int(fields["calls"]) and float(fields["duration_s"]) for fields in told)
    assert [line for one in done for line in one.loud] == []
    assert boxed.storage.count(PASSES) == 0


def test_what_is_not_ours_is_tried_as_often_as_host_json_says_and_ends_as_a_line(
    start_worker: StartWorker, boxed: Boxed
) -> None:
    worker = start_worker(boxed.settings)
    boxed.storage.put(PASSES, *STRANGERS)
    handled = drain(worker)
    fates = Counter((one.body, one.fate) for one in handled)
    tries = {(body, Fate.RELEASED): NUMBERS.max_dequeue_count - 1 for body in STRANGERS}
    assert fates == tries | {(body, Fate.POISONED): 1 for body in STRANGERS}
    errors = {one.invocation.error for one in handled if one.invocation}
    assert len(errors) == len(STRANGERS)
    assert all(error.startswith("MessageError: This is no message of a planned pass (") for error in errors)
    given_up = done_once(drain(worker, "passes_poison"))
    reasons = {f"MessageError: {fields['reason']}" for one in given_up for fields in one.said("message poisoned")}
    assert reasons == errors
    assert (boxed.storage.count(PASSES), boxed.storage.count(POISON)) == (0, 0)
    assert boxed.box.requests == []


def test_what_the_host_itself_cannot_read_stays_with_the_poison_and_is_counted(
    start_worker: StartWorker, boxed: Boxed
) -> None:
    worker = start_worker(boxed.settings)
    boxed.storage.put(PASSES, b"not base64", json.dumps({"DequeueCount": "many"}))
    handled = drain(worker)
    assert Counter(one.fate for one in handled) == {Fate.RELEASED: NUMBERS.max_dequeue_count - 1, Fate.POISONED: 2}
    assert {one.fate for one in drain(worker, "passes_poison")} == {Fate.HIDDEN}
    counted = worker.invoke("delivery", timer())
    assert [told["poison_messages"] for told in counted.said("delivery ended")] == ["2"]


def test_a_pass_is_shorter_than_its_message_is_hidden_and_than_a_function_may_run() -> None:
    may_run = time.fromisoformat(json.loads((APP / "host.json").read_text(encoding="utf-8"))["functionTimeout"])
    assert Limits().pass_timeout_s < NUMBERS.hidden_s <= may_run.hour * 3600 + may_run.minute * 60 + may_run.second


def test_what_is_no_longer_of_use_is_done_without_and_said(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    old, gone = a_message(age=timedelta(hours=7)), a_message(target="fabrikam")
    boxed.storage.put(PASSES, old, gone)
    boxed.storage.put(POISON, old, gone)
    for function in ("passes", "passes_poison"):
        done = done_once(drain(worker, function))
        assert [fields["target"] for one in done for fields in one.said("message too old")] == ["contoso"]
        assert [fields["target"] for one in done for fields in one.said("target gone")] == ["fabrikam"]
    assert boxed.box.requests == []


def test_a_pass_that_was_given_up_is_a_finding_until_one_succeeds(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    boxed.storage.put(POISON, a_message("app-registrations"))
    (given_up,) = done_once(drain(worker, "passes_poison"))
    (told,) = given_up.said("message poisoned")
    assert (told["target"], told["check"], told["run"]) == ("contoso", "app-registrations", "r1")
    assert [event.type for event in boxed.box.events] == ["dawnwatch.finding.opened"]
    assert ["could not be read" in card for card in boxed.cards] == [True]
    boxed.storage.put(PASSES, a_message("app-registrations"))
    done_once(drain(worker))
    assert [event.type for event in boxed.box.events] == ["dawnwatch.finding.opened", "dawnwatch.finding.resolved"]


def test_a_message_that_is_there_many_times_is_told_once(start_worker: StartWorker, boxed: Boxed) -> None:
    workers = [start_worker(boxed.settings) for _ in range(2)]
    boxed.tenant.unassign_roles(READER)
    boxed.storage.put(PASSES, *(a_message() for _ in range(12)))
    with ThreadPoolExecutor() as pool:
        handled = [one for drained in pool.map(drain, workers) for one in drained]
    assert len(done_once(handled)) == 12
    assert [event.type for event in boxed.box.events] == ["dawnwatch.finding.opened"]
    assert len(boxed.cards) == 1


def test_a_target_that_cannot_be_read_is_a_finding_and_no_failure(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings | {"AZURE_CLIENT_SECRET": "another~secret~0123456789"})
    boxed.storage.put(PASSES, a_message())
    (done,) = done_once(drain(worker))
    assert [(told["outcome"], told["unread"]) for told in done.said("pass ended")] == [("unknown", "unknown")]
    assert [told["finding"] for told in done.said("finding")] == ["monitor.gather_failed"]


def test_a_worker_that_is_killed_in_a_pass_leaves_it_to_another(start_worker: StartWorker, boxed: Boxed) -> None:
    first, second = start_worker(boxed.settings), start_worker(boxed.settings)
    boxed.break_down("arm", "hang")
    boxed.storage.put(PASSES, a_message())
    with ThreadPoolExecutor() as pool:
        draining = pool.submit(drain, first, numbers=replace(NUMBERS, hidden_s=5))
        _wait_for(lambda: any(call.service == "entra" for call in boxed.box.requests))
        first.process.kill()
        with pytest.raises(WorkerDiedError):
            draining.result()
    boxed.mend()
    boxed.tenant.unassign_roles(READER)
    _wait_for(lambda: boxed.storage.texts(PASSES) != [])
    (handled,) = drain(second)
    assert (handled.fate, handled.dequeue_count) == (Fate.DELETED, 2)
    assert handled.invocation is not None
    assert [told["attempt"] for told in handled.invocation.said("pass ended")] == ["2"]
    assert len(boxed.cards) == 1


def test_with_the_ledger_down_nothing_is_lost(start_worker: StartWorker, boxed: Boxed, own_azurite: Azurite) -> None:
    elsewhere = {"DAWNWATCH_LEDGER": "LedgerStorage", "LedgerStorage": own_azurite.connection_string}
    worker = start_worker(boxed.settings | elsewhere)
    own_azurite.kill()
    boxed.storage.put(PASSES, a_message())
    (tried,) = drain(worker, numbers=replace(NUMBERS, max_dequeue_count=1))
    (given_up,) = drain(worker, "passes_poison")
    assert (tried.fate, given_up.fate) == (Fate.POISONED, Fate.HIDDEN)
    for one in (tried, given_up):
        assert one.invocation is not None
        assert one.invocation.error.startswith("LedgerError: The ledger (table 'dawnwatch' at http://127.0.0.1:")
    assert boxed.storage.count(POISON) == 1


def _wait_for(condition: Callable[[], bool], within_s: float = 60) -> None:
    until = monotonic() + within_s
    while not condition():
        assert monotonic() < until, "it did not come to that"
        sleep(0.05)
