"""Application permissions in the box come and go as Microsoft Graph's do, and the next token says so."""

import httpx
import jwt
import pytest

from sandbox.records import GRAPH_APP_ID
from sandbox.roles import GRAPH_ROLES
from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample
from tests.sandbox.test_assigning import administrator, code

READ_APPS = "Application.Read.All"


def sides(client: SignedIn) -> dict[str, str]:
    graph, monitor = client.tenant.service_principal(GRAPH_APP_ID).id, client.tenant.monitor.object_id
    return {
        "the API's": f"/v1.0/servicePrincipals/{graph}/appRoleAssignedTo",
        "the holder's": f"/v1.0/servicePrincipals/{monitor}/appRoleAssignments",
    }


def grant(client: SignedIn, side: str = "the API's", **changed: str) -> httpx.Response:
    asked = {
        "principalId": client.tenant.monitor.object_id,
        "resourceId": client.tenant.service_principal(GRAPH_APP_ID).id,
        "appRoleId": GRAPH_ROLES[READ_APPS],
    }
    return client.http.post(sides(client)[side], json=asked | changed)


def roles_in_token(client: SignedIn) -> list[str]:
    client.become(client.tenant.monitor)
    token = client.http.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    return list(claims["roles"])


@pytest.mark.parametrize("side", ["the API's", "the holder's"])
def test_a_grant_counts_from_the_next_token_on_until_it_is_taken(tailspin: SignedIn, side: str) -> None:
    assert roles_in_token(tailspin) == []
    made = grant(administrator(tailspin), side)
    assert made.status_code == 201
    official = sample("graph-serviceprincipal-list-approleassignedto")["value"][0]
    assert not differences(official, made.json())
    assert roles_in_token(tailspin) == [READ_APPS]
    assert len(tailspin.value(sides(tailspin)["the holder's"])) == 1
    path = f"{sides(tailspin)[side]}/{made.json()['id']}"
    client = administrator(tailspin)
    assert [client.http.delete(path).status_code for _ in range(2)] == [204, 404]
    assert roles_in_token(tailspin) == []


def test_what_is_there_already_is_refused_in_words(tailspin: SignedIn) -> None:
    client = administrator(tailspin)
    assert grant(client).status_code == 201
    again = grant(client)
    assert code(again) == (400, "Request_BadRequest")
    assert "already exists" in again.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"principalId": "0a1b2c3d-0000-4000-8000-000000000001"}, (404, "Request_ResourceNotFound")),
        ({"appRoleId": "0a1b2c3d-0000-4000-8000-000000000001"}, (400, "Request_BadRequest")),
    ],
)
def test_what_cannot_be_granted_is_refused(tailspin: SignedIn, changed: dict[str, str], said: tuple[int, str]) -> None:
    assert code(grant(administrator(tailspin), **changed)) == said


def test_a_grant_at_the_wrong_place_is_refused(tailspin: SignedIn) -> None:
    client = administrator(tailspin)
    own = client.who.object_id
    assert code(grant(client, "the holder's", principalId=own)) == (400, "Request_BadRequest")
    assert code(client.http.post(sides(client)["the API's"], json=[])) == (400, "Request_BadRequest")


def test_who_may_only_read_grants_and_takes_nothing(contoso: SignedIn) -> None:
    assert code(grant(contoso)) == (403, "Authorization_RequestDenied")
    held = contoso.value(sides(contoso)["the holder's"])[0]["id"]
    taken = contoso.http.delete(f"{sides(contoso)["the holder's"]}/{held}")
    assert code(taken) == (403, "Authorization_RequestDenied")


def test_nothing_else_can_be_written(tailspin: SignedIn) -> None:
    client = administrator(tailspin)
    assert client.http.post("/v1.0/applications", json={}).status_code == 405
    assert client.http.delete(f"/v1.0/servicePrincipals/{client.tenant.monitor.object_id}").status_code == 405
