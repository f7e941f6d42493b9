"""Who signs in to each target's tenant: two tenants in one box, the real SDKs, and what proves each sign-in."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from copy import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.identity.aio import DefaultAzureCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox import Fault, Sandbox
from shared.config import CloudSettings, Limits, load_settings
from shared.config.settings import Settings
from shared.expectations import Identity, Target
from shared.gather.cloud import CLOUDS
from shared.gather.connections import Connections
from shared.gather.identities import KEPT, Identities
from shared.model import Check
from shared.monitor import Pass, run_passes
from tests.watching import assert_no_secret

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Two tenants: the environment signs in to contoso's, the first."""
    with Sandbox(["contoso", "fabrikam"]) as opened:
        opened.faults.clear()
        for name, value in opened.environment.items():
            monkeypatch.setenv(name, value)
        yield opened


def settings_of(box: Sandbox) -> Settings:
    return load_settings(None, {"DAWNWATCH_CONFIG_TOML": box.cloud_toml() + box.targets_toml()})


def target_of(box: Sandbox, name: str, identity: Identity | None) -> Target:
    tenant = box.tenant(name)
    return Target(name=name, tenant_id=tenant.tenant_id, workspace_id=tenant.workspace.id, identity=identity)


def an_identity(box: Sandbox) -> Identity:
    return Identity(client_id=box.tenant("fabrikam").monitor.client_id, secret_variable="FABRIKAM_SECRET")


async def look(box: Sandbox, target: Target, environ: dict[str, str], *, times: int = 1) -> Pass:
    settings = settings_of(box)
    async with Connections(settings.cloud, environ) as connections:
        for _ in range(times):
            (done,) = await run_passes(
                connections, settings, target, [Check.WORKSPACE_ACCESS], NOW, lambda pages, objects: None
            )
    return done


def sign_ins(box: Sandbox, tenant: str) -> int:
    start = f"/{box.tenant(tenant).tenant_id}/oauth2"
    return sum(call.service == "entra" and call.path.startswith(start) for call in box.requests)


def a_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def a_certificate(key: RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dawnwatch")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=90))
    return made.sign(key, hashes.SHA256())


def as_pem() -> str:
    key = a_key()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + a_certificate(key).public_bytes(serialization.Encoding.PEM)).decode()


def as_pkcs12() -> str:
    key = a_key()
    bag = pkcs12.serialize_key_and_certificates(
        b"dawnwatch", key, a_certificate(key), None, serialization.NoEncryption()
    )
    return base64.b64encode(bag).decode()


async def test_a_secret_proves_the_targets_own_app(box: Sandbox) -> None:
    monitor = box.tenant("fabrikam").monitor
    identity = an_identity(box)
    done = await look(box, target_of(box, "fabrikam", identity), {"FABRIKAM_SECRET": monitor.client_secret})
    assert not done.unread
    assert sign_ins(box, "fabrikam") > 0
    assert sign_ins(box, "contoso") == 0


@pytest.mark.parametrize("text", [as_pem, as_pkcs12, lambda: as_pem().replace("\n", "\\n")])
async def test_a_certificate_proves_it(box: Sandbox, text: Callable[[], str]) -> None:
    identity = Identity(client_id=box.tenant("fabrikam").monitor.client_id, certificate_variable="FABRIKAM_CERT")
    done = await look(box, target_of(box, "fabrikam", identity), {"FABRIKAM_CERT": text()})
    assert not done.unread


async def test_a_managed_identity_proves_it_where_the_app_trusts_it(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{box.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    fabrikam = box.tenant("fabrikam").monitor
    target = target_of(box, "fabrikam", Identity(client_id=fabrikam.client_id, federated_by="system"))
    refused = await look(box, target, {})
    assert "refused a token (401 AADSTS700213)" in refused.unread[0].why
    fabrikam.trusts.append(box.tenant("contoso").monitor.object_id)
    done = await look(box, target, {})
    assert not done.unread


async def test_tokens_are_kept_for_each_identity_and_tenant(box: Sandbox) -> None:
    monitor = box.tenant("fabrikam").monitor
    identity = an_identity(box)
    target = target_of(box, "fabrikam", identity)
    await look(box, target, {"FABRIKAM_SECRET": monitor.client_secret})
    once = sign_ins(box, "fabrikam")
    await look(box, target, {"FABRIKAM_SECRET": monitor.client_secret}, times=5)
    assert sign_ins(box, "fabrikam") == 2 * once


async def test_a_managed_identity_reads_no_tenant_but_its_own(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given a token of its own tenant whichever it asks for: with it, another tenant's target would be judged."""
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{box.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    assert not (await look(box, target_of(box, "contoso", None), {})).unread
    done = await look(box, target_of(box, "fabrikam", None), {})
    assert f"belongs to the tenant {box.tenant('contoso').tenant_id}, not to the target's" in done.unread[0].why
    assert "[target.identity]" in " ".join(done.unread[0].steps)


@pytest.mark.parametrize(
    ("identity", "environ", "why"),
    [
        (Identity(client_id="a", secret_variable="S"), {}, "the variable S, which holds the target's client secret"),
        (
            Identity(client_id="a", certificate_variable="C"),
            {"C": "  "},
            "the variable C, which holds the target",
        ),
        (Identity(client_id="a", certificate_variable="C"), {"C": "aGVsbG8="}, "C holds no certificate with a private"),
        (Identity(client_id="a", certificate_variable="C"), {"C": "hush"}, "C holds no certificate with a private"),
        (
            Identity(client_id="a", secret_variable="S"),
            {"S": "@Microsoft.KeyVault(SecretUri=https://hush)"},
            "the Key Vault reference in S was not resolved",
        ),
    ],
)
async def test_what_proves_nothing_is_told_and_never_quoted(
    box: Sandbox, identity: Identity, environ: dict[str, str], why: str
) -> None:
    done = await look(box, target_of(box, "fabrikam", identity), environ)
    (finding,) = done.findings
    assert finding.id == "monitor.gather_failed"
    assert why in finding.detail
    assert "hush" not in finding.detail + " ".join(finding.remedy.steps)


async def test_one_targets_identity_that_fails_leaves_the_others_alone(box: Sandbox) -> None:
    targets = [
        target_of(box, "fabrikam", Identity(client_id="a", secret_variable="NOT_SET")),
        target_of(box, "contoso", None),
    ]
    bad, good = await asyncio.gather(*(look(box, target, {}) for target in targets))
    assert bad.unread
    assert not good.unread
    assert_no_secret(box, *(finding.detail for finding in bad.findings))


def test_only_the_credentials_that_were_used_last_are_kept() -> None:
    own = DefaultAzureCredential()
    identities = Identities(CloudSettings(), CLOUDS["public"].authority, own, {"S": "hush"}, {})
    kept, dropped = Identity(client_id="a", secret_variable="S"), Identity(client_id="b", secret_variable="S")
    first, second = identities.credential(kept, "t"), identities.credential(dropped, "t")
    for number in range(KEPT - 1):
        identities.credential(kept, "t")
        identities.credential(Identity(client_id=f"{number}", secret_variable="S"), "t")
    assert identities.credential(kept, "t") is first
    assert identities.credential(dropped, "t") is not second


def test_a_pass_ends_before_the_host_would_end_it() -> None:
    """The host renews its hold on a message for as long as its function runs, which is ten minutes at most."""
    host = json.loads((Path(__file__).parents[2] / "host.json").read_text(encoding="utf-8"))
    hours, minutes, seconds = map(int, host["functionTimeout"].split(":"))
    assert Limits().pass_timeout_s + 60 < hours * 3600 + minutes * 60 + seconds


async def test_a_target_whose_services_hang_delays_no_other(box: Sandbox) -> None:
    """Both are looked at over the same connections, as two messages of the queue on one instance are."""
    hanging, well = target_of(box, "fabrikam", an_identity(box)), target_of(box, "contoso", None)
    box.faults.add(Fault(service="arm", kind="hang", path_contains=hanging.workspace_id.split("/")[2]))
    settings = replace(settings_of(box), limits=Limits(request_timeout_s=3, patience_s=3))
    environ = {"FABRIKAM_SECRET": box.tenant("fabrikam").monitor.client_secret}
    async with Connections(settings.cloud, environ) as connections:

        async def passes(target: Target) -> Pass:
            (done,) = await run_passes(
                connections, settings, target, [Check.WORKSPACE_ACCESS], NOW, lambda pages, objects: None
            )
            return done

        held_up = [asyncio.create_task(passes(hanging)) for _ in range(24)]
        await asyncio.sleep(0.5)
        assert not (await passes(well)).unread
        assert not any(task.done() for task in held_up)
        assert all(done.unread for done in await asyncio.gather(*held_up))
