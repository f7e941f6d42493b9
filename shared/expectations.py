"""What should be true of a target: the typed form of a target's configuration with its profiles laid in."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RoleExpectation:
    """A principal that should hold one of some roles at the workspace.

    `principal` is a display name (case-insensitive), an appId or an object id; `any_of` are role names or GUIDs.
    """

    principal: str
    any_of: tuple[str, ...]


class AppKind(StrEnum):
    """What an expected app is: `connection` is a registration for Configuration Manager, with its permissions."""

    REGISTRATION = "registration"
    ENTERPRISE = "enterprise"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class PermissionExpectation:
    """Application permissions on one API: `api` is its appId, `roles` are app role values or GUIDs."""

    api: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppExpectation:
    """An app that should exist, found by `app_id` or else by display name (one of them is always there)."""

    name: str | None = None
    app_id: str | None = None
    kind: AppKind = AppKind.REGISTRATION
    permissions: tuple[PermissionExpectation, ...] = ()
    recorded_expiry: date | None = None

    @property
    def label(self) -> str:
        """What the configuration calls it."""
        return self.name or self.app_id or ""

    @property
    def must_authenticate(self) -> bool:
        """Whether it is of no use without a credential: a connection app, or one with application permissions."""
        return self.kind is AppKind.CONNECTION or (self.kind is AppKind.REGISTRATION and bool(self.permissions))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotExpectation:
    """Tables that get a snapshot a day. `due` is UTC; `lag_days` is how old the newest may be once it is due."""

    name: str
    tables: tuple[str, ...]
    time_column: str = "TimeGenerated"
    due: time = time(8, 0)
    lag_days: int = 0
    min_rows_ratio: float = 0.5
    billable: bool = False
    content_column: str | None = None
    max_content_age_hours: float = 72


class CredentialScope(StrEnum):
    """Whose credentials are judged: those of the listed apps, or of every app in the tenant."""

    LISTED = "listed"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs in to a target's tenant: an app registration, and the one thing that proves it.

    `federated_by` is the client id of a user-assigned managed identity, or "system"; its token proves the app by a
    federated identity credential. The other two name the environment variable that holds the secret, or the certificate
    with its key (PEM, or PKCS #12 in base64, as a Key Vault reference brings it).
    """

    client_id: str
    federated_by: str | None = None
    certificate_variable: str | None = None
    secret_variable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One tenant with one Log Analytics workspace, and all that is expected of it. `portal` opens its blades.

    Without an `identity` the monitor's own signs in.
    """

    name: str
    tenant_id: str
    workspace_id: str
    profiles: tuple[str, ...] = ()
    onboarded_at: datetime | None = None
    credentials: CredentialScope = CredentialScope.LISTED
    ignore_apps: tuple[str, ...] = ()
    expiry_days: tuple[int, ...] = (60, 30, 14, 7, 3, 1)
    roles: tuple[RoleExpectation, ...] = ()
    apps: tuple[AppExpectation, ...] = ()
    snapshots: tuple[SnapshotExpectation, ...] = ()
    services: tuple[str, ...] = ()
    identity: Identity | None = None
    portal: str = "https://portal.azure.com"

    @property
    def workspace_name(self) -> str:
        """The last segment of the resource id."""
        return self.workspace_id.rsplit("/", 1)[-1]

    @property
    def expects_nothing(self) -> bool:
        """Whether there is nothing to judge it by."""
        listed = self.roles or self.apps or self.snapshots or self.services
        return not listed and self.credentials is CredentialScope.LISTED


@dataclass(frozen=True, slots=True)
class Silence:
    """Findings to tell nobody of until an instant: id, target and subject are globs; a missing one matches all."""

    id: str
    until: datetime
    reason: str
    target: str | None = None
    subject: str | None = None
