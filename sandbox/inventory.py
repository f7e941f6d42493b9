"""What Azure Resource Manager lists: tenants, subscriptions, workspaces, solutions. Source: tests/sandbox/samples."""

from collections.abc import Callable, Mapping

from sandbox import rights
from sandbox.access import Entity
from sandbox.records import Workspace
from sandbox.tenant import Tenant
from sandbox.world import Caller, World


def tenants(world: World, caller: Caller) -> Entity:
    """Tenants - List, 2022-12-01: those that know the caller."""
    own = caller.identity.client_id
    known = (one for one in world.tenants.values() if own in {who.client_id for who in one.identities})
    return {"value": [_tenant(one) for one in known]}


def _tenant(tenant: Tenant) -> Entity:
    domain = f"{tenant.name}.example.com"
    return {
        "id": f"/tenants/{tenant.tenant_id}",
        "tenantId": tenant.tenant_id,
        "countryCode": "DE",
        "displayName": tenant.display_name,
        "domains": [domain],
        "tenantCategory": "Home",
        "defaultDomain": domain,
        "tenantType": "AAD",
    }


def _subscription_list(_: World, caller: Caller) -> Entity:
    """Subscriptions - List, 2022-12-01: those on which the caller holds a role; nobody is refused the list itself."""
    action = "Microsoft.Resources/subscriptions/read"
    found = subscriptions(caller.tenant)
    return {"value": [one for one in found if rights.may_manage(caller.tenant, caller.identity, action, one["id"])]}


def subscriptions(tenant: Tenant) -> list[Entity]:
    """Subscriptions - Get, 2022-12-01, for each."""
    owners = {workspace.subscription_id: workspace.owner_tenant for workspace, _ in tenant.workspaces}
    return [_subscription(subscription_id, owner, tenant) for subscription_id, owner in owners.items()]


def _subscription(subscription_id: str, owner: str | None, tenant: Tenant) -> Entity:
    own = subscription_id == tenant.workspace.subscription_id
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "tenantId": owner or tenant.tenant_id,
        "displayName": tenant.display_name if own else f"{tenant.display_name} {subscription_id[:8]}",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
        "authorizationSource": "RoleBased",
        "managedByTenants": [{"tenantId": tenant.tenant_id}] if owner else [],
        "tags": {},
    }


LISTS: Mapping[str, Callable[[World, Caller], Entity]] = {"/tenants": tenants, "/subscriptions": _subscription_list}
"""The lists that are about no scope, by their paths in lower case."""


def workspaces(tenant: Tenant, scope: str) -> list[Workspace]:
    """The workspaces at a scope or below it."""
    below = f"/{scope.strip('/').lower()}/"
    return [found for found, _ in tenant.workspaces if found.exists and f"{found.id.lower()}/".startswith(below)]


def solutions(tenant: Tenant, scope: str) -> Entity:
    """Solutions - List By Subscription, 2015-11-01-preview."""
    return {"value": [_solution(name, place) for place in workspaces(tenant, scope) for name in place.solutions]}


def _solution(name: str, workspace: Workspace) -> Entity:
    full = f"{name}({workspace.name})"
    kind = "Microsoft.OperationsManagement/solutions"
    return {
        "id": f"{workspace.group}/providers/{kind}/{full}",
        "location": workspace.location,
        "name": full,
        "type": kind,
        "properties": {
            "provisioningState": "Succeeded",
            "workspaceResourceId": workspace.id.replace("/resourceGroups/", "/resourcegroups/"),
            "containedResources": [f"{workspace.id}/views/{full}"],
            "referencedResources": [],
        },
        "plan": {"name": full, "publisher": "Microsoft", "promotionCode": "", "product": f"OMSGallery/{name}"},
    }
