"""Examinations over real SDKs and TLS: all well, each fault by itself, missing rights, and time that runs out."""

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from sandbox import Fault
from sandbox.faults import parse_fault
from shared.app_settings import SCHEDULES
from shared.config import Limits, load_settings
from shared.doctor import Outcome, Verdict, doctor_json, examine, misconfigured
from shared.doctor.diagnosis import exit_status
from shared.doctor.examine import Where
from shared.doctor.target import examine_target
from shared.errors import ConfigError, Mistake
from shared.expectations import Identity
from shared.gather.connections import Connections
from tests.azurite import Azurite
from tests.doctor.examining import WHOLE, examined, settings_of
from tests.doctor.schema import DOCTOR
from tests.watching import HURRIED, Watching

READER, DATA_READER = "Reader on law-contoso", "Log Analytics Data Reader on law-contoso"
APPS, HEALTH = "Application.Read.All (Microsoft Graph)", "ServiceHealth.Read.All (Microsoft Graph)"
WORKSPACE, TABLES = "the workspace law-contoso", "the tables of Desktop Analytics"
TOKENS = [
    f"a token for {name}" for name in ("Microsoft Graph", "Azure Resource Manager", "the Log Analytics query API")
]
WEBHOOK, TOPIC = "the Teams webhook", "the Event Grid topic"
APP = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=1",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "Authorization=AAD",
    **{setting.name: setting.usual or "" for setting in SCHEDULES},
}
UNREAD_WORKSPACE = {
    READER: Verdict.UNKNOWN,
    DATA_READER: Verdict.UNKNOWN,
    WORKSPACE: Verdict.UNKNOWN,
    TABLES: Verdict.UNKNOWN,
}


def test_a_tenant_in_which_all_is_well(watching: Watching, tmp_path: Path) -> None:
    watch = watching(expected=WHOLE)
    found = examined(watch, tmp_path)
    assert found.not_ok() == {}
    assert (found.diagnosis.outcome, exit_status(found.diagnosis)) == (Outcome.OK, 0)
    monitor, tenant = watch.tenant.monitor, watch.tenant.tenant_id
    assert found.points["who signs in"].detail == (
        f"The app {monitor.client_id} (object id {monitor.object_id}), in the tenant {tenant}."
    )
    assert found.points[READER].detail == "It works: it holds Log Analytics Reader."
    jsonschema.validate(json.loads(watch.said[-1]), DOCTOR)


def test_nothing_is_posted_and_nothing_is_written(watching: Watching, tmp_path: Path) -> None:
    watch = watching(expected=WHOLE)
    examined(watch, tmp_path)
    assert (watch.calls("teams"), watch.calls("event_grid")) == ([], [])
    assert {call.method for call in watch.box.requests if call.service in {"graph", "arm"}} == {"GET"}
    assert list(tmp_path.iterdir()) == []


def test_one_query_asks_for_all_tables(watching: Watching, tmp_path: Path) -> None:
    watch = watching(expected=WHOLE)
    examined(watch, tmp_path)
    assert len([path for path in watch.calls("logs") if watch.tenant.workspace.customer_id in path]) == 1


@pytest.mark.parametrize(
    ("fault", "not_ok"),
    [
        ("graph:forbidden", {APPS: Verdict.FAILED, HEALTH: Verdict.FAILED}),
        ("arm:forbidden", UNREAD_WORKSPACE | {READER: Verdict.FAILED}),
        ("logs:forbidden", {DATA_READER: Verdict.FAILED, "queries": Verdict.UNKNOWN, TABLES: Verdict.UNKNOWN}),
        (
            "graph:html",
            {APPS: Verdict.UNKNOWN, HEALTH: Verdict.UNKNOWN, "Microsoft Graph": Verdict.WARNING},
        ),
        (
            "logs:partial",
            {DATA_READER: Verdict.UNKNOWN, "queries": Verdict.UNKNOWN, TABLES: Verdict.UNKNOWN},
        ),
        ("graph:throttle:retry_after=3600", {APPS: Verdict.UNKNOWN, HEALTH: Verdict.UNKNOWN}),
        ("arm:throttle:retry_after=0.2:times=2", {}),
        ("graph:status:status=401", {APPS: Verdict.UNKNOWN, HEALTH: Verdict.UNKNOWN}),
        ("arm:reset", UNREAD_WORKSPACE | {"Azure Resource Manager": Verdict.FAILED}),
        ("arm:truncate", UNREAD_WORKSPACE),
        (
            "logs:status:status=503",
            {
                DATA_READER: Verdict.UNKNOWN,
                "queries": Verdict.UNKNOWN,
                TABLES: Verdict.UNKNOWN,
                "the Log Analytics query API": Verdict.WARNING,
            },
        ),
    ],
)
def test_each_fault_is_told_where_it_shows(
    watching: Watching, tmp_path: Path, fault: str, not_ok: dict[str, Verdict]
) -> None:
    watch = watching(expected=WHOLE, limits=HURRIED)
    watch.break_down(parse_fault(fault))
    found = examined(watch, tmp_path)
    assert found.not_ok() == not_ok
    assert "Traceback" not in watch.said[-1]
    assert "Our services are busy" not in watch.said[-1]


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault(service="entra", kind="status", status=400), Verdict.FAILED),
        (Fault(service="entra", kind="status", status=503, path_contains="token"), Verdict.UNKNOWN),
        (Fault(service="entra", kind="reset", path_contains="token"), Verdict.UNKNOWN),
        (Fault(service="entra", kind="html", path_contains="token"), Verdict.UNKNOWN),
        (Fault(service="entra", kind="hang", path_contains="token"), Verdict.UNKNOWN),
    ],
)
def test_without_a_token_nothing_of_the_target_is_green(
    watching: Watching, tmp_path: Path, fault: Fault, verdict: Verdict
) -> None:
    watch = watching(expected=WHOLE, limits=HURRIED)
    watch.break_down(fault)
    found = examined(watch, tmp_path)
    assert {found.points[token].verdict for token in TOKENS} == {verdict}
    assert Verdict.OK not in {point.verdict for point in found.diagnosis.targets[0].points}
    assert found.diagnosis.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("wrong", "said"), [("client_secret", "AADSTS7000215"), ("client_id", "AADSTS700016")])
def test_an_identity_that_is_not_accepted_has_failed(watching: Watching, tmp_path: Path, wrong: str, said: str) -> None:
    watch = watching(expected=WHOLE)
    setattr(watch.tenant.monitor, wrong, "00000000-0000-4000-8000-00000000dead")
    found = examined(watch, tmp_path)
    assert {found.points[token].verdict for token in TOKENS} == {Verdict.FAILED}
    assert said in found.points[TOKENS[0]].detail
    assert "its secret or certificate" in found.points[TOKENS[0]].detail


@pytest.mark.parametrize(
    ("roles", "not_ok"),
    [
        (["Application.Read.All"], {HEALTH: Verdict.FAILED}),
        (["ServiceHealth.Read.All"], {APPS: Verdict.FAILED}),
        (["Directory.Read.All", "ServiceHealth.Read.All"], {}),
        ([], {APPS: Verdict.FAILED, HEALTH: Verdict.FAILED}),
    ],
)
def test_a_permission_that_is_missing_comes_with_what_grants_it(
    watching: Watching, tmp_path: Path, roles: list[str], not_ok: dict[str, Verdict]
) -> None:
    watch = watching(expected=WHOLE)
    watch.tenant.monitor.app_roles[:] = roles
    found = examined(watch, tmp_path)
    assert found.not_ok() == not_ok
    assert exit_status(found.diagnosis) == (1 if not_ok else 0)
    for what in not_ok:
        commands = found.points[what].commands
        assert [command.split()[0] for command in commands] == ["dawnwatch", "az", "Connect-MgGraph"]
        assert all(watch.tenant.monitor.object_id in command for command in commands)


def test_service_health_is_examined_only_where_a_service_is_named(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    watch.tenant.monitor.app_roles[:] = ["Application.Read.All"]
    found = examined(watch, tmp_path)
    assert found.not_ok() == {}
    assert HEALTH not in found.points


def test_a_workspace_that_is_not_there_is_told_once_and_its_tables_are_unknown(
    watching: Watching, tmp_path: Path
) -> None:
    watch = watching(expected=WHOLE)
    watch.tenant.workspace.exists = False
    found = examined(watch, tmp_path)
    assert found.not_ok() == UNREAD_WORKSPACE | {WORKSPACE: Verdict.FAILED}
    assert "check workspace_id" in found.points[WORKSPACE].detail


def test_a_workspace_that_answers_private_networks_only_is_no_matter_of_rights(
    watching: Watching, tmp_path: Path
) -> None:
    watch = watching(expected=WHOLE)
    watch.tenant.workspace.query_access = "Disabled"
    found = examined(watch, tmp_path)
    assert found.not_ok() == {"queries": Verdict.FAILED, DATA_READER: Verdict.UNKNOWN, TABLES: Verdict.UNKNOWN}


def test_a_table_that_is_missing_and_one_that_is_empty_are_told_apart(watching: Watching, tmp_path: Path) -> None:
    watch = watching(expected=WHOLE)
    tables = watch.tenant.tables
    tables[:] = [table for table in tables if table.name != "MADevice"]
    watch.tenant.table("MAApplication").snapshots.clear()
    found = examined(watch, tmp_path)
    assert found.not_ok() == {TABLES: Verdict.FAILED}
    assert "MADevice: not in the workspace. MAApplication: there, and empty." in found.points[TABLES].detail


@pytest.mark.parametrize(
    ("ahead_s", "verdict"),
    [(-400, Verdict.FAILED), (400, Verdict.FAILED), (100, Verdict.WARNING), (30, Verdict.OK)],
)
def test_this_machines_clock_is_held_against_the_servers(
    watching: Watching, tmp_path: Path, ahead_s: float, verdict: Verdict
) -> None:
    found = examined(watching(), tmp_path, now=datetime.now(UTC) + timedelta(seconds=ahead_s))
    assert found.points["the clock"].verdict is verdict


def test_one_server_with_another_time_is_named(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    watch.break_down(Fault(service="arm", kind="skew", seconds=900))
    point = examined(watch, tmp_path).points["the clock"]
    assert point.verdict is Verdict.WARNING
    assert "Azure Resource Manager (" in point.detail
    assert "s ahead)" in point.detail


def test_a_test_is_posted_when_that_is_asked_for(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    found = examined(watch, tmp_path, post=True)
    assert found.not_ok() == {}
    assert (len(watch.box.teams_messages), len(watch.box.events)) == (1, 1)
    assert found.points[f"a test to {WEBHOOK}"].detail == "It was taken. See that it has arrived."


def test_a_test_that_is_not_taken_is_told(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    watch.break_down(Fault(service="teams", kind="throttle"), Fault(service="event_grid", kind="forbidden"))
    found = examined(watch, tmp_path, post=True)
    assert found.not_ok() == {f"a test to {WEBHOOK}": Verdict.UNKNOWN, f"a test to {TOPIC}": Verdict.FAILED}
    own, az = found.points[f"a test to {TOPIC}"].commands
    assert own.startswith(f"dawnwatch grant --identity {watch.tenant.monitor.object_id} --topic ")
    assert "EventGrid Data Sender" in az


def test_a_webhook_that_is_missing_has_failed(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    environ = {name: value for name, value in watch.box.environment.items() if "WEBHOOK" not in name}
    assert examined(watch, tmp_path, environ=environ).not_ok() == {WEBHOOK: Verdict.FAILED}


def test_an_app_in_azure_is_examined_with_its_settings_and_its_storage(
    watching: Watching, tmp_path: Path, azurite: Azurite
) -> None:
    watch = watching(expected=WHOLE)
    environ = {**watch.box.environment, **APP, "AzureWebJobsStorage": azurite.connection_string}
    found = examined(watch, tmp_path, environ=environ, ledger=None)
    assert found.not_ok() == {}
    assert "dawnwatch" in found.points["the ledger"].detail
    assert {"app settings", "DELIVERY_SCHEDULE", "the morning report"} <= found.points.keys()


def test_an_app_that_tells_nobody_is_warned(watching: Watching, tmp_path: Path) -> None:
    watch = watching()
    settings = load_settings(None, {"DAWNWATCH_CONFIG_TOML": watch.config})
    diagnosis = asyncio.run(examine(settings, (), APP, datetime.now(UTC), where=Where(str(tmp_path / "l.db"))))
    (point,) = [point for point in diagnosis.points if point.what == "channels"]
    assert point.verdict is Verdict.WARNING
    assert "nobody is told" in point.detail


def test_an_identity_whose_secret_is_not_there_has_failed(watching: Watching) -> None:
    watch = watching()
    settings = settings_of(watch)
    identity = Identity(client_id=watch.tenant.monitor.client_id, secret_variable="FABRIKAM_SECRET")
    target = replace(settings.targets[0], identity=identity)
    diagnosis = asyncio.run(examine(settings, [target], watch.box.environment, datetime.now(UTC)))
    (point,) = diagnosis.targets[0].points
    assert (point.what, point.verdict) == ("who signs in", Verdict.FAILED)
    assert "FABRIKAM_SECRET" in point.detail


def test_an_identity_of_the_targets_own_is_said_to_be_that(watching: Watching) -> None:
    watch = watching()
    settings = settings_of(watch)
    monitor = watch.tenant.monitor
    identity = Identity(client_id=monitor.client_id, secret_variable="FABRIKAM_SECRET")
    target = replace(settings.targets[0], identity=identity)
    environ = {**watch.box.environment, "FABRIKAM_SECRET": monitor.client_secret}
    diagnosis = asyncio.run(examine(settings, [target], environ, datetime.now(UTC)))
    assert {point.verdict for point in diagnosis.targets[0].points} == {Verdict.OK}
    assert "as [target.identity] names it" in diagnosis.targets[0].points[0].detail


def test_behind_a_proxy_that_does_not_answer_nothing_is_green(
    watching: Watching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching(limits=HURRIED)
    watch.was_broken = True
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    found = examined(watch, tmp_path)
    assert {point.verdict for point in found.diagnosis.targets[0].points} == {Verdict.UNKNOWN}
    assert (found.points[WEBHOOK].verdict, found.points[TOPIC].verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert found.points["Microsoft Graph"].verdict is Verdict.FAILED
    assert "through the proxy" in found.points["Microsoft Graph"].detail
    assert found.points["the clock"].verdict is Verdict.UNKNOWN


def test_a_bundle_that_is_not_there_is_told(
    watching: Watching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    found = examined(watch, tmp_path)
    assert found.points["TLS trust"].verdict is Verdict.FAILED
    assert found.points["who signs in"].verdict is Verdict.FAILED


async def test_a_target_that_takes_too_long_is_left_and_what_came_is_told(watching: Watching) -> None:
    watch = watching(expected=WHOLE)
    watch.break_down(Fault(service="arm", kind="hang"))
    settings = settings_of(watch)
    started_s = time.monotonic()
    async with Connections(settings.cloud, watch.box.environment) as connections:
        points = await examine_target(connections, Limits(), settings.targets[0], datetime.now(UTC), 3)
    assert time.monotonic() - started_s < 6
    verdicts = {point.what: point.verdict for point in points}
    assert verdicts[APPS] is Verdict.OK
    assert verdicts["the whole of it"] is Verdict.UNKNOWN
    assert WORKSPACE not in verdicts


def test_more_targets_than_one_call_takes_are_said_to_be_unknown(watching: Watching) -> None:
    watch = watching()
    settings = settings_of(watch)
    three = [settings.targets[0]] * 3
    examining = examine(settings, three, watch.box.environment, datetime.now(UTC), at_most=2)
    diagnosis = asyncio.run(examining)
    assert len(diagnosis.targets) == 2
    (left_out,) = [point for point in diagnosis.points if point.what == "targets"]
    assert left_out.verdict is Verdict.UNKNOWN
    assert left_out.detail.startswith("1 more were not examined, from contoso on")


def test_a_configuration_with_mistakes_is_a_finding_of_its_own() -> None:
    error = ConfigError([Mistake("dawnwatch.toml", "target[0].name", "is missing"), Mistake("x.toml", "", "is none")])
    diagnosis = misconfigured(error, {}, datetime.now(UTC))
    failed = [point for point in diagnosis.points if point.verdict is Verdict.FAILED]
    assert [(point.what, point.detail) for point in failed] == [
        ("target[0].name", "dawnwatch.toml: target[0].name: is missing"),
        ("x.toml", "x.toml: is none"),
    ]
    assert diagnosis.outcome is Outcome.WRONG
    assert '"targets": []' in doctor_json(diagnosis)
