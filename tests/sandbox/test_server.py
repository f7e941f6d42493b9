import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sandbox import Sandbox, load_tenant, serve
from tests.sandbox.conftest import SignedIn


def test_two_tenants_live_in_one_box_and_stay_apart() -> None:
    with Sandbox(["contoso", "fabrikam"]) as box, httpx.Client(base_url=box.url, verify=False) as http:
        tenants = {name: box.tenant(name) for name in ("contoso", "fabrikam")}
        client = SignedIn(box, tenants["contoso"], http)
        client.sign_in()
        theirs = client.get(f"{tenants['fabrikam'].workspace.id}?api-version=2025-07-01")
        assert (theirs.status_code, theirs.json()["error"]["code"]) == (401, "InvalidAuthenticationTokenTenant")
        assert box.now == tenants["fabrikam"].now


def test_the_log_keeps_no_secret(contoso: SignedIn) -> None:
    contoso.query("print 1")
    contoso.http.post(contoso.box.webhook_url, json={})
    told = repr(contoso.box.requests)
    assert not [secret for secret in contoso.box.secrets if secret in told and len(secret) > 3]
    assert [request.service for request in contoso.box.requests] == ["entra", "logs", "teams"]


def test_no_answer_holds_a_secret(contoso: SignedIn) -> None:
    shown = contoso.get("/v1.0/applications").text + contoso.get("/v1.0/servicePrincipals").text
    assert not [secret for secret in contoso.box.secrets if secret in shown and len(secret) > 3]


def test_the_configuration_points_at_the_box(contoso: SignedIn) -> None:
    import tomllib

    cloud = tomllib.loads(contoso.box.cloud_toml())["cloud"]
    assert cloud.pop("name") == "custom"
    assert set(cloud.values()) == {contoso.box.url}
    assert Path(contoso.box.environment["SSL_CERT_FILE"]).is_file()


def test_a_naive_instant_is_no_clock(contoso: SignedIn) -> None:
    with pytest.raises(ValueError, match="aware"):
        contoso.box.set_now(datetime(2026, 11, 23))  # noqa: DTZ001
    contoso.box.set_now(datetime(2026, 11, 23, tzinfo=UTC))


def test_a_port_that_is_taken_is_an_error(contoso: SignedIn) -> None:
    port = int(contoso.box.url.rpartition(":")[2])
    with pytest.raises(OSError, match=r"\d"), Sandbox("contoso", port=port):
        pass


def test_serving_says_where_and_what_is_needed() -> None:
    said: list[str] = []
    stop = threading.Event()
    stop.set()
    serve(["contoso"], say=said.append, until=stop)
    assert "[cloud]" in "\n".join(said)
    assert any(line.startswith("export AZURE_CLIENT_ID=") for line in said)


def test_serving_a_tenant_with_an_administrator_says_how_to_be_that() -> None:
    said: list[str] = []
    stop = threading.Event()
    stop.set()
    serve(["tailspin"], say=said.append, until=stop)
    told = said[said.index("# Or as the tenant's administrator, for `dawnwatch grant`:") :]
    assert any(line.startswith("# export AZURE_CLIENT_SECRET=") for line in told)


def test_importing_and_starting_loads_no_database() -> None:
    code = "import sys; from sandbox import Sandbox\nwith Sandbox('contoso'): pass\nprint('duckdb' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "False"


def test_a_quarter_of_a_million_apps_start_at_once_and_stay_small(crowded: SignedIn) -> None:
    assert crowded.tenant.generated.applications == 250_000
    assert (
        crowded.get("/v1.0/applications?$top=1&$count=true", ConsistencyLevel="eventual").json()["@odata.count"]
        == 250_001
    )
    assert load_tenant("contoso").generated.applications == 0
