"""Role assignments in the box come and go as Azure's do, and with them what the monitor may read."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.roles import BUILT_IN_ROLES
from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

NAME = "0a1b2c3d-0000-4000-8000-000000000001"
OTHER = "0a1b2c3d-0000-4000-8000-000000000002"


def administrator(tailspin: SignedIn) -> SignedIn:
    assert tailspin.tenant.administrator is not None
    tailspin.become(tailspin.tenant.administrator)
    return tailspin


def place(client: SignedIn, name: str = NAME, scope: str | None = None) -> str:
    at = client.tenant.workspace.id if scope is None else scope
    return f"{at}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01"


def assign(client: SignedIn, name: str = NAME, role: str = "Reader", **properties: Any) -> httpx.Response:
    asked = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN_ROLES.get(role, role)}",
        "principalId": client.tenant.monitor.object_id,
        "principalType": "ServicePrincipal",
    }
    return client.http.put(place(client, name), json={"properties": asked | properties})


def code(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("error", {}).get("code")


def test_an_assignment_looks_like_the_official_one(tailspin: SignedIn) -> None:
    made = assign(administrator(tailspin))
    assert made.status_code == 201
    assert not differences(sample("arm-RoleAssignments_ListForScope")["value"][0], made.json())


def test_the_same_again_is_no_trouble_and_a_second_one_is_a_conflict(tailspin: SignedIn) -> None:
    client = administrator(tailspin)
    assert [code(assign(client)), code(assign(client))] == [(201, None), (200, None)]
    assert code(assign(client, OTHER)) == (409, "RoleAssignmentExists")
    assert code(assign(client, role="Contributor")) == (400, "RoleAssignmentUpdateNotPermitted")
    assert len(client.arm("roleAssignments", filter_=f"principalId eq '{client.tenant.monitor.object_id}'")) == 1


@pytest.mark.parametrize(
    ("name", "role", "properties", "said"),
    [
        ("not-a-guid", "Reader", {}, (400, "InvalidRoleAssignmentId")),
        (NAME, str(uuid4()), {}, (404, "RoleDefinitionDoesNotExist")),
        (NAME, "Reader", {"principalId": str(uuid4())}, (400, "PrincipalNotFound")),
        (NAME, "Reader", {"principalType": "User"}, (400, "UnmatchedPrincipalType")),
    ],
)
def test_what_cannot_be_assigned_is_refused(
    tailspin: SignedIn, name: str, role: str, properties: dict[str, str], said: tuple[int, str]
) -> None:
    assert code(assign(administrator(tailspin), name, role, **properties)) == said


@pytest.mark.parametrize("body", [b"", b"[]", b'{"properties": {}}'])
def test_nonsense_is_refused(tailspin: SignedIn, body: bytes) -> None:
    client = administrator(tailspin)
    assert code(client.http.put(place(client), content=body)) == (400, "InvalidRequestContent")


def test_an_assignment_is_taken_once_and_then_is_not_there(tailspin: SignedIn) -> None:
    client = administrator(tailspin)
    assign(client)
    assert [client.http.delete(place(client)).status_code for _ in range(2)] == [200, 204]


def test_the_monitor_may_not_assign_anything_whatever_it_reads(contoso: SignedIn) -> None:
    assert code(assign(contoso)) == (403, "AuthorizationFailed")
    assert code(contoso.http.delete(place(contoso))) == (403, "AuthorizationFailed")


def test_a_principal_that_is_too_new_is_not_known_for_a_while(tailspin: SignedIn) -> None:
    from sandbox import Fault

    tailspin.box.faults.add(Fault(service="arm", kind="unreplicated", times=1))
    client = administrator(tailspin)
    assert [code(assign(client)), code(assign(client))] == [(400, "PrincipalNotFound"), (201, None)]


@pytest.mark.parametrize(
    ("role", "reads", "queries"),
    [
        (None, 403, 403),
        ("Reader", 200, 200),
        ("Log Analytics Data Reader", 200, 200),
        ("EventGrid Data Sender", 403, 403),
    ],
)
def test_what_is_assigned_decides_what_may_be_read(
    tailspin: SignedIn, role: str | None, reads: int, queries: int
) -> None:
    if role:
        assert assign(administrator(tailspin), role=role).status_code == 201
    tailspin.become(tailspin.tenant.monitor)
    workspace = tailspin.get(f"{tailspin.tenant.workspace.id}?api-version=2025-07-01")
    assert (workspace.status_code, tailspin.query("IntuneDevices | count").status_code) == (reads, queries)


@pytest.mark.parametrize(("scope", "status"), [("topic", 200), ("workspace", 403)])
def test_a_topic_takes_events_of_who_was_made_its_sender(tailspin: SignedIn, scope: str, status: int) -> None:
    tenant = tailspin.tenant
    tenant.assign_role("Dawnwatch", "EventGrid Data Sender", tenant.topic_ids[0] if scope == "topic" else scope)
    event = {"id": "1", "source": "/x", "type": "x", "specversion": "1.0"}
    assert tailspin.http.post("/api/events?api-version=2018-01-01", json=[event]).status_code == status


@pytest.mark.parametrize(("name", "status"), [("evgt-tailspin", 200), ("evgt-gone", 404)])
def test_a_topic_is_there_or_not(tailspin: SignedIn, name: str, status: int) -> None:
    topic = tailspin.tenant.topic_ids[0].replace("evgt-tailspin", name)
    assert administrator(tailspin).get(f"{topic}?api-version=2025-02-15").status_code == status
