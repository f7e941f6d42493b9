"""Timers on the real worker: what each puts on the queue, on time and late, and what it says when it cannot."""

import json
from base64 import b64decode
from datetime import UTC, datetime

from shared.app.queue import PASSES
from tests.azurite import Azurite
from tests.worker.boxed import Boxed
from tests.worker.conftest import StartWorker
from tests.worker.storage import Storage
from tests.worker.triggers import timer

PLANS = {
    "workspace_access": "workspace-access",
    "app_registrations": "app-registrations",
    "snapshot_currency": "snapshot-currency",
    "snapshot_currency_hourly": "snapshot-currency",
    "service_health": "service-health",
    "morning_report": "morning-report",
}
RUN = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{RUN}-b7ad6b7169203331-01"


def test_each_timer_plans_its_check_and_says_whether_it_is_late(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    for name, check in PLANS.items():
        for past_due in (True,) if name == "morning_report" else (False, True):
            before = datetime.now(UTC)
            done = worker.invoke(name, timer(past_due=past_due), trace_parent=TRACE)
            assert (done.succeeded, done.loud) == (True, [])
            (told,) = done.said("planned")
            assert (told["check"], told["targets"], told["past_due"], told["run"]) == (check, "1", str(past_due), RUN)
            (text,) = boxed.storage.take(PASSES)
            message = json.loads(b64decode(text))
            assert before <= datetime.fromisoformat(message.pop("planned_at")) <= datetime.now(UTC)
            assert message == {"target": "contoso", "check": check, "run": RUN}


def test_a_message_is_planned_for_every_target(start_worker: StartWorker, boxed: Boxed) -> None:
    names = [f"tenant-{number}" for number in range(100)]
    head, _, target = boxed.config.partition("[[target]]")
    first, _, rest = target.partition("[report]")
    targets = "".join("[[target]]" + first.replace('"contoso"', f'"{name}"') for name in names)
    worker = start_worker(boxed.settings | {"DAWNWATCH_CONFIG_TOML": f"{head}{targets}[report]{rest}"})
    done = worker.invoke("app_registrations", timer())
    assert [told["targets"] for told in done.said("planned")] == ["100"]
    assert boxed.storage.count(PASSES) == 100


def test_the_morning_report_is_planned_once_a_day(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    told = [len(worker.invoke("morning_report", timer()).said("planned")) for _ in range(3)]
    assert (told, boxed.storage.count(PASSES)) == ([1, 0, 0], 1)


def test_timers_that_fire_together_each_plan_their_own(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    running = [worker.start(name, timer()) for name in PLANS]
    done = [future.result(60) for future in running]
    assert {name: [told["check"] for told in one.said("planned")] for name, one in zip(PLANS, done, strict=True)} == {
        name: [check] for name, check in PLANS.items()
    }
    assert len({told["run"] for one in done for told in one.said("planned")}) == len(PLANS)


def test_with_the_storage_down_a_timer_fails_and_says_where(
    start_worker: StartWorker, boxed: Boxed, own_azurite: Azurite
) -> None:
    worker = start_worker(boxed.settings | Storage(own_azurite.connection_string).settings)
    assert worker.invoke("workspace_access", timer()).succeeded
    own_azurite.kill()
    done = worker.invoke("workspace_access", timer())
    assert not done.succeeded
    assert done.error.startswith("QueueError: The queue 'dawnwatch-passes' could not be used: ")
    assert done.said("planned") == []
