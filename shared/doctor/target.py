"""One target: who signs in to it, what they may do there, and whether what is expected is there to be read."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from shared.config import Limits
from shared.doctor.attempt import Attempt, attempt
from shared.doctor.diagnosis import Area, Point, Verdict, say_error
from shared.doctor.identity import judge_identity, sign_in
from shared.doctor.permissions import PROBES, judge_graph, judge_role
from shared.doctor.workspace import judge_queries, judge_tables, judge_workspace
from shared.errors import GatherError
from shared.expectations import Target
from shared.facts import WorkspaceFacts
from shared.gather.answers import together
from shared.gather.cloud import Azure
from shared.gather.connections import Connections
from shared.gather.own_access import gather_own_roles, gather_presence, try_graph
from shared.gather.sign_in import Claims
from shared.gather.workspace import gather_workspace
from shared.permissions import GraphNeed, graph_needs, workspace_needs


async def examine_target(
    connections: Connections, limits: Limits, target: Target, now: datetime, within_s: float
) -> list[Point]:
    """Examine a target within a time; what was not told by its end is said to be unknown."""
    examination = _Examination(target, now)
    try:
        async with asyncio.timeout(within_s):
            await examination.run(await connections.azure(limits, target, now, lambda pages, objects: None))
    except GatherError as error:
        return [Point(Area.IDENTITY, "who signs in", Verdict.FAILED, say_error(error))]
    except TimeoutError:
        detail = f"It took longer than {within_s:g} s: what is not named here was not told."
        return [*examination.points, Point(Area.IDENTITY, "the whole of it", Verdict.UNKNOWN, detail)]
    return examination.points


class _Examination:
    """The points of a target as they come: those that there are when time is up are told."""

    def __init__(self, target: Target, now: datetime) -> None:
        self._target = target
        self._now = now
        self._identity: list[Point] = []
        self._graph: list[Point] = []
        self._workspace: list[Point] = []

    @property
    def points(self) -> list[Point]:
        """All that came so far, in an order that does not depend on who was quicker."""
        return [*self._identity, *sorted(self._graph, key=lambda point: point.what), *self._workspace]

    async def run(self, azure: Azure) -> None:
        """Sign in first: whose the tokens are says what to look for. Then look at Graph and the workspace at once."""
        signed = await sign_in(azure)
        self._identity += judge_identity(self._target, signed)
        graph = [self._try_graph(azure, need, signed.graph) for need in graph_needs(self._target)]
        await together(*graph, self._examine_workspace(azure, signed.bearer))

    async def _try_graph(self, azure: Azure, need: GraphNeed, claims: Claims) -> None:
        tried = await attempt(together(*(try_graph(azure, url) for url in PROBES[need.name])))
        self._graph.append(judge_graph(need, Attempt(error=tried.error), claims, azure.endpoints.graph))

    async def _examine_workspace(self, azure: Azure, claims: Claims) -> None:
        target = self._target
        workspace, roles = await asyncio.gather(
            attempt(gather_workspace(azure, target)), attempt(gather_own_roles(azure, target, claims.oid))
        )
        self._workspace.append(judge_workspace(target, workspace))
        reader, data_reader = workspace_needs(target.workspace_id)
        held = roles.brought or ()
        self._workspace.append(judge_role(reader, Attempt(held, workspace.error or roles.error), claims))
        asked = await _ask_for_tables(azure, target, workspace)
        self._workspace.append(judge_role(data_reader, Attempt(held, _about_the_role(workspace, asked)), claims))
        if workspace.brought is not None and workspace.brought.is_there:
            self._workspace.append(judge_queries(workspace.brought, asked))
        self._workspace += judge_tables(target, asked, self._now)


async def _ask_for_tables(
    azure: Azure, target: Target, workspace: Attempt[WorkspaceFacts]
) -> Attempt[Mapping[str, bool]]:
    facts = workspace.brought
    if facts is None:
        return Attempt(error=GatherError("not asked for, as the workspace itself could not be read"))
    if not facts.is_there:
        return Attempt(error=GatherError("not asked for, as the workspace is not there"))
    tables = [table for expected in target.snapshots for table in expected.tables]
    return await attempt(gather_presence(azure, facts, tables))


def _about_the_role(workspace: Attempt[WorkspaceFacts], asked: Attempt[Mapping[str, bool]]) -> GatherError | None:
    """Say what a query's end means for the role: a refusal for the network's sake says nothing of it."""
    facts = workspace.brought
    if asked.refused and facts is not None and not facts.query_access_enabled:
        return GatherError("queries are refused from here, whatever the role")
    return asked.error
