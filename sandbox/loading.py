"""A tenant's data file -> a tenant: names become ids, relative instants become absolute ones."""

import base64
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from sandbox import grammar, history, records, tenant
from sandbox.faults import parse_fault
from sandbox.roles import RoleDefinition
from shared.errors import ConfigError, Mistake

TENANTS = Path(__file__).parent / "tenants"
_GRAPH_ROLES = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "ServiceHealth.Read.All": "79c261e0-fe76-4144-aad5-bdc68fbe4037",
}


def load_tenant(source: Path | str) -> tenant.Tenant:
    """Read a tenant from a data file, or one of the box's own by its name (`contoso`, `fabrikam`).

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
        raise _mistake(path.name, "", exc.strerror or "cannot be read") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise _mistake(path.name, "", str(exc)) from exc
    except msgspec.ValidationError as exc:
        problem, _, place = str(exc).partition(" - at `$")
        raise _mistake(path.name, place.rstrip("`").lstrip("."), problem) from exc


def _mistake(file: str, key: str, problem: str) -> ConfigError:
    return ConfigError([Mistake(file, key, problem)])


@contextmanager
def _at(file: str, key: str) -> Iterator[None]:
    """Say where a name or a value was wrong."""
    try:
        yield
    except KeyError as exc:
        raise _mistake(file, key, f"nothing here is called {exc.args[0]!r}") from exc
    except ValueError as exc:
        raise _mistake(file, key, str(exc)) from exc


class _Loader:
    """Builds a tenant part by part; later parts may name what earlier ones made."""

    def __init__(self, file: str, parts: grammar.TenantFile) -> None:
        self.file = file
        self.parts = parts
        self.now = parts.now.astimezone(UTC)

    def build(self) -> tenant.Tenant:
        """All parts, in the order of who names whom."""
        self._guids()
        parts = self.parts
        monitor = self.id_of("sp", parts.monitor.client_id)
        box = tenant.Tenant(
            name=parts.name,
            tenant_id=parts.tenant_id,
            now=self.now,
            display_name=parts.display_name or parts.name.title(),
            monitor=records.Monitor(**_kept(parts.monitor, app_roles=list), object_id=monitor),
            workspace=records.Workspace(**_kept(parts.workspace, management_groups=list, solutions=list)),
            users=[records.User(id=self.id_of("user", name), name=name) for name in parts.users],
            roles=[RoleDefinition(**_kept(role), custom=True) for role in parts.role],
            faults=list(parts.faults),
            generated=records.Generated(**_kept(parts.generate), base_at=self.now),
        )
        self._faults()
        self._principals(box)
        self._apps(box)
        self._groups(box)
        self._access(box)
        self._tables(box)
        self._services(box)
        return box

    def id_of(self, kind: str, name: str) -> str:
        """The object id of what has none in the file."""
        return records.guid_of(self.parts.tenant_id, kind, name)

    def _guids(self) -> None:
        parts = self.parts
        if parts.now.tzinfo is None:
            raise _mistake(self.file, "now", "an instant needs its offset: write 2026-11-23T04:00:00Z")
        for key, value in (
            ("tenant_id", parts.tenant_id),
            ("monitor.client_id", parts.monitor.client_id),
            ("workspace.subscription_id", parts.workspace.subscription_id),
            ("workspace.customer_id", parts.workspace.customer_id),
            *((f"application[{i}].app_id", app.app_id) for i, app in enumerate(parts.application)),
            *((f"service_principal[{i}].app_id", sp.app_id) for i, sp in enumerate(parts.service_principal)),
        ):
            with _at(self.file, key):
                _guid(value)

    def _faults(self) -> None:
        for i, text in enumerate(self.parts.faults):
            with _at(self.file, f"faults[{i}]"):
                parse_fault(text)

    # --- apps and their service principals ---

    def _principals(self, box: tenant.Tenant) -> None:
        box.service_principals.append(self._graph())
        for i, part in enumerate(self.parts.service_principal):
            with _at(self.file, f"service_principal[{i}]"):
                box.service_principals.append(self._service_principal(part))
        if not any(sp.app_id == box.monitor.client_id for sp in box.service_principals):
            box.service_principals.append(
                records.ServicePrincipal(
                    id=box.monitor.object_id,
                    app_id=box.monitor.client_id,
                    name="Dawnwatch",
                    type="ManagedIdentity",
                    owner_tenant=box.tenant_id,
                    granted=[
                        _permission(box, grammar.PermissionPart(api=records.GRAPH_APP_ID, roles=tuple(_GRAPH_ROLES)))
                    ],
                )
            )
        for i, part in enumerate(self.parts.service_principal):
            with _at(self.file, f"service_principal[{i}].granted"):
                sp = box.service_principal(part.app_id)
                sp.granted += [_permission(box, grant) for grant in part.granted]
                sp.delegated += [_permission(box, grant) for grant in part.delegated]

    def _graph(self) -> records.ServicePrincipal:
        return records.ServicePrincipal(
            id=self.id_of("sp", records.GRAPH_APP_ID),
            app_id=records.GRAPH_APP_ID,
            name="Microsoft Graph",
            owner_tenant=records.MICROSOFT,
            app_roles=[(id_, value) for value, id_ in _GRAPH_ROLES.items()],
        )

    def _service_principal(self, part: grammar.ServicePrincipalPart) -> records.ServicePrincipal:
        made = records.ServicePrincipal(
            id=part.id or self.id_of("sp", part.app_id),
            app_id=part.app_id,
            name=part.name,
            enabled=part.enabled,
            type=part.type,
            owner_tenant=part.owner_tenant or records.MICROSOFT,
            disabled_by_microsoft=part.disabled_by_microsoft,
            app_roles=[(role.id, role.value) for role in part.app_roles],
            secrets=self._secrets(part.app_id, part.secrets),
            certificates=self._certificates(part.app_id, part.certificates),
            owners=[self.id_of("user", name) for name in part.owners],
        )
        for signing in (certificate for certificate in part.certificates if certificate.signing):
            made.signing_ends_at = self._instant(signing.ends)
            made.signing_thumbprint = _hex(signing.thumbprint or _thumbprint(part.app_id, signing.name))
        return made

    def _apps(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.application):
            with _at(self.file, f"application[{i}]"):
                box.applications.append(self._application(box, part))
                if part.service_principal:
                    box.service_principals.append(self._own_principal(box, part))

    def _application(self, box: tenant.Tenant, part: grammar.ApplicationPart) -> records.Application:
        for owner in part.owners:
            box.principal(owner)
        return records.Application(
            id=part.id or self.id_of("app", part.app_id),
            app_id=part.app_id,
            name=part.name,
            audience=part.audience,
            created_at=self._instant(part.created),
            disabled_by_microsoft=part.disabled_by_microsoft,
            requests=[_permission(box, request) for request in part.requests],
            secrets=self._secrets(part.app_id, part.secrets),
            certificates=self._certificates(part.app_id, part.certificates),
            federated=[self._federated(part.app_id, federated) for federated in part.federated],
            owners=[box.principal(owner)[0] for owner in part.owners],
        )

    def _own_principal(self, box: tenant.Tenant, part: grammar.ApplicationPart) -> records.ServicePrincipal:
        granted = part.granted + (part.requests if part.consented else ())
        return records.ServicePrincipal(
            id=self.id_of("sp", part.app_id),
            app_id=part.app_id,
            name=part.name,
            enabled=part.enabled,
            owner_tenant=box.tenant_id,
            disabled_by_microsoft=part.disabled_by_microsoft,
            granted=[_permission(box, grant) for grant in granted],
        )

    def _federated(self, app_id: str, part: grammar.FederatedPart) -> records.Federated:
        values = _kept(part, audiences=list)
        return records.Federated(id=self.id_of("federated", f"{app_id}/{part.name}"), **values)

    def _secrets(self, owner: str, parts: Sequence[grammar.SecretPart]) -> list[records.Secret]:
        return [
            records.Secret(
                key_id=part.key_id or self.id_of("secret", f"{owner}/{i}"),
                name=part.name,
                starts_at=self._instant(part.starts),
                ends_at=self._instant(part.ends),
                value=part.value or _made_up_secret(owner, i),
            )
            for i, part in enumerate(parts)
        ]

    def _certificates(self, owner: str, parts: Sequence[grammar.CertificatePart]) -> list[records.Certificate]:
        return [
            records.Certificate(
                key_id=part.key_id or self.id_of("certificate", f"{owner}/{i}/{usage}"),
                name=part.name or f"CN={owner}",
                starts_at=self._instant(part.starts),
                ends_at=self._instant(part.ends),
                thumbprint=part.thumbprint or _thumbprint(owner, part.name),
                usage=usage,
            )
            for i, part in enumerate(parts)
            for usage in (("Sign", "Verify") if part.signing else (part.usage,))
        ]

    # --- groups and access ---

    def _groups(self, box: tenant.Tenant) -> None:
        for part in self.parts.group:
            box.groups.append(records.Group(id=part.id or self.id_of("group", part.name), name=part.name))
        for i, (part, group) in enumerate(zip(self.parts.group, box.groups, strict=True)):
            with _at(self.file, f"group[{i}].members"):
                group.members = [box.principal(member)[0] for member in part.members]

    def _access(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.role_assignment):
            with _at(self.file, f"role_assignment[{i}]"):
                made = box.assign_role(part.principal, part.role, part.scope, condition=part.condition)
                made.id = part.id or made.id
        for i, part in enumerate(self.parts.eligible):
            with _at(self.file, f"eligible[{i}]"):
                made = box.assign_role(part.principal, part.role, part.scope, condition=part.condition)
                box.assignments.remove(made)
                made.ends_at = self._instant(part.ends)
                box.eligible.append(made)
        for i, deny in enumerate(self.parts.deny):
            with _at(self.file, f"deny[{i}]"):
                box.denies.append(self._deny(box, deny))

    def _deny(self, box: tenant.Tenant, part: grammar.DenyPart) -> records.Deny:
        return records.Deny(
            id=self.id_of("deny", part.name),
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
            with _at(self.file, f"table[{i}]"):
                history.check(part)
                days = history.Days(part, self.now)
                for name in part.names:
                    columns = {"TimeGenerated": "datetime"} | part.columns
                    written = [dict(record) for record in part.records]
                    snapshots = list(days.snapshots(name))
                    box.tables.append(records.Table(name=name, columns=columns, snapshots=snapshots, records=written))

    def _services(self, box: tenant.Tenant) -> None:
        for i, part in enumerate(self.parts.service):
            with _at(self.file, f"service[{i}]"):
                issues = [self._issue(issue) for issue in part.issues]
                box.services.append(records.Service(id=part.id, name=part.name, status=part.status, issues=issues))

    def _issue(self, part: grammar.IssuePart) -> records.Issue:
        starts_at = self._instant(part.starts)
        return records.Issue(
            id=part.id,
            title=part.title,
            impact=part.impact,
            classification=part.classification,
            status=part.status,
            starts_at=starts_at or self.now,
            ends_at=self._instant(part.ends),
            resolved=part.resolved,
            feature=part.feature,
        )

    def _instant(self, moment: grammar.Moment) -> datetime | None:
        return moment.at(self.now)


def _permission(box: tenant.Tenant, part: grammar.PermissionPart) -> records.Permission:
    """Name the roles by id and value; an API that the tenant has no service principal for takes GUIDs as they are."""
    known: list[tuple[str, str]] = []
    for sp in box.service_principals:
        if part.api.lower() in {sp.app_id.lower(), sp.name.lower()}:
            known = sp.app_roles
    by_name = {key.lower(): role for role in known for key in role}
    roles = [by_name.get(role.lower()) or (_guid(role), role) for role in part.roles]
    api = next((sp.app_id for sp in box.service_principals if sp.name.lower() == part.api.lower()), part.api)
    return records.Permission(api=_guid(api), roles=roles)


def _guid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as exc:
        msg = f"{text!r} is no GUID, and nothing here is called so"
        raise ValueError(msg) from exc


def _kept(part: msgspec.Struct, **shapes: Callable[..., object]) -> dict[str, Any]:
    """The fields of a part whose record has the same ones, some of them in another shape."""
    values = msgspec.structs.asdict(part)
    return values | {key: shape(values[key]) for key, shape in shapes.items()}


def _made_up_secret(owner: str, number: int) -> str:
    return "q8" + base64.b64encode(hashlib.sha256(f"{owner}/{number}".encode()).digest()).decode().rstrip("=")[:38]


def _thumbprint(owner: str, name: str | None) -> str:
    return base64.b64encode(hashlib.sha1(f"{owner}/{name}".encode(), usedforsecurity=False).digest()).decode()


def _hex(thumbprint: str) -> str:
    return base64.b64decode(thumbprint).hex().upper()
