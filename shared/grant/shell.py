"""The way of a grant: sign in, read, plan, show the plan, carry it out. Read this first."""

from collections.abc import Callable, Iterator, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.config import Settings
from shared.errors import GatherError
from shared.grant.asked import Asked
from shared.grant.by_hand import GRAPH_ADMINISTRATORS
from shared.grant.caller import Caller, open_caller
from shared.grant.plan import State, plan_grant, plan_revoke
from shared.grant.reading import Known, read_all
from shared.grant.report import Elsewhere, GrantReport, Part, what_instead
from shared.grant.wishes import Wish, sort_out
from shared.grant.writing import carry_out

_SOON = (
    "What was added takes a while to count everywhere: minutes, an hour for a workspace's data. An app that is running "
    "keeps the tokens of its identity for up to a day, unless it is restarted."
)
_NO_TOPIC = (
    "The configuration tells Event Grid: the identity needs EventGrid Data Sender on that topic as well. "
    "Name its resource id with --topic."
)
_ON_TRUST = "You may not look the identity up in the directory: {id} is taken for its object id."
_BY_ID = "Or name the identity by its object id: its Azure roles can be given without looking it up."
_MANAGED = "{name} is a managed identity, which cannot sign in to another tenant: give {targets} a [target.identity]."


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to do with the wishes. `config` is the file that the command line named, for others to name it too."""

    asked: Asked
    revoke: bool = False
    config: Path | None = None


async def grant(
    settings: Settings,
    wishes: Sequence[Wish],
    request: Request,
    agree: Callable[[GrantReport], bool],
    now: datetime,
) -> GrantReport:
    """Read what is there, plan, and carry the plan out where it is agreed to; `agree` is shown it first.

    Raises:
        ConfigError: what was named is not there. Nothing was changed.
        GatherError: nobody is signed in, or the identity cannot be looked up. Nothing was changed.
    """
    async with open_caller(settings.cloud, settings.limits, now) as caller:
        here, elsewhere = sort_out(wishes, caller.tenant_id, settings.targets)
        known = await _read(caller, here, request)
        plan = _with_instead(_plan(caller, settings, known, elsewhere, request), settings, caller, request)
        if not plan.is_to_do or not agree(plan):
            return plan
        parts = [replace(part, steps=await carry_out(caller, part.steps, part.found)) for part in plan.parts]
        done = replace(plan, acted=True, parts=tuple(parts))
        if any(part.having(State.ADDED) for part in parts):
            done = replace(done, notices=(*done.notices, _SOON))
        return _with_instead(done, settings, caller, request)


async def _read(caller: Caller, wishes: Sequence[Wish], request: Request) -> tuple[Known, ...]:
    """Read what is there; where the directory refuses to say whose name it is, say who can run the same."""
    try:
        return await read_all(caller, wishes, request.asked.identity_origin)
    except GatherError as error:
        if error.status != 403:
            raise
        commands = (wish.command(request.config, revoke=request.revoke) for wish in wishes)
        instead = (f"Or ask {GRAPH_ADMINISTRATORS} to run: {command}" for command in commands)
        raise GatherError(error.why, status=403, steps=(*error.steps, _BY_ID, *instead)) from error


def _plan(
    caller: Caller, settings: Settings, known: Sequence[Known], elsewhere: Sequence[Wish], request: Request
) -> GrantReport:
    return GrantReport(
        revoke=request.revoke,
        acted=False,
        caller=caller.name,
        tenant_id=caller.tenant_id,
        parts=tuple(_part(one, revoke=request.revoke) for one in known),
        elsewhere=tuple(_elsewhere(wish, known, request) for wish in elsewhere),
        notices=tuple(_notices(settings, known, elsewhere, request)),
    )


def _part(known: Known, *, revoke: bool) -> Part:
    wish, found = known.wish, known.found
    steps = plan_revoke(wish.needs, found, wish.others) if revoke else plan_grant(wish.needs, found)
    return Part(wish=wish, found=found, steps=steps)


def _elsewhere(wish: Wish, known: Sequence[Known], request: Request) -> Elsewhere:
    """What is to be run in another tenant. The monitor's own identity has another object id there."""
    own = next((one.found.principal for one in known if not one.wish.is_own), None)
    identity = wish.identity if wish.is_own or own is None else own.app_id
    log_in = f"az login --tenant {wish.tenant_id}"
    command = wish.command(request.config, revoke=request.revoke, identity=identity)
    return Elsewhere(tenant_id=wish.tenant_id or "", targets=wish.targets, commands=(log_in, command))


def _notices(settings: Settings, known: Sequence[Known], elsewhere: Sequence[Wish], request: Request) -> Iterator[str]:
    for one in known:
        if one.found.principal.name is None:
            yield _ON_TRUST.format(id=one.found.principal.object_id)
    own = next((one.found.principal for one in known if not one.wish.is_own), None)
    if own and settings.event_grid and not request.asked.topic and not request.revoke:
        yield _NO_TOPIC
    lost = [name for wish in elsewhere if not wish.is_own for name in wish.targets]
    if own and own.is_managed and lost and not request.revoke:
        yield _MANAGED.format(name=own.name, targets=", ".join(lost))


def _with_instead(report: GrantReport, settings: Settings, caller: Caller, request: Request) -> GrantReport:
    """Add what an administrator must run for what was refused."""

    def instead(part: Part) -> Part:
        command = part.wish.command(request.config, revoke=request.revoke, identity=part.found.principal.object_id)
        address = caller.azure.endpoints.graph
        return replace(part, instead=what_instead(part, command, settings.cloud.name, address, revoke=request.revoke))

    return replace(report, parts=tuple(instead(part) for part in report.parts))
