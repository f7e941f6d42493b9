"""Nothing is open that need not be: keys, public blobs, old TLS, local authentication; and what private means."""

from collections.abc import Mapping

import pytest

from tests.infra.foreseen import EVERYTHING, MAIN, Deployment, both

ALWAYS: Mapping[str, Mapping[str, object]] = {
    "Microsoft.Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": False,
        "properties.allowBlobPublicAccess": False,
        "properties.allowCrossTenantReplication": False,
        "properties.defaultToOAuthAuthentication": True,
        "properties.minimumTlsVersion": "TLS1_2",
        "properties.supportsHttpsTrafficOnly": True,
    },
    "Microsoft.Storage/storageAccounts/blobServices/containers": {"properties.publicAccess": "None"},
    "Microsoft.Storage/storageAccounts/blobServices": {
        "properties.deleteRetentionPolicy.enabled": True,
        "properties.containerDeleteRetentionPolicy.enabled": True,
    },
    "Microsoft.Insights/components": {
        "properties.DisableLocalAuth": True,
        "properties.DisableIpMasking": False,
        "properties.IngestionMode": "LogAnalytics",
    },
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
    "Microsoft.EventGrid/topics": {
        "properties.disableLocalAuth": True,
        "properties.inputSchema": "CloudEventSchemaV1_0",
        "properties.minimumTlsVersionAllowed": "1.2",
    },
    "Microsoft.KeyVault/vaults": {
        "properties.enableRbacAuthorization": True,
        "properties.enablePurgeProtection": True,
        "properties.enableSoftDelete": True,
        "properties.enabledForTemplateDeployment": False,
        "properties.tenantId": "00000000-0000-0000-0000-00000000000a",
    },
    "Microsoft.Web/sites": {
        "properties.httpsOnly": True,
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.siteConfig.scmMinTlsVersion": "1.2",
        "properties.siteConfig.ftpsState": "Disabled",
        "properties.siteConfig.remoteDebuggingEnabled": False,
        "identity.type": "UserAssigned",
    },
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": {"properties.allow": False},
}
CLOSES = ("Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.EventGrid/topics")


@both
@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind in ALWAYS for path in ALWAYS[kind]])
def test_what_is_closed_always(deployment: Deployment, kind: str, path: str) -> None:
    resources = deployment.of(kind)
    assert resources
    assert {resource.at(path) for resource in resources} == {ALWAYS[kind][path]}


@both
def test_deploying_with_a_password_is_off_in_both_ways(deployment: Deployment) -> None:
    policies = deployment.of("Microsoft.Web/sites/basicPublishingCredentialsPolicies")
    assert sorted(policy.name.rpartition("/")[2] for policy in policies) == ["ftp", "scm"]


@pytest.mark.parametrize("kind", CLOSES)
def test_public_endpoints_are_open_until_a_private_network_is_asked_for(kind: str) -> None:
    assert MAIN.one(kind).at("properties.publicNetworkAccess") == "Enabled"
    assert EVERYTHING.one(kind).at("properties.publicNetworkAccess") == "Disabled"


@pytest.mark.parametrize("kind", CLOSES[:2])
def test_a_private_network_lets_nobody_else_in(kind: str) -> None:
    assert EVERYTHING.one(kind).at("properties.networkAcls.defaultAction") == "Deny"


def test_without_a_private_network_there_is_none() -> None:
    assert not [resource for resource in MAIN.resources if resource.type.startswith("Microsoft.Network/")]


def test_each_part_has_its_private_endpoint_and_name() -> None:
    zones = {
        "blob": "format('privatelink.{0}.{1}', 'blob', environment().suffixes.storage)",
        "queue": "format('privatelink.{0}.{1}', 'queue', environment().suffixes.storage)",
        "table": "format('privatelink.{0}.{1}', 'table', environment().suffixes.storage)",
        "vault": "replace(environment().suffixes.keyvaultDns, '.vault.', 'vaultcore.')",
        "topic": "'outputs', 'domain', 'value'",
    }
    endpoints = {str(one.name).rpartition("-")[2]: one for one in EVERYTHING.of("Microsoft.Network/privateEndpoints")}
    assert endpoints.keys() == zones.keys()
    named = " ".join(zone.name for zone in EVERYTHING.of("Microsoft.Network/privateDnsZones"))
    assert all(zone in named for zone in zones.values())
    for part, endpoint in endpoints.items():
        assert str(endpoint.at("properties.subnet.id")).endswith("/subnets/endpoints")
        connections = endpoint.at("properties.privateLinkServiceConnections")
        assert isinstance(connections, list)
        assert connections[0]["properties"]["groupIds"] == [part]
    groups = EVERYTHING.of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
    links = EVERYTHING.of("Microsoft.Network/privateDnsZones/virtualNetworkLinks")
    assert len(groups) == len(links) == len(endpoints)


def test_the_app_reaches_out_from_a_subnet_that_flex_consumption_may_use() -> None:
    subnets = EVERYTHING.one("Microsoft.Network/virtualNetworks").at("properties.subnets")
    assert isinstance(subnets, list)
    app, endpoints = (subnet["properties"] for subnet in subnets)
    assert [one["properties"]["serviceName"] for one in app["delegations"]] == ["Microsoft.App/environments"]
    assert (app["addressPrefix"], endpoints["addressPrefix"]) == ("10.20.30.0/26", "10.20.30.64/27")
    assert str(EVERYTHING.one("Microsoft.Web/sites").at("properties.virtualNetworkSubnetId")).endswith("/subnets/app")
    assert MAIN.one("Microsoft.Web/sites").at("properties.virtualNetworkSubnetId") is None


def test_only_https_reaches_the_private_endpoints() -> None:
    (guard,) = (
        one for one in EVERYTHING.of("Microsoft.Network/networkSecurityGroups") if one.name.endswith("endpoints")
    )
    rules = guard.at("properties.securityRules")
    assert isinstance(rules, list)
    by_priority = sorted((rule["properties"] for rule in rules), key=lambda rule: int(rule["priority"]))
    told = [(rule["access"], rule["sourceAddressPrefix"], rule["destinationPortRange"]) for rule in by_priority]
    assert told == [("Allow", "VirtualNetwork", "443"), ("Deny", "*", "*")]
