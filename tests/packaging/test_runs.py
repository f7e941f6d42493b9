"""The app runs from the unpacked package, with nothing else but Python: every check, the ledger, telling, telemetry."""

import json
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
import trustme

from sandbox import Sandbox, load_tenant
from tests.azurite import Azurite
from tests.packaging.conftest import Built
from tests.packaging.listener import Listener, listen
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
    telemetry: Listener
    output: str


@pytest.fixture(scope="module")
def ran(built: Built, azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Run the app once, in a process that sees the package and Python's own library."""
    tenant = load_tenant("contoso")
    tenant.unassign_roles("MALogAnalyticsReader")
    folder = tmp_path_factory.mktemp("proofs")
    with Sandbox(tenant) as box, listen() as telemetry:
        asked = {
            "package": str(built.folder),
            "now": box.now.isoformat(),
            "authority": box.url,
            "pem": _certificate(),
            "proof": _proof(folder, tenant.monitor.client_id),
            "imports": imports_of(built.tree),
            "must_not_import": [*LEFT_OUT, *NEVER_IN],
        }
        config = box.cloud_toml() + box.targets_toml().replace('"contoso"', '"packaged"')
        environ = {
            **box.environment,
            "DAWNWATCH_CONFIG_TOML": f'{config}{EXPECTED}topic = "{box.topic_url}"\n',
            "AzureWebJobsStorage": azurite.connection_string,
            "APPLICATIONINSIGHTS_CONNECTION_STRING": telemetry.connection_string,
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
            "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "azure_functions",
            "IDENTITY_ENDPOINT": f"{box.url}/msi/token",
            "IDENTITY_HEADER": "made up",
            "HOME": str(folder),
            "PATH": os.defpath,
        }
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", str(INSIDE)],
            input=json.dumps(asked),
            env=environ,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        yield Ran(json.loads(done.stdout), box, telemetry, done.stdout + done.stderr)


def _certificate() -> str:
    issued = trustme.CA().issue_cert("packaged", key_type=trustme.KeyType.RSA)
    return "".join(part.bytes().decode() for part in (issued.private_key_pem, *issued.cert_chain_pems))


def _proof(folder: Path, client_id: str) -> str:
    path = folder / "token"
    path.write_text(jwt.encode({"sub": client_id}, "0" * 32), encoding="utf-8")
    return str(path)


def test_the_app_is_indexed(ran: Ran) -> None:
    import function_app

    assert ran.said["functions"] == sorted(str(found.get_function_name()) for found in function_app.app.get_functions())


def test_every_check_reads_all_that_it_should(ran: Ran) -> None:
    checks: dict[str, list[int]] = ran.said["tour"]["checks"]
    assert sorted(checks) == ["app-registrations", "service-health", "snapshot-currency", "workspace-access"]
    assert all(read and not unread for read, unread in checks.values()), checks
    assert ran.said["tour"]["status"] == 1


def test_what_it_finds_is_told_on_both_channels(ran: Ran) -> None:
    assert ran.said["tour"]["told"] == 2
    (message,) = ran.box.teams_messages
    assert message.failed is None
    assert "MALogAnalyticsReader" in json.dumps(message.content)
    assert [event.type for event in ran.box.events] == ["dawnwatch.finding.opened"]


def test_a_queue_and_a_blob_carry_what_they_are_given(ran: Ran) -> None:
    assert ran.said["storage"] == ["a pass", "a configuration"]


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
    assert [fields["target"] for message, fields in ran.telemetry.messages() if message == "tour made"] == ["packaged"]


def test_telemetry_misses_no_module_that_it_looks_for(ran: Ran) -> None:
    assert "Exception occurred" not in ran.output  # it would only have logged it
    assert {"MessageData", "RemoteDependencyData"} <= {found["data"]["baseType"] for found in ran.telemetry.envelopes}


def test_no_secret_is_in_what_it_printed_or_sent(ran: Ran) -> None:
    assert ran.telemetry.envelopes
    assert_no_secret(ran.box, ran.output, json.dumps(ran.telemetry.envelopes))
