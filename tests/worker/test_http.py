"""What the app answers over HTTP on the real worker: what is asked for, strictly headed, and nothing to strangers."""

import json
from typing import Any

from shared.app.queue import PASSES
from shared.version import VERSION
from tests.azurite import Azurite
from tests.worker.boxed import READER, Boxed
from tests.worker.conftest import StartWorker
from tests.worker.results import Invocation
from tests.worker.storage import Storage
from tests.worker.test_passes import a_message, done_once, drain
from tests.worker.triggers import http
from tests.worker.worker import Worker

HEADERS = {
    "content-type": "application/json",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
RUN = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{RUN}-b7ad6b7169203331-01"
BAD_QUERIES = (
    ({"target": "fabrikam"}, 404),
    ({"target": "contoso,fabrikam"}, 404),
    ({"limit": "0"}, 400),
    ({"limit": "a hundred"}, 400),
    ({"limit": "101"}, 400),
)
BAD_BODIES = (
    (b"contoso", 400),
    (b"[]", 400),
    (b'{"target": 7}', 400),
    (b'{"targets": ["contoso"]}', 400),
    (b'{"target": "fabrikam"}', 404),
    (b'{"check": "everything"}', 400),
    (b"\xff\xfe", 400),
    (b'{"target": "' + b"x" * 20_000 + b'"}', 413),
)


def _told(done: Invocation, status: int, **more: str) -> dict[str, Any]:
    """Read an answer that has this status, the strict headers, and nothing that a page could run."""
    assert (done.succeeded, done.status) == (True, status)
    assert done.http.headers == HEADERS | more
    told: dict[str, Any] = json.loads(done.body)
    assert done.body.isascii()
    return told


def _get(worker: Worker, **query: str) -> Invocation:
    return worker.invoke("status", http("GET", "/api/status", query=query))


def _post(worker: Worker, body: bytes = b"") -> Invocation:
    return worker.invoke("check", http("POST", "/api/check", body=body), trace_parent=TRACE)


def test_health_says_that_it_is_alive_and_nothing_else(start_worker: StartWorker) -> None:
    done = start_worker().invoke("health", http("GET", "/api/health", query={"name": "ada"}))
    assert _told(done, 200) == {"status": "alive", "version": VERSION}


def test_status_says_what_is_open_and_what_was_looked_at(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    (before,) = _told(_get(worker), 200)["targets"]
    assert (before["name"], before["outcome"], before["findings"]) == ("contoso", "unknown", [])
    boxed.tenant.unassign_roles(READER)
    boxed.storage.put(PASSES, a_message())
    done_once(drain(worker))
    (after,) = _told(_get(worker, target="contoso"), 200)["targets"]
    assert [finding["id"] for finding in after["findings"]] == ["access.role_missing"]
    assert [check["check"] for check in after["checks"] if check["read_everything_at"]] == ["workspace-access"]
    assert after["deliveries"] == []


def test_a_look_is_planned_and_run(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    where = "/api/status?target=contoso"
    told = _told(_post(worker, b'{"target": "contoso", "check": "service-health"}'), 202, Location=where)
    assert told == {"schema": "dawnwatch.planned/1", "run": RUN, "planned": 1, "status": where}
    (done,) = done_once(drain(worker))
    assert [(ended["check"], ended["run"]) for ended in done.said("pass ended")] == [("service-health", RUN)]
    assert _told(_post(worker), 202, Location="/api/status")["planned"] == 4
    assert boxed.storage.count(PASSES) == 4


def test_what_cannot_be_asked_for_is_refused_and_plans_nothing(start_worker: StartWorker, boxed: Boxed) -> None:
    worker = start_worker(boxed.settings)
    for query, status in BAD_QUERIES:
        assert _told(_get(worker, **query), status).keys() == {"error"}
    for body, status in BAD_BODIES:
        assert _told(_post(worker, body), status).keys() == {"error"}
    assert boxed.storage.count(PASSES) == 0


def test_the_doctor_examines_the_app_as_it_runs_and_posts_nothing(start_worker: StartWorker, boxed: Boxed) -> None:
    done = start_worker(boxed.settings).invoke("doctor", http("GET", "/api/doctor", query={"target": "contoso"}))
    told = _told(done, 200)
    (target,) = told["targets"]
    assert target["name"] == "contoso"
    assert {point["verdict"] for point in target["points"]} == {"ok"}
    assert {point["verdict"] for point in told["points"] if point["area"] == "ledger"} == {"ok"}
    assert (boxed.cards, boxed.box.events) == ([], [])
    assert not any(secret in done.body.decode() for secret in boxed.box.secrets)


def test_a_name_that_is_markup_comes_back_as_text(start_worker: StartWorker, boxed: Boxed) -> None:
    told = _told(_get(start_worker(boxed.settings), target="<script>alert(1)</script>\u202e"), 404)
    assert "\u202e" not in told["error"]


def test_an_outsider_learns_nothing_of_what_is_broken(
    start_worker: StartWorker, boxed: Boxed, own_azurite: Azurite
) -> None:
    worker = start_worker(boxed.settings | Storage(own_azurite.connection_string).settings)
    own_azurite.kill()
    done = _get(worker)
    told = _told(done, 503, **{"Retry-After": "60"})
    assert told == {"error": "What is asked for cannot be read now: the log has the cause."}
    (said,) = done.said("not answered")
    assert "127.0.0.1" in said["reason"]
