"""The app as the worker finds it: every function with its trigger, whatever is wrong with the settings."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.app_settings import SCHEDULES
from tests.config_texts import a_target
from tests.worker.conftest import StartWorker
from tests.worker.triggers import Trigger, http, queue_message, timer
from tests.worker.worker import APP, Worker

TIMERS = {
    "workspace_access": "WORKSPACE_ACCESS_SCHEDULE",
    "app_registrations": "APP_REGISTRATIONS_SCHEDULE",
    "snapshot_currency": "SNAPSHOT_CURRENCY_SCHEDULE",
    "snapshot_currency_hourly": "SNAPSHOT_CURRENCY_HOURLY_SCHEDULE",
    "service_health": "SERVICE_HEALTH_SCHEDULE",
    "delivery": "DELIVERY_SCHEDULE",
    "morning_report": "MORNING_REPORT_SCHEDULE",
}
QUEUES = {"passes": "dawnwatch-passes", "passes_poison": "dawnwatch-passes-poison"}
ROUTES = {
    "health": ("GET", "ANONYMOUS"),
    "status": ("GET", "FUNCTION"),
    "check": ("POST", "FUNCTION"),
    "doctor": ("GET", "FUNCTION"),
}
A_PASS = '{"target": "contoso", "check": "workspace-access", "planned_at": "2126-11-25T02:00:00Z"}'


def _timer(setting: str) -> dict[str, object]:
    told = {"direction": "IN", "type": "timerTrigger", "name": "timer", "schedule": f"%{setting}%"}
    return {**told, "runOnStartup": False, "useMonitor": True}


def _queue(name: str) -> dict[str, object]:
    told = {"direction": "IN", "type": "queueTrigger", "name": "message", "queueName": name}
    return {**told, "connection": "AzureWebJobsStorage"}


def _route(name: str, method: str, level: str) -> dict[str, object]:
    told = {"direction": "IN", "type": "httpTrigger", "name": "req", "route": name}
    return {**told, "methods": [method], "authLevel": level}


ANSWER: Mapping[str, object] = {"direction": "OUT", "type": "http", "name": "$return"}
FUNCTIONS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    **{name: (_timer(setting),) for name, setting in TIMERS.items()},
    **{name: (_queue(queue),) for name, queue in QUEUES.items()},
    **{name: (_route(name, *told), ANSWER) for name, told in ROUTES.items()},
}


def test_every_function_has_its_trigger_and_no_other_is_there(start_worker: StartWorker) -> None:
    worker = start_worker()
    assert {function.name: function.bindings for function in worker.functions.values()} == FUNCTIONS


def test_every_schedule_that_a_timer_names_is_a_documented_setting() -> None:
    assert sorted(TIMERS.values()) == sorted(setting.name for setting in SCHEDULES)


def test_the_bundle_is_the_fourth() -> None:
    bundle = json.loads((APP / "host.json").read_text(encoding="utf-8"))["extensionBundle"]
    assert bundle == {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}


# --- whatever is wrong with the settings ---

A_CONFIG = {"DAWNWATCH_CONFIG_TOML": a_target()}
NO_FILE = "there is no such file"
TROUBLES = {
    "nothing is set": ({}, NO_FILE),
    "the file is not there": ({"DAWNWATCH_CONFIG": "nowhere.toml"}, NO_FILE),
    "two sources": ({"DAWNWATCH_CONFIG": "a.toml", "DAWNWATCH_CONFIG_TOML": "a = 1"}, "DAWNWATCH_CONFIG_TOML"),
    "no TOML": ({"DAWNWATCH_CONFIG_TOML": "[[target"}, "is not TOML"),
    "many mistakes": ({"DAWNWATCH_CONFIG_TOML": '[[target]]\nname = "A b"\ncolour = "red"\n'}, "colour"),
    "a limit is no number": ({**A_CONFIG, "DAWNWATCH_LIMITS_PATIENCE_S": "soon"}, "DAWNWATCH_LIMITS_PATIENCE_S"),
    "a setting is misspelled": ({**A_CONFIG, "DAWNWATCH_LIMITS_PATIENCE": "9"}, "DAWNWATCH_LIMITS_PATIENCE"),
}
STORAGE_TROUBLES = {
    "no storage": ({}, "AzureWebJobsStorage"),
    "the storage is no connection string": ({"AzureWebJobsStorage": "nonsense"}, "AzureWebJobsStorage"),
    "the ledger is nowhere": ({"DAWNWATCH_LEDGER": "Elsewhere"}, "Elsewhere"),
}


def _trigger(worker: Worker, name: str) -> Trigger:
    kind = worker.functions[name].trigger["type"]
    if kind == "httpTrigger":
        return http(ROUTES[name][0], f"/api/{name}")
    return timer() if kind == "timerTrigger" else queue_message(A_PASS)


@pytest.mark.parametrize(("settings", "said"), TROUBLES.values(), ids=TROUBLES.keys())
def test_with_a_broken_configuration_every_function_is_there_and_says_the_same(
    start_worker: StartWorker, settings: Mapping[str, str], said: str
) -> None:
    worker = start_worker(settings)
    assert worker.functions.keys() == FUNCTIONS.keys()
    mistakes = set()
    for name in FUNCTIONS.keys() - {"health", "doctor"}:
        done = worker.invoke(name, _trigger(worker, name))
        if name in ROUTES:
            assert done.status == 503
            assert said not in done.body.decode()
        else:
            assert not done.succeeded
            assert said in done.error
        mistakes |= {fields["mistakes"] for fields in done.said("not configured")}
        assert len(done.loud) == 1
    assert len(mistakes) == 1
    assert said in mistakes.pop()
    examined = worker.invoke("doctor", http("GET", "/api/doctor"))
    assert examined.status == 200
    assert said in json.loads(examined.body.decode())["points"][0]["detail"]
    assert worker.invoke("health", http("GET", "/api/health")).status == 200


@pytest.mark.parametrize(("settings", "said"), STORAGE_TROUBLES.values(), ids=STORAGE_TROUBLES.keys())
def test_without_storage_every_function_is_there_and_names_the_setting(
    start_worker: StartWorker, settings: Mapping[str, str], said: str
) -> None:
    worker = start_worker({**A_CONFIG, **settings})
    assert worker.functions.keys() == FUNCTIONS.keys()
    for name in FUNCTIONS.keys() - {"health", "doctor"}:
        done = worker.invoke(name, _trigger(worker, name))
        if name in ROUTES:
            assert done.status == 503
            assert any(said in fields["reason"] for fields in done.said("not answered"))
        else:
            assert not done.succeeded
            assert said in done.error
    assert worker.invoke("health", http("GET", "/api/health")).status == 200


def test_the_app_needs_nothing_of_the_folder_that_it_is_started_in(start_worker: StartWorker, tmp_path: Path) -> None:
    (tmp_path / "dawnwatch.toml").write_text("[limits\n", encoding="utf-8")
    assert start_worker({"PWD": str(tmp_path)}).functions.keys() == FUNCTIONS.keys()
