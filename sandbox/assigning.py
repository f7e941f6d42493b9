"""Role assignments that come and go, with the refusals that Azure has for them."""

from typing import Any
from uuid import UUID

from sandbox import access
from sandbox.arm_call import Ask
from sandbox.records import Assignment
from sandbox.tenant import Tenant
from sandbox.web import Answer, RefusedError, answer

_UNCHANGEABLE = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."


def assign(ask: Ask) -> Answer:
    """Role Assignments - Create, 2022-04-01: 201 once, 200 for the same again."""
    asked = _asked(ask)
    for known in ask.tenant.assignments:
        is_the_same = _sameness(known) == _sameness(asked)
        if known.id.lower() == asked.id.lower():
            if is_the_same:
                return answer(access.assignment(known, ask.tenant))
            raise RefusedError(400, "RoleAssignmentUpdateNotPermitted", _UNCHANGEABLE)
        if is_the_same:
            raise RefusedError(409, "RoleAssignmentExists", "The role assignment already exists.")
    ask.tenant.assignments.append(asked)
    return answer(access.assignment(asked, ask.tenant), 201)


def unassign(ask: Ask) -> Answer:
    """Role Assignments - Delete, 2022-04-01: 200 with what was taken, 204 where there was nothing."""
    for known in ask.tenant.assignments:
        if known.id.lower() == ask.name.lower() and known.scope.lower() == _place(ask):
            ask.tenant.assignments.remove(known)
            return answer(access.assignment(known, ask.tenant))
    return Answer(204)


def _place(ask: Ask) -> str:
    return "/" + ask.scope.strip("/").lower()


def _sameness(one: Assignment) -> tuple[str, str, str]:
    return one.scope.lower(), one.role_id.lower(), one.principal_id.lower()


def _asked(ask: Ask) -> Assignment:
    body = ask.call.json()
    properties: Any = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict) or not {"roleDefinitionId", "principalId"} <= properties.keys():
        raise RefusedError(400, "InvalidRequestContent", "The request content was invalid and could not be read.")
    if not _is_guid(ask.name):
        message = f"The role assignment ID '{ask.name}' is not valid. The role assignment ID must be a GUID."
        raise RefusedError(400, "InvalidRoleAssignmentId", message)
    role_id = str(properties["roleDefinitionId"]).rstrip("/").rsplit("/", 1)[-1]
    principal_id = str(properties["principalId"])
    kind = _kind(ask.tenant, principal_id)
    if kind != (properties.get("principalType") or kind):
        message = f"The principal '{principal_id}' has type '{kind}', which is different from specified PrincipalType."
        raise RefusedError(400, "UnmatchedPrincipalType", message)
    return Assignment(
        id=ask.name,
        role_id=_role(ask.tenant, role_id),
        principal_id=principal_id,
        principal_type=kind,
        scope="/" + ask.scope.strip("/"),
        condition=properties.get("condition"),
    )


def _kind(tenant: Tenant, principal_id: str) -> str:
    """What a principal is."""
    if principal_id.lower() not in {known.lower() for known in tenant.principal_ids}:
        message = (
            f"Principal {principal_id.replace('-', '')} does not exist in the directory {tenant.tenant_id}. Check that "
            "you have the correct principal ID. If you are creating this principal and then immediately assigning a "
            "role, this error might be related to a replication delay. In this case, set the role assignment "
            "principalType property to a value, such as ServicePrincipal, User, or Group. See "
            "https://aka.ms/docs-principaltype"
        )
        raise RefusedError(400, "PrincipalNotFound", message)
    return tenant.principal(principal_id)[1]


def _role(tenant: Tenant, role_id: str) -> str:
    try:
        return tenant.role(role_id).id
    except KeyError:
        message = f"The specified role definition with ID '{role_id.replace('-', '')}' does not exist."
        raise RefusedError(404, "RoleDefinitionDoesNotExist", message) from None


def _is_guid(name: str) -> bool:
    try:
        return str(UUID(name)) == name.lower()
    except ValueError:
        return False
