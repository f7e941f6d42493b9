"""From timer to people, on the real worker: timers, queue, passes, ledger, Teams and Event Grid, and the next timer."""

import json

from azure.data.tables import TableServiceClient

from shared.app.queue import PASSES
from tests.watching import assert_no_secret
from tests.worker.boxed import READER, Boxed
from tests.worker.conftest import StartWorker
from tests.worker.results import Invocation
from tests.worker.test_passes import done_once, drain
from tests.worker.triggers import http, timer
from tests.worker.worker import Worker, new_trace

PLANNERS = ("workspace_access", "app_registrations", "snapshot_currency", "service_health")


def _look(worker: Worker, *planners: str) -> list[Invocation]:
    """Fire timers, and run what they planned; each line of a pass is tied to the timer that it began with."""
    runs = set()
    for name in planners:
        trace = new_trace()
        planned = worker.invoke(name, timer(), trace_parent=trace)
        runs |= {told["run"] for told in planned.said("planned")}
        assert trace.split("-")[1] in runs
    done = done_once(drain(worker))
    assert {log.fields["run"] for one in done for log in one.logs if log.category == "dawnwatch"} == runs
    return done


def _told(done: list[Invocation], message: str, field: str) -> list[str]:
    return sorted(fields[field] for one in done for fields in one.said(message))


def _forget_the_wait(boxed: Boxed) -> None:
    """Let the wait before Teams is tried again be over."""
    with (
        TableServiceClient.from_connection_string(boxed.storage.connection_string) as account,
        account.get_table_client("dawnwatch") as table,
    ):
        for row in list(table.query_entities("RowKey ge 'd|' and RowKey lt 'd}'")):
            table.delete_entity(row)


def test_from_timer_to_people(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)

    done = _look(worker, *PLANNERS)
    assert _told(done, "pass ended", "outcome") == ["clear"] * 4
    assert (boxed.cards, boxed.box.events) == ([], [])

    boxed.tenant.unassign_roles(READER)
    boxed.break_down("teams", "status", status=500)
    done = _look(worker, "workspace_access")
    assert _told(done, "pass ended", "failing") == ["teams"]
    assert _told(done, "delivered", "channel") == ["event_grid"]
    assert _told(done, "not delivered", "channel") == ["teams"]
    assert [event.type for event in boxed.box.events] == ["dawnwatch.finding.opened"]

    other = start_worker(boxed.settings)  # what waits is in the ledger, and any worker sends it
    waits = other.invoke("delivery", timer())
    assert _told([waits], "delivery ended", "waiting") == ["1"]
    boxed.mend()
    _forget_the_wait(boxed)
    sent = other.invoke("delivery", timer(past_due=True))
    assert [(told["sent"], told["waiting"], told["past_due"]) for told in sent.said("delivery ended")] == [
        ("1", "0", "True")
    ]
    assert boxed.cards == ["Dawnwatch: contoso: MALogAnalyticsReader has no role on law-contoso (1 error)"]

    worker.invoke("morning_report", timer())
    done = done_once(drain(other))
    assert _told(done, "reported", "target") == ["contoso"]
    assert boxed.cards[1:] == ["Dawnwatch, this morning: contoso: 1 open finding"]

    boxed.tenant.assign_role(READER, "Log Analytics Reader")
    done = _look(worker, "workspace_access")
    assert _told(done, "delivered", "channel") == ["event_grid", "teams"]
    assert [event.type for event in boxed.box.events[1:]] == ["dawnwatch.finding.resolved"]
    (target,) = json.loads(other.invoke("status", http("GET", "/api/status")).body)["targets"]
    assert (target["outcome"], target["findings"], target["deliveries"]) == ("clear", [], [])

    ids = [event.id for event in boxed.box.events]
    assert len(ids) == len(set(ids))
    assert boxed.storage.count(PASSES) == 0
    _assert_discreet(boxed, worker, other)


def _assert_discreet(boxed: Boxed, *workers: Worker) -> None:
    """No secret is in any line of the log, and no line of a library's that would print an address with one."""
    for worker in workers:
        said = [f"{log.message} {log.fields}" for log in worker.logs]
        assert_no_secret(boxed.box, *said)
        assert not [line for line in said if "sig=" in line or "Bearer" in line]
        loggers = {log.category for log in worker.logs}
        assert {name for name in loggers if not name.startswith(("azure.functions", "azure_functions"))} == {
            "dawnwatch"
        }
