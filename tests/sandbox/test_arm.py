import pytest

from sandbox.records import Deny
from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample


def test_the_workspace_looks_like_the_official_one(contoso: SignedIn) -> None:
    found = contoso.get(f"{contoso.tenant.workspace.id}?api-version=2025-07-01").json()
    geo = frozenset({"replication", "failover"})  # only workspaces that have them show them
    assert not differences(sample("arm-WorkspacesGet-2025-07-01"), found, ignoring=geo)


def test_assignments_look_like_the_official_ones(contoso: SignedIn) -> None:
    found = {"value": contoso.arm("roleAssignments")}
    assert not differences(sample("arm-RoleAssignments_ListForScope"), found)
    assert not differences(sample("arm-roleAssignments-doc-example"), found)
    forms = {one["properties"]["roleDefinitionId"].startswith("/subscriptions/") for one in found["value"]}
    assert forms == {True, False}


def test_eligibilities_look_like_the_official_ones(fabrikam: SignedIn) -> None:
    found = {"value": fabrikam.arm("roleEligibilityScheduleInstances", filter_="atScope()")}
    assert not differences(sample("arm-GetRoleEligibilityScheduleInstancesByScope"), found)


def test_denies_look_like_the_official_ones(contoso: SignedIn) -> None:
    tenant = contoso.tenant
    tenant.denies.append(
        Deny(id="d", name="Locked", scope=tenant.workspace.group, actions=["*"], exclude=[tenant.users[0].id])
    )
    found = {"value": contoso.arm("denyAssignments", filter_="atScope()")}
    assert not differences(sample("arm-GetDenyAssignmentByScope"), found)


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("workspace", True),
        ("resource_group", True),
        ("subscription", True),
        ("management_group:mg-contoso", True),
        ("/", True),
        ("table:MADevice", False),
        ("management_group:mg-other", False),
        ("/subscriptions/5ab5c111-2222-4333-8444-555566667777/resourceGroups/other", False),
    ],
)
def test_at_scope_means_here_or_above(contoso: SignedIn, place: str, seen: bool) -> None:
    made = contoso.tenant.assign_role("Grace Hopper", "Reader", place)
    found = contoso.arm("roleAssignments", filter_="atScope()")
    assert (made.id in {one["name"] for one in found}) is seen


def test_without_at_scope_what_is_below_shows_too(contoso: SignedIn) -> None:
    made = contoso.tenant.assign_role("Grace Hopper", "Reader", "table:MADevice")
    assert made.id in {one["name"] for one in contoso.arm("roleAssignments")}
    assert contoso.arm("roleAssignments", filter_=f"principalId eq '{made.principal_id}'")[0]["name"] == made.id


def test_assigned_to_reaches_through_nested_groups(fabrikam: SignedIn) -> None:
    sp = fabrikam.tenant.service_principal("Inventory Export")
    found = fabrikam.arm("roleAssignments", filter_=f"atScope()+and+assignedTo('{sp.id}')")
    assert [one["properties"]["principalType"] for one in found] == ["Group"]
    assert fabrikam.arm("roleAssignments", filter_=f"principalId eq '{sp.id}'") == []


def test_a_role_is_found_by_its_name_and_its_id(contoso: SignedIn) -> None:
    found = contoso.arm("roleDefinitions", filter_="roleName eq 'Log Analytics Reader'")
    assert [one["name"] for one in found] == ["73c42c96-874c-492b-b04d-ab87d138a893"]
    assert contoso.get(f"{found[0]['id']}?api-version=2022-04-01").json() == found[0]
    assert contoso.get(f"{found[0]['id'][:-3]}000?api-version=2022-04-01").status_code == 404


def test_long_lists_come_in_pages(crowded: SignedIn) -> None:
    url: str | None = (
        f"{crowded.tenant.workspace.id}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
    )
    count = pages = 0
    while url:
        page = crowded.get(url).json()
        count, pages, url = count + len(page["value"]), pages + 1, page.get("nextLink")
    assert (count, pages) == (4_000 + len(crowded.tenant.assignments), 5)


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("law-contoso", "law-gone", 404, "ResourceNotFound"),
        ("rg-analytics", "rg-gone", 404, "ResourceGroupNotFound"),
        ("5ab5c111", "00000000", 404, "SubscriptionNotFound"),
        ("?api-version=2025-07-01", "", 400, "MissingApiVersionParameter"),
        ("law-contoso", "LAW-CONTOSO", 200, None),
    ],
)
def test_what_is_not_there_is_said_as_azure_says_it(
    contoso: SignedIn, old: str, new: str, status: int, code: str | None
) -> None:
    given = contoso.get(f"{contoso.tenant.workspace.id}?api-version=2025-07-01".replace(old, new))
    assert (given.status_code, given.json().get("error", {}).get("code")) == (status, code)


def test_who_may_not_read_is_told_so(contoso: SignedIn) -> None:
    contoso.tenant.monitor.reads_workspace = False
    given = contoso.get(f"{contoso.tenant.workspace.id}?api-version=2025-07-01")
    assert (given.status_code, given.json()["error"]["code"]) == (403, "AuthorizationFailed")


def test_an_unknown_filter_is_refused(contoso: SignedIn) -> None:
    path = f"{contoso.tenant.workspace.id}/providers/Microsoft.Authorization/roleAssignments"
    assert contoso.get(f"{path}?api-version=2022-04-01&$filter=belowScope()").status_code == 400
