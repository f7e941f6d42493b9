from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox import load_tenant
from sandbox.loading import TENANTS
from shared.errors import ConfigError

CONTOSO = (TENANTS / "contoso.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.stem for path in TENANTS.glob("*.toml")))
def test_the_boxs_own_tenants_load(name: str) -> None:
    assert load_tenant(name).name == name


def test_the_same_file_is_always_the_same_tenant() -> None:
    assert load_tenant("fabrikam") == load_tenant(TENANTS / "fabrikam.toml")


def test_relative_ends_count_from_the_tenants_own_now() -> None:
    tenant = load_tenant("fabrikam")
    assert tenant.application("ConfigMgrSvc_6e1f").secrets[0].ends_at == tenant.now + timedelta(days=6)


def test_a_signing_certificate_is_two_keys_of_one_thumbprint() -> None:
    keys = load_tenant("fabrikam").service_principal("Payroll SSO").certificates
    assert {key.usage for key in keys} == {"Sign", "Verify"}
    assert len({key.thumbprint for key in keys}) == 1


def test_snapshots_arrive_about_their_time() -> None:
    table = load_tenant("contoso").table("MADevice")
    due = datetime(2026, 11, 23, 6, 40, tzinfo=UTC)
    today = table.on(due.date())
    assert today is not None
    assert abs(today.arrived_at - due) <= timedelta(minutes=3)
    assert len([snapshot for snapshot in table.snapshots if snapshot.arrived_at < due]) >= 24


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('name = "contoso"\n', 'nome = "contoso"\n', "", "nome"),
        ('resource_group = "rg-analytics"', "resource_group = 7", "workspace.resource_group", "Expected `str`"),
        ('tenant_id = "c0470500', 'tenant_id = "wrong', "tenant_id", "no GUID"),
        ('ends = "+190d"', 'ends = "soon"', "application[0].secrets[0].ends", "soon"),
        ('role = "Log Analytics Reader"', 'role = "Log Reader"', "role_assignment[0]", "Log Reader"),
        ('owners = ["Ada Lovelace"]', 'owners = ["Nobody"]', "application[0]", "Nobody"),
        ('"CmCollectionData.write"]', '"CmCollectionData.own"]', "application[0]", "CmCollectionData.own"),
        ("now = 2026-11-23T04:00:00Z", "now = 2026-11-23T04:00:00", "now", "offset"),
        ('DeviceId = "string"', 'DeviceId = "text"', "table[0]", "text"),
        ('"MADevice",', '"MA\\" Device",', "table[0]", "MA"),
        ("now = 2026", 'faults = ["graph:melt"]\nnow = 2026', "faults[0]", "melt"),
        ("[[table]]", "[table", "", "table"),
    ],
)
def test_a_mistake_names_file_key_and_problem(tmp_path: Path, old: str, new: str, key: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(CONTOSO.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_tenant(path)
    mistake = caught.value.mistakes[0]
    assert mistake.file == "mine.toml"
    assert key in mistake.key
    assert problem in mistake.problem


def test_a_missing_file_is_said() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_tenant("nowhere.toml")
