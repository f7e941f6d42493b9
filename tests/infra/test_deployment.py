"""What holds for the whole deployment: tags, logs, names that a second one repeats, nothing that depends on when."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infra.foreseen import EVERYTHING, HOME, INFRA, MAIN, Deployment, both

UNTAGGED = {  # Azure gives these no tags
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.KeyVault/vaults/secrets",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/tableServices",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
}
LONGEST = {  # Source: "Naming rules and restrictions for Azure resources"
    "Microsoft.Storage/storageAccounts": 24,
    "Microsoft.KeyVault/vaults": 24,
    "Microsoft.EventGrid/topics": 50,
    "Microsoft.Web/sites": 60,
}
LOGS: Mapping[str, Mapping[str, list[str]]] = {
    "main": {
        "storageAccounts/blobServices": ["StorageDelete"],
        "vaults": ["audit"],
        "topics": ["allLogs"],
    },
    "everything": {
        "storageAccounts/blobServices": ["allLogs"],
        "storageAccounts/queueServices": ["allLogs"],
        "storageAccounts/tableServices": ["allLogs"],
        "vaults": ["allLogs"],
        "topics": ["allLogs"],
        "sites": ["allLogs"],
    },
}


@both
def test_everything_carries_the_tags_that_azd_and_people_look_for(deployment: Deployment) -> None:
    tagged = [one for one in deployment.resources if one.type not in UNTAGGED]
    assert len(tagged) > 10
    names = {"main": "dawnwatch", "everything": "everything"}
    for one in tagged:
        tags = one.at("tags")
        assert isinstance(tags, dict)
        assert tags["azd-env-name"] == names[deployment.name], one.id
        assert tags["application"] == "dawnwatch", one.id
        assert ("owner" in tags) == (deployment.name == "everything"), one.id


@both
def test_azd_finds_the_app_by_its_tag(deployment: Deployment) -> None:
    tagged = [
        one.type
        for one in deployment.resources
        if isinstance(tags := one.body.get("tags"), dict) and tags.get("azd-service-name") == "monitor"
    ]
    assert tagged == ["Microsoft.Web/sites"]
    azure_yaml = (INFRA.parent / "azure.yaml").read_text(encoding="utf-8")
    assert re.search(r"^services:\n  monitor:$", azure_yaml, re.MULTILINE)


@both
def test_logs_go_to_the_monitors_own_workspace(deployment: Deployment) -> None:
    own = deployment.one("Microsoft.OperationalInsights/workspaces").id
    found = {}
    for one in deployment.of("Microsoft.Insights/diagnosticSettings"):
        kind = re.sub(
            r"/[^/]+$", "", re.sub(r"(storageAccounts)/[^/]+/", r"\1/", one.scope.partition("/providers/")[2])
        )
        rows = one.at("properties.logs")
        assert isinstance(rows, list)
        assert all(row["enabled"] for row in rows)
        found[kind.partition("/")[2]] = [row.get("categoryGroup") or row["category"] for row in rows]
        assert one.at("properties.workspaceId") == own
    assert found == LOGS[deployment.name]


@both
def test_all_but_the_watched_workspaces_is_in_one_resource_group(deployment: Deployment) -> None:
    group = deployment.one("Microsoft.Resources/resourceGroups").id
    elsewhere = {one.type for one in deployment.resources if not one.id.startswith(("[", group))}
    assert elsewhere == set()
    expressed = {one.type.partition("/")[0] for one in deployment.resources if one.id.startswith("[")}
    assert expressed <= {"Microsoft.Authorization", "Microsoft.Network"}


@both
def test_names_are_as_azure_wants_them(deployment: Deployment) -> None:
    for kind, longest in LONGEST.items():
        name = deployment.one(kind).name
        assert 3 <= len(name) <= longest
        assert re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", name)
    assert re.fullmatch(r"[a-z0-9]+", deployment.one("Microsoft.Storage/storageAccounts").name)


def test_two_environments_of_one_subscription_share_no_name() -> None:
    names = [{one.id for one in deployment.resources if one.id.startswith(HOME)} for deployment in (MAIN, EVERYTHING)]
    assert not names[0] & names[1]
    unique = [[deployment.one(kind).name for kind in LONGEST] for deployment in (MAIN, EVERYTHING)]
    assert not set(unique[0]) & set(unique[1])


@pytest.mark.parametrize("path", sorted(INFRA.rglob("*.bicep*")), ids=lambda path: path.name)
def test_no_file_depends_on_when_it_is_deployed(path: Path) -> None:
    assert not re.search(r"\b(utcNow|newGuid|dateTimeAdd)\s*\(", path.read_text(encoding="utf-8"))


@both
def test_the_telemetry_is_kept_and_capped_as_asked(deployment: Deployment) -> None:
    workspace = deployment.one("Microsoft.OperationalInsights/workspaces")
    expected = {"main": (90, 5), "everything": (180, -1)}[deployment.name]
    kept = (workspace.at("properties.retentionInDays"), workspace.at("properties.workspaceCapping.dailyQuotaGb"))
    assert kept == expected


def test_what_is_stored_can_survive_a_zone() -> None:
    found = [deployment.one("Microsoft.Storage/storageAccounts").at("sku.name") for deployment in (MAIN, EVERYTHING)]
    assert found == ["Standard_LRS", "Standard_ZRS"]


def test_the_outputs_are_what_people_and_hooks_need() -> None:
    assert sorted(MAIN.outputs) == sorted(EVERYTHING.outputs)
    assert sorted(MAIN.outputs) == [
        "AZURE_RESOURCE_GROUP",
        "DAWNWATCH_APP",
        "DAWNWATCH_IDENTITY_CLIENT_ID",
        "DAWNWATCH_IDENTITY_PRINCIPAL_ID",
        "DAWNWATCH_STORAGE",
        "DAWNWATCH_TOPIC_ID",
        "DAWNWATCH_URL",
        "DAWNWATCH_VAULT",
    ]
