"""Application permissions that come and go, as app role assignments, with Microsoft Graph's refusals."""

from sandbox import entities
from sandbox.graph_call import READ_APPS, Ask, one_of
from sandbox.records import GRAPH_APP_ID, Permission, ServicePrincipal
from sandbox.tenant import Tenant
from sandbox.web import Answer, RefusedError, answer

GRANT = frozenset({"AppRoleAssignment.ReadWrite.All"})
_INVALID = "One or more properties are invalid."


def grant(ask: Ask) -> Answer:
    """Grant an appRoleAssignment, on the side of who gets it or of the API: 201."""
    _check_right(ask)
    asked = ask.call.json()
    if not isinstance(asked, dict) or not {"principalId", "resourceId", "appRoleId"} <= asked.keys():
        raise RefusedError(400, "Request_BadRequest", _INVALID)
    sp = one_of(ask.tenant.service_principals, f"id={asked['principalId']}")
    api = one_of(ask.tenant.service_principals, f"id={asked['resourceId']}")
    owner = one_of(ask.tenant.service_principals, ask.key)
    if owner is not (api if _is_from_the_api(ask) else sp):
        raise RefusedError(400, "Request_BadRequest", "Not a valid reference update.")
    role = next((role for role in api.app_roles if role[0] == str(asked["appRoleId"]).lower()), None)
    if role is None:
        message = f"Permission being assigned was not found on application '{api.app_id}'."
        raise RefusedError(400, "Request_BadRequest", message)
    if role in _permission(sp, api).roles:
        raise RefusedError(400, "Request_BadRequest", "Permission being assigned already exists on the object")
    _permission(sp, api).roles.append(role)
    _note(ask.tenant, sp, api)
    (made,) = [one for one in entities.app_role_assignments(ask.tenant, [sp]) if _is(one, api, role[0])]
    context = f"{ask.call.origin}/v1.0/$metadata#servicePrincipals('{owner.id}')/appRoleAssignedTo/$entity"
    return answer({"@odata.context": context} | made, 201)


def take(ask: Ask) -> Answer:
    """Delete an appRoleAssignment: 204."""
    _check_right(ask)
    owner = one_of(ask.tenant.service_principals, ask.key)
    held_by = ask.tenant.service_principals if _is_from_the_api(ask) else [owner]
    for sp in held_by:
        for one in entities.app_role_assignments(ask.tenant, [sp]):
            api = one_of(ask.tenant.service_principals, f"id={one['resourceId']}")
            if one["id"] == ask.grant and owner in (sp, api):
                permission = _permission(sp, api)
                permission.roles = [role for role in permission.roles if role[0] != one["appRoleId"]]
                _note(ask.tenant, sp, api)
                return Answer(204)
    message = f"Resource '{ask.grant}' does not exist or one of its queried reference-property objects are not present."
    raise RefusedError(404, "Request_ResourceNotFound", message)


def _check_right(ask: Ask) -> None:
    if not (ask.caller.roles & GRANT and ask.caller.roles & READ_APPS):
        raise RefusedError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _is_from_the_api(ask: Ask) -> bool:
    return "/approleassignedto" in ask.call.path.lower()


def _permission(sp: ServicePrincipal, api: ServicePrincipal) -> Permission:
    """What it holds on an API; where that is nothing yet, a place to put it."""
    for permission in sp.granted:
        if permission.api.lower() == api.app_id.lower():
            return permission
    sp.granted.append(Permission(api=api.app_id))
    return sp.granted[-1]


def _note(tenant: Tenant, sp: ServicePrincipal, api: ServicePrincipal) -> None:
    """Let the next token of who signs in as it say what it holds now."""
    for who in tenant.identities:
        if who.object_id == sp.id and api.app_id == GRAPH_APP_ID:
            who.app_roles[:] = [value for _, value in _permission(sp, api).roles]


def _is(assignment: entities.Entity, api: ServicePrincipal, role_id: str) -> bool:
    return bool(assignment["resourceId"] == api.id and assignment["appRoleId"] == role_id)
