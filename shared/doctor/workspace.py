"""The workspace (pure): is it there, does it take data and answer queries, and are the expected tables in it?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.checks.snapshot_currency import CAPPED
from shared.checks.snapshot_set import GRACE
from shared.doctor.attempt import Attempt
from shared.doctor.diagnosis import Area, Point, Verdict, untold
from shared.errors import GatherError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import WorkspaceFacts
from shared.wording import say_count, say_list

_OTHER_TENANT = "InvalidAuthenticationTokenTenant"


def judge_workspace(target: Target, tried: Attempt[WorkspaceFacts]) -> Point:
    """Judge the workspace's own state."""
    what = f"the workspace {target.workspace_name}"
    facts = tried.brought
    if facts is None:
        error = tried.error or GatherError("it was not tried")
        if error.code != _OTHER_TENANT:
            return untold(Area.WORKSPACE, what, error)
        detail = (
            f"Its subscription belongs to another tenant than {target.tenant_id}: check tenant_id and workspace_id."
        )
        return Point(Area.WORKSPACE, what, Verdict.FAILED, detail)
    if facts.state == "NotFound":
        _, _, subscription, _, group, *_ = target.workspace_id.split("/")
        detail = f"There is none in the resource group {group} of the subscription {subscription}: check workspace_id."
        return Point(Area.WORKSPACE, what, Verdict.FAILED, detail)
    if not facts.is_there:
        return Point(Area.WORKSPACE, what, Verdict.FAILED, f"Its state is {facts.state}: it takes and gives no data.")
    if (facts.ingestion_status or "").lower() in CAPPED:
        detail = f"It is there, and takes no billable data now: its ingestion status is {facts.ingestion_status}."
        return Point(Area.WORKSPACE, what, Verdict.WARNING, detail)
    return Point(Area.WORKSPACE, what, Verdict.OK, f"It is there ({facts.state}), and takes data.")


def judge_queries(facts: WorkspaceFacts, asked: Attempt[Mapping[str, bool]]) -> Point:
    """Judge whether the workspace answers queries from here."""
    what = "queries"
    if asked.worked:
        return Point(Area.WORKSPACE, what, Verdict.OK, "It answers them.")
    if asked.refused and not facts.query_access_enabled:
        detail = (
            "It answers them from private networks only, and this is none of them: allow queries from public networks, "
            "or run the monitor inside (Network isolation of the workspace; its private link scope)."
        )
        return Point(Area.WORKSPACE, what, Verdict.FAILED, detail)
    return untold(Area.WORKSPACE, what, asked.error or GatherError("they were not tried"))


def judge_tables(target: Target, asked: Attempt[Mapping[str, bool]], now: datetime) -> Sequence[Point]:
    """Judge each expected set: whether its tables are there, and hold rows."""
    return [_set(target, expected, asked, now) for expected in target.snapshots]


def _set(target: Target, expected: SnapshotExpectation, asked: Attempt[Mapping[str, bool]], now: datetime) -> Point:
    what = f"the tables of {expected.name}"
    found = asked.brought
    if found is None:
        return untold(Area.WORKSPACE, what, asked.error or GatherError("they were not asked for"))
    missing = [table for table in expected.tables if table not in found]
    empty = [table for table in expected.tables if found.get(table) is False]
    if not missing and not empty:
        count = say_count(len(expected.tables), "table")
        return Point(Area.WORKSPACE, what, Verdict.OK, f"{count}, and rows in each of them.")
    detail = " ".join([*_told("not in the workspace", missing), *_told("there, and empty", empty)])
    if target.onboarded_at is not None and now < target.onboarded_at + GRACE:
        return Point(Area.WORKSPACE, what, Verdict.WARNING, f"{detail} The first data may take 72 hours.")
    check = "Check that whatever writes them is connected to this workspace, and the names in dawnwatch.toml."
    return Point(Area.WORKSPACE, what, Verdict.FAILED if missing else Verdict.WARNING, f"{detail} {check}")


def _told(how: str, tables: Sequence[str]) -> Iterable[str]:
    if tables:
        yield f"{say_list(tables)}: {how}."
