"""What was read from Azure: frozen and typed. Gather makes these, checks judge them, nothing else is passed between.

Records that come straight from bytes are msgspec structs, decoded in one step; the others are dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec
from msgspec import Struct

from shared.expectations import AppExpectation, RoleExpectation, SnapshotExpectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read, and so is not judged: what, why, what that hides, and what to do.

    `scope` is its stable name within the check. `again_at` is when the server said to come back.
    """

    scope: str
    what: str
    why: str
    hides: str
    steps: tuple[str, ...]
    again_at: datetime | None = None


# --- the workspace and who may read it ---


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFacts:
    """The Log Analytics workspace. Source: Workspaces - Get, api-version 2025-07-01.

    `state` is its provisioningState, or "NotFound" where Azure Resource Manager answers 404.
    """

    resource_id: str
    state: str
    customer_id: str | None = None
    query_access_enabled: bool = True
    ingestion_status: str | None = None
    quota_resets_at: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether its roles and tables can be judged at all."""
        return self.state.lower() not in {"notfound", "deleting", "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """A role assignment. `role_id` is the GUID of the role definition, lower case; `scope` is where it was made."""

    id: str
    role_id: str
    principal_id: str
    principal_type: str | None
    scope: str
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """A role that Privileged Identity Management would let the principal activate: eligible is not active."""

    role_id: str
    scope: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyPermission:
    """What a deny assignment takes away; wildcards as Azure writes them."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyAssignment:
    """A deny assignment at or above the workspace. Principals are object ids, lower case; all zeros is everyone."""

    id: str
    name: str
    scope: str
    permissions: tuple[DenyPermission, ...]
    principal_ids: frozenset[str]
    excluded_ids: frozenset[str]
    applies_to_children: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalAccess:
    """What one expected principal holds at the workspace.

    `object_id` is None where no such principal was found. `assignments` are all that are effective at the
    workspace: direct, inherited, or through a group. `eligible` is read only where no expected role is active.
    `group_ids` are the groups it is in, read only where a deny assignment names a group. `expected_role_ids` is
    `any_of` as GUIDs; `unknown_roles` are the names in it that no role definition has. Ids are lower case.
    """

    expectation: RoleExpectation
    object_id: str | None
    principal_type: str | None = None
    name: str | None = None
    app_id: str | None = None
    expected_role_ids: frozenset[str] = frozenset()
    unknown_roles: tuple[str, ...] = ()
    assignments: tuple[RoleAssignment, ...] = ()
    eligible: tuple[Eligibility, ...] = ()
    group_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """Who may read the workspace. Where it is not there, only `workspace` is filled in."""

    observed_at: datetime
    workspace: WorkspaceFacts
    principals: tuple[PrincipalAccess, ...] = ()
    denies: tuple[DenyAssignment, ...] = ()
    orphans: tuple[RoleAssignment, ...] = ()
    role_names: Mapping[str, str] = field(default_factory=dict)
    read: int = 0
    unread: tuple[Unread, ...] = ()


# --- apps and their credentials ---


class Credential(Struct, frozen=True, gc=False):
    """A client secret or certificate, of a registration or a service principal; never its value or its hint.

    Source: Microsoft Graph passwordCredential and keyCredential. A null end never expires.
    """

    key_id: str | None = msgspec.field(name="keyId", default=None)
    name: str | None = msgspec.field(name="displayName", default=None)
    starts_at: datetime | None = msgspec.field(name="startDateTime", default=None)
    ends_at: datetime | None = msgspec.field(name="endDateTime", default=None)
    thumbprint: str | None = msgspec.field(name="customKeyIdentifier", default=None)
    usage: str | None = None


class ResourceAccess(Struct, frozen=True, gc=False):
    """One permission that a registration requests: an app role (`Role`) or a delegated scope (`Scope`)."""

    id: str
    type: str


class RequiredResourceAccess(Struct, frozen=True, rename="camel", gc=False):
    """The permissions that a registration requests on one API."""

    resource_app_id: str
    resource_access: tuple[ResourceAccess, ...] = ()


class Application(Struct, frozen=True, rename="camel", gc=False):
    """An app registration. Source: Microsoft Graph application."""

    id: str
    app_id: str
    display_name: str | None = None
    sign_in_audience: str | None = None
    disabled_by_microsoft_status: str | None = None
    required_resource_access: tuple[RequiredResourceAccess, ...] = ()
    password_credentials: tuple[Credential, ...] = ()
    key_credentials: tuple[Credential, ...] = ()


class AppRole(Struct, frozen=True, gc=False):
    """An application permission that an API offers."""

    id: str
    value: str | None = None


class ServicePrincipal(Struct, frozen=True, rename="camel", gc=False):
    """An app as it stands in the tenant (an enterprise application). Source: Microsoft Graph servicePrincipal."""

    id: str
    app_id: str
    display_name: str | None = None
    account_enabled: bool | None = None
    disabled_by_microsoft_status: str | None = None
    service_principal_type: str | None = None
    app_owner_organization_id: str | None = None
    app_roles: tuple[AppRole, ...] = ()
    password_credentials: tuple[Credential, ...] = ()
    key_credentials: tuple[Credential, ...] = ()


class AppRoleAssignment(Struct, frozen=True, rename="camel", gc=False):
    """A granted application permission (admin consent). `resource_id`: object id of the API's service principal."""

    app_role_id: str
    resource_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFacts:
    """An expected app as it was found. What its expectation does not need, or what could not be read, stays None."""

    expectation: AppExpectation
    registration: Application | None = None
    service_principal: ServicePrincipal | None = None
    apis: Mapping[str, ServicePrincipal] = field(default_factory=dict)
    granted: tuple[AppRoleAssignment, ...] | None = ()
    owners: tuple[str, ...] | None = None
    federated: int | None = 0


@dataclass(frozen=True, slots=True)
class CredentialPool:
    """All that one app can authenticate with: its registration's and its service principal's credentials together.

    `federated` and `owners` are None where they could not be read.
    """

    app_id: str
    name: str | None
    registration: Application | None = None
    service_principal: ServicePrincipal | None = None
    federated: int | None = 0
    owners: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationFacts:
    """The expected apps, and what could not be read of them."""

    observed_at: datetime
    apps: tuple[AppFacts, ...] = ()
    read: int = 0
    unread: tuple[Unread, ...] = ()


# --- snapshots ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDay:
    """One table's snapshot of one UTC day. Rows over an hour ahead of now are not in it.

    `arrived_at` is when its first row was ingested; `content_at` is the newest value of the content column.
    """

    day: date
    rows: int
    newest_at: datetime
    arrived_at: datetime | None = None
    content_at: datetime | None = None


type KnownDays = Mapping[tuple[str, str], tuple[TableDay, ...]]
"""Snapshots that earlier passes read, by table and time column, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table: its snapshots in the look-back, oldest first, and what lies outside of it.

    `earlier_at` is the newest row before the look-back; `ahead_at` the newest that lies over an hour ahead of now.
    With neither and no days the table is missing or has never held a row.
    """

    name: str
    days: tuple[TableDay, ...] = ()
    earlier_at: datetime | None = None
    ahead_at: datetime | None = None

    @property
    def has_data(self) -> bool:
        """Whether it has ever held a row."""
        return bool(self.days) or self.earlier_at is not None or self.ahead_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFacts:
    """The tables of one expected snapshot set. `content_read` is False where no table has the content column."""

    expectation: SnapshotExpectation
    tables: tuple[TableFacts, ...]
    content_read: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFacts:
    """The snapshots of a workspace. Where it is not there, only `workspace` is filled in."""

    observed_at: datetime
    workspace: WorkspaceFacts
    sets: tuple[SetFacts, ...] = ()
    read: int = 0
    unread: tuple[Unread, ...] = ()


# --- service health ---


class ServiceIssue(Struct, frozen=True, rename="camel"):
    """An incident or advisory that Microsoft reports on a service. Source: Microsoft Graph serviceHealthIssue."""

    id: str
    service: str
    title: str | None = None
    status: str | None = None
    classification: str | None = None
    is_resolved: bool = False
    starts_at: datetime | None = msgspec.field(name="startDateTime", default=None)
    changed_at: datetime | None = msgspec.field(name="lastModifiedDateTime", default=None)


class ServiceOverview(Struct, frozen=True):
    """How a service is doing. Source: Microsoft Graph serviceHealth."""

    service: str
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """The health of the named services: `missing` are names that the tenant's service health does not know."""

    observed_at: datetime
    services: tuple[ServiceOverview, ...] = ()
    issues: tuple[ServiceIssue, ...] = ()
    missing: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
