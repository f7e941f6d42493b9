"""From a proposal to the text of dawnwatch.toml: every choice with its reason beside it. Pure.

What others wrote (names of tenants, workspaces, apps) stands in comments only; in values stand ids.
"""

from collections.abc import Iterable
from datetime import datetime

from shared.config import CloudSettings
from shared.config.sections import ENDPOINT_KEYS, SCOPE_KEYS
from shared.facts import Unread
from shared.formats.toml import comment, listed, quoted
from shared.init.propose import Proposal, Proposed
from shared.init.recognise import TENANT_ATTACH
from shared.init.render_tenant import render_credentials, render_of_the_tenant
from shared.init.seen import Seen, Workspace


def render_config(proposal: Proposal, now: datetime) -> str:
    """The whole file."""
    blocks = [
        _head(proposal, now),
        *_unread(proposal.unread),
        *_strangers(proposal),
        *_cloud(proposal.cloud),
        *(block for target in proposal.targets for block in _target(proposal, target)),
        _TAIL,
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


_TAIL = (
    "# To be told in Teams, set DAWNWATCH_TEAMS_WEBHOOK_URL in the environment; on Event Grid, name a topic:",
    "# [notify.event_grid]",
    '# topic = "https://….eventgrid.azure.net/api/events"',
)


def _head(proposal: Proposal, now: datetime) -> list[str]:
    return comment(
        f"Written by `dawnwatch init` on {now:%Y-%m-%d} at {now:%H:%M} UTC, from what could be seen of the tenant "
        f"{proposal.tenant.label}. Change what you like: `dawnwatch config check` names every mistake, "
        "`dawnwatch check` looks at all that is listed."
    )


def _unread(unread: tuple[Unread, ...]) -> Iterable[list[str]]:
    if not unread:
        return
    lines = comment(
        "This could not be read. It is not known to be absent: see to it, then run `dawnwatch init --force` again."
    )
    for one in unread:
        lines += comment(told(one), bullet="- ")
    yield lines


def told(unread: Unread) -> str:
    """What could not be read, in sentences."""
    steps = f" To do: {' '.join(unread.steps)}" if unread.steps else ""
    return f"{unread.what}: {unread.why}. That hides {unread.hides}.{steps}"


def _strangers(proposal: Proposal) -> Iterable[list[str]]:
    if proposal.strangers:
        lines = comment(f"Left out, because they are other tenants', which let {proposal.tenant.label} manage them:")
        for one in proposal.strangers:
            lines += comment(stranger(one), bullet="- ")
        yield lines


def stranger(workspace: Workspace) -> str:
    """Whose workspace it is, and how it can be watched."""
    owner = workspace.subscription.tenant_id
    return (
        f"The workspace {workspace.name} is in the tenant {owner}, and so are the apps behind it: run "
        f"`dawnwatch init --tenant {owner}` as somebody of that tenant."
    )


def notes(seen: Seen) -> Iterable[str]:
    """What whoever has it written should know at once: what was not read, and what was left out."""
    yield from (f"Not read: {told(unread)}" for unread in seen.unread)
    yield from (f"Left out: {stranger(workspace)}" for workspace in seen.strangers)
    if seen.services is None and not any(unread.scope == "services" for unread in seen.unread):
        yield "You may not read service health: a [[target.service]] is written as a comment, to be switched on."


def _cloud(cloud: CloudSettings) -> Iterable[list[str]]:
    lines = [f"name = {quoted(cloud.name)}"] if cloud != CloudSettings() else []
    for key, address in ((key, getattr(cloud, key)) for key in ENDPOINT_KEYS):
        if address is not None:
            lines.append(f"{key} = {quoted(address)}")
    if cloud.scopes:
        scopes = ", ".join(f"{key} = {quoted(cloud.scopes[key])}" for key in SCOPE_KEYS if key in cloud.scopes)
        lines.append(f"scopes = {{ {scopes} }}")
    if lines:
        yield ["[cloud]", *lines]


def _target(proposal: Proposal, target: Proposed) -> Iterable[list[str]]:
    place = target.seen.workspace
    yield [
        *comment(
            f"The workspace {place.name}, in the resource group {place.resource_group} of the subscription "
            f"{place.subscription.name}."
        ),
        "[[target]]",
        f"name = {quoted(target.name)}",
        f"tenant_id = {quoted(proposal.tenant.id)}",
        f"workspace_id = {quoted(place.id)}",
        *_profiles(target),
        *render_credentials(target),
    ]
    if target.of_the_tenant is not None:
        yield from render_of_the_tenant(target.of_the_tenant)


def _profiles(target: Proposed) -> list[str]:
    lines = [line for remark in _doubts(target) for line in comment(remark)]
    if target.profiles:
        lines += comment("Profiles say what is to be expected. These fit:")
    for one in target.profiles:
        lines += comment(f"{one.profile}: {' '.join(one.reasons)}", bullet="- ")
    return [*lines, f"profiles = {listed(one.profile for one in target.profiles)}"]


def _doubts(target: Proposed) -> Iterable[str]:
    """What the profiles that are listed do not say of the workspace."""
    seen, fits = target.seen, any(one.profile != TENANT_ATTACH for one in target.profiles)
    if seen.solutions is None or seen.tables is None:
        which = "another profile" if fits else "a profile"
        yield f"Not all that is in the workspace could be read (see above): whether {which} fits is not known."
    elif not fits:
        yield (
            "The workspace has no solution that a profile knows, and no rows in a profile's tables. List what is to be "
            "watched in it as [[target.snapshot]] and [[target.role]]."
        )
