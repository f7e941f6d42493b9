"""Between what can be seen and what is taken of it, for `dawnwatch init`: by options, by questions, or by itself."""

from collections.abc import Iterable, Sequence

from shared.cli.command import UsageError
from shared.cli.questions import Questions
from shared.errors import GatherError
from shared.facts import Unread
from shared.init.render import stranger
from shared.init.seen import SeenWorkspace, Subscription, Tenant, Workspace

_SHOWN = 20


def choose_tenant(home: str, visible: Sequence[Tenant], wanted: str | None, ask: Questions | None) -> Tenant:
    """The tenant that is wanted, by domain or name; else the one that a person picks, or the sign-in's own.

    Raises:
        UsageError: none that is visible is called so, or several are.
    """
    options = [f"{one.label} ({one.id})" for one in visible]
    if wanted is not None:
        found = [one for one in visible if wanted.casefold() in _folded(one.name, one.domain)]
        if len(found) != 1:
            raise UsageError(f"--tenant: {len(found)} of these are called {wanted}; give an id:{_listing(options)}")
        return found[0]
    own = next((index for index, one in enumerate(visible) if one.id == home), None)
    if ask is not None and len(visible) > 1:
        return visible[ask.one("Which tenant is to be watched?", options, own or 0)]
    return Tenant(home) if own is None else visible[own]


def choose_subscriptions(
    visible: Sequence[Subscription], wanted: Sequence[str], workspaces: Sequence[str], tenant: Tenant
) -> list[Subscription]:
    """The subscriptions that are wanted by id or name, or that workspaces are wanted of; else all.

    Raises:
        GatherError: none is visible at all.
        UsageError: a wanted one is not visible.
    """
    if not visible:
        steps = (
            f"Check that you are signed in to the right tenant: `az login --tenant {tenant.id}`, or --tenant.",
            "Let somebody give you the role Reader on the subscription, or on the workspace.",
        )
        raise GatherError(f"no subscription of the tenant {tenant.label} is visible to this sign-in", steps=steps)
    asked = list(wanted)
    if not asked and all(_is_id(name) for name in workspaces):
        asked = [name.split("/")[2] for name in workspaces]
    chosen = [one for one in visible if not asked or _is_called(one, asked)]
    strangers = [name for name in asked if not any(_is_called(one, [name]) for one in chosen)]
    if strangers:
        raise UsageError(
            f"The subscription {strangers[0]} is not visible to this sign-in in the tenant {tenant.label}. If it is in "
            f"another tenant, name that by --tenant. The visible ones:{_listing(f'{o.name} ({o.id})' for o in visible)}"
        )
    return chosen


def _is_id(name: str) -> bool:
    return name.startswith("/") and name.count("/") >= 8


def _is_called(subscription: Subscription, names: Sequence[str]) -> bool:
    return bool(_folded(*names) & _folded(subscription.id, subscription.name))


def choose_candidates(
    visible: Sequence[Workspace], wanted: Sequence[str], tenant: Tenant, unread: Sequence[Unread]
) -> list[Workspace]:
    """The workspaces that are wanted by resource id, name or workspace id; else all that are the tenant's.

    Raises:
        GatherError: there is none to choose from, or a wanted one may be among what could not be read.
        UsageError: a wanted one is not visible, or is in another tenant.
    """
    if wanted:
        return list(dict.fromkeys(_named(visible, name.rstrip("/"), tenant, unread) for name in wanted))
    own = [one for one in visible if one.subscription.tenant_id == tenant.id]
    if own:
        return own
    if visible:
        raise UsageError(stranger(visible[0]))
    if unread:
        raise GatherError("no workspace could be read", steps=tuple(step for one in unread for step in one.steps))
    steps = (
        "Let somebody give you the role Reader on the workspace.",
        "Or name another subscription or tenant: --subscription, --tenant.",
    )
    raise GatherError("no Log Analytics workspace is visible to this sign-in in these subscriptions", steps=steps)


def _named(visible: Sequence[Workspace], name: str, tenant: Tenant, unread: Sequence[Unread]) -> Workspace:
    found = [one for one in visible if name.casefold() in _folded(one.id, one.name, one.customer_id)]
    if not found and unread:
        steps = tuple(step for one in unread for step in one.steps)
        raise GatherError(f"the workspace {name} is not among what could be read", steps=steps)
    if not found:
        shown = _listing(one.id for one in visible)
        raise UsageError(f"--workspace: {name} is not visible to this sign-in. The visible ones:{shown or ' none'}")
    if len(found) > 1:
        raise UsageError(
            f"--workspace: {len(found)} are called {name}: give one by its id:{_listing(w.id for w in found)}"
        )
    if found[0].subscription.tenant_id != tenant.id:
        raise UsageError(stranger(found[0]))
    return found[0]


def pick_workspaces(
    seen: Sequence[SeenWorkspace], recognised: Sequence[Sequence[str]], *, unasked: bool, ask: Questions | None
) -> list[SeenWorkspace]:
    """Of several workspaces, those to be watched. `recognised` are the profiles that fit each.

    With `unasked` those that a profile fits are taken.

    Raises:
        UsageError: nobody says which.
    """
    fitting = [index for index, profiles in enumerate(recognised) if profiles]
    options = [
        f"{one.workspace.name} in {one.workspace.resource_group}, {one.workspace.subscription.name}: "
        + (", ".join(profiles) or "nothing recognised")
        for one, profiles in zip(seen, recognised, strict=True)
    ]
    if unasked and fitting:
        return [seen[index] for index in fitting]
    if ask is not None:
        usual = fitting or list(range(len(seen)))
        return [seen[index] for index in ask.some("Which workspaces are to be watched?", options, usual)]
    raise UsageError(
        f"There are {len(seen):,} workspaces. Name those to be watched by --workspace, or take --all-workspaces; --yes "
        f"takes those in which something is recognised:{_listing(options)}"
    )


def _folded(*names: str | None) -> set[str]:
    return {name.casefold() for name in names if name}


def _listing(lines: Iterable[str]) -> str:
    shown = list(lines)
    more = [f"and {len(shown) - _SHOWN:,} more"] if len(shown) > _SHOWN else []
    return "".join(f"\n- {line}" for line in [*shown[:_SHOWN], *more])
