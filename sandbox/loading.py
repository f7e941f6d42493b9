"""A tenant's data file -> a tenant: names become ids, relative instants become absolute ones."""

import tomllib
from datetime import UTC
from pathlib import Path

import msgspec

from sandbox import grammar, history, records, tenant
from sandbox.faults import parse_fault
from sandbox.loading_apps import AppLoader
from sandbox.origin import Origin, guid, kept, mistake
from sandbox.roles import RoleDefinition

TENANTS = Path(__file__).parent / "tenants"


def load_tenant(source: Path | str) -> tenant.Tenant:
    """Read a tenant from a data file, or one of the box's own by its name (`contoso`, `fabrikam`, `tailspin`).

    Raises:
        ConfigError: the file has a mistake; it names the file and the key.
    """
    path = Path(source)
    if path.suffix != ".toml" and (TENANTS / f"{source}.toml").is_file():
        path = TENANTS / f"{source}.toml"
    return _Loader(path.name, _read(path)).build()


def _read(path: Path) -> grammar.TenantFile:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(content, grammar.TenantFile, dec_hook=lambda _, written: grammar.Moment.of(written))
    except OSError as exc:
        raise mistake(path.name, "", exc.strerror or "cannot be read") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise mistake(path.name, "", str(exc)) from exc
    except msgspec.ValidationError as exc:
        problem, _, place = str(exc).partition(" - at `$")
        raise mistake(path.name, place.rstrip("`").lstrip("."), problem) from exc


class _Loader:
    """Builds a tenant part by part; later parts may name what earlier ones made."""

    def __init__(self, file: str, parts: grammar.TenantFile) -> None:
        self.parts = parts
        self.now = parts.now.astimezone(UTC)
        self.origin = Origin(file, parts.tenant_id, self.now)

    def build(self) -> tenant.Tenant:
        """All parts, in the order of who names whom."""
        self._guids()
        parts = self.parts
        box = tenant.Tenant(
            name=parts.name,
            tenant_id=parts.tenant_id,
            now=self.now,
            display_name=parts.display_name or parts.name.title(),
            monitor=self._identity(parts.monitor),
            administrator=self._identity(parts.administrator, as_assigned=True) if parts.administrator else None,
            topics=list(parts.topics),
            workspace=records.Workspace(**kept(parts.workspace, management_groups=list, solutions=list)),
            users=[records.User(id=self.origin.id_of("user", name), name=name) for name in parts.users],
            roles=[RoleDefinition(**kept(role), custom=True) for role in parts.role],
            faults=list(parts.faults),
            generated=records.Generated(**kept(parts.generate), base_at=self.now),
        )
        self._faults()
        AppLoader(self.origin, parts).load(box)
        self._groups(box)
        self._access(box)
        self._tables(box)
        self._services(box)
        return box

    def _identity(self, part: grammar.MonitorPart | grammar.AdministratorPart, **more: bool) -> records.Identity:
        values = kept(part, app_roles=list) | more
        return records.Identity(**values, object_id=self.origin.id_of("sp", part.client_id))

    def _guids(self) -> None:
        parts = self.parts
        if parts.now.tzinfo is None:
            raise mistake(self.origin.file, "now", "an instant needs its offset: write 2026-11-23T04:00:00Z")
        for key, value in (
            ("tenant_id", parts.tenant_id),
            ("monitor.client_id", parts.monitor.client_id),
            *([("administrator.client_id", parts.administrator.client_id)] if parts.administrator else []),
            ("workspace.subscription_id", parts.workspace.subscription_id),
            ("workspace.customer_id", parts.workspace.customer_id),
            *((f"application[{i}].app_id", app.app_id) for i, app in enumerate(parts.application)),
            *((f"service_principal[{i}].app_id", sp.app_id) for i, sp in enumerate(parts.service_principal)),
        ):
            with self.origin.at(key):
                guid(value)

    def _faults(self) -> None:
        for i, text in enumerate(self.parts.faults):
            with self.origin.at(f"faults[{i}]"):
                parse_fault(text)

    # --- groups and access ---

    def _groups(self, box: tenant.Tenant) -> None:
        for part in self.parts.group:
            box.groups.append(records.Group(id=part.id or self.origin.id_of("group", part.name), name=part.name))
        for i, (part, group) in enumerate(zip(self.parts.group, box.groups, strict=True)):
            with self.origin.at(f"group[{i}].members"):
                group.members = [box.principal(member)[0] for member in part.members]

    def _access(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.role_assignment):
            with self.origin.at(f"role_assignment[{i}]"):
                made = box.assign_role(part.principal, part.role, part.scope, condition=part.condition)
                made.id = part.id or made.id
        for i, part in enumerate(self.parts.eligible):
            with self.origin.at(f"eligible[{i}]"):
                made = box.assign_role(part.principal, part.role, part.scope, condition=part.condition)
                box.assignments.remove(made)
                made.ends_at = self.origin.instant(part.ends)
                box.eligible.append(made)
        for i, deny in enumerate(self.parts.deny):
            with self.origin.at(f"deny[{i}]"):
                box.denies.append(self._deny(box, deny))

    def _deny(self, box: tenant.Tenant, part: grammar.DenyPart) -> records.Deny:
        return records.Deny(
            id=self.origin.id_of("deny", part.name),
            name=part.name,
            scope=box.scope(part.scope),
            actions=list(part.actions),
            not_actions=list(part.not_actions),
            principals=[box.principal(name)[0] for name in part.principals] or [records.EVERYONE],
            exclude=[box.principal(name)[0] for name in part.exclude],
            spares_children=part.spares_children,
            system_protected=part.system_protected,
        )

    # --- tables and services ---

    def _tables(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.table):
            with self.origin.at(f"table[{i}]"):
                history.check(part)
                days = history.Days(part, self.now)
                for name in part.names:
                    columns = {"TimeGenerated": "datetime"} | part.columns
                    written = [dict(record) for record in part.records]
                    snapshots = list(days.snapshots(name))
                    box.tables.append(records.Table(name=name, columns=columns, snapshots=snapshots, records=written))

    def _services(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.service):
            with self.origin.at(f"service[{i}]"):
                issues = [self._issue(issue) for issue in part.issues]
                box.services.append(records.Service(id=part.id, name=part.name, status=part.status, issues=issues))

    def _issue(self, part: grammar.IssuePart) -> records.Issue:
        starts_at = self.origin.instant(part.starts)
        return records.Issue(
            id=part.id,
            title=part.title,
            impact=part.impact,
            classification=part.classification,
            status=part.status,
            starts_at=starts_at or self.now,
            ends_at=self.origin.instant(part.ends),
            resolved=part.resolved,
            feature=part.feature,
        )
