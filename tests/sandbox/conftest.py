"""A running box and a client that is signed in to it."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox import Sandbox, Tenant, load_tenant
from sandbox.records import Identity


@dataclass
class SignedIn:
    """A client with a token of one tenant's monitor, or of somebody else in it."""

    box: Sandbox
    tenant: Tenant
    http: httpx.Client
    other: Identity | None = None

    @property
    def who(self) -> Identity:
        return self.other or self.tenant.monitor

    def token(self, audience: str | None = None, **form: str) -> httpx.Response:
        sent = {
            "grant_type": "client_credentials",
            "client_id": self.who.client_id,
            "client_secret": self.who.client_secret,
            "scope": f"{audience or self.box.url}/.default",
        }
        return self.http.post(
            f"/{self.tenant.tenant_id}/oauth2/v2.0/token", data=sent | form, headers={"Authorization": ""}
        )

    def sign_in(self, audience: str | None = None) -> None:
        self.http.headers["Authorization"] = "Bearer " + self.token(audience).json()["access_token"]

    def become(self, who: Identity) -> None:
        self.other = who
        self.sign_in()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def value(self, path: str, **headers: str) -> list[dict[str, Any]]:
        response = self.get(path, **headers)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["value"]
        return found

    def arm(self, path: str, scope: str | None = None, filter_: str = "") -> list[dict[str, Any]]:
        place = self.tenant.workspace.id if scope is None else scope
        query = f"api-version=2022-04-01&$filter={filter_}" if filter_ else "api-version=2022-04-01"
        return self.value(f"{place}/providers/Microsoft.Authorization/{path}?{query}")

    def query(self, kql: str, **more: str) -> httpx.Response:
        path = f"/v1/workspaces/{self.tenant.workspace.customer_id}/query"
        return self.http.post(path, json={"query": kql} | more)

    def rows(self, kql: str, **more: str) -> list[list[Any]]:
        response = self.query(kql, **more)
        assert response.status_code == 200, response.text
        rows: list[list[Any]] = response.json()["tables"][0]["rows"]
        return rows


def _signed_in(tenant: Tenant) -> Iterator[SignedIn]:
    with Sandbox(tenant) as box:
        trust = ssl.create_default_context(cafile=box.ca_path)
        with httpx.Client(base_url=box.url, verify=trust, timeout=20) as http:
            client = SignedIn(box, tenant, http)
            client.sign_in()
            yield client


@pytest.fixture
def contoso() -> Iterator[SignedIn]:
    yield from _signed_in(load_tenant("contoso"))


@pytest.fixture
def fabrikam() -> Iterator[SignedIn]:
    yield from _signed_in(load_tenant("fabrikam"))


@pytest.fixture
def tailspin() -> Iterator[SignedIn]:
    yield from _signed_in(load_tenant("tailspin"))


@pytest.fixture
def crowded() -> Iterator[SignedIn]:
    tenant = load_tenant("contoso")
    tenant.generated.applications = 250_000
    tenant.generated.service_principals = 1_000
    tenant.generated.role_assignments = 4_000
    yield from _signed_in(tenant)
