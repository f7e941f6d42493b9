"""Reading what a tenant has of its own, for `dawnwatch init`: connection apps, and the services whose health shows."""

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.facts import RequiredResourceAccess, Unread
from shared.gather.cloud import Azure
from shared.gather.graph import Page, pages, quoted
from shared.init.seen import ConnectionApp
from shared.names import bounded

MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
"""The appId of Configuration Manager Microservice."""
COLLECTION_ROLES = {
    "1ce9e34f-35e8-4af8-b172-09e4dd00453d": "CmCollectionData.read",
    "a7a0e953-7ed2-423c-849f-9d78b5e44612": "CmCollectionData.write",
}
_SELECT = "$select=appId,displayName,requiredResourceAccess&$top=999"
_REQUESTING = f"$filter=requiredResourceAccess/any(r:r/resourceAppId%20eq%20{quoted(MICROSERVICE)})&$count=true"


class _App(Struct, frozen=True, rename="camel", gc=False):
    app_id: str
    display_name: str | None = None
    required_resource_access: tuple[RequiredResourceAccess, ...] = ()


class _Service(Struct, frozen=True):
    service: str


_apps = msgspec.json.Decoder(Page[_App])
_services = msgspec.json.Decoder(Page[_Service])


async def gather_connection_apps(azure: Azure) -> tuple[tuple[ConnectionApp, ...] | None, tuple[Unread, ...]]:
    """Read the apps that request Configuration Manager's collection data; None where they could not be read.

    Graph looks them up by the API that they request, in an index that follows a change after minutes. Where it cannot,
    every app is read as a stream.

    Source: Advanced query capabilities on directory objects, application properties.
    """
    try:
        try:
            found = await _connections(azure, f"/applications?{_REQUESTING}&{_SELECT}")
        except GatherError as error:
            if error.status != 400:
                raise
            found = await _connections(azure, f"/applications?{_SELECT}")
    except GatherError as error:
        steps = ("Sign in as somebody who may read app registrations.",) if error.status == 403 else error.steps
        return None, (
            Unread(
                scope="apps",
                what="the app registrations",
                why=error.why,
                hides="Configuration Manager's connection apps",
                steps=steps,
                again_at=error.again_at,
            ),
        )
    return tuple(sorted(found, key=lambda app: (app.name.casefold(), app.app_id))), ()


async def _connections(azure: Azure, url: str) -> list[ConnectionApp]:
    found: list[ConnectionApp] = []
    async for page in pages(azure, url, _apps):
        for app in page:
            permissions = _collection_roles(app)
            if permissions:
                name = bounded(app.display_name or app.app_id)
                found.append(ConnectionApp(app.app_id.lower(), name, permissions))
    return found


def _collection_roles(app: _App) -> tuple[str, ...]:
    """The application permissions on Configuration Manager's collections that an app requests."""
    requested = {
        access.id.lower()
        for request in app.required_resource_access
        if request.resource_app_id.lower() == MICROSERVICE
        for access in request.resource_access
        if access.type.lower() == "role"
    }
    return tuple(value for role_id, value in COLLECTION_ROLES.items() if role_id in requested)


async def gather_services(azure: Azure) -> tuple[frozenset[str] | None, tuple[Unread, ...]]:
    """Read the names of the services whose health can be read; None where it cannot.

    To be refused is no failure: service health is watched only where somebody wants it, and few may read it.
    """
    try:
        url = "/admin/serviceAnnouncement/healthOverviews"
        return frozenset([bounded(item.service) async for page in pages(azure, url, _services) for item in page]), ()
    except GatherError as error:
        if error.status == 403:
            return None, ()
        hides = "whether an incident of Microsoft's can be told beside a finding"
        return None, (
            Unread(
                scope="services",
                what="Microsoft 365 service health",
                why=error.why,
                hides=hides,
                steps=error.steps,
                again_at=error.again_at,
            ),
        )
