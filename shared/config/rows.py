"""From TOML to expectations: the rows that a target and a profile both may hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.config import values
from shared.config.section import Section
from shared.expectations import (
    AppExpectation,
    AppKind,
    PermissionExpectation,
    RoleExpectation,
    SnapshotExpectation,
)

ROW_KEYS = ("role", "app", "snapshot", "service")
ROLE_KEYS = ("principal", "any_of")
APP_KEYS = ("name", "app_id", "kind", "permissions", "recorded_expiry")
PERMISSION_KEYS = ("api", "roles")
SNAPSHOT_KEYS = (
    "name",
    "tables",
    "time_column",
    "due",
    "lag_days",
    "min_rows_ratio",
    "billable",
    "content_column",
    "max_content_age_hours",
)

# What a connection app needs. Source: the brief, "Create app in Azure AD", step 6.
_CONNECTION_PERMISSIONS = PermissionExpectation(
    api="557c67cf-c916-4293-8373-d584996f60ae", roles=("CmCollectionData.read", "CmCollectionData.write")
)

_some_texts, _kind = values.list_of(values.text, least=1), values.one_of(AppKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is expected of a target, or brought by a profile."""

    roles: tuple[RoleExpectation, ...] = ()
    apps: tuple[AppExpectation, ...] = ()
    snapshots: tuple[SnapshotExpectation, ...] = ()
    services: tuple[str, ...] = ()


def read_rows(section: Section) -> Rows:
    """The rows of a target or a profile; no two of them are about the same thing."""
    rows = Rows(
        roles=section.tables("role", ROLE_KEYS, _role),
        apps=section.tables("app", APP_KEYS, _app),
        snapshots=section.tables("snapshot", SNAPSHOT_KEYS, _snapshot),
        services=section.tables("service", ("name",), lambda service: service.required("name", values.text, "")),
    )
    section.no_twins("role", "principal", [role.principal for role in rows.roles])
    section.no_twins("snapshot", "name", [snapshot.name for snapshot in rows.snapshots])
    section.no_twins("service", "name", rows.services)
    _no_twin_apps(section, rows.apps)
    return rows


def same_app(one: AppExpectation, other: AppExpectation) -> bool:
    """Whether two expectations are about one app: by app_id where both have it, else by name."""
    if one.app_id and other.app_id:
        return one.app_id == other.app_id
    return bool(one.name and other.name) and (one.name or "").casefold() == (other.name or "").casefold()


def join_permissions(
    ours: Sequence[PermissionExpectation], more: Sequence[PermissionExpectation]
) -> tuple[PermissionExpectation, ...]:
    """Both lists as one, each API once and each of its roles once."""
    roles: dict[str, dict[str, str]] = {}
    for permission in (*ours, *more):
        of_api = roles.setdefault(permission.api, {})
        for role in permission.roles:
            of_api.setdefault(role.casefold(), role)
    return tuple(PermissionExpectation(api, tuple(of_api.values())) for api, of_api in roles.items())


def _role(section: Section) -> RoleExpectation:
    return RoleExpectation(
        principal=section.required("principal", values.text, ""),
        any_of=section.required("any_of", _some_texts, ()),
    )


def _app(section: Section) -> AppExpectation:
    app = AppExpectation(
        name=section.optional("name", values.text, None),
        app_id=section.optional("app_id", values.guid, None),
        kind=section.optional("kind", _kind, AppKind.REGISTRATION),
        permissions=section.tables("permissions", PERMISSION_KEYS, _permission),
        recorded_expiry=section.optional("recorded_expiry", values.day, None),
    )
    if not section.has("name") and not section.has("app_id"):
        section.note("name", "is missing: an app needs a name or an app_id")
    section.no_twins("permissions", "api", [permission.api for permission in app.permissions])
    if app.kind is AppKind.CONNECTION:
        return replace(app, permissions=join_permissions(app.permissions, (_CONNECTION_PERMISSIONS,)))
    return app


def _permission(section: Section) -> PermissionExpectation:
    return PermissionExpectation(
        api=section.required("api", values.guid, ""),
        roles=section.required("roles", _some_texts, ()),
    )


def _snapshot(section: Section) -> SnapshotExpectation:
    usual = SnapshotExpectation(name="", tables=())
    return SnapshotExpectation(
        name=section.required("name", values.text, ""),
        tables=section.required("tables", values.list_of(values.identifier, least=1), ()),
        time_column=section.optional("time_column", values.identifier, usual.time_column),
        due=section.optional("due", values.time_of_day, usual.due),
        lag_days=section.optional("lag_days", values.integer(0, 365), usual.lag_days),
        min_rows_ratio=section.optional(
            "min_rows_ratio", values.number(0, 1, "a number from 0 to 1"), usual.min_rows_ratio
        ),
        billable=section.optional("billable", values.flag, usual.billable),
        content_column=section.optional("content_column", values.identifier, usual.content_column),
        max_content_age_hours=section.optional(
            "max_content_age_hours", values.positive(24 * 365), usual.max_content_age_hours
        ),
    )


def _no_twin_apps(section: Section, apps: Sequence[AppExpectation]) -> None:
    """Note an app that an earlier row names too. Only rows that share a name or an id are compared."""
    seen: dict[str, list[tuple[int, AppExpectation]]] = {}
    for index, app in enumerate(apps):
        handles = [handle for handle in (app.app_id, (app.name or "").casefold()) if handle]
        earlier = next((at for handle in handles for at, other in seen.get(handle, []) if same_app(app, other)), None)
        if earlier is not None:
            key = "app_id" if app.app_id and apps[earlier].app_id else "name"
            section.log.note(f"{section.key('app')}[{index}].{key}", f"app[{earlier}] is the same app already")
        for handle in handles:
            seen.setdefault(handle, []).append((index, app))
