"""What the box lists: tenants, subscriptions, workspaces, solutions, and the apps that request an API."""

import httpx
import pytest

from sandbox import Sandbox, load_tenant
from sandbox.records import Table, Workspace
from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

SUBSCRIPTIONS = "api-version=2022-12-01"
MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
ADVANCED = {"ConsistencyLevel": "eventual"}


def _another(tenant_id: str | None = None) -> Workspace:
    return Workspace(
        subscription_id="5ab5c999-2222-4333-8444-555566667777",
        resource_group="rg-other",
        name="law-other",
        customer_id="cc5b02d5-5bf4-430c-9487-45502a2a7e62",
        owner_tenant=tenant_id,
    )


@pytest.mark.parametrize(
    ("path", "official"),
    [
        ("/tenants?api-version=2022-12-01", "arm-GetTenants-2022-12-01"),
        ("/subscriptions?api-version=2022-12-01", "arm-GetSubscriptions-2022-12-01"),
        (
            "{subscription}/providers/Microsoft.OperationsManagement/solutions?api-version=2015-11-01-preview",
            "arm-SolutionList",
        ),
    ],
)
def test_lists_look_like_the_official_ones(contoso: SignedIn, path: str, official: str) -> None:
    found = contoso.get(path.format(subscription=contoso.tenant.workspace.subscription)).json()
    assert found["value"]
    last_page = frozenset({"nextLink", "tagKey1", "tagKey2"})
    assert not differences(sample(official), found, ignoring=last_page)


def test_a_caller_sees_the_tenants_that_know_it() -> None:
    contoso, fabrikam = load_tenant("contoso"), load_tenant("fabrikam")
    with Sandbox([contoso, fabrikam]) as box, httpx.Client(base_url=box.url, verify=False) as http:
        client = SignedIn(box, contoso, http)
        client.sign_in()
        assert [one["tenantId"] for one in client.value(f"/tenants?{SUBSCRIPTIONS}")] == [contoso.tenant_id]
        fabrikam.monitor.client_id = contoso.monitor.client_id
        assert len(client.value(f"/tenants?{SUBSCRIPTIONS}")) == 2


def test_a_caller_without_any_role_sees_no_subscription_and_is_not_refused(contoso: SignedIn) -> None:
    contoso.tenant.monitor.reads_workspace = False
    assert contoso.value(f"/subscriptions?{SUBSCRIPTIONS}") == []


def test_another_workspace_has_its_own_place_and_its_own_tables(contoso: SignedIn) -> None:
    other = _another(tenant_id="0f0f0f0f-0000-4000-8000-000000000000")
    contoso.tenant.others.append((other, [Table(name="UCClient", columns={"TimeGenerated": "datetime"})]))
    listed = contoso.value(f"/subscriptions?{SUBSCRIPTIONS}")
    assert [one["tenantId"] for one in listed] == [contoso.tenant.tenant_id, other.owner_tenant]
    path = f"{other.subscription}/providers/Microsoft.OperationalInsights/workspaces?api-version=2025-07-01"
    assert [one["name"] for one in contoso.value(path)] == ["law-other"]
    assert contoso.get(f"{other.id}?api-version=2025-07-01").json()["properties"]["customerId"] == other.customer_id
    answers = [
        contoso.http.post(f"/v1/workspaces/{other.customer_id}/query", json={"query": f"{table} | count"}).status_code
        for table in ("UCClient", "MADevice")
    ]
    assert answers == [200, 400]


def test_apps_are_found_by_an_api_that_they_request(fabrikam: SignedIn) -> None:
    path = f"/v1.0/applications?$filter=requiredResourceAccess/any(r:r/resourceAppId eq '{MICROSERVICE}')&$count=true"
    assert [app["displayName"] for app in fabrikam.value(path, **ADVANCED)] == ["ConfigMgrSvc_6e1f"]
    refused = fabrikam.get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("wrong", ["r:r/type eq 'x'", "r:s/resourceAppId eq 'x'", "r:r/resourceAppId ne 'x'"])
def test_no_other_lambda_is_supported(fabrikam: SignedIn, wrong: str) -> None:
    path = f"/v1.0/applications?$filter=requiredResourceAccess/any({wrong})&$count=true"
    assert fabrikam.get(path, **ADVANCED).status_code == 400
