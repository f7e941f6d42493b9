"""Reading apps from Microsoft Entra ID: the expected ones one by one, and every app's credentials as a stream."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.expectations import AppExpectation, AppKind, Target
from shared.facts import (
    AppFacts,
    Application,
    AppRoleAssignment,
    RegistrationFacts,
    ServicePrincipal,
    Unread,
)
from shared.gather.answers import Answer, each, reader, together
from shared.gather.cloud import GRAPH, Azure
from shared.gather.graph import Page, all_of, batch_lists, quoted
from shared.names import bounded, with_bounded_names

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

APPLICATION = (
    "id,appId,displayName,signInAudience,disabledByMicrosoftStatus,requiredResourceAccess,"
    "passwordCredentials,keyCredentials"
)
SERVICE_PRINCIPAL = (
    "id,appId,displayName,accountEnabled,disabledByMicrosoftStatus,servicePrincipalType,appOwnerOrganizationId,"
    "passwordCredentials,keyCredentials"
)


class Named(Struct, frozen=True, rename="camel"):
    """An owner or a federated credential of an app. How much shows depends on the monitor's rights."""

    id: str
    display_name: str | None = None
    user_principal_name: str | None = None

    @property
    def label(self) -> str:
        """The best name there is."""
        return self.user_principal_name or self.display_name or self.id


applications = msgspec.json.Decoder(Page[Application])
service_principals = msgspec.json.Decoder(Page[ServicePrincipal])
service_principal = msgspec.json.Decoder(ServicePrincipal)
named = msgspec.json.Decoder(Page[Named])
grants = msgspec.json.Decoder(Page[AppRoleAssignment])


class AmbiguousNameError(GatherError):
    """Two objects have the display name that the configuration gives."""


async def gather_app_registrations(azure: Azure, target: Target, now: datetime) -> RegistrationFacts:
    """Read the apps that a target expects, with all that their expectations need.

    Raises nothing: an app that could not be read is in `unread`, and those that failed for one reason are told as one.
    """
    found = await each(_app(azure, target.tenant_id, app) for app in target.apps)
    apps = [facts for facts in found if isinstance(facts, AppFacts)]
    lost = [(app, error) for app, error in zip(target.apps, found, strict=True) if isinstance(error, GatherError)]
    asked = await each(_with_consent(azure, app) for app in apps)
    unjudged = [(app, error) for app, error in zip(apps, asked, strict=True) if isinstance(error, GatherError)]
    apps = [
        replace(app, granted=None) if isinstance(facts, GatherError) else facts
        for app, facts in zip(apps, asked, strict=True)
    ]
    apps, unowned = await _with_holders(azure, apps)
    read = sum((app.registration is not None) + (app.service_principal is not None) for app in apps)
    unread = (*_unread_apps(lost), *_unread_consent(unjudged), *unowned)
    return RegistrationFacts(observed_at=now, apps=tuple(apps), read=read, unread=unread)


def _unread_apps(troubles: Sequence[tuple[AppExpectation, GatherError]]) -> list[Unread]:
    """Say a name that is held twice for each app, and everything else once for all of them."""
    twice = [(app, error) for app, error in troubles if isinstance(error, AmbiguousNameError)]
    others = [(app, error) for app, error in troubles if not isinstance(error, AmbiguousNameError)]
    unread = [_unread(f"app:{app.label.lower()}", [app], [error]) for app, error in twice]
    if others:
        apps, errors = zip(*others, strict=True)
        unread.append(_unread("apps", apps, errors))
    return unread


def _unread_consent(unjudged: Sequence[tuple[AppFacts, GatherError]]) -> list[Unread]:
    if not unjudged:
        return []
    apps, errors = [app.expectation for app, _ in unjudged], [error for _, error in unjudged]
    whole = _unread("consent", apps, errors)
    return [replace(whole, what=f"the consent of {whole.what}", hides="whether their permissions were consented to")]


def _unread(scope: str, apps: Sequence[AppExpectation], errors: Sequence[GatherError]) -> Unread:
    return Unread(
        scope=scope,
        what=f"the app{'s' if len(apps) > 1 else ''} {', '.join(app.label for app in apps)}",
        why="; ".join(dict.fromkeys(error.why for error in errors)),
        hides="whether they exist, may do what they must, and when their credentials end",
        steps=tuple(dict.fromkeys(step for error in errors for step in error.steps)),
        again_at=max((error.again_at for error in errors if error.again_at), default=None),
    )


async def _app(azure: Azure, tenant_id: str, expectation: AppExpectation) -> AppFacts:
    facts = AppFacts(expectation=expectation)
    if expectation.kind is not AppKind.ENTERPRISE:
        registration = await _one(azure, "/applications", APPLICATION, applications, expectation)
        if registration is None:
            return facts
        facts = replace(facts, registration=registration)
        by_id = AppExpectation(app_id=registration.app_id)
        principal = await find_service_principal(azure, by_id)
    else:
        principal = await find_service_principal(azure, expectation)
        if principal is not None and _is_of(tenant_id, principal):
            # Its registration is in this tenant: what stands there can authenticate it too.
            by_id = AppExpectation(app_id=principal.app_id)
            facts = replace(facts, registration=await _one(azure, "/applications", APPLICATION, applications, by_id))
    return replace(facts, service_principal=principal)


def _is_of(tenant_id: str, principal: ServicePrincipal) -> bool:
    return (principal.app_owner_organization_id or "").lower() == tenant_id.lower()


async def find_service_principal(azure: Azure, app: AppExpectation) -> ServicePrincipal | None:
    """Find an app's service principal by its appId, or else by display name; None where there is none."""
    return await _one(azure, "/servicePrincipals", SERVICE_PRINCIPAL, service_principals, app)


async def get_service_principal(azure: Azure, object_id: str) -> ServicePrincipal | None:
    """Get a service principal by its object id; None where there is none."""

    def read(answer: Answer) -> ServicePrincipal | None:
        return None if answer.status == 404 else with_bounded_names(reader(GRAPH, service_principal)(answer))

    return await azure.ask_graph(f"/servicePrincipals/{object_id}?$select={SERVICE_PRINCIPAL}", read)


async def _one[T: Application | ServicePrincipal](
    azure: Azure, path: str, select: str, decoder: msgspec.json.Decoder[Page[T]], app: AppExpectation
) -> T | None:
    by = f"appId%20eq%20{quoted(app.app_id)}" if app.app_id else f"displayName%20eq%20{quoted(app.name or '')}"
    found = await all_of(azure, f"{path}?$filter={by}&$select={select}", decoder)
    if len(found) > 1:
        ids = ", ".join(f"{item.app_id} (object {item.id})" for item in found[:5])
        raise AmbiguousNameError(
            f"{len(found)} objects have this display name: {ids}",
            steps=("Name the one that is meant by its app_id in dawnwatch.toml.",),
        )
    return with_bounded_names(found[0]) if found else None


async def _with_consent(azure: Azure, facts: AppFacts) -> AppFacts:
    """Read what was consented to, and the APIs that it was consented on, where permissions are expected."""
    permissions, principal = facts.expectation.permissions, facts.service_principal
    if not permissions:
        return facts
    select = "id,appId,displayName,appRoles"
    wanted = sorted({permission.api.lower() for permission in permissions})
    by_id = [AppExpectation(app_id=api) for api in wanted]
    found = await together(*(_one(azure, "/servicePrincipals", select, service_principals, app) for app in by_id))
    apis = {api: offered for api, offered in zip(wanted, found, strict=True) if offered is not None}
    granted: list[AppRoleAssignment] = []
    if principal is not None:
        granted = await all_of(azure, f"/servicePrincipals/{principal.id}/appRoleAssignments", grants)
    return replace(facts, apis=apis, granted=tuple(granted))


async def _with_holders(azure: Azure, apps: list[AppFacts]) -> tuple[list[AppFacts], tuple[Unread, ...]]:
    held = await gather_holders(azure, [app.registration.id for app in apps if app.registration is not None])
    return [
        replace(app, owners=held.owners[app.registration.id], federated=held.federated[app.registration.id])
        if app.registration is not None
        else app
        for app in apps
    ], held.unread


@dataclass(frozen=True, slots=True)
class Holders:
    """Who owns each registration, by name, and how many federated credentials stand in for its secrets, by object id.

    None where that was not read, or the registration was deleted meanwhile.
    """

    owners: Mapping[str, tuple[str, ...] | None]
    federated: Mapping[str, int | None]
    unread: tuple[Unread, ...]


async def gather_holders(azure: Azure, ids: Sequence[str]) -> Holders:
    """Read who and what holds registrations, twenty reads to a call; each of the two kinds may fail by itself."""
    owner_urls = [f"/applications/{object_id}/owners?$select=id,displayName,userPrincipalName" for object_id in ids]
    trust_urls = [f"/applications/{object_id}/federatedIdentityCredentials" for object_id in ids]
    owners, trusts = await each(batch_lists(azure, urls, named) for urls in (owner_urls, trust_urls))
    nobody: list[list[Named] | None] = [None] * len(ids)
    owned = nobody if isinstance(owners, GatherError) else owners
    trusted = nobody if isinstance(trusts, GatherError) else trusts
    return Holders(
        owners={
            object_id: None if page is None else tuple(bounded(owner.label) for owner in page)
            for object_id, page in zip(ids, owned, strict=True)
        },
        federated={
            object_id: None if page is None else len(page) for object_id, page in zip(ids, trusted, strict=True)
        },
        unread=_unread_holders(owners, trusts),
    )


_OWNERS = "owners", "the owners of app registrations", "who owns an app"
_TRUSTS = (
    "federated",
    "the federated credentials of app registrations",
    "whether a federated credential stands in for a secret",
)


def _unread_holders(owners: object, trusts: object) -> tuple[Unread, ...]:
    """Say what could not be read; both at once where both failed for one reason."""
    failed = [(kind, read) for kind, read in ((_OWNERS, owners), (_TRUSTS, trusts)) if isinstance(read, GatherError)]
    if len(failed) == 2 and failed[0][1].why == failed[1][1].why:
        scope, *words = (" and ".join(part) for part in zip(_OWNERS, _TRUSTS, strict=True))
        failed = [((scope, words[0], words[1]), failed[0][1])]
    return tuple(
        Unread(scope=scope, what=what, why=error.why, hides=hides, steps=error.steps, again_at=error.again_at)
        for (scope, what, hides), error in failed
    )
