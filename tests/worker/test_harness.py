"""The harness on small apps: what the worker is told reaches the function, and what the function does comes back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.worker.conftest import StartWorker
from tests.worker.messages import Retry
from tests.worker.process import WorkerDiedError
from tests.worker.results import Invocation
from tests.worker.triggers import http, queue_message, timer
from tests.worker.worker import APP, IndexingError, Worker

APPS = Path(__file__).parent / "apps"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def echo(start_worker: StartWorker) -> Worker:
    return start_worker({"ECHO_SETTING": "of this worker"}, APPS / "echo")


def _mirrored(done: Invocation) -> dict[str, Any]:
    assert (done.succeeded, done.status, done.error) == (True, 200, "")
    told: dict[str, Any] = json.loads(done.body)
    return told


def test_an_http_request_reaches_the_function_whole(echo: Worker) -> None:
    request = http(
        "POST",
        "/api/mirror/ada",
        headers={"Content-Type": "application/json"},
        query={"q": "7", "empty": ""},
        params={"name": "ada"},
        body=b'{"a": 1}',
    )
    done = echo.invoke("mirror", request, trace_parent=TRACE)
    told = _mirrored(done)
    assert told.pop("environment")
    assert told == {
        "method": "POST",
        "url": "https://dawnwatch.azurewebsites.net/api/mirror/ada?q=7&empty=",
        "headers": {"content-type": "application/json"},
        "query": {"q": "7"},
        "name": "ada",
        "body": '{"a": 1}',
        "trace": TRACE,
        "setting": "of this worker",
        "folder": str(APPS / "echo"),
    }
    assert done.http.headers == {"content-type": "application/json", "Cache-Control": "no-store"}
    assert done.took_s > 0


def test_a_worker_knows_its_own_settings_and_nothing_of_this_process(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "of this process")
    other = start_worker({"ECHO_SETTING": "of the other"}, APPS / "echo")
    told = _mirrored(other.invoke("mirror", http("GET", "/api/mirror/bob", params={"name": "bob"})))
    assert told["setting"] == "of the other"
    assert "AZURE_CLIENT_SECRET" not in told["environment"]
    assert told["body"] == ""


@pytest.mark.parametrize("past_due", [False, True])
def test_a_timer_says_whether_it_is_late_and_which_attempt_it_is(echo: Worker, *, past_due: bool) -> None:
    done = echo.invoke("tick", timer(past_due=past_due), retry=Retry(retry_count=2, max_retry_count=3))
    assert done.succeeded
    assert done.said("ticked") == [{"past_due": str(past_due), "retries": "2"}]


def test_a_failure_says_what_went_wrong_and_where(echo: Worker) -> None:
    done = echo.invoke("echo", queue_message("fail now"))
    assert (done.succeeded, done.error) == (False, "ValueError: fail now")
    assert "function_app.py" in done.stack


def test_functions_run_beside_each_other_and_each_has_its_own_log(echo: Worker) -> None:
    waiting = [echo.start("wait", http("GET", "/api/wait")) for _ in range(3)]
    met = echo.invoke("meet", http("GET", "/api/meet"))
    for done in [met, *(future.result(10) for future in waiting)]:
        assert done.body == b"met"
        assert [log.message for log in done.logs if log.category == "function_app"] == [
            "meeting" if done is met else "waiting"
        ]
    assert {log.invocation_id for log in met.logs}.isdisjoint(
        log.invocation_id for future in waiting for log in future.result().logs
    )


def test_only_this_machine_is_called(echo: Worker) -> None:
    done = echo.invoke("call", http("GET", "/api/call", query={"host": "203.0.113.7"}))
    assert not done.succeeded
    assert done.error == "ConnectionRefusedError: only this machine may be called from a test, not 203.0.113.7"


def test_a_worker_that_dies_says_so_to_all_that_wait(echo: Worker) -> None:
    waiting = echo.start("wait", http("GET", "/api/wait"))
    with pytest.raises(WorkerDiedError, match="status 7"):
        echo.invoke("leave", http("GET", "/api/leave"))
    with pytest.raises(WorkerDiedError, match="status 7"):
        waiting.result(10)
    with pytest.raises(WorkerDiedError):
        echo.invoke("tick", timer())


def test_an_app_that_cannot_be_indexed_is_refused_and_says_why(start_worker: StartWorker) -> None:
    with pytest.raises(IndexingError, match=r"cannot load the tick function: .*'timr'"):
        start_worker(app=APPS / "wrong_argument")


def test_an_app_whose_import_fails_is_refused_and_says_why(start_worker: StartWorker, tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text("import no_such_module\n", encoding="utf-8")
    with pytest.raises(IndexingError, match="no_such_module"):
        start_worker(app=tmp_path)


def test_two_apps_run_at_once(start_worker: StartWorker) -> None:
    ours, theirs = start_worker(), start_worker(app=APPS / "one_timer")
    assert (ours.app, sorted(theirs.functions)) == (APP, ["tick"])
    assert "health" in ours.functions
    assert theirs.invoke("tick", timer()).succeeded
