"""From what was seen in a workspace to the profiles that fit it, each with its reasons. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.config import Profile
from shared.init.seen import LOOK_BACK_DAYS, ConnectionApp, SeenWorkspace

# Source: the Log Analytics table reference, "Solutions"; account-close.md of Desktop Analytics for the first.
_SOLUTIONS = {"desktop-analytics": "Microsoft365Analytics", "update-reports": "WaaSUpdateInsights"}
TENANT_ATTACH = "tenant-attach"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A profile that fits, and why, in sentences."""

    profile: str
    reasons: tuple[str, ...]


def recognise(seen: SeenWorkspace, profiles: Mapping[str, Profile]) -> tuple[Recognised, ...]:
    """The profiles whose solution is in the workspace, or whose tables get rows there."""
    found = (_recognised(seen, profile) for profile in profiles.values() if profile.rows.snapshots)
    return tuple(one for one in found if one is not None)


def _recognised(seen: SeenWorkspace, profile: Profile) -> Recognised | None:
    solution = _SOLUTIONS.get(profile.name, "")
    has_solution = solution.lower() in (seen.solutions or ())
    expected = [table for snapshot in profile.rows.snapshots for table in snapshot.tables]
    filled = [table for table in expected if table in (seen.tables or ())]
    if not has_solution and not filled:
        return None
    reasons = [f"The solution {solution} is in the workspace."] if has_solution else []
    return Recognised(profile.name, (*reasons, *_of_tables(seen, expected, filled), *_retired(profile)))


def _of_tables(seen: SeenWorkspace, expected: list[str], filled: list[str]) -> Iterable[str]:
    """What the tables tell, and what is to be expected of those that tell nothing."""
    if seen.tables is None:
        yield "Whether its tables get rows could not be read."
        return
    empty = [table for table in expected if table not in filled]
    if filled:
        where = ", ".join(filled) if empty else "each of its tables"
        yield f"Rows came in the last {LOOK_BACK_DAYS} days into {where}."
    if empty:
        yield (
            f"No rows came in the last {LOOK_BACK_DAYS} days into {', '.join(empty)}: Dawnwatch will report that. "
            "If that is as it should be, take the profile out and list the other tables as a [[target.snapshot]]."
        )


def _retired(profile: Profile) -> Iterable[str]:
    if profile.retired is not None:
        yield f"It was retired on {profile.retired}. {profile.notice} Take it out when nobody needs it any more."


def recognise_attached(apps: tuple[ConnectionApp, ...], profiles: Mapping[str, Profile]) -> tuple[Recognised, ...]:
    """Intune tenant attach, where apps request what Configuration Manager's connection needs."""
    if not apps or TENANT_ATTACH not in profiles:
        return ()
    names = ", ".join(app.name for app in apps)
    return (Recognised(TENANT_ATTACH, (f"Configuration Manager has a connection app in the tenant: {names}.",)),)
