"""The apps of a tenant's data file -> records, with Microsoft Graph's own and those of everybody who signs in."""

import base64
import hashlib
from collections.abc import Sequence

from sandbox import grammar, records, tenant
from sandbox.origin import Origin, guid, kept
from sandbox.roles import GRAPH_ROLES


class AppLoader:
    """Puts apps into a tenant; what is granted may name any service principal that was put in before."""

    def __init__(self, origin: Origin, parts: grammar.TenantFile) -> None:
        self.origin = origin
        self.parts = parts

    def load(self, box: tenant.Tenant) -> None:
        """Service principals first, as applications name them as APIs."""
        box.service_principals.append(self._graph())
        for i, part in enumerate(self.parts.service_principal):
            with self.origin.at(f"service_principal[{i}]"):
                box.service_principals.append(self._service_principal(part))
        self._callers(box)
        for i, part in enumerate(self.parts.service_principal):
            with self.origin.at(f"service_principal[{i}].granted"):
                sp = box.service_principal(part.app_id)
                sp.granted += [_permission(box, grant) for grant in part.granted]
                sp.delegated += [_permission(box, grant) for grant in part.delegated]
        for i, app in enumerate(self.parts.application):
            with self.origin.at(f"application[{i}]"):
                box.applications.append(self._application(box, app))
                if app.service_principal:
                    box.service_principals.append(self._own_principal(box, app))

    def _graph(self) -> records.ServicePrincipal:
        return records.ServicePrincipal(
            id=self.origin.id_of("sp", records.GRAPH_APP_ID),
            app_id=records.GRAPH_APP_ID,
            name="Microsoft Graph",
            owner_tenant=records.MICROSOFT,
            app_roles=[(id_, value) for value, id_ in GRAPH_ROLES.items()],
        )

    def _callers(self, box: tenant.Tenant) -> None:
        """The service principals of those who sign in, where the file has none for them."""
        for who, key, name, kind in (
            (box.monitor, "monitor", "Dawnwatch", "ManagedIdentity"),
            (box.administrator, "administrator", "Administrator", "Application"),
        ):
            if who is None or any(sp.app_id == who.client_id for sp in box.service_principals):
                continue
            with self.origin.at(f"{key}.app_roles"):
                asked = grammar.PermissionPart(api=records.GRAPH_APP_ID, roles=tuple(who.app_roles))
                granted = [_permission(box, asked)] if asked.roles else []
            box.service_principals.append(
                records.ServicePrincipal(
                    id=who.object_id,
                    app_id=who.client_id,
                    name=name,
                    type=kind,
                    owner_tenant=box.tenant_id,
                    granted=granted,
                )
            )

    def _service_principal(self, part: grammar.ServicePrincipalPart) -> records.ServicePrincipal:
        made = records.ServicePrincipal(
            id=part.id or self.origin.id_of("sp", part.app_id),
            app_id=part.app_id,
            name=part.name,
            enabled=part.enabled,
            type=part.type,
            owner_tenant=part.owner_tenant or records.MICROSOFT,
            disabled_by_microsoft=part.disabled_by_microsoft,
            app_roles=[(role.id, role.value) for role in part.app_roles],
            secrets=self._secrets(part.app_id, part.secrets),
            certificates=self._certificates(part.app_id, part.certificates),
            owners=[self.origin.id_of("user", name) for name in part.owners],
        )
        for signing in (certificate for certificate in part.certificates if certificate.signing):
            made.signing_ends_at = self.origin.instant(signing.ends)
            made.signing_thumbprint = _hex(signing.thumbprint or _thumbprint(part.app_id, signing.name))
        return made

    def _application(self, box: tenant.Tenant, part: grammar.ApplicationPart) -> records.Application:
        for owner in part.owners:
            box.principal(owner)
        return records.Application(
            id=part.id or self.origin.id_of("app", part.app_id),
            app_id=part.app_id,
            name=part.name,
            audience=part.audience,
            created_at=self.origin.instant(part.created),
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
            id=self.origin.id_of("sp", part.app_id),
            app_id=part.app_id,
            name=part.name,
            enabled=part.enabled,
            owner_tenant=box.tenant_id,
            disabled_by_microsoft=part.disabled_by_microsoft,
            granted=[_permission(box, grant) for grant in granted],
        )

    def _federated(self, app_id: str, part: grammar.FederatedPart) -> records.Federated:
        values = kept(part, audiences=list)
        return records.Federated(id=self.origin.id_of("federated", f"{app_id}/{part.name}"), **values)

    def _secrets(self, owner: str, parts: Sequence[grammar.SecretPart]) -> list[records.Secret]:
        return [
            records.Secret(
                key_id=part.key_id or self.origin.id_of("secret", f"{owner}/{i}"),
                name=part.name,
                starts_at=self.origin.instant(part.starts),
                ends_at=self.origin.instant(part.ends),
                value=part.value or _made_up_secret(owner, i),
            )
            for i, part in enumerate(parts)
        ]

    def _certificates(self, owner: str, parts: Sequence[grammar.CertificatePart]) -> list[records.Certificate]:
        return [
            records.Certificate(
                key_id=part.key_id or self.origin.id_of("certificate", f"{owner}/{i}/{usage}"),
                name=part.name or f"CN={owner}",
                starts_at=self.origin.instant(part.starts),
                ends_at=self.origin.instant(part.ends),
                thumbprint=part.thumbprint or _thumbprint(owner, part.name),
                usage=usage,
            )
            for i, part in enumerate(parts)
            for usage in (("Sign", "Verify") if part.signing else (part.usage,))
        ]


def _permission(box: tenant.Tenant, part: grammar.PermissionPart) -> records.Permission:
    """Name the roles by id and value; an API that the tenant has no service principal for takes GUIDs as they are."""
    known: list[tuple[str, str]] = []
    for sp in box.service_principals:
        if part.api.lower() in {sp.app_id.lower(), sp.name.lower()}:
            known = sp.app_roles
    by_name = {key.lower(): role for role in known for key in role}
    roles = [by_name.get(role.lower()) or (guid(role), role) for role in part.roles]
    api = next((sp.app_id for sp in box.service_principals if sp.name.lower() == part.api.lower()), part.api)
    return records.Permission(api=guid(api), roles=roles)


def _made_up_secret(owner: str, number: int) -> str:
    return "q8" + base64.b64encode(hashlib.sha256(f"{owner}/{number}".encode()).digest()).decode().rstrip("=")[:38]


def _thumbprint(owner: str, name: str | None) -> str:
    return base64.b64encode(hashlib.sha1(f"{owner}/{name}".encode(), usedforsecurity=False).digest()).decode()


def _hex(thumbprint: str) -> str:
    return base64.b64decode(thumbprint).hex().upper()
