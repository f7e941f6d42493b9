"""From the snapshots of a workspace to findings: is today's data there, whole, fresh, and in time?"""

from collections.abc import Iterator
from datetime import datetime

from shared.catalogue import make_finding
from shared.checks.snapshot_set import judge_set, judge_table_without_data
from shared.checks.workspace import find_refused, find_unreachable, workspace_subject
from shared.expectations import Target
from shared.facts import SnapshotFacts, WorkspaceFacts
from shared.model import Finding
from shared.ranking import worst_of_each

CAPPED = {"overquota": None, "subscriptionsuspended": "suspended"}
"""Ingestion statuses, in lower case, with which billable tables get no rows; and the case of the finding."""


def check_snapshot_currency(target: Target, facts: SnapshotFacts, now: datetime) -> tuple[Finding, ...]:
    """Judge every snapshot set; where the workspace is not there, that alone is said."""
    workspace = facts.workspace
    if not workspace.is_there:
        return find_unreachable(target, workspace)
    if not workspace.query_access_enabled and target.snapshots and not facts.sets and not facts.unread:
        return worst_of_each([*find_refused(target, workspace), *_capped(target, workspace)])
    findings = list(_capped(target, workspace))
    for snapshot_set in facts.sets:
        with_data = tuple(table for table in snapshot_set.tables if table.has_data)
        without = (table for table in snapshot_set.tables if not table.has_data)
        findings += (judge_table_without_data(target, snapshot_set, table, now) for table in without)
        if with_data:
            findings += judge_set(target, snapshot_set, with_data, now)
    return worst_of_each(findings)


def _capped(target: Target, workspace: WorkspaceFacts) -> Iterator[Finding]:
    status = workspace.ingestion_status or ""
    billable = [expectation.name for expectation in target.snapshots if expectation.billable]
    if status.lower() not in CAPPED or not billable:
        return
    resets = f" The cap resets at {workspace.quota_resets_at}." if workspace.quota_resets_at else ""
    yield make_finding(
        "workspace.capped",
        target,
        workspace_subject(target),
        detail=f"Its ingestion status is {status}: billable tables get no new rows.{resets}",
        evidence={"ingestion_status": status, "quota_resets_at": workspace.quota_resets_at, "billable": billable},
        case=CAPPED[status.lower()],
    )
