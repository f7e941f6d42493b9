"""The commands that give the monitor what it lacks (pure): Dawnwatch's own, and what does the same without it."""

from shared.permissions import GraphNeed, RoleNeed, grant_command
from shared.roles import GRAPH_APP_ID

_SCOPES = "AppRoleAssignment.ReadWrite.All,Application.Read.All"
_ENVIRONMENTS = {
    "https://graph.microsoft.us": " -Environment USGov",
    "https://microsoftgraph.chinacloudapi.cn": " -Environment China",
}
"""What PowerShell calls a national cloud, by the address of its Microsoft Graph."""


def graph_commands(need: GraphNeed, object_id: str, tenant_id: str | None, graph: str) -> tuple[str, ...]:
    """Give an application permission on Microsoft Graph, at the address `graph`, to a service principal."""
    own = grant_command(object_id, graph_roles=[need.name])
    if need.app_role_id is None:
        return (own,)
    body = (
        rf"{{\"principalId\": \"{object_id}\", \"appRoleId\": \"{need.app_role_id}\", "
        rf"\"resourceId\": \"$(az ad sp show --id {GRAPH_APP_ID} --query id --output tsv)\"}}"
    )
    address = f"{graph}/v1.0/servicePrincipals/{object_id}/appRoleAssignments"
    az = f'az rest --method POST --url {address} --headers Content-Type=application/json --body "{body}"'
    resource = f"(Get-MgServicePrincipal -Filter \"appId eq '{GRAPH_APP_ID}'\").Id"
    tenant = f" -TenantId {tenant_id}" if tenant_id else ""
    connect = f"Connect-MgGraph{tenant} -Scopes {_SCOPES}{_ENVIRONMENTS.get(graph, '')}"
    powershell = (
        f"{connect}; New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId {object_id} -PrincipalId {object_id} "
        f"-AppRoleId {need.app_role_id} -ResourceId {resource}"
    )
    return own, az, powershell


def role_commands(need: RoleNeed, object_id: str, *, is_person: bool) -> tuple[str, ...]:
    """Give an Azure role at a scope to a principal."""
    az = _assign(object_id, need.name, f'"{need.scope}"', is_person=is_person)
    return (az,) if is_person else (grant_command(object_id, workspaces=[need.scope]), az)


def sender_commands(host: str, object_id: str, *, is_person: bool) -> tuple[str, ...]:
    """Let a principal send events to the topic at this host name, by which its resource id is looked up."""
    topic = f'"$(az eventgrid topic list --query "[?contains(endpoint, \'{host}\')].id" --output tsv)"'
    az = _assign(object_id, "EventGrid Data Sender", topic, is_person=is_person)
    return (az,) if is_person else (f"{grant_command(object_id)} --topic {topic}", az)


def _assign(object_id: str, role: str, scope: str, *, is_person: bool) -> str:
    kind = "User" if is_person else "ServicePrincipal"
    return (
        f"az role assignment create --assignee-object-id {object_id} --assignee-principal-type {kind} "
        f'--role "{role}" --scope {scope}'
    )
