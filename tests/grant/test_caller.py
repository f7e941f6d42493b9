"""Whoever ran `az login` runs the command: before anything that the environment says, and asked once for each token."""

import asyncio
import sys
import time
from pathlib import Path

import jwt
import pytest
from azure.core.credentials import AccessToken

from shared.config import CloudSettings
from shared.config.settings import CloudName
from shared.gather.sign_in import claims_of
from shared.grant.caller import CallersCredential, callers_chain

TENANT = "7a115b10-3333-4c4c-8d8d-0123456789ab"
SCOPES = ("https://management.azure.com/.default", "https://graph.microsoft.com/.default")
AZ = """#!{python}
import json, sys
with open("{calls}", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
print(json.dumps({{"accessToken": "{token}", "expires_on": {until}}}))
"""


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An Azure CLI that somebody is signed in to; the file that it gives back lists how it was called."""
    claims = {"tid": TENANT.upper(), "upn": "ada@example.com"}
    token = jwt.encode(claims, "0123456789abcdef0123456789abcdef", algorithm="HS256")
    calls = tmp_path / "calls"
    path = tmp_path / "az"
    path.write_text(AZ.format(python=sys.executable, calls=calls, token=token, until=int(time.time()) + 3600))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.setenv(name, TENANT)  # the monitor's own, perhaps
    return calls


@pytest.mark.skipif(sys.platform == "win32", reason="the script that stands for az needs a POSIX system")
def test_the_azure_clis_identity_comes_first_and_each_token_is_asked_for_once(az: Path) -> None:
    tokens = asyncio.run(_tokens(*SCOPES, *SCOPES))
    claims = {(claims_of(token.token).tenant_id, claims_of(token.token).name) for token in tokens}
    assert claims == {(TENANT, "ada@example.com")}
    asked = az.read_text().splitlines()
    assert [line.rsplit(" ", 1)[-1] for line in asked] == [scope.removesuffix("/.default") for scope in SCOPES]
    assert not any("--tenant" in line for line in asked)


async def _tokens(*scopes: str) -> list[AccessToken]:
    async with CallersCredential(callers_chain(CloudSettings())) as credential:
        return [await credential.get_token(scope, tenant_id="another") for scope in scopes]


def test_a_custom_cloud_is_signed_in_to_as_the_environment_says() -> None:
    from azure.identity.aio import AzureCliCredential, ChainedTokenCredential, DefaultAzureCredential

    addresses = dict.fromkeys(("authority", "resource_manager", "graph", "log_analytics"), "https://localhost:1")
    custom = callers_chain(CloudSettings(name=CloudName.CUSTOM, **addresses))  # type: ignore[arg-type]  # texts
    assert isinstance(custom, DefaultAzureCredential)
    public = callers_chain(CloudSettings())
    assert isinstance(public, ChainedTokenCredential)
    assert isinstance(public.credentials[0], AzureCliCredential)
