"""Reading the directory: whose service principal an identity is, and what it holds of Microsoft Graph."""

import re
from collections.abc import Mapping, Sequence
from copy import replace
from difflib import get_close_matches

import msgspec
from msgspec import Struct

from shared.errors import ConfigError, GatherError, Mistake
from shared.gather.answers import UNBOUNDED, Answer, AttemptError, reader
from shared.gather.graph import Page, all_of, quoted
from shared.grant.asked import COMMAND_LINE, ENVIRONMENT, Origin
from shared.grant.caller import DIRECTORY, Caller, advising
from shared.grant.plan import GraphFound, Need, Principal
from shared.names import bounded
from shared.permissions import GraphNeed
from shared.roles import GRAPH_APP_ID

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SELECT = "$select=id,appId,displayName,servicePrincipalType"
_SHOWN = 5


class _ServicePrincipal(Struct, rename="camel"):
    id: str
    app_id: str
    display_name: str | None = None
    service_principal_type: str | None = None


class _AppRole(Struct, rename="camel"):
    id: str
    value: str | None = None
    allowed_member_types: tuple[str, ...] = ()


class _Api(Struct, rename="camel"):
    id: str
    app_roles: tuple[_AppRole, ...] = ()


class _Held(Struct, rename="camel"):
    id: str
    app_role_id: str
    resource_id: str


_principal = msgspec.json.Decoder(_ServicePrincipal)
_principals = msgspec.json.Decoder(Page[_ServicePrincipal])
_api = msgspec.json.Decoder(_Api)
_held = msgspec.json.Decoder(Page[_Held])


async def find_principal(caller: Caller, text: str, origin: Origin, *, by_client_id: bool = False) -> Principal:
    """Look an identity up by its object id, its client id or its display name; `origin` is where it was named.

    Raises:
        ConfigError: it is nobody, or several.
        GatherError: the directory cannot be read. Where that is refused, an id is taken for an object id on trust,
            unless it is known to be none.
    """
    try:
        found = await (_by_id(caller, text, origin) if _GUID.fullmatch(text) else _by(caller, "displayName", text))
    except GatherError as error:
        if error.status == 403 and _GUID.fullmatch(text) and not by_client_id:
            return Principal(object_id=text.lower())  # who may not read the directory may still assign roles
        raise
    if len(found) == 1:
        one = found[0]
        return Principal(
            object_id=one.id.lower(),
            app_id=one.app_id.lower(),
            name=bounded(one.display_name or one.app_id),
            is_managed=one.service_principal_type == "ManagedIdentity",
        )
    raise ConfigError([origin.mistake(_not_one(text, found, caller.tenant_id))])


def _not_one(text: str, found: Sequence[_ServicePrincipal], tenant_id: str) -> str:
    if not found:
        return (
            f'"{bounded(text)}" is no service principal in the tenant {tenant_id}, by object id, client id or display '
            "name (the object id of an app registration is not its service principal's)"
        )
    ids = ", ".join(f"{one.id} ({one.service_principal_type or 'Application'})" for one in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f'{len(found)} service principals are called "{bounded(text)}": name one by its object id: {ids}{more}'


async def _by_id(caller: Caller, guid: str, origin: Origin) -> list[_ServicePrincipal]:
    """Look for an object id, then for a client id. What a deployment has just made may take a while to show."""
    is_fresh = origin.file == ENVIRONMENT

    def read(answer: Answer) -> list[_ServicePrincipal]:
        if answer.status == 404 and is_fresh:
            raise AttemptError(f"there is no service principal {guid}", tries=UNBOUNDED, answer=answer)
        return [] if answer.status == 404 else [reader(DIRECTORY, _principal)(answer)]

    azure = caller.azure
    url = f"/servicePrincipals/{guid}?{_SELECT}"
    try:
        found = await azure.ask(DIRECTORY, lambda: azure.send_graph(url), read)
    except GatherError as error:
        if error.status != 404:
            raise
        found = []
    return found or await _by(caller, "appId", guid)


async def _by(caller: Caller, field: str, value: str) -> list[_ServicePrincipal]:
    url = f"/servicePrincipals?$filter={field}%20eq%20{quoted(value)}&{_SELECT}"
    with advising(DIRECTORY):
        return await all_of(caller.azure, url, _principals)


async def read_graph(caller: Caller, needs: Sequence[Need]) -> GraphFound:
    """Read which permissions Microsoft Graph offers in this tenant.

    Raises:
        ConfigError: one that is needed is none of them.
        GatherError: the directory cannot be read.
    """
    azure = caller.azure
    about = f"/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id,appRoles"
    api = await azure.ask(DIRECTORY, lambda: azure.send_graph(about), reader(DIRECTORY, _api))
    offered = {
        role.value: role.id.lower()
        for role in api.app_roles
        if role.value and "Application" in role.allowed_member_types
    }
    known = {name.lower() for name in offered}
    unknown = [need.name for need in needs if isinstance(need, GraphNeed) and need.name.lower() not in known]
    if unknown:
        raise ConfigError([_unknown(name, offered) for name in unknown])
    return GraphFound(service_principal_id=api.id, offered=offered, held={})


async def with_held(caller: Caller, principal: Principal, graph: GraphFound) -> GraphFound:
    """Read which of Microsoft Graph's permissions the principal holds.

    Raises:
        GatherError: the directory cannot be read.
    """
    with advising(DIRECTORY):
        every = await all_of(caller.azure, f"/servicePrincipals/{principal.object_id}/appRoleAssignments", _held)
    own = (one for one in every if one.resource_id.lower() == graph.service_principal_id.lower())
    return replace(graph, held={one.app_role_id.lower(): one.id for one in own})


def _unknown(name: str, offered: Mapping[str, str]) -> Mistake:
    near = get_close_matches(name, offered, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Mistake(COMMAND_LINE, "--graph-role", f'Microsoft Graph has no application permission "{name}"{hint}')
