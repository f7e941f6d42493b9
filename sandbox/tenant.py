"""A tenant in the box: all that it holds, how to find it, and the changes that a bad morning makes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.records import (
    Application,
    Assignment,
    Deny,
    Generated,
    Group,
    Identity,
    Service,
    ServicePrincipal,
    Table,
    User,
    Workspace,
    guid_of,
)
from sandbox.roles import BUILT_IN, RoleDefinition


@dataclass(kw_only=True, slots=True)
class Tenant:
    """All of one tenant. Any of it may be changed while the server runs; the next call sees it.

    `tables` are the workspace's. `others` are more workspaces that its people can see, each with tables of its own.
    """

    name: str
    tenant_id: str
    now: datetime
    monitor: Identity
    workspace: Workspace
    administrator: Identity | None = None
    topics: list[str] = field(default_factory=list)
    display_name: str = ""
    applications: list[Application] = field(default_factory=list)
    service_principals: list[ServicePrincipal] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    roles: list[RoleDefinition] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    denies: list[Deny] = field(default_factory=list)
    eligible: list[Assignment] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    generated: Generated = field(default_factory=Generated)
    faults: list[str] = field(default_factory=list)
    others: list[tuple[Workspace, list[Table]]] = field(default_factory=list)

    @property
    def workspaces(self) -> list[tuple[Workspace, list[Table]]]:
        """Every workspace with its tables."""
        return [(self.workspace, self.tables), *self.others]

    @property
    def identities(self) -> list[Identity]:
        """Everybody who can sign in."""
        return [self.monitor, *([self.administrator] if self.administrator else [])]

    @property
    def topic_ids(self) -> list[str]:
        """The resource ids of its Event Grid topics, which are in the workspace's resource group."""
        return [f"{self.workspace.group}/providers/Microsoft.EventGrid/topics/{name}" for name in self.topics]

    def application(self, name: str) -> Application:
        """The registration of a display name, appId or object id."""
        return _only((app for app in self.applications if _is(name, app.name, app.app_id, app.id)), name)

    def service_principal(self, name: str) -> ServicePrincipal:
        """The service principal of a display name, appId or object id."""
        return _only((sp for sp in self.service_principals if _is(name, sp.name, sp.app_id, sp.id)), name)

    def group(self, name: str) -> Group:
        """The group of a display name or object id."""
        return _only((group for group in self.groups if _is(name, group.name, group.id)), name)

    def table(self, name: str) -> Table:
        """The table of a name."""
        return _only((table for table in self.tables if _is(name, table.name)), name)

    def service(self, name: str) -> Service:
        """The Microsoft 365 service of a name or id."""
        return _only((service for service in self.services if _is(name, service.name, service.id)), name)

    def role(self, name: str) -> RoleDefinition:
        """The role definition of a name or GUID, built in or custom."""
        return _only((role for role in (*BUILT_IN, *self.roles) if _is(name, role.name, role.id)), name)

    def principal(self, name: str) -> tuple[str, str]:
        """The object id and principal type of a service principal, group or user; a bare GUID stands for itself."""
        for kind, found in (
            ("ServicePrincipal", (sp.id for sp in self.service_principals if _is(name, sp.name, sp.app_id, sp.id))),
            ("Group", (group.id for group in self.groups if _is(name, group.name, group.id))),
            ("User", (user.id for user in self.users if _is(name, user.name, user.id))),
        ):
            for object_id in found:
                return object_id, kind
        if len(name) == 36 and name.count("-") == 4:
            return name, "ServicePrincipal"
        raise KeyError(name)

    def assign_role(
        self, principal: str, role: str, scope: str = "workspace", *, condition: str | None = None
    ) -> Assignment:
        """Assign a role, at `workspace`, `resource_group`, `subscription`, `management_group:<name>` or an id."""
        object_id, kind = self.principal(principal)
        place = self.scope(scope)
        role_id = self.role(role).id
        made = Assignment(
            id=guid_of(self.tenant_id, "assignment", place, role_id, object_id),
            role_id=role_id,
            principal_id=object_id,
            principal_type=kind,
            scope=place,
            condition=condition,
            prefixed=len(self.assignments) % 2 == 0,
        )
        self.assignments.append(made)
        return made

    def unassign_roles(self, principal: str) -> list[Assignment]:
        """Take away every role that is assigned to a principal itself; gives back what was taken."""
        object_id, _ = self.principal(principal)
        taken = [assignment for assignment in self.assignments if assignment.principal_id == object_id]
        self.assignments[:] = [assignment for assignment in self.assignments if assignment.principal_id != object_id]
        return taken

    def scope(self, name: str) -> str:
        """The resource id of a scope's short name; one with a slash is a resource id already."""
        workspace = self.workspace
        places = {"workspace": workspace.id, "resource_group": workspace.group, "subscription": workspace.subscription}
        if name in places:
            return places[name]
        kind, _, rest = name.partition(":")
        if kind == "management_group":
            return f"/providers/Microsoft.Management/managementGroups/{rest}"
        if kind == "table":
            return f"{workspace.id}/tables/{rest}"
        if name.startswith("/"):
            return name
        raise KeyError(name)

    def groups_of(self, object_id: str) -> set[str]:
        """The ids of all groups that an object is in, through groups too."""
        found: set[str] = set()
        frontier = {object_id.lower()}
        while frontier:
            holding = {group.id for group in self.groups if frontier & {member.lower() for member in group.members}}
            frontier = {group.lower() for group in holding - found}
            found |= holding
        return found

    @property
    def secrets(self) -> set[str]:
        """Every secret string that it holds."""
        values = {identity.client_secret for identity in self.identities}
        if self.generated.applications:
            values |= {f"gN{digit}" for digit in range(10)}  # the hints of made-up secrets
        held = [app.secrets for app in self.applications] + [sp.secrets for sp in self.service_principals]
        for secrets in held:
            values |= {secret.value for secret in secrets} | {secret.hint for secret in secrets}
        return values

    @property
    def principal_ids(self) -> list[str]:
        """The object ids of all that can be in a group or hold a role."""
        people = [user.id for user in self.users]
        return [*people, *(group.id for group in self.groups), *(sp.id for sp in self.service_principals)]


def _is(name: str, *known: str) -> bool:
    return name.lower() in {value.lower() for value in known}


def _only[T](found: Iterator[T], name: str) -> T:
    for first in found:
        return first
    raise KeyError(name)
