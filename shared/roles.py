"""The roles that a reader of workspaces meets, as data: one GUID each, the same in every tenant and every cloud."""

from collections.abc import Mapping

BUILT_IN_ROLES: Mapping[str, str] = {
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Monitoring Reader": "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
    "Log Analytics Data Reader": "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
    "EventGrid Data Sender": "d5a91429-5739-47e2-a06b-3470a27159e7",
}
"""Role name to GUID. Source: Azure built-in roles, the sections General, Integration, Monitor and Privileged."""

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
GRAPH_APP_ROLES: Mapping[str, str] = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "ServiceHealth.Read.All": "79c261e0-fe76-4144-aad5-bdc68fbe4037",
}
"""Microsoft Graph's application permissions that a monitor needs. Source: Microsoft Graph permissions reference."""
