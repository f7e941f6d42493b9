"""What the monitor may do (pure): each right that it needs, judged by what its token says and by a read that was tried.

| the read | the token names the permission | it does not, or nobody knows |
| --- | --- | --- |
| worked | ok, through it | ok, and how is said: a directory role, a custom role, a person's own rights |
| was refused | failed: it is there, and does not help | failed, with the commands that grant it |
| could not be made | unknown | unknown; failed where an app's token leaves it out |
"""

from collections.abc import Sequence

from shared.doctor.attempt import Attempt
from shared.doctor.diagnosis import Area, Point, Verdict, untold
from shared.doctor.grants import graph_commands, role_commands
from shared.errors import GatherError
from shared.gather.sign_in import NO_CLAIMS, Claims
from shared.permissions import READ_APPS, READ_SERVICE_HEALTH, GraphNeed, RoleNeed
from shared.wording import say_list

PROBES = {
    READ_APPS.name: ("/applications?$select=id&$top=1", "/servicePrincipals?$select=id&$top=1"),
    READ_SERVICE_HEALTH.name: ("/admin/serviceAnnouncement/healthOverviews?$top=1",),
}
"""What is read to see whether an application permission works."""

_NOT_YET = "A token is kept for up to 24 hours: what was granted since it was issued does not count yet."


def judge_graph(need: GraphNeed, tried: Attempt[None], claims: Claims, graph: str) -> Point:
    """Judge an application permission on Microsoft Graph, which is at the address `graph`."""
    what = f"{need.name} (Microsoft Graph)"
    through = _through(need, claims)
    if tried.worked:
        return Point(Area.PERMISSIONS, what, Verdict.OK, f"It works: {_how(through, claims)}.")
    if not tried.refused and (through or claims == NO_CLAIMS or claims.is_person):
        return untold(Area.PERMISSIONS, what, _known(tried))
    return Point(
        Area.PERMISSIONS, what, Verdict.FAILED, _lacks(need, tried, claims, through), _commands(need, claims, graph)
    )


def _through(need: GraphNeed, claims: Claims) -> str | None:
    """Name the permission of a token that covers the need."""
    held = {*claims.roles, *(claims.scp or "").split()}
    return next((name for name in (need.name, *need.instead) if name in held), None)


def _how(through: str | None, claims: Claims) -> str:
    if through:
        return f"the token holds {through}"
    return "by the person's own rights" if claims.is_person else "though its token names no such permission"


def _lacks(need: GraphNeed, tried: Attempt[None], claims: Claims, through: str | None) -> str:
    if through:
        why = f"The token holds {through}, and yet: {_known(tried).why}."
        return f"{why} Look for a policy of the tenant that forbids it, such as Conditional Access for workloads."
    if claims.is_person:
        return f"The person may not read {need.why}: {_known(tried).why}. Sign in as somebody who may."
    if claims == NO_CLAIMS:
        return f"{_known(tried).why}. It is for {need.why}."
    held = f"it holds {say_list(claims.roles)}" if claims.roles else "it holds no permission at all"
    return f"The token does not hold it ({held}). It is for {need.why}. {_NOT_YET}"


def _commands(need: GraphNeed, claims: Claims, graph: str) -> tuple[str, ...]:
    if claims.oid is None or claims.is_person or _through(need, claims):
        return ()
    return graph_commands(need, claims.oid, claims.tenant_id, graph)


def judge_role(need: RoleNeed, tried: Attempt[tuple[str, ...]], claims: Claims) -> Point:
    """Judge an Azure role at a scope by the reads that it is for, which bring the roles that the monitor holds."""
    what = f"{need.name} on {need.scope.rsplit('/', 1)[-1]}"
    if tried.worked:
        return Point(Area.PERMISSIONS, what, Verdict.OK, f"It works: {_held(need, tried.brought or ())}.")
    if not tried.refused:
        return untold(Area.PERMISSIONS, what, _known(tried))
    detail = f"{_known(tried).why}. It is for {need.why}. A new role assignment can take some minutes to count."
    known = claims.oid is not None
    commands = role_commands(need, claims.oid or "", is_person=claims.is_person) if known else ()
    return Point(Area.PERMISSIONS, what, Verdict.FAILED, detail, commands)


def _held(need: RoleNeed, held: Sequence[str]) -> str:
    usual = [role for role in held if role in (need.name, *need.instead)]
    if usual:
        return f"it holds {say_list(usual)}"
    return f"it holds {say_list(held)}" if held else "through a role that is not listed here"


def _known(tried: Attempt[object]) -> GatherError:
    return tried.error or GatherError("it was not tried")
