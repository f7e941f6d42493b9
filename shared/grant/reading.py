"""What is there of what is wished for: everything is read, and every mistake found, before anything is changed."""

from collections.abc import Coroutine, Sequence
from copy import replace
from dataclasses import dataclass
from typing import Any

from shared.errors import ConfigError, GatherError
from shared.facts import RoleAssignment
from shared.gather.answers import together
from shared.grant.asked import Origin
from shared.grant.caller import Caller
from shared.grant.directory import find_principal, read_graph, with_held
from shared.grant.plan import Found, GraphFound, Principal
from shared.grant.scopes import check_resource, read_roles
from shared.grant.wishes import Wish
from shared.permissions import GraphNeed

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A wish, its needs named as the tenant names them, and what is there of it."""

    wish: Wish
    found: Found


async def read_all(caller: Caller, wishes: Sequence[Wish], identity: Origin) -> tuple[Known, ...]:
    """Read what is there for each wish. `identity` is where the monitor's own identity was named.

    Raises:
        ConfigError: something that was named is not there, or more than one thing is called so; all of it at once.
        GatherError: the identity could not be looked up, and is not named by an id.
    """
    read = await together(*(_settled(_read(caller, wish, identity)) for wish in wishes))
    mistakes = [mistake for one in read if isinstance(one, ConfigError) for mistake in one.mistakes]
    if mistakes:
        raise ConfigError(mistakes)
    for one in read:
        if isinstance(one, GatherError):
            raise one
    return tuple(read)


async def _settled[T](work: Coroutine[Any, Any, T]) -> T | ConfigError | GatherError:
    try:
        return await work
    except (ConfigError, GatherError) as error:
        return error


async def _read(caller: Caller, wish: Wish, identity: Origin) -> Known:
    origin = Origin("target", ", ".join(wish.targets[:_SHOWN])) if wish.is_own else identity
    principal, graph, *resources = every = await together(
        _settled(find_principal(caller, wish.identity, origin, by_client_id=wish.is_own)),
        _settled(read_graph(caller, wish.needs)),
        *(_settled(check_resource(caller, scope, wish.origins)) for scope in wish.scopes),
    )
    mistakes = [mistake for one in every if isinstance(one, ConfigError) for mistake in one.mistakes]
    if mistakes:
        raise ConfigError(mistakes)
    if isinstance(principal, GatherError):
        raise principal
    graph, *roles = await together(
        _settled(_held(caller, principal, graph)),
        *(_settled(_roles(caller, principal, *one)) for one in zip(wish.scopes, resources, strict=True)),
    )
    held = {scope.lower(): one for scope, one in zip(wish.scopes, roles, strict=True)}
    return Known(_named(wish, graph), Found(principal=principal, graph=graph, roles=held))


async def _held(caller: Caller, principal: Principal, graph: GraphFound | GatherError) -> GraphFound:
    if isinstance(graph, GatherError):
        raise graph
    return await with_held(caller, principal, graph)


async def _roles(
    caller: Caller, principal: Principal, scope: str, unread: GatherError | None
) -> tuple[RoleAssignment, ...]:
    if unread is not None:
        raise unread
    return await read_roles(caller, principal, scope)


def _named(wish: Wish, graph: GraphFound | GatherError) -> Wish:
    """Name permissions as the tenant writes them."""
    if isinstance(graph, GatherError):
        return wish
    names = {name.lower(): name for name in graph.offered}
    needs = tuple(
        replace(need, name=names[need.name.lower()]) if isinstance(need, GraphNeed) else need for need in wish.needs
    )
    return replace(wish, needs=needs)
