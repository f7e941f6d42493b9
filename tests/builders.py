"""Targets and facts for tests: a healthy default of everything, of which a test changes what it is about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shared.expectations import (
    AppExpectation,
    AppKind,
    PermissionExpectation,
    RoleExpectation,
    SnapshotExpectation,
    Target,
)
from shared.facts import (
    AccessFacts,
    AppFacts,
    Application,
    AppRole,
    AppRoleAssignment,
    Credential,
    CredentialPool,
    DenyAssignment,
    DenyPermission,
    PrincipalAccess,
    RegistrationFacts,
    RequiredResourceAccess,
    ResourceAccess,
    RoleAssignment,
    ServicePrincipal,
    SetFacts,
    SnapshotFacts,
    TableDay,
    TableFacts,
    WorkspaceFacts,
)
from shared.model import Finding

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-monitoring"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law-contoso"
TENANT = "22222222-2222-4222-8222-222222222222"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
LA_READER = "73c42c96-874c-492b-b04d-ab87d138a893"
MONITORING_READER = "43d0d8ad-25c7-4714-9337-8ba259a9fe05"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
ROLE_NAMES = {
    READER: "Reader",
    LA_READER: "Log Analytics Reader",
    MONITORING_READER: "Monitoring Reader",
    OWNER: "Owner",
    CONTRIBUTOR: "Contributor",
    ACCESS_ADMINISTRATOR: "User Access Administrator",
}
PRINCIPAL = "33333333-3333-4333-8333-333333333333"
TEAM = "44444444-4444-4444-8444-444444444444"
APP = "55555555-5555-4555-8555-555555555555"
OTHER_APP = "66666666-6666-4666-8666-666666666666"
API = "557c67cf-c916-4293-8373-d584996f60ae"
API_OBJECT = "77777777-7777-4777-8777-777777777777"
PRINCIPAL_OBJECT = "88888888-8888-4888-8888-888888888888"
CM_READ = "1ce9e34f-35e8-4af8-b172-09e4dd00453d"
CM_WRITE = "a7a0e953-7ed2-423c-849f-9d78b5e44612"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CM_PERMISSIONS = (PermissionExpectation(API, ("CmCollectionData.Read", "CmCollectionData.Write")),)


def ids(findings: Iterable[Finding]) -> list[str]:
    """Return the ids of findings, sorted."""
    return sorted(finding.id for finding in findings)


def only(findings: Iterable[Finding]) -> Finding:
    """Return the one finding that there should be."""
    (finding,) = findings
    return finding


# --- access ---


def a_target(**changes: Any) -> Target:
    target = Target(name="contoso", tenant_id=TENANT, workspace_id=WORKSPACE)
    return replace(target, **changes)


def a_workspace(state: str = "Succeeded", *, status: str = "RespectQuota", queries: bool = True) -> WorkspaceFacts:
    return WorkspaceFacts(
        resource_id=WORKSPACE, state=state, ingestion_status=status, query_access_enabled=queries, customer_id=TENANT
    )


def an_assignment(role_id: str = READER, scope: str = WORKSPACE, *, condition: str | None = None) -> RoleAssignment:
    return RoleAssignment(
        id=f"{scope}/providers/Microsoft.Authorization/roleAssignments/{role_id}",
        role_id=role_id,
        principal_id=PRINCIPAL,
        principal_type="ServicePrincipal",
        scope=scope,
        condition=condition,
    )


def a_principal(*assignments: RoleAssignment, **changes: Any) -> PrincipalAccess:
    access = PrincipalAccess(
        expectation=RoleExpectation("MALogAnalyticsReader", ("Log Analytics Reader", "Reader")),
        object_id=PRINCIPAL,
        name="MALogAnalyticsReader",
        app_id=APP,
        expected_role_ids=frozenset({READER, LA_READER}),
        assignments=assignments,
    )
    return replace(access, **changes)


def access_facts(*principals: PrincipalAccess, **changes: Any) -> AccessFacts:
    facts = AccessFacts(observed_at=NOON, workspace=a_workspace(), principals=principals, role_names=ROLE_NAMES)
    return replace(facts, **changes)


def a_deny(
    *actions: str,
    but: tuple[str, ...] = (),
    names: Iterable[str] = (PRINCIPAL,),
    excludes: Iterable[str] = (),
    scope: str = GROUP,
    applies_to_children: bool = True,
) -> DenyAssignment:
    return DenyAssignment(
        id=f"{scope}/providers/Microsoft.Authorization/denyAssignments/d1",
        name="Locked by a deployment stack",
        scope=scope,
        permissions=(DenyPermission(actions=actions, not_actions=but),),
        principal_ids=frozenset(names),
        excluded_ids=frozenset(excludes),
        applies_to_children=applies_to_children,
    )


# --- apps and credentials ---


def a_secret(
    ends_at: datetime | None,
    *,
    key_id: str | None = "k1",
    starts_at: datetime | None = datetime(2026, 1, 1, tzinfo=UTC),
    thumbprint: str | None = None,
    usage: str | None = None,
    name: str | None = "renewal",
) -> Credential:
    return Credential(
        key_id=key_id, name=name, starts_at=starts_at, ends_at=ends_at, thumbprint=thumbprint, usage=usage
    )


def a_registration(*secrets: Credential, keys: tuple[Credential, ...] = (), **changes: Any) -> Application:
    known: dict[str, Any] = {
        "id": "app-object",
        "app_id": APP,
        "display_name": "Desktop-Analytics-Connection",
        "sign_in_audience": "AzureADMyOrg",
        "required_resource_access": (requests(CM_READ, CM_WRITE),),
        "password_credentials": secrets,
        "key_credentials": keys,
    }
    return Application(**{**known, **changes})


def a_service_principal(*secrets: Credential, keys: tuple[Credential, ...] = (), **changes: Any) -> ServicePrincipal:
    known: dict[str, Any] = {
        "id": PRINCIPAL_OBJECT,
        "app_id": APP,
        "display_name": "Desktop-Analytics-Connection",
        "account_enabled": True,
        "password_credentials": secrets,
        "key_credentials": keys,
    }
    return ServicePrincipal(**{**known, **changes})


def requests(*role_ids: str, kind: str = "Role", api: str = API) -> RequiredResourceAccess:
    return RequiredResourceAccess(api, tuple(ResourceAccess(role_id, kind) for role_id in role_ids))


def an_api() -> ServicePrincipal:
    return ServicePrincipal(
        id=API_OBJECT,
        app_id=API,
        display_name="Configuration Manager Microservice",
        app_roles=(AppRole(CM_READ, "CmCollectionData.read"), AppRole(CM_WRITE, "CmCollectionData.write")),
    )


def a_pool(*secrets: Credential, **changes: Any) -> CredentialPool:
    pool = CredentialPool(APP, "Desktop-Analytics-Connection", a_registration(*secrets), a_service_principal())
    return replace(pool, **changes)


def a_connection(**changes: Any) -> AppFacts:
    """Build a connection app with which nothing is wrong."""
    app = AppFacts(
        expectation=AppExpectation(
            name="Desktop-Analytics-Connection", kind=AppKind.CONNECTION, permissions=CM_PERMISSIONS
        ),
        registration=a_registration(a_secret(NOON + timedelta(days=200))),
        service_principal=a_service_principal(),
        apis={API: an_api()},
        granted=(AppRoleAssignment(CM_READ, API_OBJECT), AppRoleAssignment(CM_WRITE, API_OBJECT)),
        owners=("Ada Owner",),
    )
    return replace(app, **changes)


def registration_facts(*apps: AppFacts) -> RegistrationFacts:
    return RegistrationFacts(observed_at=NOON, apps=apps)


# --- snapshots ---

EXPECTED = SnapshotExpectation(name="Desktop Analytics", tables=("MADevice", "MADeviceReadiness"))


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def a_day(
    day: date,
    *,
    rows: int = 100,
    arrives: timedelta | None = timedelta(hours=6, minutes=40),
    content_at: datetime | None = None,
) -> TableDay:
    """Build a snapshot; `arrives` is its offset from the midnight of its own day."""
    midnight = datetime.combine(day, time(tzinfo=UTC))
    return TableDay(
        day=day,
        rows=rows,
        newest_at=midnight,
        arrived_at=None if arrives is None else midnight + arrives,
        content_at=content_at,
    )


def a_table(newest: date, *, name: str = "MADevice", count: int = 20, **changes: Any) -> TableFacts:
    """Build a table with so many daily snapshots up to the newest."""
    days = tuple(a_day(newest - timedelta(days=back)) for back in reversed(range(count)))
    return replace(TableFacts(name=name, days=days), **changes)


def a_set(*tables: TableFacts, content_read: bool = True, **changes: Any) -> SetFacts:
    expectation = replace(EXPECTED, tables=tuple(table.name for table in tables), **changes)
    return SetFacts(expectation=expectation, tables=tables, content_read=content_read)


def snapshot_facts(*sets: SetFacts, workspace: WorkspaceFacts | None = None) -> SnapshotFacts:
    return SnapshotFacts(observed_at=NOON, workspace=workspace or a_workspace(), sets=sets)
