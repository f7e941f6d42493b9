"""Reading what is in workspaces, for `dawnwatch init`, beside what their tenant has of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from shared.config import CloudSettings, Limits
from shared.errors import GatherError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import Unread, WorkspaceFacts
from shared.gather.answers import each, together
from shared.gather.arm import Listing
from shared.gather.cloud import Azure, Progress
from shared.gather.connections import Connections
from shared.gather.snapshot_query import compose, run_query
from shared.gather.survey_apps import gather_connection_apps, gather_services
from shared.gather.survey_places import READER, list_in, told_once
from shared.init.seen import LOOK_BACK_DAYS, Seen, SeenWorkspace, Tenant, Workspace

_NOWHERE = "/subscriptions/00000000-0000-0000-0000-000000000000"
_SOLUTIONS = "the solutions in the subscription", "what a workspace was set up for"
_QUERIER = (
    "Sign in as somebody who holds the role Log Analytics Data Reader (or Reader) on the workspace, from a network "
    "that it takes queries from."
)
_TABLES = "the tables of the workspace", "which data a workspace gets"


class _SolutionProperties(Struct, frozen=True, rename="camel"):
    workspace_resource_id: str | None = None


class _Solution(Struct, frozen=True):
    name: str
    properties: _SolutionProperties = _SolutionProperties()


_solutions = msgspec.json.Decoder(Listing[_Solution])


@asynccontextmanager
async def open_tenant(
    cloud: CloudSettings, limits: Limits, tenant_id: str | None, now: datetime, progress: Progress
) -> AsyncIterator[tuple[str, Azure]]:
    """Open the services of a tenant, or without one of the tenant that the caller signs in to; give its id too.

    Raises:
        GatherError: nobody is signed in, or the connections cannot be set up.
    """
    async with Connections(cloud) as connections:
        home = tenant_id or await connections.home_tenant(limits, now)
        # No target is known yet. Each call names its subscription itself.
        target = Target(name="init", tenant_id=home, workspace_id=_NOWHERE)
        yield home, await connections.azure(limits, target, now, progress)


async def gather_seen(
    azure: Azure, tenant: Tenant, workspaces: Sequence[Workspace], sets: Sequence[SnapshotExpectation], now: datetime
) -> Seen:
    """Read what is in workspaces, and the tenant's connection apps and services.

    `sets` say which tables are of interest. Raises nothing: what could not be read is in `unread`.
    """
    (solutions, lost), (tables, mute), (apps, no_apps), (services, no_services) = await together(
        _gather_solutions(azure, workspaces),
        _gather_tables(azure, workspaces, sets, now),
        gather_connection_apps(azure),
        gather_services(azure),
    )
    return Seen(
        tenant=tenant,
        workspaces=tuple(SeenWorkspace(one, solutions.get(one.id), tables.get(one.id)) for one in workspaces),
        apps=apps,
        services=services,
        unread=(*lost, *mute, *no_apps, *no_services),
    )


async def _gather_solutions(
    azure: Azure, workspaces: Sequence[Workspace]
) -> tuple[dict[str, frozenset[str]], tuple[Unread, ...]]:
    """Read which solutions each workspace has; those whose subscription did not say are left out.

    Source: Solutions - List By Subscription, 2015-11-01-preview.
    """
    subscriptions = list(dict.fromkeys(one.subscription for one in workspaces))
    provider = "Microsoft.OperationsManagement/solutions"
    found = await each(list_in(azure, one, provider, "2015-11-01-preview", _solutions) for one in subscriptions)
    read = [one for one, items in zip(subscriptions, found, strict=True) if not isinstance(items, GatherError)]
    names: dict[str, set[str]] = {one.id.lower(): set() for one in workspaces if one.subscription in read}
    for item in (item for items in found if not isinstance(items, GatherError) for item in items):
        place = (item.properties.workspace_resource_id or "").lower()
        names.setdefault(place, set()).add(item.name.partition("(")[0].lower())
    installed = {one.id: frozenset(names[one.id.lower()]) for one in workspaces if one.subscription in read}
    return installed, told_once("solutions", _SOLUTIONS, [one.name for one in subscriptions], found, READER)


async def _gather_tables(
    azure: Azure, workspaces: Sequence[Workspace], sets: Sequence[SnapshotExpectation], now: datetime
) -> tuple[dict[str, frozenset[str]], tuple[Unread, ...]]:
    """Ask each workspace which tables got rows: one query; those that did not answer are left out."""
    query = compose(sets, now - timedelta(days=LOOK_BACK_DAYS), now, bounded=True)
    found = await each(_tables_with_rows(azure, one, query) for one in workspaces)
    tables = {one.id: rows for one, rows in zip(workspaces, found, strict=True) if not isinstance(rows, GatherError)}
    return tables, told_once("tables", _TABLES, [one.name for one in workspaces], found, _QUERIER)


async def _tables_with_rows(azure: Azure, workspace: Workspace, query: str) -> frozenset[str]:
    if workspace.customer_id is None:
        raise GatherError("it has no workspace id to query it by yet", steps=("Wait until the workspace is made.",))
    facts = WorkspaceFacts(resource_id=workspace.id, state="Succeeded", customer_id=workspace.customer_id)
    return frozenset(row.table_name for row in await run_query(azure, facts, query) if row.rows)
