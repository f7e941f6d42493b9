"""What each identity is to be given in each tenant: targets, and what was asked for -> wishes. Pure."""

from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from pathlib import Path

from shared.errors import ConfigError, Mistake
from shared.expectations import Target
from shared.grant.asked import COMMAND_LINE, IDENTITY_VARIABLE, WORKSPACES_VARIABLE, Asked, Origin
from shared.grant.plan import Need, distinct
from shared.permissions import READ_APPS, GraphNeed, RoleNeed, grant_command, needs_of, topic_need, workspace_needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one identity is to be given in one tenant. Without `tenant_id` it is the one that is signed in to.

    `identity` is an object id, a client id or a display name; `is_own` where a target names it. `others` are the needs
    of targets that this is not about: what is taken back must leave them alone. `origins` tell where scopes were said.
    """

    tenant_id: str | None
    identity: str
    is_own: bool = False
    needs: tuple[Need, ...] = ()
    others: tuple[Need, ...] = ()
    targets: tuple[str, ...] = ()
    origins: Mapping[str, Origin]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The resources that roles are needed on."""
        return tuple(dict.fromkeys(need.scope for need in self.needs if isinstance(need, RoleNeed)))

    def command(self, config: Path | None, *, revoke: bool, identity: str | None = None) -> str:
        """The command line that does the same, and needs no environment for it."""
        roles = [need for need in self.needs if isinstance(need, RoleNeed)]
        return grant_command(
            identity or self.identity,
            workspaces=[need.scope for need in roles if need.name == "Reader"],
            graph_roles=[need.name for need in self.needs if isinstance(need, GraphNeed)],
            topic=next((need.scope for need in roles if need.name == "EventGrid Data Sender"), None),
            config=config,
            revoke=revoke,
        )


type _Who = tuple[str | None, str | None]
"""A tenant, None for the one that is signed in to; the client id that a target names, None for the monitor's own."""

_SIGNED_IN: _Who = (None, None)


def make_wishes(asked: Asked, chosen: Sequence[Target], *, everything: bool) -> tuple[Wish, ...]:
    """Say who is to be given what. `chosen` are the targets that it is about; with `everything`, that is all of them.

    Raises:
        ConfigError: nothing is named that could be given, or nobody who could be given it.
    """
    targets = () if asked.alone else chosen
    known = {target.workspace_id.lower() for target in targets}
    bare = [scope for scope in asked.workspaces if scope.lower() not in known] if asked.alone or everything else []
    named: dict[_Who, list[Target]] = {}
    for target in targets:
        named.setdefault(_who(target), []).append(target)
    topic = asked.topic if _is_topic_meant(asked, everything=everything) else None
    if bare or topic:
        named.setdefault(_SIGNED_IN, [])
    _check(asked, named)
    origins = {scope.lower(): asked.workspaces[scope] for scope in bare}
    origins |= {target.workspace_id.lower(): Origin("target", target.name) for target in targets}
    origins |= {topic.lower(): asked.topic_origin} if topic else {}
    return tuple(
        Wish(
            tenant_id=who[0],
            identity=who[1] or asked.identity or "",
            is_own=who[1] is not None,
            needs=_needs(asked, group, bare if who == _SIGNED_IN else (), topic if who == _SIGNED_IN else None),
            targets=tuple(target.name for target in group),
            origins=origins,
        )
        for who, group in named.items()
    )


def _is_topic_meant(asked: Asked, *, everything: bool) -> bool:
    """Whether it is about the topic too: where single workspaces or targets are named, only if it is named as well."""
    return asked.topic_origin.file == COMMAND_LINE or (everything and not asked.alone)


def _needs(asked: Asked, targets: Sequence[Target], bare: Sequence[str], topic: str | None) -> tuple[Need, ...]:
    found: list[Need] = [need for target in targets for need in needs_of(target)]
    for scope in bare:
        found += (READ_APPS, *workspace_needs(scope))
    found += [GraphNeed(name=name, why="whatever it was asked for") for name in asked.graph_roles]
    return distinct([*found, *([topic_need(topic)] if topic else [])])


def _who(target: Target) -> _Who:
    return target.tenant_id.lower(), target.identity.client_id if target.identity else None


def _check(asked: Asked, needs: Mapping[_Who, object]) -> None:
    mistakes = []
    if not needs:
        problem = f"is missing: name a workspace, here, in {WORKSPACES_VARIABLE} or by a target of the configuration"
        mistakes.append(Mistake(COMMAND_LINE, "--workspace", problem))
    if asked.identity is None and (not needs or any(own is None for _, own in needs)):
        problem = (
            "is missing: name the monitor's identity by object id, client id or display name, "
            f"here or in {IDENTITY_VARIABLE}"
        )
        mistakes.append(Mistake(COMMAND_LINE, "--identity", problem))
    if mistakes:
        raise ConfigError(mistakes)


def sort_out(
    wishes: Sequence[Wish], tenant_id: str, known: Sequence[Target]
) -> tuple[tuple[Wish, ...], tuple[Wish, ...]]:
    """Split wishes into those for the tenant that is signed in to, one for each identity, and those for others.

    `known` are all targets of the configuration, whichever it is about.
    """
    here: dict[str | None, Wish] = {}
    elsewhere = [wish for wish in wishes if wish.tenant_id not in {None, tenant_id}]
    for wish in wishes:
        if wish.tenant_id in {None, tenant_id}:
            key = wish.identity.lower() if wish.is_own else None
            here[key] = _joined(here[key], wish) if key in here else replace(wish, tenant_id=tenant_id)
    return tuple(
        replace(wish, others=_needs_of_others(wish, (tenant_id, own), known)) for own, wish in here.items()
    ), tuple(elsewhere)


def _needs_of_others(wish: Wish, who: _Who, known: Sequence[Target]) -> tuple[Need, ...]:
    """What the identity needs for targets that this is not about."""
    scopes = {scope.lower() for scope in wish.scopes}
    others = (target for target in known if _who(target) == who and target.name not in wish.targets)
    return distinct([need for one in others if one.workspace_id.lower() not in scopes for need in needs_of(one)])


def _joined(one: Wish, other: Wish) -> Wish:
    needs = distinct([*one.needs, *other.needs])
    return replace(one, needs=needs, targets=(*one.targets, *other.targets))
