"""The SDKs that Dawnwatch uses, each against the box, as it is and unpatched."""

import ssl
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridPublisherClient
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.monitor.query import LogsQueryClient, LogsQueryPartialResult, LogsQueryResult

from sandbox import Fault
from tests.sandbox.conftest import SignedIn


@pytest.fixture
def credential(contoso: SignedIn) -> Iterator[ClientSecretCredential]:
    monitor = contoso.tenant.monitor
    with ClientSecretCredential(
        contoso.tenant.tenant_id,
        monitor.client_id,
        monitor.client_secret,
        authority=contoso.box.url,
        disable_instance_discovery=True,
        connection_verify=contoso.box.ca_path,
    ) as made:
        yield made


def test_identity_tells_of_a_wrong_secret(contoso: SignedIn) -> None:
    wrong = ClientSecretCredential(
        contoso.tenant.tenant_id,
        contoso.tenant.monitor.client_id,
        "wrong",
        authority=contoso.box.url,
        disable_instance_discovery=True,
        connection_verify=contoso.box.ca_path,
    )
    with wrong, pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(f"{contoso.box.url}/.default")


def test_loganalytics_reads_the_workspace(contoso: SignedIn, credential: ClientSecretCredential) -> None:
    workspace = contoso.tenant.workspace
    with LogAnalyticsManagementClient(
        credential,
        workspace.subscription_id,
        base_url=contoso.box.url,
        credential_scopes=[f"{contoso.box.url}/.default"],
        connection_verify=contoso.box.ca_path,
    ) as client:
        found = client.workspaces.get(workspace.resource_group, workspace.name)
        assert (found.customer_id, found.provisioning_state) == (workspace.customer_id, "Succeeded")
        assert [each.name for each in client.workspaces.list()] == [workspace.name]
        with pytest.raises(ResourceNotFoundError):
            client.workspaces.get(workspace.resource_group, "gone")


def test_authorization_reads_who_may_do_what(contoso: SignedIn, credential: ClientSecretCredential) -> None:
    workspace = contoso.tenant.workspace
    contoso.tenant.generated.role_assignments = 2_500
    with AuthorizationManagementClient(
        credential,
        workspace.subscription_id,
        base_url=contoso.box.url,
        credential_scopes=["https://management.azure.com/.default"],
        connection_verify=contoso.box.ca_path,
    ) as client:
        oid = contoso.tenant.service_principal("MALogAnalyticsReader").id
        found = list(client.role_assignments.list_for_scope(workspace.id, filter=f"atScope() and assignedTo('{oid}')"))
        assert [each.principal_id for each in found] == [oid]
        assert len(list(client.role_assignments.list_for_scope(workspace.id))) == 2_503
        roles = client.role_definitions.list(workspace.id, filter="roleName eq 'Reader'")
        assert [each.role_name for each in roles] == ["Reader"]
        assert client.role_definitions.get_by_id(found[0].role_definition_id or "").role_name == "Log Analytics Reader"
        assert list(client.deny_assignments.list_for_scope(workspace.id, filter="atScope()")) == []
        assert list(client.role_eligibility_schedule_instances.list_for_scope(workspace.id, filter="atScope()")) == []


def test_monitor_query_runs_kql(contoso: SignedIn, credential: ClientSecretCredential) -> None:
    with LogsQueryClient(
        credential, endpoint=contoso.box.url, audience=contoso.box.url, connection_verify=contoso.box.ca_path
    ) as client:
        ask = "MADevice | summarize Rows=count(), Newest=max(TimeGenerated)"
        workspace_id = contoso.tenant.workspace.customer_id
        whole = client.query_workspace(workspace_id, ask, timespan=timedelta(days=1), include_statistics=True)
        assert isinstance(whole, LogsQueryResult)
        assert whole.tables[0].rows[0][0] == 240
        contoso.box.faults.add(Fault(service="logs", kind="partial"))
        assert isinstance(client.query_workspace(workspace_id, ask, timespan=None), LogsQueryPartialResult)


def test_event_grid_publishes(contoso: SignedIn, credential: ClientSecretCredential) -> None:
    event = CloudEvent(source="/dawnwatch", type="dawnwatch.finding.opened", data={"a": 1})
    for proof in (credential, AzureKeyCredential(contoso.box.topic_key)):
        with EventGridPublisherClient(contoso.box.topic_url, proof) as client:
            client.send([event], connection_verify=contoso.box.ca_path)
    assert [taken.id for taken in contoso.box.events] == [event.id, event.id]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its models warn of themselves when imported
async def test_msgraph_pages_through_the_applications(contoso: SignedIn, credential: ClientSecretCredential) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph.generated.applications.applications_request_builder import ApplicationsRequestBuilder
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

    contoso.tenant.generated.applications = 9
    trust = ssl.create_default_context(cafile=contoso.box.ca_path)
    async with httpx.AsyncClient(base_url=f"{contoso.box.url}/v1.0", verify=trust) as http:
        scopes = [f"{contoso.box.url}/.default"]
        provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=["localhost"])
        adapter = GraphRequestAdapter(provider, client=http)
        adapter.base_url = f"{contoso.box.url}/v1.0"
        graph = GraphServiceClient(request_adapter=adapter)
        parameters = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters(
            top=5, select=["id", "appId"]
        )
        first = await graph.applications.get(RequestConfiguration(query_parameters=parameters))
        assert first is not None
        assert len(first.value or []) == 5
        rest = await graph.applications.with_url(first.odata_next_link or "").get()
        assert rest is not None
        assert len(rest.value or []) == 5
