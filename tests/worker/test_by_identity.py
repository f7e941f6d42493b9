"""The app as it is deployed: storage over TLS, everything signed in to as a managed identity, and no secret at all."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from tests.azurite import Azurite
from tests.worker.boxed import READER, Boxed
from tests.worker.conftest import StartWorker
from tests.worker.test_passes import done_once, drain
from tests.worker.triggers import http, timer

SECRETS = ("AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "DAWNWATCH_TEAMS_WEBHOOK_URL", "AzureWebJobsStorage")


@pytest.fixture
def trusted(tls_azurite: tuple[Azurite, str], boxed: Boxed, tmp_path: Path) -> str:
    """Name a file with both authorities: the storage account's, and the box's."""
    path = tmp_path / "trusted.pem"
    path.write_bytes(Path(tls_azurite[1]).read_bytes() + Path(boxed.box.ca_path).read_bytes())
    return str(path)


def _settings(boxed: Boxed, azurite: Azurite, trusted: str) -> Mapping[str, str]:
    left = {name: value for name, value in boxed.settings.items() if name not in SECRETS}
    identity = {"IDENTITY_ENDPOINT": f"{boxed.box.url}/msi/token", "IDENTITY_HEADER": "x"}
    storage = {
        "AzureWebJobsStorage__queueServiceUri": azurite.endpoint("Queue"),
        "AzureWebJobsStorage__tableServiceUri": azurite.endpoint("Table"),
        "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": boxed.tenant.monitor.client_id,
    }
    return left | identity | storage | {"SSL_CERT_FILE": trusted, "REQUESTS_CA_BUNDLE": trusted}


def test_from_timer_to_event_grid_as_a_managed_identity(
    start_worker: StartWorker, boxed: Boxed, tls_azurite: tuple[Azurite, str], trusted: str
) -> None:
    azurite, _ = tls_azurite
    with TableServiceClient.from_connection_string(azurite.connection_string, connection_verify=trusted) as tables:
        tables.delete_table("dawnwatch")  # what other tests have left in the account
    worker = start_worker(_settings(boxed, azurite, trusted))
    boxed.tenant.unassign_roles(READER)
    planned = worker.invoke("workspace_access", timer())
    assert (planned.succeeded, planned.error) == (True, "")
    with QueueServiceClient.from_connection_string(azurite.connection_string, connection_verify=trusted) as account:
        (done,) = done_once(drain(worker, account=account))
    assert [(told["outcome"], told["failing"]) for told in done.said("pass ended")] == [("findings", "teams")]
    assert [event.type for event in boxed.box.events] == ["dawnwatch.finding.opened"]
    delivered = worker.invoke("delivery", timer())
    assert [told["poison_messages"] for told in delivered.said("delivery ended")] == ["0"]
    (target,) = json.loads(worker.invoke("status", http("GET", "/api/status")).body)["targets"]
    assert [finding["id"] for finding in target["findings"]] == ["access.role_missing"]
