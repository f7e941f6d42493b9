"""Azurite over TLS, which takes tokens, and who gives them: for tests of what signs in to storage by identity."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import trustme
from azure.core.credentials import AccessToken

from tests.answering import answer, serving
from tests.azurite import Azurite, start


def a_token() -> AccessToken:
    """Make a token such as Azurite checks: right audience, issuer and times."""
    now, tenant = int(time.time()), "ab1f708d-50f6-404c-a006-d71b2ac7a606"
    claims = {
        "aud": "https://storage.azure.com",
        "iss": f"https://sts.windows.net/{tenant}/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
        "oid": tenant,
        "tid": tenant,
    }
    return AccessToken(jwt.encode(claims, "x" * 32, algorithm="HS256"), now + 3600)


class Credential:
    """Signs in as anybody, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.scopes: set[str] = set()
        self.closed = False

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes |= set(scopes)
        return a_token()

    async def close(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@contextmanager
def managed_identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str | None]]:
    """Give this process a managed identity as an app has it in Azure; yield the client ids that it is asked for."""
    asked: list[str | None] = []

    def give(handler: BaseHTTPRequestHandler) -> None:
        asked.append(parse_qs(urlsplit(handler.path).query).get("client_id", [None])[0])
        token = a_token()
        body = {"access_token": token.token, "expires_on": token.expires_on, "resource": "x", "token_type": "Bearer"}
        answer(handler, 200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    with serving(give) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "x")
        yield asked


@pytest.fixture(scope="session")
def tls_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Azurite, str]]:
    """Run one Azurite over TLS that takes tokens; with the file of the authority to trust."""
    folder = tmp_path_factory.mktemp("azurite-tls")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    options = ("--oauth", "basic", "--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"))
    for azurite in start(folder, *options):
        yield azurite, str(folder / "ca.pem")
