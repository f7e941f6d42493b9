"""From deny assignments to the one question that matters: is a principal kept from reading the workspace?"""

import re
from collections.abc import Iterable
from functools import lru_cache

from shared.facts import DenyAssignment, DenyPermission, PrincipalAccess

EVERYONE = "00000000-0000-0000-0000-000000000000"
READS = (
    "Microsoft.OperationalInsights/workspaces/read",
    "Microsoft.OperationalInsights/workspaces/query/read",
)


def find_denies(
    denies: Iterable[DenyAssignment], principal: PrincipalAccess, workspace_id: str
) -> tuple[DenyAssignment, ...]:
    """Return the deny assignments that take reading the workspace away from a principal."""
    ids = {principal.object_id or "", *principal.group_ids}
    return tuple(
        deny
        for deny in denies
        if _names(deny, ids) and _reaches(deny, workspace_id) and any(map(_takes_reading, deny.permissions))
    )


def _names(deny: DenyAssignment, ids: set[str]) -> bool:
    named = EVERYONE in deny.principal_ids or not ids.isdisjoint(deny.principal_ids)
    return named and ids.isdisjoint(deny.excluded_ids)


def _reaches(deny: DenyAssignment, workspace_id: str) -> bool:
    return deny.applies_to_children or deny.scope.rstrip("/").lower() == workspace_id.rstrip("/").lower()


def _takes_reading(permission: DenyPermission) -> bool:
    return any(
        _matches_any(permission.actions, action) and not _matches_any(permission.not_actions, action)
        for action in READS
    )


def _matches_any(patterns: Iterable[str], action: str) -> bool:
    return any(_compile(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile an action as Azure writes it: `*` stands for anything, anywhere; case does not count."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
