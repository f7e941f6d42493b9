"""The workspace and its access, as Azure Resource Manager shows them. Source: tests/sandbox/samples/arm-*.json."""

from typing import Any

from sandbox.records import EVERYONE, Assignment, Deny, Workspace
from sandbox.roles import BUILT_IN, RoleDefinition
from sandbox.tenant import Tenant
from sandbox.world import instant

type Entity = dict[str, Any]

_AUTHORIZATION = "providers/Microsoft.Authorization"


def workspace(found: Workspace) -> Entity:
    """Workspaces - Get, 2025-07-01."""
    properties: Entity = {
        "customerId": found.customer_id,
        "provisioningState": found.provisioning_state,
        "sku": {"name": found.sku, "lastSkuUpdate": "2024-05-01T08:00:00.0000000Z"},
        "retentionInDays": found.retention_days,
        "features": {"legacy": 0, "searchVersion": 1},
        "workspaceCapping": {
            "dailyQuotaGb": found.daily_quota_gb,
            "quotaNextResetTime": found.quota_resets_at or "2026-11-23T21:00:00Z",
            "dataIngestionStatus": found.ingestion_status,
        },
        "publicNetworkAccessForIngestion": found.ingestion_access,
        "publicNetworkAccessForQuery": found.query_access,
        "createdDate": "2024-05-01T08:00:00.0000000Z",
        "modifiedDate": "2025-05-01T08:00:00.0000000Z",
    }
    if found.resource_permissions is not None:
        properties["features"]["enableLogAccessUsingOnlyResourcePermissions"] = found.resource_permissions
    kind = "Microsoft.OperationalInsights/workspaces"
    return {"properties": properties, "location": found.location, "id": found.id, "name": found.name, "type": kind}


def topic(resource_id: str, tenant: Tenant) -> Entity:
    """Topics - Get, 2025-02-15."""
    name = resource_id.rsplit("/", 1)[-1]
    region = tenant.workspace.location
    return {
        "properties": {
            "provisioningState": "Succeeded",
            "endpoint": f"https://{name}.{region}-1.eventgrid.azure.net/api/events",
            "inputSchema": "CloudEventSchemaV1_0",
            "publicNetworkAccess": "Enabled",
            "disableLocalAuth": True,
        },
        "location": region,
        "id": resource_id,
        "name": name,
        "type": "Microsoft.EventGrid/topics",
    }


def assignment(one: Assignment, tenant: Tenant) -> Entity:
    """Role Assignments - List For Scope, 2022-04-01."""
    return {
        "properties": {
            "roleDefinitionId": _role_path(one, tenant),
            "principalId": one.principal_id,
            "principalType": one.principal_type,
            "scope": one.scope,
            "condition": one.condition,
            "conditionVersion": "2.0" if one.condition else None,
            "createdOn": "2025-01-15T21:08:45.4904312Z",
            "updatedOn": "2025-01-15T21:08:45.4904312Z",
            "createdBy": tenant.tenant_id,
            "updatedBy": tenant.tenant_id,
            "delegatedManagedIdentityResourceId": None,
            "description": None,
        },
        "id": f"{one.scope.rstrip('/')}/{_AUTHORIZATION}/roleAssignments/{one.id}",
        "type": "Microsoft.Authorization/roleAssignments",
        "name": one.id,
    }


def _role_path(one: Assignment, tenant: Tenant) -> str:
    prefix = tenant.workspace.subscription if one.prefixed else ""
    return f"{prefix}/{_AUTHORIZATION}/roleDefinitions/{one.role_id}"


def eligibility(one: Assignment, tenant: Tenant) -> Entity:
    """Role Eligibility Schedule Instances - List For Scope, 2020-10-01."""
    role = tenant.role(one.role_id)
    schedule = f"{one.scope.rstrip('/')}/{_AUTHORIZATION}/RoleEligibilitySchedules/{one.id}"
    return {
        "properties": {
            "scope": one.scope,
            "roleDefinitionId": f"{tenant.workspace.subscription}/{_AUTHORIZATION}/roleDefinitions/{one.role_id}",
            "principalId": one.principal_id,
            "principalType": one.principal_type,
            "status": "Provisioned",
            "roleEligibilityScheduleId": schedule,
            "startDateTime": "2026-01-10T00:32:36.86Z",
            "endDateTime": instant(one.ends_at),
            "memberType": "Direct",
            "createdOn": "2026-01-10T00:32:36.86Z",
            "condition": one.condition,
            "conditionVersion": "2.0" if one.condition else None,
            "expandedProperties": {
                "scope": {"id": one.scope, "displayName": one.scope.rsplit("/", 1)[-1], "type": "resource"},
                "roleDefinition": {
                    "id": f"{tenant.workspace.subscription}/{_AUTHORIZATION}/roleDefinitions/{one.role_id}",
                    "displayName": role.name,
                    "type": _kind(role),
                },
                "principal": {
                    "id": one.principal_id,
                    "displayName": one.principal_id,
                    "email": "",
                    "type": one.principal_type,
                },
            },
        },
        "name": one.id,
        "id": f"{one.scope.rstrip('/')}/{_AUTHORIZATION}/RoleEligibilityScheduleInstances/{one.id}",
        "type": "Microsoft.Authorization/RoleEligibilityScheduleInstances",
    }


def definitions(tenant: Tenant) -> list[Entity]:
    """Role Definitions - List, 2022-04-01."""
    return [_definition(role, tenant) for role in (*BUILT_IN, *tenant.roles)]


def _definition(role: RoleDefinition, tenant: Tenant) -> Entity:
    return {
        "properties": {
            "roleName": role.name,
            "type": _kind(role),
            "description": role.name,
            "assignableScopes": [tenant.workspace.subscription if role.custom else "/"],
            "permissions": [
                {
                    "actions": list(role.actions),
                    "notActions": list(role.not_actions),
                    "dataActions": list(role.data_actions),
                    "notDataActions": [],
                }
            ],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2023-02-02T21:55:09.8806423Z",
            "createdBy": None,
            "updatedBy": None,
        },
        "id": f"{tenant.workspace.subscription}/{_AUTHORIZATION}/roleDefinitions/{role.id}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.id,
    }


def _kind(role: RoleDefinition) -> str:
    return "CustomRole" if role.custom else "BuiltInRole"


def deny(one: Deny, tenant: Tenant) -> Entity:
    """Deny Assignments - List For Scope, 2022-04-01."""
    return {
        "properties": {
            "denyAssignmentName": one.name,
            "description": one.name,
            "permissions": [
                {"actions": one.actions, "notActions": one.not_actions, "dataActions": [], "notDataActions": []}
            ],
            "scope": one.scope,
            "doNotApplyToChildScopes": one.spares_children,
            "principals": [_principal(tenant, object_id) for object_id in one.principals],
            "excludePrincipals": [_principal(tenant, object_id) for object_id in one.exclude],
            "isSystemProtected": one.system_protected,
        },
        "id": f"{one.scope.rstrip('/')}/{_AUTHORIZATION}/denyAssignments/{one.id}",
        "type": "Microsoft.Authorization/denyAssignments",
        "name": one.id,
    }


def _principal(tenant: Tenant, object_id: str) -> Entity:
    kind = "SystemDefined" if object_id == EVERYONE else tenant.principal(object_id)[1]
    return {"id": object_id, "type": kind}
