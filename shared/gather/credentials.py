"""Reading every app's credentials: two streams of pages joined by appId; memory does not grow with the tenant."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from shared.facts import Application, CredentialPool, ServicePrincipal, Unread
from shared.gather.cloud import Azure
from shared.gather.entra import applications, gather_holders, service_principals
from shared.gather.graph import pages
from shared.names import with_bounded_names

MICROSOFT_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""The tenants that own Microsoft's own apps: their credentials are Microsoft's to renew."""

APPLICATIONS = "/applications?$select=id,appId,displayName,passwordCredentials,keyCredentials&$top=999"
SERVICE_PRINCIPALS = (
    "/servicePrincipals?$select=id,appId,displayName,servicePrincipalType,appOwnerOrganizationId,"
    "passwordCredentials,keyCredentials&$top=999"
)

type Holder = Application | ServicePrincipal


@dataclass(slots=True)
class Tally:
    """How many registrations and service principals were read so far, and how many of them ignored on purpose."""

    read: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Sieve:
    """What to keep of a tenant: `is_ignored` and `is_quiet` judge one object; `listed` are appIds judged elsewhere."""

    is_ignored: Callable[[Holder], bool]
    is_quiet: Callable[[Holder], bool]
    listed: frozenset[str] = frozenset()


async def stream_pools(azure: Azure, sieve: Sieve, tally: Tally) -> AsyncIterator[list[CredentialPool]]:
    """Stream the pools worth a look, a page's worth at a time; quiet ones are dropped as they come.

    Raises:
        GatherError: a page could not be read; `tally` says how much was.
    """
    waiting: dict[str, ServicePrincipal] = {}
    async for principals in pages(azure, SERVICE_PRINCIPALS, service_principals):
        tally.read += len(principals)
        for principal in principals:
            if principal.app_owner_organization_id in MICROSOFT_TENANTS:
                continue
            if sieve.is_ignored(principal):
                tally.ignored += 1
            elif principal.password_credentials or principal.key_credentials:
                waiting[principal.app_id] = principal
    async for registrations in pages(azure, APPLICATIONS, applications):
        tally.read += len(registrations)
        yield [pool for app in registrations if (pool := _join(app, waiting, sieve, tally))]
    yield [
        _pool(app_id, None, principal)
        for app_id, principal in waiting.items()
        if app_id not in sieve.listed and not sieve.is_quiet(principal)
    ]


def _join(app: Application, waiting: dict[str, ServicePrincipal], sieve: Sieve, tally: Tally) -> CredentialPool | None:
    principal = waiting.pop(app.app_id, None)
    if sieve.is_ignored(app):
        tally.ignored += 1 if principal is None else 2
        return None
    if sieve.is_quiet(app) and (principal is None or sieve.is_quiet(principal)):
        return None
    if app.app_id in sieve.listed:
        return None
    return _pool(app.app_id, app, principal)


def _pool(app_id: str, app: Application | None, principal: ServicePrincipal | None) -> CredentialPool:
    app = None if app is None else with_bounded_names(app)
    principal = None if principal is None else with_bounded_names(principal)
    named = principal if app is None else app
    return CredentialPool(app_id, None if named is None else named.display_name, app, principal)


async def complete_pools(
    azure: Azure, pools: Sequence[CredentialPool]
) -> tuple[list[CredentialPool], tuple[Unread, ...]]:
    """Add who owns each registration, and how many federated credentials stand in; and say what could not be read."""
    held = await gather_holders(azure, [pool.registration.id for pool in pools if pool.registration is not None])
    return [
        replace(pool, owners=held.owners[pool.registration.id], federated=held.federated[pool.registration.id])
        if pool.registration is not None
        else pool
        for pool in pools
    ], held.unread
