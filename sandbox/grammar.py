"""The grammar of a tenant's data file: what may stand in it, and the defaults."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from msgspec import Struct, field

_OFFSET = re.compile(r"([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Moment:
    """An instant, an offset from the tenant's own now ("+6d", "-2h30m"), or "never"."""

    def __init__(self, value: datetime | timedelta | None) -> None:
        self.value = value

    @classmethod
    def of(cls, written: object) -> "Moment":
        """Read what stands in the file.

        Raises:
            ValueError: it is none of the three.
        """
        if isinstance(written, datetime):
            return cls(written if written.tzinfo else written.replace(tzinfo=UTC))
        return cls(None) if written == "never" else cls(offset(str(written)))

    def at(self, now: datetime) -> datetime | None:
        """The instant, seen from now; None is never."""
        return now + self.value if isinstance(self.value, timedelta) else self.value


def offset(text: str) -> timedelta:
    """Read `+6d`, `-2h30m` and the like."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        message = f"{text!r} is no instant: write 2026-12-01T00:00:00Z, +6d, -2h30m or never"
        raise ValueError(message)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


COLUMN_TYPES = ("string", "long", "int", "real", "bool", "datetime", "guid", "dynamic")
NEVER = Moment(None)
_HALF_A_YEAR_AGO = Moment(timedelta(days=-180))


class _Strict(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Refuses keys that it does not know."""


class MonitorPart(_Strict, frozen=True):
    """`[monitor]`; with `as_assigned` the flags count for nothing: it may do what its role assignments allow."""

    client_id: str
    client_secret: str
    app_roles: tuple[str, ...] = ("Application.Read.All",)
    reads_workspace: bool = True
    reads_logs: bool = True
    sends_events: bool = True
    as_assigned: bool = False


class AdministratorPart(_Strict, frozen=True):
    """`[administrator]`: somebody else who can sign in, and may do what the role assignments of Administrator allow."""

    client_id: str
    client_secret: str
    app_roles: tuple[str, ...] = ("Application.Read.All", "AppRoleAssignment.ReadWrite.All")


class WorkspacePart(_Strict, frozen=True):
    """`[workspace]`."""

    subscription_id: str
    resource_group: str
    name: str
    customer_id: str
    location: str = "westeurope"
    provisioning_state: str = "Succeeded"
    query_access: Literal["Enabled", "Disabled", "SecuredByPerimeter"] = "Enabled"
    ingestion_access: Literal["Enabled", "Disabled", "SecuredByPerimeter"] = "Enabled"
    sku: str = "PerGB2018"
    retention_days: int = 30
    daily_quota_gb: float = -1
    ingestion_status: str = "RespectQuota"
    quota_resets_at: str | None = None
    resource_permissions: bool | None = True
    management_groups: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()
    exists: bool = True


class SecretPart(_Strict, frozen=True):
    """A client secret: `{ name = "…", ends = "+6d" }`."""

    ends: Moment = NEVER
    starts: Moment = _HALF_A_YEAR_AGO
    name: str | None = None
    key_id: str | None = None
    value: str | None = None


class CertificatePart(_Strict, frozen=True):
    """A certificate: `{ name = "…", ends = "+90d" }`; `signing` makes it a SAML certificate of three keys."""

    ends: Moment = NEVER
    starts: Moment = _HALF_A_YEAR_AGO
    name: str | None = None
    key_id: str | None = None
    thumbprint: str | None = None
    usage: Literal["Verify", "Sign"] = "Verify"
    signing: bool = False


class PermissionPart(_Strict, frozen=True):
    """Permissions on an API (its appId or name): values, or GUIDs."""

    api: str
    roles: tuple[str, ...]


class FederatedPart(_Strict, frozen=True):
    """A federated identity credential."""

    name: str
    issuer: str = "https://token.actions.githubusercontent.com"
    subject: str = "repo:example/app:ref:refs/heads/main"
    audiences: tuple[str, ...] = ("api://AzureADTokenExchange",)


class ApplicationPart(_Strict, frozen=True):
    """`[[application]]`: a registration, with its service principal unless `service_principal = false`."""

    name: str
    app_id: str
    id: str | None = None
    audience: str = "AzureADMyOrg"
    created: Moment = Moment(timedelta(days=-400))
    disabled_by_microsoft: str | None = None
    requests: tuple[PermissionPart, ...] = ()
    granted: tuple[PermissionPart, ...] = ()
    consented: bool = False
    owners: tuple[str, ...] = ()
    secrets: tuple[SecretPart, ...] = ()
    certificates: tuple[CertificatePart, ...] = ()
    federated: tuple[FederatedPart, ...] = ()
    service_principal: bool = True
    enabled: bool = True


class AppRolePart(_Strict, frozen=True):
    """An application permission that an API offers."""

    id: str
    value: str


class ServicePrincipalPart(_Strict, frozen=True):
    """`[[service_principal]]`: an enterprise application. Without `owner_tenant` it is Microsoft's."""

    name: str
    app_id: str
    id: str | None = None
    enabled: bool = True
    type: str = "Application"
    owner_tenant: str | None = None
    disabled_by_microsoft: str | None = None
    app_roles: tuple[AppRolePart, ...] = ()
    granted: tuple[PermissionPart, ...] = ()
    delegated: tuple[PermissionPart, ...] = ()
    owners: tuple[str, ...] = ()
    secrets: tuple[SecretPart, ...] = ()
    certificates: tuple[CertificatePart, ...] = ()


class GroupPart(_Strict, frozen=True):
    """`[[group]]`: its members are names or ids, of groups too."""

    name: str
    members: tuple[str, ...] = ()
    id: str | None = None


class RolePart(_Strict, frozen=True):
    """`[[role]]`: a custom role."""

    name: str
    id: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()


class AssignmentPart(_Strict, frozen=True):
    """`[[role_assignment]]`, and with `ends` `[[eligible]]`."""

    principal: str
    role: str
    scope: str = "workspace"
    condition: str | None = None
    id: str | None = None
    ends: Moment = NEVER


class DenyPart(_Strict, frozen=True):
    """`[[deny]]`: principals are names or ids; none is everyone."""

    name: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    scope: str = "workspace"
    spares_children: bool = False
    system_protected: bool = False


class TablePart(_Strict, frozen=True):
    """`[[table]]`: tables that get a snapshot a day.

    `arrives` is UTC; `missing` are days that never arrived (dates, or days ago: 0 is today); `lag_days` is how old the
    rows of a snapshot are when they arrive; `stamped` is the time of day in TimeGenerated (default: half an hour before
    it arrives); `rows_on` overrides the number of rows (keys as in `missing`); `late_on` the time of arrival.
    """

    names: tuple[str, ...]
    arrives: time = time(6, 40)
    jitter_minutes: float = 4
    rows: int = 100
    days: int = 25
    days_ahead: int = 7
    missing: tuple[date | int, ...] = ()
    rows_on: dict[str, int] = field(default_factory=dict)
    late_on: dict[str, time] = field(default_factory=dict)
    lag_days: int = 0
    stamped: time | None = None
    columns: dict[str, str] = field(default_factory=dict)
    records: tuple[dict[str, object], ...] = ()


class IssuePart(_Strict, frozen=True):
    """A service health issue."""

    id: str
    title: str
    impact: str = ""
    classification: Literal["Advisory", "Incident"] = "Incident"
    status: str = "ServiceDegradation"
    starts: Moment = Moment(timedelta(hours=-2))
    ends: Moment = NEVER
    resolved: bool = False
    feature: str = "Device management"


class ServicePart(_Strict, frozen=True):
    """`[[service]]`: a Microsoft 365 service with its health."""

    name: str
    id: str
    status: str = "ServiceOperational"
    issues: tuple[IssuePart, ...] = ()


class GeneratePart(_Strict, frozen=True):
    """`[generate]`: how many objects to make up."""

    applications: int = 0
    service_principals: int = 0
    role_assignments: int = 0
    credentials: int = 2


class TenantFile(_Strict, frozen=True):
    """The whole file."""

    name: str
    tenant_id: str
    now: datetime
    monitor: MonitorPart
    workspace: WorkspacePart
    administrator: AdministratorPart | None = None
    topics: tuple[str, ...] = ()
    display_name: str = ""
    users: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    application: tuple[ApplicationPart, ...] = ()
    service_principal: tuple[ServicePrincipalPart, ...] = ()
    group: tuple[GroupPart, ...] = ()
    role: tuple[RolePart, ...] = ()
    role_assignment: tuple[AssignmentPart, ...] = ()
    eligible: tuple[AssignmentPart, ...] = ()
    deny: tuple[DenyPart, ...] = ()
    table: tuple[TablePart, ...] = ()
    service: tuple[ServicePart, ...] = ()
    generate: GeneratePart = GeneratePart()
