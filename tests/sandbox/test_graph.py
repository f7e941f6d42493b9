from typing import Any

import pytest

from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

APP = "Desktop-Analytics-Connection"
MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"


def names(found: list[dict[str, Any]]) -> list[str]:
    return [each["displayName"] for each in found]


def test_objects_look_like_the_official_ones(contoso: SignedIn) -> None:
    app = contoso.tenant.application(APP)
    found = contoso.get(f"/v1.0/applications/{app.id}").json()
    # keys: an old edition of the documentation shows some that Graph no longer sends
    assert not differences(sample("graph-application-get"), found, ignoring=frozenset({"isDeviceOnlyAuthSupported"}))
    sp = contoso.value("/v1.0/servicePrincipals?$filter=displayName eq 'MALogAnalyticsReader'")[0]
    assert not differences(sample("graph-serviceprincipal-get"), sp)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("graph-serviceprincipal-list-approleassignments", "{sp}/appRoleAssignments"),
        ("graph-serviceprincipal-list-approleassignedto", "{api}/appRoleAssignedTo"),
    ],
)
def test_grants_look_like_the_official_ones(contoso: SignedIn, name: str, path: str) -> None:
    ids = {"sp": contoso.tenant.service_principal(APP).id, "api": contoso.tenant.service_principal(MICROSERVICE).id}
    found = contoso.get("/v1.0/servicePrincipals/" + path.format(**ids)).json()
    assert len(found["value"]) == 2
    assert not differences(sample(name), found)


def test_federated_credentials_look_like_the_official_ones(fabrikam: SignedIn) -> None:
    app = fabrikam.tenant.application("Deploy")
    found = fabrikam.get(f"/v1.0/applications(appId='{app.app_id}')/federatedIdentityCredentials").json()
    assert not differences(
        sample("graph-application-list-federatedidentitycredentials"), found, ignoring=frozenset({"@odata.id"})
    )


def test_service_health_looks_like_the_official_one(fabrikam: SignedIn) -> None:
    found = fabrikam.get("/v1.0/admin/serviceAnnouncement/healthOverviews?$expand=issues").json()
    assert not differences(sample("graph-healthOverviews-expand-issues"), found)
    found = fabrikam.get("/v1.0/admin/serviceAnnouncement/issues").json()
    assert not differences(sample("graph-serviceAnnouncement-issues"), found, ignoring=frozenset({"@odata.nextLink"}))


def test_credentials_show_the_hint_but_never_the_value(contoso: SignedIn) -> None:
    found = contoso.value("/v1.0/applications?$select=passwordCredentials,keyCredentials")[0]
    credential = found["passwordCredentials"][0]
    assert (len(credential["hint"]), credential["secretText"]) == (3, None)
    assert contoso.tenant.application(APP).secrets[0].value not in str(found)


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("displayName eq 'MALOGANALYTICSREADER'", ["MALogAnalyticsReader"]),
        (f"appId eq '{MICROSERVICE.upper()}'", ["Configuration Manager Microservice"]),
        ("startswith(displayName, 'desktop a')", ["Desktop Analytics"]),
        ("displayName in ('Desktop Analytics', 'Dawnwatch')", ["Desktop Analytics", "Dawnwatch"]),
        (
            "(displayName eq 'Dawnwatch' or displayName eq 'nobody') and accountEnabled eq true",
            ["Dawnwatch"],
        ),
        ("displayName eq 'O''Brien'", []),
        ("disabledByMicrosoftStatus eq null and displayName eq 'Dawnwatch'", ["Dawnwatch"]),
    ],
)
def test_filters_choose(contoso: SignedIn, filter_: str, expected: list[str]) -> None:
    assert names(contoso.value(f"/v1.0/servicePrincipals?$filter={filter_}")) == expected


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ("displayName ne 'x'", "Request_UnsupportedQuery"),
        ("passwordCredentials/any(c:c/endDateTime le 2026-01-01T00:00:00Z)", "Request_UnsupportedQuery"),
        ("endswith(displayName,'x')", "Request_UnsupportedQuery"),
        ("displayName gt 'x'", "Request_UnsupportedQuery"),
        ("colour eq 'blue'", "BadRequest"),
        ("displayName eq", "BadRequest"),
        ("displayName eq 'x", "BadRequest"),
        ("(displayName eq 'x'", "BadRequest"),
    ],
)
def test_filters_that_the_directory_does_not_take_are_refused(contoso: SignedIn, filter_: str, code: str) -> None:
    refused = contoso.get(f"/v1.0/servicePrincipals?$filter={filter_}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)


def test_advanced_filters_need_their_header_and_count(contoso: SignedIn) -> None:
    path = "/v1.0/servicePrincipals?$count=true&$filter=displayName ne 'Dawnwatch'"
    found = contoso.get(path, ConsistencyLevel="eventual").json()
    assert found["@odata.count"] == len(found["value"]) == len(contoso.tenant.service_principals) - 1


@pytest.mark.parametrize("top", ["0", "1000", "x", "-1"])
def test_page_sizes_out_of_bounds_are_refused(contoso: SignedIn, top: str) -> None:
    assert contoso.get(f"/v1.0/applications?$top={top}").status_code == 400


def test_pages_lead_to_the_end_without_gaps_or_repeats(crowded: SignedIn) -> None:
    url: str | None = "/v1.0/servicePrincipals?$select=id,displayName&$top=300"
    seen: list[str] = []
    while url:
        page = crowded.get(url).json()
        seen += [each["id"] for each in page["value"]]
        url = page.get("@odata.nextLink")
    assert len(seen) == len(set(seen)) == 1_000 + len(crowded.tenant.service_principals)


def test_the_page_token_is_opaque_and_cannot_be_changed(crowded: SignedIn) -> None:
    link = crowded.get("/v1.0/applications?$top=5").json()["@odata.nextLink"]
    token = link.rpartition("$skiptoken=")[2]
    assert crowded.get(link).status_code == 200
    for wrong in (link.replace(token, "5"), link[:-2] + "zz", link.replace("$top=5", "$top=6"), link + "%C3%A9"):
        refused = crowded.get(wrong)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Directory_ExpiredPageToken")


@pytest.mark.parametrize("select", ["", "$select=id,appId,displayName,passwordCredentials&"])
def test_made_up_pages_hold_what_single_reads_show(crowded: SignedIn, select: str) -> None:
    page = crowded.value(f"/v1.0/applications?{select}$top=250")[-1]
    single = crowded.get(f"/v1.0/applications/{page['id']}?{select}").json()
    assert {key: single[key] for key in page} == page
    assert crowded.value(f"/v1.0/applications?{select}$filter=appId eq '{page['appId']}'") == [page]
    assert crowded.value(f"/v1.0/applications?{select}$filter=displayName eq '{page['displayName']}'") == [page]


def test_a_prefix_finds_made_up_apps(crowded: SignedIn) -> None:
    found = crowded.value(
        "/v1.0/applications?$select=displayName&$filter=startswith(displayName,'Generated App 24999')"
    )
    assert names(found) == [f"Generated App {number:06d}" for number in range(249_990, 250_000)]


def test_a_batch_answers_in_its_own_order_with_a_status_each(contoso: SignedIn) -> None:
    app = contoso.tenant.application(APP)
    asked = [{"id": str(n), "method": "GET", "url": f"/applications/{app.id}/owners"} for n in range(10)]
    asked += [{"id": "gone", "method": "GET", "url": "/applications/00000000-0000-4000-8000-00000000dead"}]
    given = contoso.http.post("/v1.0/$batch", json={"requests": asked}).json()
    responses = {part["id"]: part for part in given["responses"]}
    assert list(responses) != [part["id"] for part in asked]
    assert responses["3"]["body"]["value"][0]["displayName"] == "Ada Lovelace"
    assert (responses["gone"]["status"], responses["gone"]["body"]["error"]["code"]) == (
        404,
        "Request_ResourceNotFound",
    )
    assert not differences(sample("graph-batch-response"), {"responses": [responses["gone"]]}, ignoring=_HEADERS)


_HEADERS = frozenset(
    {"Cache-Control", "x-ms-resource-unit", "OData-Version", "@odata.context", "@odata.nextLink", "value"}
)


def test_a_batch_of_twenty_one_is_refused(contoso: SignedIn) -> None:
    asked = [{"id": str(n), "method": "GET", "url": "/organization"} for n in range(21)]
    assert contoso.http.post("/v1.0/$batch", json={"requests": asked}).status_code == 400


def test_groups_hold_members_of_members(fabrikam: SignedIn) -> None:
    sp = fabrikam.tenant.service_principal("Inventory Export")
    group = fabrikam.tenant.group("Endpoint Readers")
    memberships = fabrikam.value(f"/v1.0/servicePrincipals/{sp.id}/transitiveMemberOf")
    assert set(names(memberships)) == {"Endpoint Readers", "Endpoint Services"}
    assert fabrikam.get(f"/v1.0/groups/{group.id}/transitiveMembers").status_code == 403
    fabrikam.tenant.monitor.app_roles.append("GroupMember.Read.All")
    fabrikam.sign_in()
    assert sp.id in {each["id"] for each in fabrikam.value(f"/v1.0/groups/{group.id}/transitiveMembers")}


def test_objects_are_found_by_their_ids(contoso: SignedIn) -> None:
    ids = [contoso.tenant.users[0].id, contoso.tenant.monitor.object_id, "00000000-0000-4000-8000-00000000dead"]
    found = contoso.http.post("/v1.0/directoryObjects/getByIds", json={"ids": ids}).json()["value"]
    assert [each["@odata.type"] for each in found] == ["#microsoft.graph.user", "#microsoft.graph.servicePrincipal"]


def test_without_the_permission_nothing_is_shown(contoso: SignedIn) -> None:
    contoso.tenant.monitor.app_roles.clear()
    contoso.sign_in()
    refused = contoso.get("/v1.0/applications")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_a_change_shows_at_once(contoso: SignedIn) -> None:
    contoso.tenant.application(APP).secrets.clear()
    assert contoso.value("/v1.0/applications")[0]["passwordCredentials"] == []
