"""Reading what the monitor itself may do: the roles that it holds at a workspace, and the tables that it can query."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from shared.expectations import Target
from shared.facts import WorkspaceFacts
from shared.gather.access import OWN_TYPES, Assignment, list_assignments, list_denies, role_guid
from shared.gather.answers import reader, together
from shared.gather.cloud import GRAPH, Azure
from shared.gather.graph import Page
from shared.gather.snapshot_query import FIRST_LEG, run_query
from shared.roles import BUILT_IN_ROLES

_NAMES = {role_id: name for name, role_id in BUILT_IN_ROLES.items()}


class _Anything(Struct):
    pass


_page = msgspec.json.Decoder(Page[_Anything])


async def try_graph(azure: Azure, url: str) -> None:
    """Read one page of a collection, and keep nothing of it.

    Raises:
        GatherError: it was refused, or could not be read.
    """
    await azure.ask_graph(url, reader(GRAPH, _page))


async def gather_own_roles(azure: Azure, target: Target, object_id: str | None) -> tuple[str, ...]:
    """Read what a pass reads of the access to a workspace; return the roles that the monitor holds there.

    A role that is not built in is told by its GUID. Without an `object_id` nobody knows which are the monitor's own.

    Raises:
        GatherError: any of it was refused, or could not be read.
    """
    which = f"atScope() and assignedTo('{object_id}')" if object_id else "atScope()"
    found, _ = await together(list_assignments(azure, target, which), list_denies(azure, target))
    ids = dict.fromkeys(role_guid(item.properties.role_definition_id) for item in found if _is_own(item, object_id))
    return tuple(_NAMES.get(role_id, role_id) for role_id in ids)


def _is_own(assignment: Assignment, object_id: str | None) -> bool:
    """Whether it is the monitor's: assignedTo() lets through what is its own, and what its groups hold."""
    of, kind = assignment.properties.principal_id, assignment.properties.principal_type
    return object_id is not None and (of.lower() == object_id.lower() or kind not in OWN_TYPES)


def compose_presence(tables: Iterable[str]) -> str:
    """Compose the query that says of each table whether it is there, and whether it holds a row."""
    legs = (f'({table} | take 1 | summarize Rows=count() | extend TableName="{table}")' for table in tables)
    return "union isfuzzy=true\n" + ",\n".join([FIRST_LEG, *legs])


async def gather_presence(azure: Azure, workspace: WorkspaceFacts, tables: Iterable[str]) -> dict[str, bool]:
    """Ask which tables there are: True for one that holds rows, False for an empty one; others are not there.

    Raises:
        GatherError: the query was refused, or could not be run.
    """
    rows = await run_query(azure, workspace, compose_presence(sorted(set(tables))))
    return {row.table_name: bool(row.rows) for row in rows}
