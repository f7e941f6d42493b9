"""The steps of `dawnwatch init`: which cloud, which tenant, what is there, and what of it is to be watched."""

import argparse
import asyncio
from collections.abc import Mapping
from copy import replace
from datetime import datetime

from shared.cli.command import UsageError
from shared.cli.init_choices import choose_candidates, choose_subscriptions, choose_tenant, pick_workspaces
from shared.cli.questions import Questions
from shared.cli.streams import say
from shared.config import CloudName, CloudSettings, Limits, load_cloud, load_profiles
from shared.config.values import WrongValueError, guid
from shared.expectations import CredentialScope
from shared.gather.cloud import Progress
from shared.gather.survey import gather_seen, open_tenant
from shared.gather.survey_places import list_subscriptions, list_tenants, list_workspaces
from shared.init.propose import SERVICE, Proposal, Wishes, propose
from shared.init.recognise import recognise
from shared.init.seen import Seen, SeenWorkspace, Tenant


def choose_cloud(args: argparse.Namespace, environ: Mapping[str, str]) -> tuple[CloudSettings, Limits]:
    """The cloud that --cloud names, or that of the file that --config names; and that file's limits.

    Raises:
        ConfigError: the file has mistakes there.
        UsageError: a custom cloud has no endpoints.
    """
    cloud, limits = load_cloud(args.config, environ)
    if args.cloud is None or args.cloud == cloud.name:
        return cloud, limits
    if args.cloud == CloudName.CUSTOM:
        raise UsageError("--cloud custom: write its endpoints as [cloud] into a file, and name that by --config")
    return CloudSettings(name=CloudName(args.cloud)), limits


def find_tenant(
    args: argparse.Namespace, ask: Questions | None, cloud: CloudSettings, limits: Limits, now: datetime
) -> Tenant:
    """The tenant to look at: an id is taken at its word, a name is looked for among those that know the caller.

    Raises:
        GatherError: nobody is signed in, or Azure did not say.
        UsageError: no tenant is called so.
    """
    named = _guid(args.tenant)

    async def read() -> tuple[str, list[Tenant]]:
        async with open_tenant(cloud, limits, named, now, lambda pages, objects: None) as (home, azure):
            return home, await list_tenants(azure)

    home, visible = asyncio.run(read())
    if named is not None:
        tenant = next((one for one in visible if one.id == named), Tenant(named))
    else:
        tenant = choose_tenant(home, visible, args.tenant, ask)
    say(f"Looking at the tenant {tenant.label} ({tenant.id}).")
    return tenant


def _guid(text: str | None) -> str | None:
    try:
        return guid(text)
    except WrongValueError:
        return None


async def look(
    args: argparse.Namespace,
    tenant: Tenant,
    cloud: CloudSettings,
    limits: Limits,
    now: datetime,
    progress: Progress,
) -> Seen:
    """Read what there is, as far as the options let it be looked at.

    Raises:
        GatherError: nothing could be read that a target could be made of.
        UsageError: something that the options name is not there.
    """
    async with open_tenant(cloud, limits, tenant.id, now, progress) as (_, azure):
        visible = await list_subscriptions(azure)
        subscriptions = choose_subscriptions(visible, args.subscription, args.workspace, tenant)
        workspaces, lost = await list_workspaces(azure, subscriptions)
        candidates = choose_candidates(workspaces, args.workspace, tenant, lost)
        sets = [snapshot for profile in load_profiles().values() for snapshot in profile.rows.snapshots]
        seen = await gather_seen(azure, tenant, candidates, sets, now)
    strangers = [] if args.workspace else [one for one in workspaces if one.subscription.tenant_id != tenant.id]
    return replace(seen, strangers=tuple(strangers), unread=(*lost, *seen.unread))


def propose_targets(args: argparse.Namespace, ask: Questions | None, seen: Seen, cloud: CloudSettings) -> Proposal:
    """Choose what is to be watched, and say what comes of it.

    Raises:
        UsageError: there is a choice, and nobody makes it.
    """
    picked, wishes = _pick(args, ask, seen), _wishes(args, ask, seen)
    proposal = propose(seen, picked, wishes, cloud, load_profiles())
    for target in proposal.targets:
        fitting = ", ".join(one.profile for one in target.profiles) or "no profile fits"
        say(f"{target.name}: the workspace {target.seen.workspace.name}, {fitting}")
    return proposal


def _pick(args: argparse.Namespace, ask: Questions | None, seen: Seen) -> list[SeenWorkspace]:
    if args.workspace or args.all_workspaces or len(seen.workspaces) == 1:
        return list(seen.workspaces)
    profiles = load_profiles()
    fitting = [[found.profile for found in recognise(one, profiles)] for one in seen.workspaces]
    return pick_workspaces(seen.workspaces, fitting, unasked=args.yes, ask=ask)


def _wishes(args: argparse.Namespace, ask: Questions | None, seen: Seen) -> Wishes:
    credentials, service = CredentialScope(args.credentials or "listed"), True
    if ask is not None and args.credentials is None:
        options = ("only those of the apps that are listed", "those of every app in the tenant")
        chosen = ask.one("Whose credentials are to be judged by when they end?", options, 0)
        credentials = (CredentialScope.LISTED, CredentialScope.ALL)[chosen]
    if ask is not None and SERVICE in (seen.services or ()):
        service = ask.yes(f"Watch the service health of {SERVICE} too?")
    return Wishes(name=args.name, credentials=credentials, service=service)
