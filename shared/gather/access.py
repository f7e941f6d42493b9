"""Reading who may read the workspace: assignments, denials, eligibilities, orphans, in as few calls as it takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.expectations import AppExpectation, RoleExpectation, Target
from shared.facts import (
    AccessFacts,
    DenyAssignment,
    DenyPermission,
    Eligibility,
    PrincipalAccess,
    RoleAssignment,
    Unread,
)
from shared.gather.answers import Answer, refusal, together
from shared.gather.arm import Listing, all_of
from shared.gather.cloud import GRAPH, Azure
from shared.gather.entra import GUID, AmbiguousNameError, find_service_principal, get_service_principal
from shared.gather.graph import Page, batch
from shared.gather.graph import all_of as all_of_graph
from shared.gather.workspace import gather_workspace
from shared.names import bounded
from shared.roles import BUILT_IN_ROLES

OWN_TYPES = frozenset({"User", "ServicePrincipal"})
"""Principal types that hold a role for themselves alone; any other may hand it on to members."""


class _AssignmentProperties(Struct, rename="camel"):
    role_definition_id: str
    principal_id: str
    scope: str
    principal_type: str | None = None
    condition: str | None = None
    delegated_managed_identity_resource_id: str | None = None


class Assignment(Struct):
    """A role assignment, as Azure Resource Manager shows it."""

    id: str
    properties: _AssignmentProperties


class _EligibilityProperties(Struct, rename="camel"):
    role_definition_id: str
    principal_id: str
    scope: str
    principal_type: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class _Eligibility(Struct):
    properties: _EligibilityProperties


class _Permission(Struct, rename="camel"):
    actions: tuple[str, ...] | None = ()
    not_actions: tuple[str, ...] | None = ()


class _DenyPrincipal(Struct):
    id: str
    type: str | None = None


class _DenyProperties(Struct, rename="camel"):
    deny_assignment_name: str | None = None
    permissions: list[_Permission] = []
    scope: str | None = None
    do_not_apply_to_child_scopes: bool | None = None
    principals: list[_DenyPrincipal] = []
    exclude_principals: list[_DenyPrincipal] | None = None


class _Deny(Struct):
    id: str
    properties: _DenyProperties


class _RoleProperties(Struct, rename="camel"):
    role_name: str | None = None


class _Role(Struct):
    id: str
    properties: _RoleProperties


class _ObjectId(Struct):
    id: str


_assignments = msgspec.json.Decoder(Listing[Assignment])
_eligibilities = msgspec.json.Decoder(Listing[_Eligibility])
_denies = msgspec.json.Decoder(Listing[_Deny])
_roles = msgspec.json.Decoder(Listing[_Role])
_object_ids = msgspec.json.Decoder(Page[_ObjectId])


async def gather_workspace_access(azure: Azure, target: Target, now: datetime) -> AccessFacts:
    """Read who may read the workspace: one list of assignments, one of denials, and what each principal holds.

    A principal that can only hold roles of its own costs nothing more; where groups hold roles, one call each.

    Raises:
        GatherError: something that every judgement here needs could not be read.
    """
    workspace = await gather_workspace(azure, target)
    if not workspace.is_there:
        return AccessFacts(observed_at=now, workspace=workspace)
    listed, denies, (found, unread) = await together(
        list_assignments(azure, target, "atScope()"), list_denies(azure, target), _find_principals(azure, target)
    )
    assignments = [_facts(item) for item in listed]
    held = await together(*(_with_assignments(azure, target, access, assignments) for access in found))
    names = await _role_names(azure, target, held)
    principals = await together(*(_complete(azure, target, access, denies, names) for access in held))
    orphans = await _find_orphans(azure, target, listed, known={access.object_id for access in principals})
    return AccessFacts(
        observed_at=now,
        workspace=workspace,
        principals=tuple(principals),
        denies=tuple(_deny(deny, target.workspace_id) for deny in denies),
        orphans=tuple(orphans),
        role_names=names,
        read=len(assignments),
        unread=tuple(unread),
    )


# --- principals ---


async def _find_principals(azure: Azure, target: Target) -> tuple[list[PrincipalAccess], list[Unread]]:
    found = await together(*(_find_principal(azure, role) for role in target.roles))
    return (
        [access for access in found if isinstance(access, PrincipalAccess)],
        [unread for unread in found if isinstance(unread, Unread)],
    )


async def _find_principal(azure: Azure, role: RoleExpectation) -> PrincipalAccess | Unread:
    is_guid = GUID.fullmatch(role.principal)
    app = AppExpectation(app_id=role.principal) if is_guid else AppExpectation(name=role.principal)
    try:
        principal = await find_service_principal(azure, app)
        if principal is None and is_guid:
            principal = await get_service_principal(azure, role.principal)
    except AmbiguousNameError as error:
        return _ambiguous(role, error)
    if principal is not None:
        return PrincipalAccess(
            expectation=role,
            object_id=principal.id.lower(),
            name=principal.display_name,
            app_id=principal.app_id,
        )
    return PrincipalAccess(expectation=role, object_id=None)


def _ambiguous(role: RoleExpectation, error: AmbiguousNameError) -> Unread:
    return Unread(
        scope=f"principal:{role.principal.lower()}",
        what=f"the principal {role.principal}",
        why=error.why,
        hides="whether it may read the workspace",
        steps=("Name the principal that is meant by its appId or object id in dawnwatch.toml.",),
    )


async def _exists(azure: Azure, object_ids: Iterable[str]) -> set[str]:
    """Ask which of these service principals there are, twenty to a call."""
    ids = sorted({object_id.lower() for object_id in object_ids})

    def read(answer: Answer) -> bool:
        if answer.status not in {200, 404}:
            raise refusal(GRAPH, answer)
        return answer.status == 200

    found = await batch(azure, [f"/servicePrincipals/{object_id}?$select=id" for object_id in ids], read)
    return {object_id for object_id, there in zip(ids, found, strict=True) if there}


# --- role assignments ---


async def list_assignments(azure: Azure, target: Target, which: str) -> list[Assignment]:
    """List the role assignments at the workspace that a filter of Azure Resource Manager's lets through."""
    scope = target.workspace_id.strip("/")
    return await all_of(
        azure,
        lambda **hook: azure.authorization.role_assignments.list_for_scope(scope, filter=which, **hook),
        _assignments,
    )


def _facts(assignment: Assignment) -> RoleAssignment:
    properties = assignment.properties
    return RoleAssignment(
        id=assignment.id,
        role_id=role_guid(properties.role_definition_id),
        principal_id=properties.principal_id.lower(),
        principal_type=properties.principal_type,
        scope=properties.scope,
        condition=properties.condition,
    )


def role_guid(role_definition_id: str) -> str:
    """Take the last segment of a role's id: it comes with and without a subscription in front."""
    return role_definition_id.rstrip("/").rsplit("/", 1)[-1].lower()


async def _with_assignments(
    azure: Azure, target: Target, access: PrincipalAccess, listed: Sequence[RoleAssignment]
) -> PrincipalAccess:
    """Collect what a principal holds: its own assignments, and where groups hold any, what it has through them.

    An object id that is no service principal but holds a role is a user or a group: there, though not readable.
    """
    own = access.object_id or access.expectation.principal.lower()
    held = {item.id: item for item in listed if item.principal_id == own}
    kind = "ServicePrincipal" if access.object_id else next((item.principal_type for item in held.values()), None)
    if GUID.fullmatch(own) and _may_hold_through_groups(own, kind, listed):
        through = await _list_assigned(azure, target, own, is_known=kind is not None)
        held |= {item.id: _facts(item) for item in through if _is_of(item.properties, own)}
    if access.object_id is None and not held:
        return access
    return replace(access, object_id=own, principal_type=kind, assignments=tuple(held.values()))


async def _list_assigned(azure: Azure, target: Target, object_id: str, *, is_known: bool) -> list[Assignment]:
    try:
        return await list_assignments(azure, target, f"atScope() and assignedTo('{object_id}')")
    except GatherError as error:
        if error.status in {400, 404} and not is_known:  # an id that nobody has cannot be assigned to
            return []
        raise


def _may_hold_through_groups(object_id: str, kind: str | None, listed: Sequence[RoleAssignment]) -> bool:
    """Whether to ask for roles held through groups: assignedTo() knows users and service principals, not groups."""
    return kind in {None, *OWN_TYPES} and any(
        item.principal_type not in OWN_TYPES and item.principal_id != object_id for item in listed
    )


def _is_of(properties: _AssignmentProperties | _EligibilityProperties, object_id: str) -> bool:
    """Whether an answer to assignedTo() is about the principal: its own, or its group's."""
    return properties.principal_id.lower() == object_id or properties.principal_type not in OWN_TYPES


# --- roles ---


async def _role_names(azure: Azure, target: Target, held: Sequence[PrincipalAccess]) -> dict[str, str]:
    """Name every role that is expected or held, by GUID; definitions are read only where a role is not built in."""
    names = {role_id: name for name, role_id in BUILT_IN_ROLES.items()}
    known = set(BUILT_IN_ROLES.values()) | {name.lower() for name in BUILT_IN_ROLES}
    used = {item.role_id for access in held for item in access.assignments}
    expected = {role.lower() for access in held for role in access.expectation.any_of if not GUID.fullmatch(role)}
    if not (used | expected) - known:
        return names
    scope = target.workspace_id.strip("/")
    found = await all_of(azure, lambda **hook: azure.authorization.role_definitions.list(scope, **hook), _roles)
    return names | {
        role_guid(role.id): bounded(role.properties.role_name) for role in found if role.properties.role_name
    }


async def _complete(
    azure: Azure,
    target: Target,
    access: PrincipalAccess,
    denies: Sequence[_Deny],
    names: Mapping[str, str],
) -> PrincipalAccess:
    """Resolve the expected roles, and read eligibilities and groups where a judgement needs them."""
    ids = {name.lower(): role_id for role_id, name in names.items()}
    any_of = [role.lower() for role in access.expectation.any_of]
    expected = {role if GUID.fullmatch(role) else ids[role] for role in any_of if GUID.fullmatch(role) or role in ids}
    unknown = tuple(role for role in access.expectation.any_of if not GUID.fullmatch(role) and role.lower() not in ids)
    access = replace(access, expected_role_ids=frozenset(expected), unknown_roles=unknown)
    own = access.object_id
    if own is None:
        return access
    if not any(item.role_id in expected for item in access.assignments):
        access = replace(access, eligible=tuple(await _list_eligible(azure, target, own, access.principal_type)))
    if any(_names_a_group(deny) for deny in denies):
        access = replace(access, group_ids=await _list_groups(azure, own, access.principal_type))
    return access


async def _list_eligible(azure: Azure, target: Target, object_id: str, kind: str | None) -> list[Eligibility]:
    scope = target.workspace_id.strip("/")
    which = f"assignedTo('{object_id}')" if kind in OWN_TYPES else f"principalId eq '{object_id}'"
    try:
        found = await all_of(
            azure,
            lambda **hook: azure.authorization.role_eligibility_schedule_instances.list_for_scope(
                scope, filter=which, **hook
            ),
            _eligibilities,
        )
    except GatherError as error:
        # A tenant without Privileged Identity Management has nothing eligible, and says so as an error.
        if error.code and "license" in error.code.lower():
            return []
        raise
    return [
        Eligibility(
            role_id=role_guid(item.properties.role_definition_id),
            scope=item.properties.scope,
            starts_at=item.properties.start_date_time,
            ends_at=item.properties.end_date_time,
        )
        for item in found
        if _is_of(item.properties, object_id)
    ]


# --- denials ---


async def list_denies(azure: Azure, target: Target) -> list[_Deny]:
    """List the deny assignments that reach the workspace."""
    scope = target.workspace_id.strip("/")
    return await all_of(
        azure,
        lambda **hook: azure.authorization.deny_assignments.list_for_scope(scope, filter="atScope()", **hook),
        _denies,
    )


def _names_a_group(deny: _Deny) -> bool:
    named = [*deny.properties.principals, *(deny.properties.exclude_principals or [])]
    return any((principal.type or "").lower() == "group" for principal in named)


async def _list_groups(azure: Azure, object_id: str, kind: str | None) -> frozenset[str]:
    """Read the groups that a principal is in, nested ones too. Application.Read.All does for service principals."""
    people = {"User": "users", "Group": "groups"}.get(kind or "", "servicePrincipals")
    url = f"/{people}/{object_id}/transitiveMemberOf?$select=id&$top=999"
    return frozenset(item.id.lower() for item in await all_of_graph(azure, url, _object_ids))


def _deny(deny: _Deny, workspace_id: str) -> DenyAssignment:
    properties = deny.properties
    return DenyAssignment(
        id=deny.id,
        name=bounded(properties.deny_assignment_name or deny.id.rsplit("/", 1)[-1]),
        scope=properties.scope or workspace_id,
        permissions=tuple(
            DenyPermission(actions=item.actions or (), not_actions=item.not_actions or ())
            for item in properties.permissions
        ),
        principal_ids=frozenset(principal.id.lower() for principal in properties.principals),
        excluded_ids=frozenset(principal.id.lower() for principal in properties.exclude_principals or []),
        applies_to_children=not properties.do_not_apply_to_child_scopes,
    )


# --- orphans ---


async def _find_orphans(
    azure: Azure, target: Target, listed: Sequence[Assignment], known: set[str | None]
) -> list[RoleAssignment]:
    """Find assignments made at the workspace itself whose service principal is gone.

    Users and groups are left alone: to look them up would take more rights than the monitor should have. So are
    principals of another tenant.
    """
    suspects = [_facts(item) for item in listed if _may_be_orphaned(item.properties, target, known)]
    there = await _exists(azure, {item.principal_id for item in suspects})
    return [item for item in suspects if item.principal_id not in there]


def _may_be_orphaned(properties: _AssignmentProperties, target: Target, known: set[str | None]) -> bool:
    return (
        properties.scope.rstrip("/").lower() == target.workspace_id.rstrip("/").lower()
        and properties.principal_type in {"ServicePrincipal", "Unknown"}
        and properties.delegated_managed_identity_resource_id is None
        and properties.principal_id.lower() not in known
    )
