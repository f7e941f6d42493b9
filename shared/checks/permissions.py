"""From an app's expected permissions to what is missing of each: the request, or the consent."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from shared.expectations import AppKind
from shared.facts import AppFacts, ServicePrincipal
from shared.wording import say_list

CM_MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
_CM_ROLES = {
    "cmcollectiondata.read": "1ce9e34f-35e8-4af8-b172-09e4dd00453d",
    "cmcollectiondata.write": "a7a0e953-7ed2-423c-849f-9d78b5e44612",
}
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Lack(StrEnum):
    """What keeps a permission from having effect; the first that applies."""

    NOT_OFFERED = "the API offers no application permission of that name"
    NOT_REQUESTED = "not requested by the registration"
    NO_API = "the API has no service principal in this tenant"
    NO_PRINCIPAL = "the registration has no service principal in this tenant"
    NOT_GRANTED = "admin consent was not granted"

    @property
    def is_request(self) -> bool:
        """Whether the request is at fault, not the consent."""
        return self in {Lack.NOT_OFFERED, Lack.NOT_REQUESTED}


@dataclass(frozen=True, slots=True)
class MissingPermission:
    """One expected permission that has no effect, and why. `granted` where consent is there without a request."""

    api_id: str
    api: str
    role: str
    lack: Lack
    granted: bool = False

    @property
    def reason(self) -> str:
        """Why it has no effect, in words."""
        return f"{self.lack}, though consent for it is there" if self.granted else self.lack.value


def say_missing(missing: Iterable[MissingPermission]) -> str:
    """Say permissions in one sentence, those of one API and one reason together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for permission in missing:
        groups.setdefault((permission.api, permission.reason), []).append(permission.role)
    return "; ".join(f"{say_list(roles)} on {api} ({reason})" for (api, reason), roles in groups.items())


def find_missing(app: AppFacts) -> Iterator[MissingPermission]:
    """Find the expected permissions that are not requested or not granted.

    Where the registration is not looked for (an enterprise application), only the consent is judged.
    """
    for permission in app.expectation.permissions:
        api_id = permission.api.lower()
        api = app.apis.get(api_id)
        for role in permission.roles:
            role_id = _resolve(role, api_id, api)
            granted = api is not None and _is_granted(app, api, role_id)
            lack = _lack(app, api, _is_requested(app, api_id, role_id), granted, role_id)
            if lack is not None:
                yield MissingPermission(api_id, _api_name(api_id, api), role, lack, granted)


def _lack(
    app: AppFacts, api: ServicePrincipal | None, requested: bool, granted: bool, role_id: str | None
) -> Lack | None:
    if app.granted is None and (role_id is None or requested):
        return None  # consent was not read: only what is not even requested is known to be missing
    if role_id is None:
        return Lack.NO_API if api is None else Lack.NOT_OFFERED
    if not requested:
        return Lack.NOT_REQUESTED
    if api is None:
        return Lack.NO_API
    if app.service_principal is None:
        return Lack.NO_PRINCIPAL
    return None if granted else Lack.NOT_GRANTED


def _resolve(role: str, api_id: str, api: ServicePrincipal | None) -> str | None:
    """Return the GUID of an app role, given as a GUID or as its value in any case; None where nobody knows it."""
    if _GUID.fullmatch(role):
        return role.lower()
    offered = () if api is None else api.app_roles
    by_value = {offer.value.lower(): offer.id.lower() for offer in offered if offer.value}
    found = by_value.get(role.lower())
    if found is None and api is None and api_id == CM_MICROSERVICE:
        return _CM_ROLES.get(role.lower())
    return found


def _is_requested(app: AppFacts, api_id: str, role_id: str | None) -> bool:
    if app.registration is None or app.expectation.kind is AppKind.ENTERPRISE:
        return True
    return any(
        access.type == "Role" and access.id.lower() == role_id
        for required in app.registration.required_resource_access
        if required.resource_app_id.lower() == api_id
        for access in required.resource_access
    )


def _is_granted(app: AppFacts, api: ServicePrincipal, role_id: str | None) -> bool:
    return any(
        grant.resource_id.lower() == api.id.lower() and grant.app_role_id.lower() == role_id
        for grant in app.granted or ()
    )


def _api_name(api_id: str, api: ServicePrincipal | None) -> str:
    if api is not None and api.display_name:
        return api.display_name
    return "Configuration Manager Microservice" if api_id == CM_MICROSERVICE else api_id
