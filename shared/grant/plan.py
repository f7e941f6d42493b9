"""What is wanted, and what is there -> steps. Pure: nothing is read or written here."""

from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import GatherError
from shared.facts import RoleAssignment
from shared.permissions import GraphNeed, RoleNeed
from shared.roles import BUILT_IN_ROLES

type Need = GraphNeed | RoleNeed


class State(StrEnum):
    """How a step stands: what a plan says of it, and then what came of it.

    add --> added      remove --> removed
    there (nothing to add), absent (nothing to remove), kept (not ours to remove)
    refused (whoever runs this may not), failed (anything else)
    """

    THERE = "there"
    ADD = "add"
    ADDED = "added"
    ABSENT = "absent"
    KEPT = "kept"
    REMOVE = "remove"
    REMOVED = "removed"
    REFUSED = "refused"
    FAILED = "failed"


TO_DO = frozenset({State.ADD, State.REMOVE})
TROUBLE = frozenset({State.REFUSED, State.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The service principal of the identity. Without a name it could not be looked up: the id was taken on trust."""

    object_id: str
    app_id: str | None = None
    name: str | None = None
    is_managed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFound:
    """Microsoft Graph in this tenant: its service principal, its app roles by name, and which of them are held.

    `held` maps an app role's GUID to the assignment's id.
    """

    service_principal_id: str
    offered: Mapping[str, str]
    held: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is there. `roles` are the assignments that are effective for the principal at each scope (lower case).

    An error stands for what could not be read.
    """

    principal: Principal
    graph: GraphFound | GatherError
    roles: Mapping[str, tuple[RoleAssignment, ...] | GatherError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One permission, and how it stands. `assignment_id` is what is there, or was made."""

    need: Need
    state: State
    note: str = ""
    assignment_id: str | None = None
    advice: tuple[str, ...] = ()


def troubled(step: Step, error: GatherError) -> Step:
    """Say why a step could not be taken."""
    state = State.REFUSED if error.status == 403 else State.FAILED
    return replace(step, state=state, note=error.why, advice=error.steps)


def plan_grant(needs: Sequence[Need], found: Found) -> tuple[Step, ...]:
    """Say what is to be added."""
    return tuple(_grant(need, found) for need in needs)


def plan_revoke(needs: Sequence[Need], found: Found, others: Sequence[Need] = ()) -> tuple[Step, ...]:
    """Say what is to be removed: exactly what grant gives, and nothing that `others` need as well."""
    kept = {_key(need) for need in others}
    return tuple(
        Step(need=need, state=State.KEPT, note="other targets of the configuration need it")
        if _key(need) in kept
        else _revoke(need, found)
        for need in needs
    )


def distinct(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Leave out what is said twice; Microsoft Graph's come first, then those of each scope."""
    once: dict[tuple[str, str], Need] = {}
    for need in needs:
        once.setdefault(_key(need), need)
    return tuple(sorted(once.values(), key=lambda need: isinstance(need, RoleNeed)))


def _key(need: Need) -> tuple[str, str]:
    return need.name.lower(), need.scope.lower() if isinstance(need, RoleNeed) else ""


def _grant(need: Need, found: Found) -> Step:
    wanted = Step(need=need, state=State.ADD)
    if isinstance(need, GraphNeed):
        return (
            troubled(wanted, found.graph) if isinstance(found.graph, GatherError) else _grant_app(wanted, found.graph)
        )
    held = found.roles[need.scope.lower()]
    return troubled(wanted, held) if isinstance(held, GatherError) else _grant_role(wanted, need, held, found.principal)


def _grant_app(wanted: Step, graph: GraphFound) -> Step:
    need = wanted.need
    for name in (need.name, *need.instead):
        role_id = graph.offered.get(name, "")
        if role_id in graph.held:
            note = "" if name == need.name else f"{name} does instead"
            return replace(wanted, state=State.THERE, note=note, assignment_id=graph.held[role_id])
    return wanted


def _grant_role(wanted: Step, need: RoleNeed, held: Sequence[RoleAssignment], principal: Principal) -> Step:
    for name in (need.name, *need.instead):
        for one in held:
            # A condition may take away what the role gives: only where Azure would take no second one does it count.
            in_the_way = name == need.name and _is_own(one, need, principal)
            if one.role_id == BUILT_IN_ROLES[name] and (one.condition is None or in_the_way):
                note = _where(one, need, principal, "" if name == need.name else f"{name} does instead")
                return replace(wanted, state=State.THERE, note=note, assignment_id=one.id)
    return wanted


def _revoke(need: Need, found: Found) -> Step:
    wanted = Step(need=need, state=State.ABSENT)
    if isinstance(need, GraphNeed):
        if isinstance(found.graph, GatherError):
            return troubled(wanted, found.graph)
        held = found.graph.held.get(found.graph.offered.get(need.name, ""))
        return replace(wanted, state=State.REMOVE, assignment_id=held) if held else wanted
    roles = found.roles[need.scope.lower()]
    return (
        troubled(wanted, roles)
        if isinstance(roles, GatherError)
        else _revoke_role(wanted, need, roles, found.principal)
    )


def _revoke_role(wanted: Step, need: RoleNeed, held: Sequence[RoleAssignment], principal: Principal) -> Step:
    same = [one for one in held if one.role_id == need.role_id]
    for one in same:
        if _is_own(one, need, principal) and one.condition is None:
            return replace(wanted, state=State.REMOVE, assignment_id=one.id)
    for one in same:
        return replace(wanted, state=State.KEPT, note=_where(one, need, principal, ""), assignment_id=one.id)
    return wanted


def _is_own(one: RoleAssignment, need: RoleNeed, principal: Principal) -> bool:
    """Whether it was made for the principal itself, at the scope itself."""
    return one.scope.lower() == need.scope.lower() and one.principal_id == principal.object_id.lower()


def _where(one: RoleAssignment, need: RoleNeed, principal: Principal, instead: str) -> str:
    """What is special about an assignment that is there."""
    parts = [
        instead,
        f"inherited from {one.scope}" if one.scope.lower() != need.scope.lower() else "",
        f"through the group {one.principal_id}" if one.principal_id != principal.object_id.lower() else "",
        "with a condition that may limit it" if one.condition else "",
    ]
    return ", ".join(part for part in parts if part)
