"""From the names that people gave to names that a target may have: [a-z0-9-]{1,40}, each once. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from shared.init.seen import Tenant, Workspace

LONGEST = 40


def target_names(workspaces: Sequence[Workspace], tenant: Tenant, wish: str | None) -> list[str]:
    """Name a target for each workspace.

    One is called by the wish, or after the tenant. Several are called after their workspaces, the wish in front; where
    two workspaces have one name, after their resource groups too.
    """
    if len(workspaces) == 1:
        (only,) = workspaces
        domain = (tenant.domain or "").partition(".")[0]
        return [next(name for name in (wish, slug(tenant.name or ""), slug(domain), slug(only.name)) if name)]
    names = [slug(f"{wish or ''} {one.name}") for one in workspaces]
    groups = [slug(f"{wish or ''} {one.resource_group} {one.name}") for one in workspaces]
    held = Counter(names)
    return _unique([group if held[name] > 1 else name for name, group in zip(names, groups, strict=True)])


def slug(name: str) -> str:
    """A name in a target's alphabet; empty where nothing of it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


def _unique(names: Sequence[str]) -> list[str]:
    """Count up those that are there already; the count takes the place of a long name's end."""
    taken: dict[str, None] = {}
    for name in names:
        chosen, number = name, 1
        while chosen in taken:
            number += 1
            end = f"-{number}"
            chosen = name[: LONGEST - len(end)].strip("-") + end
        taken[chosen] = None
    return list(taken)
