import jwt
import pytest

from sandbox.world import signing_key
from tests.sandbox.conftest import SignedIn


def test_discovery_names_the_token_endpoint(contoso: SignedIn) -> None:
    found = contoso.get(f"/{contoso.tenant.tenant_id}/v2.0/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{contoso.box.url}/{contoso.tenant.tenant_id}/oauth2/v2.0/token"


def test_a_token_is_signed_and_says_who_and_what_for(contoso: SignedIn) -> None:
    token = contoso.token().json()["access_token"]
    claims = jwt.decode(token, signing_key().public_key(), algorithms=["RS256"], audience=contoso.box.url)
    monitor = contoso.tenant.monitor
    assert (claims["tid"], claims["appid"], claims["oid"]) == (
        contoso.tenant.tenant_id,
        monitor.client_id,
        monitor.object_id,
    )
    assert claims["roles"] == monitor.app_roles


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 400, 700016),
        ({"scope": "https://nowhere.example/.default"}, 400, 500011),
        ({"scope": "openid"}, 400, 1002012),
        ({"grant_type": "password"}, 400, 70003),
    ],
)
def test_a_token_is_refused_with_its_code(contoso: SignedIn, form: dict[str, str], status: int, code: int) -> None:
    refused = contoso.token(**form)
    assert (refused.status_code, refused.json()["error_codes"]) == (status, [code])
    assert refused.json()["error_description"].startswith(f"AADSTS{code}: ")


def test_an_unknown_tenant_is_refused(contoso: SignedIn) -> None:
    refused = contoso.http.post("/11111111-2222-4333-8444-555555555555/oauth2/v2.0/token", data={})
    assert refused.json()["error_codes"] == [90002]


def test_an_assertion_proves_the_client_too(contoso: SignedIn) -> None:
    claims = {"sub": contoso.tenant.monitor.client_id, "iss": "https://issuer.example"}
    form = {
        "client_secret": "",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, "0123456789abcdef0123456789abcdef", algorithm="HS256"),
    }
    assert contoso.token(**form).status_code == 200
    assert contoso.token(**form | {"client_assertion": "nonsense"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1.0/applications", 401),
        ("/subscriptions/x?api-version=2022-12-01", 401),
        ("/v1/workspaces/x/query", 403),
    ],
)
def test_a_token_for_something_else_is_refused_everywhere(contoso: SignedIn, path: str, status: int) -> None:
    contoso.sign_in("https://eventgrid.azure.net")
    assert contoso.get(path).status_code == status


def test_a_managed_identity_gets_a_token(contoso: SignedIn) -> None:
    given = contoso.get(f"/msi/token?resource={contoso.box.url}&api-version=2019-08-01", **{"X-IDENTITY-HEADER": "x"})
    assert given.json()["token_type"] == "Bearer"
