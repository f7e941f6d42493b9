"""The app runs from the unpacked package with nothing else but Python: its functions, ledger, channels, telemetry."""

import json
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import trustme

from sandbox import Sandbox, load_tenant
from tests.azurite import start
from tests.ingestion import QUIET, Ingestion, take_in
from tests.packaging.conftest import Built
from tests.watching import DESKTOP_ANALYTICS, assert_no_secret
from tools.packaging.imports import imports_of

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the package is for Linux on x86_64"
)

INSIDE = Path(__file__).with_name("inside.py")
EXPECTED = f"""{DESKTOP_ANALYTICS.replace("profiles", 'credentials = "all"\nprofiles')}
[[target.service]]
name = "Microsoft Intune"
[notify.teams]
min_severity = "warning"
[notify.event_grid]
"""
LEFT_OUT = (
    *("rich", "pygments", "markdown_it", "shared.cli", "shared.formats.table"),
    *("msgraph.generated.models", "msgraph.generated.applications", "azure.mgmt.authorization.v2018_05_01_preview"),
)
NEVER_IN = ("pytest", "sandbox", "tests", "trustme", "duckdb", "pip")


@dataclass(frozen=True, slots=True)
class Ran:
    """What the app did, and what came of it outside."""

    said: dict[str, Any]
    box: Sandbox
    telemetry: Ingestion
    output: str


@pytest.fixture(scope="module")
def ran(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Run the app once, in a process that sees the package and Python's own library."""
    folder = tmp_path_factory.mktemp("run")
    tenant = load_tenant("contoso")
    tenant.unassign_roles("MALogAnalyticsReader")
    with (
        contextmanager(start)(folder) as azurite,
        Sandbox(tenant, now=datetime.now(UTC)) as box,
        take_in() as telemetry,
    ):
        asked = {
            "package": str(built.folder),
            "authority": box.url,
            "pem": _certificate(),
            "proof": _proof(folder, tenant.monitor.client_id),
            "imports": imports_of(built.tree),
            "must_not_import": [*LEFT_OUT, *NEVER_IN],
        }
        settings = {
            "AzureWebJobsStorage": azurite.connection_string,
            "APPLICATIONINSIGHTS_CONNECTION_STRING": telemetry.connection_string,
            "PYTHON_ENABLE_OPENTELEMETRY": "true",
            "DAWNWATCH_CONFIG_TOML": f'{box.cloud_toml()}{box.targets_toml()}{EXPECTED}topic = "{box.topic_url}"\n',
            "IDENTITY_ENDPOINT": f"{box.url}/msi/token",
            "IDENTITY_HEADER": "made up",
        }
        done = _run(asked, {**QUIET, **box.environment, **settings, "HOME": str(folder), "PATH": os.defpath})
        assert done.returncode == 0, done.stderr[-4000:]
        yield Ran(json.loads(done.stdout), box, telemetry, done.stdout + done.stderr)


def _run(asked: Mapping[str, object], environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(INSIDE)],
        input=json.dumps(asked),
        env=dict(environ),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def _certificate() -> str:
    issued = trustme.CA().issue_cert("packaged", key_type=trustme.KeyType.RSA)
    return "".join(part.bytes().decode() for part in (issued.private_key_pem, *issued.cert_chain_pems))


def _proof(folder: Path, client_id: str) -> str:
    path = folder / "token"
    path.write_text(jwt.encode({"sub": client_id}, "0" * 32), encoding="utf-8")
    return str(path)


def test_the_app_is_indexed(ran: Ran) -> None:
    import function_app

    assert ran.said["app"]["functions"] == sorted(str(f.get_function_name()) for f in function_app.app.get_functions())


def test_every_check_is_planned_and_reads_all_that_it_should(ran: Ran) -> None:
    assert ran.said["app"]["performed"] >= 4  # more where a snapshot is planned twice, or the morning report is due
    (target,) = json.loads(ran.said["app"]["answers"]["status"][1])["targets"]
    checks = {check["check"]: check["read_everything_at"] for check in target["checks"]}
    assert {"app-registrations", "service-health", "snapshot-currency", "workspace-access"} <= checks.keys()
    assert all(checks.values()), checks


def test_what_it_finds_is_told_on_both_channels(ran: Ran) -> None:
    assert [message.failed for message in ran.box.teams_messages if message.failed] == []
    assert "MALogAnalyticsReader" in json.dumps([message.content for message in ran.box.teams_messages])
    assert "dawnwatch.finding.opened" in {event.type for event in ran.box.events}


def test_every_question_by_http_is_answered(ran: Ran) -> None:
    statuses = {name: status for name, (status, _) in ran.said["app"]["answers"].items()}
    assert statuses == {**dict.fromkeys(statuses, 200), "check": 202}


def test_a_blob_carries_what_it_is_given(ran: Ran) -> None:
    assert ran.said["blob"] == "a configuration"


def test_it_signs_in_in_every_way_that_a_deployed_app_may_be_given(ran: Ran) -> None:
    ways: dict[str, str] = ran.said["signed_in"]
    assert ways.pop("command line") == "CredentialUnavailableError"
    assert ways == dict.fromkeys(ways, "a token")
    assert len(ways) == 6


def test_every_operation_of_the_client_that_lost_versions_is_still_there(ran: Ran) -> None:
    assert ran.said["groups"] > 40


def test_every_import_that_our_code_names_is_there(ran: Ran) -> None:
    assert ran.said["not_imported"] == {}


def test_nothing_that_was_left_out_or_stands_around_can_be_imported(ran: Ran) -> None:
    assert ran.said["imported_anyway"] == []


def test_every_module_came_from_the_package_or_from_python(ran: Ran, built: Built) -> None:
    homes = (str(built.folder), sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    files = {name: file for name, file in ran.said["modules"].items() if file and name != "__main__"}
    assert {name: file for name, file in files.items() if not file.startswith(homes)} == {}
    assert {
        name: file for name, file in files.items() if "site-packages" in file and ".python_packages" not in file
    } == {}


def test_the_log_goes_to_application_insights_with_its_fields(ran: Ran) -> None:
    told = [line["properties"] for line in ran.telemetry.lines if line["message"] == "pass ended"]
    assert {(fields["target"], fields["run"], fields["unread"]) for fields in told} == {("contoso", "a" * 32, "0")}
    assert len(told) >= 4


def test_no_secret_is_in_what_it_printed_or_sent(ran: Ran) -> None:
    assert ran.telemetry.envelopes
    assert_no_secret(ran.box, ran.output, json.dumps(ran.telemetry.envelopes))
