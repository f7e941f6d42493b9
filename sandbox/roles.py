"""The roles that Azure and Microsoft Graph bring along, as far as a reader of workspaces meets them."""

from collections.abc import Mapping
from dataclasses import dataclass

GRAPH_ROLES: Mapping[str, str] = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "ServiceHealth.Read.All": "79c261e0-fe76-4144-aad5-bdc68fbe4037",
}
"""Application permissions of Microsoft Graph. Source: Microsoft Graph permissions reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role: what it allows. Source: Azure built-in roles."""

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    custom: bool = False


_INSIGHTS = "Microsoft.OperationalInsights/workspaces"

BUILT_IN = (
    RoleDefinition(id="acdd72a7-3385-48ef-bd42-f606fba81ae7", name="Reader", actions=("*/read",)),
    RoleDefinition(
        id="b24988ac-6180-42a0-ab88-20f7382dd24c",
        name="Contributor",
        actions=("*",),
        not_actions=("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
    ),
    RoleDefinition(id="8e3af657-a8ff-443c-a75c-2fe8c4bcb635", name="Owner", actions=("*",)),
    RoleDefinition(
        id="18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        name="User Access Administrator",
        actions=("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    RoleDefinition(
        id="43d0d8ad-25c7-4714-9337-8ba259a9fe05",
        name="Monitoring Reader",
        actions=("*/read", f"{_INSIGHTS}/search/action", "Microsoft.Support/*"),
    ),
    RoleDefinition(
        id="73c42c96-874c-492b-b04d-ab87d138a893",
        name="Log Analytics Reader",
        actions=(
            "*/read",
            f"{_INSIGHTS}/analytics/query/action",
            f"{_INSIGHTS}/search/action",
            "Microsoft.Support/*",
        ),
        not_actions=(f"{_INSIGHTS}/sharedKeys/read",),
    ),
    RoleDefinition(
        id="92aaf0da-9dab-42b6-94a3-d43ce8d16293",
        name="Log Analytics Contributor",
        actions=("*/read", f"{_INSIGHTS}/*", "Microsoft.OperationsManagement/*", "Microsoft.Support/*"),
    ),
    RoleDefinition(
        id="3b03c2da-16b3-4a49-8834-0f8130efdd3b",
        name="Log Analytics Data Reader",
        actions=(f"{_INSIGHTS}/read", f"{_INSIGHTS}/query/read"),
        data_actions=(f"{_INSIGHTS}/tables/data/read",),
    ),
    RoleDefinition(
        id="d5a91429-5739-47e2-a06b-3470a27159e7",
        name="EventGrid Data Sender",
        actions=("Microsoft.EventGrid/topics/read",),
        data_actions=("Microsoft.EventGrid/events/send/action",),
    ),
)
