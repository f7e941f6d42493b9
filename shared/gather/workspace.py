"""Reading the workspace itself: whether it is there, takes data, and answers queries."""

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.expectations import Target
from shared.facts import WorkspaceFacts
from shared.gather.answers import reader
from shared.gather.cloud import ARM, Azure, raw


class _Capping(Struct, rename="camel"):
    data_ingestion_status: str | None = None
    quota_next_reset_time: str | None = None


class _Properties(Struct, rename="camel"):
    provisioning_state: str | None = None
    customer_id: str | None = None
    public_network_access_for_query: str | None = None
    workspace_capping: _Capping | None = None


class _Workspace(Struct):
    properties: _Properties


_decoder = msgspec.json.Decoder(_Workspace)


async def gather_workspace(azure: Azure, target: Target) -> WorkspaceFacts:
    """Read the workspace's state; one that is not found is a fact, not a failure.

    Raises:
        GatherError: Azure Resource Manager refused, or gave no answer of use.
    """
    group, name = target.workspace_id.split("/")[4], target.workspace_name
    try:
        found = await azure.ask(
            ARM,
            lambda: raw(lambda **hook: azure.workspaces.workspaces.get(group, name, **hook)),
            reader(ARM, _decoder),
        )
    except GatherError as error:
        if error.status == 404:
            return WorkspaceFacts(resource_id=target.workspace_id, state="NotFound")
        raise
    azure.progress(1, 1)
    return _facts(target, found.properties)


def _facts(target: Target, properties: _Properties) -> WorkspaceFacts:
    capping = properties.workspace_capping or _Capping()
    return WorkspaceFacts(
        resource_id=target.workspace_id,
        state=properties.provisioning_state or "Succeeded",
        customer_id=properties.customer_id,
        query_access_enabled=(properties.public_network_access_for_query or "Enabled").lower() != "disabled",
        ingestion_status=capping.data_ingestion_status,
        quota_resets_at=capping.quota_next_reset_time,
    )
