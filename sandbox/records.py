"""What a tenant holds, as mutable records that a test may change while the server runs."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # the tenant that owns Microsoft's own apps
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
EVERYONE = "00000000-0000-0000-0000-000000000000"


def guid_of(*parts: object) -> str:
    """A GUID that is always the same for the same parts."""
    return str(uuid5(NAMESPACE_URL, "/".join(str(part) for part in parts)))


@dataclass(kw_only=True, slots=True)
class Secret:
    """A client secret. `value` exists only so that tests can look for it in outputs; no answer ever holds it."""

    key_id: str
    name: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    value: str

    @property
    def hint(self) -> str:
        """Its first three characters, as the directory shows them."""
        return self.value[:3]


@dataclass(kw_only=True, slots=True)
class Certificate:
    """A certificate, as one keyCredential. `thumbprint` is base64, as customKeyIdentifier is."""

    key_id: str
    name: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    thumbprint: str | None
    usage: str = "Verify"


@dataclass(kw_only=True, slots=True)
class Permission:
    """Application permissions on one API, as (id, value) pairs: requested by a registration, or granted."""

    api: str
    roles: list[tuple[str, str]] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Federated:
    """A federated identity credential."""

    id: str
    name: str
    issuer: str
    subject: str
    audiences: list[str]


@dataclass(kw_only=True, slots=True)
class Application:
    """An app registration."""

    id: str
    app_id: str
    name: str
    audience: str = "AzureADMyOrg"
    created_at: datetime | None = None
    disabled_by_microsoft: str | None = None
    requests: list[Permission] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    federated: list[Federated] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class ServicePrincipal:
    """An app as it stands in the tenant. `granted` holds its admin consents."""

    id: str
    app_id: str
    name: str
    enabled: bool = True
    type: str = "Application"
    owner_tenant: str | None = None
    disabled_by_microsoft: str | None = None
    app_roles: list[tuple[str, str]] = field(default_factory=list)
    granted: list[Permission] = field(default_factory=list)
    delegated: list[Permission] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    signing_ends_at: datetime | None = None
    signing_thumbprint: str | None = None


@dataclass(kw_only=True, slots=True)
class User:
    """A person."""

    id: str
    name: str

    @property
    def upn(self) -> str:
        """The user principal name."""
        return self.name.lower().replace(" ", ".") + "@example.com"


@dataclass(kw_only=True, slots=True)
class Group:
    """A group; `members` are object ids, of groups too."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Assignment:
    """A role assignment or, with `ends_at`, an eligibility. `prefixed`: its role id has /subscriptions/… in front."""

    id: str
    role_id: str
    principal_id: str
    principal_type: str
    scope: str
    condition: str | None = None
    prefixed: bool = True
    ends_at: datetime | None = None


@dataclass(kw_only=True, slots=True)
class Deny:
    """A deny assignment. Principals are object ids; `EVERYONE` is all of them."""

    id: str
    name: str
    scope: str
    actions: list[str]
    not_actions: list[str] = field(default_factory=list)
    principals: list[str] = field(default_factory=lambda: [EVERYONE])
    exclude: list[str] = field(default_factory=list)
    spares_children: bool = False
    system_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One day's rows of one table: stamped `generated_at`, readable from `arrived_at` on."""

    generated_at: datetime
    arrived_at: datetime
    rows: int


@dataclass(kw_only=True, slots=True)
class Table:
    """A Log Analytics table. `columns` maps names to `type` or `datetime:<offset from TimeGenerated>`."""

    name: str
    columns: dict[str, str]
    snapshots: list[Snapshot] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)

    def on(self, day: date) -> Snapshot | None:
        """The snapshot whose arrival falls on a UTC day."""
        return next((snapshot for snapshot in self.snapshots if snapshot.arrived_at.date() == day), None)

    def drop(self, day: date) -> None:
        """Let a day's snapshot never arrive."""
        self.snapshots = [snapshot for snapshot in self.snapshots if snapshot.arrived_at.date() != day]

    def arrive(self, at: datetime, *, rows: int | None = None, generated_at: datetime | None = None) -> None:
        """Let the snapshot of `at`'s day arrive at `at` instead, with as many rows as the one it replaces."""
        usual = self.on(at.date())
        self.drop(at.date())
        count = rows if rows is not None else usual.rows if usual else 100
        stamp = generated_at or at - timedelta(minutes=30)
        self.snapshots.append(Snapshot(generated_at=stamp, arrived_at=at, rows=count))


@dataclass(kw_only=True, slots=True)
class Issue:
    """A service health issue."""

    id: str
    title: str
    impact: str
    classification: str
    status: str
    starts_at: datetime
    ends_at: datetime | None
    resolved: bool
    feature: str


@dataclass(kw_only=True, slots=True)
class Service:
    """A Microsoft 365 service with its health."""

    id: str
    name: str
    status: str
    issues: list[Issue] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Workspace:
    """A Log Analytics workspace. `management_groups` runs from the nearest to the root.

    `solutions` are the names of those that are installed in it. `owner_tenant` is the tenant whose subscription it is
    in, where that is another one that lets this tenant manage it (Azure Lighthouse).
    """

    subscription_id: str
    resource_group: str
    name: str
    customer_id: str
    location: str = "westeurope"
    provisioning_state: str = "Succeeded"
    query_access: str = "Enabled"
    ingestion_access: str = "Enabled"
    sku: str = "PerGB2018"
    retention_days: int = 30
    daily_quota_gb: float = -1
    ingestion_status: str = "RespectQuota"
    quota_resets_at: str | None = None
    resource_permissions: bool | None = True
    management_groups: list[str] = field(default_factory=list)
    solutions: list[str] = field(default_factory=list)
    owner_tenant: str | None = None
    exists: bool = True

    @property
    def subscription(self) -> str:
        """The subscription's resource id."""
        return f"/subscriptions/{self.subscription_id}"

    @property
    def group(self) -> str:
        """The resource group's resource id."""
        return f"{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def id(self) -> str:
        """The workspace's resource id."""
        return f"{self.group}/providers/Microsoft.OperationalInsights/workspaces/{self.name}"

    @property
    def ancestors(self) -> list[str]:
        """Every scope above the subscription, nearest first; the last is the root of all."""
        return [f"/providers/Microsoft.Management/managementGroups/{name}" for name in self.management_groups] + ["/"]


@dataclass(kw_only=True, slots=True)
class Identity:
    """Who can sign in: the monitor, or an administrator. `app_roles` are what its Graph tokens say.

    The three flags say what else it may do, or with `as_assigned` its role assignments do. To write it always needs a
    role that allows it. `trusts` are the object ids of managed identities whose tokens prove it: its federated identity
    credentials.
    """

    client_id: str
    client_secret: str
    object_id: str
    app_roles: list[str]
    reads_workspace: bool = True
    reads_logs: bool = True
    sends_events: bool = True
    as_assigned: bool = False
    trusts: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Generated:
    """How many objects are made up from their number alone. `base_at` is what their dates count from."""

    applications: int = 0
    service_principals: int = 0
    role_assignments: int = 0
    credentials: int = 2
    base_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
