"""What somebody who is signed in may do: by role assignments at or above a scope, directly or through groups."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from sandbox import scopes
from sandbox.records import Identity
from sandbox.roles import RoleDefinition
from sandbox.tenant import Tenant

QUERY = "Microsoft.OperationalInsights/workspaces/query/read"
READ_TABLES = "Microsoft.OperationalInsights/workspaces/tables/data/read"
SEND_EVENTS = "Microsoft.EventGrid/events/send/action"


def may_manage(tenant: Tenant, who: Identity, action: str, scope: str) -> bool:
    """Whether Azure Resource Manager lets it."""
    if action.endswith("/read") and not who.as_assigned:
        return who.reads_workspace
    return any(_allows(role.actions, role.not_actions, action) for role in _roles(tenant, who, scope))


def may_query(tenant: Tenant, who: Identity, workspace_id: str) -> bool:
    """Whether it may query a workspace."""
    if not who.as_assigned:
        return who.reads_logs
    return any(
        _allows(role.actions, role.not_actions, QUERY) or _allows(role.data_actions, (), READ_TABLES)
        for role in _roles(tenant, who, workspace_id)
    )


def may_send(tenant: Tenant, who: Identity) -> bool:
    """Whether it may publish on any of the tenant's topics; the box has one endpoint for all of them."""
    if not who.as_assigned:
        return who.sends_events
    held = (role for topic in tenant.topic_ids for role in _roles(tenant, who, topic))
    return any(_allows(role.data_actions, (), SEND_EVENTS) for role in held)


def _roles(tenant: Tenant, who: Identity, scope: str) -> Iterable[RoleDefinition]:
    places = set(scopes.chain(scope, tenant.workspace))
    holders = {who.object_id.lower(), *(group.lower() for group in tenant.groups_of(who.object_id))}
    for one in tenant.assignments:
        if one.principal_id.lower() in holders and one.scope.lower() in places:
            yield tenant.role(one.role_id)


def _allows(actions: Iterable[str], not_actions: Iterable[str], action: str) -> bool:
    def covers(patterns: Iterable[str]) -> bool:
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)

    return covers(actions) and not covers(not_actions)
