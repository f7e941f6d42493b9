"""The workspace and its tables: what was read of them, as a table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.doctor.attempt import Attempt
from shared.doctor.diagnosis import Verdict
from shared.doctor.workspace import judge_queries, judge_tables, judge_workspace
from shared.errors import GatherError
from shared.facts import WorkspaceFacts
from tests.config_texts import WORKSPACE, a_target, settings_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TARGET = settings_of(a_target('[[target.snapshot]]\nname = "Daily"\ntables = ["One", "Two"]')).targets[0]
THERE = WorkspaceFacts(resource_id=WORKSPACE, state="Succeeded", customer_id="c")


@pytest.mark.parametrize(
    ("tried", "verdict", "said"),
    [
        (Attempt(THERE), Verdict.OK, "It is there (Succeeded)"),
        (
            Attempt(replace(THERE, state="NotFound")),
            Verdict.FAILED,
            "in the resource group rg-logs of the subscription",
        ),
        (Attempt(replace(THERE, state="Deleting")), Verdict.FAILED, "Its state is Deleting"),
        (Attempt(replace(THERE, ingestion_status="OverQuota")), Verdict.WARNING, "its ingestion status is OverQuota"),
        (Attempt(replace(THERE, ingestion_status="RespectQuota")), Verdict.OK, "It is there"),
        (Attempt(error=GatherError("it refused (403 X)", status=403)), Verdict.UNKNOWN, "It refused (403 X)."),
        (
            Attempt(error=GatherError("no", status=401, code="InvalidAuthenticationTokenTenant")),
            Verdict.FAILED,
            "belongs to another tenant",
        ),
    ],
)
def test_the_workspaces_state_is_told(tried: Attempt[WorkspaceFacts], verdict: Verdict, said: str) -> None:
    point = judge_workspace(TARGET, tried)
    assert point.verdict is verdict
    assert said in point.detail


@pytest.mark.parametrize(
    ("status", "is_open", "verdict"),
    [
        (None, True, Verdict.OK),
        (None, False, Verdict.OK),
        (403, False, Verdict.FAILED),
        (403, True, Verdict.UNKNOWN),
        (400, False, Verdict.UNKNOWN),
    ],
)
def test_a_refusal_for_the_networks_sake_is_told_from_one_of_rights(
    status: int | None, is_open: bool, verdict: Verdict
) -> None:
    asked = Attempt[dict[str, bool]]({}) if status is None else Attempt(error=GatherError("no", status=status))
    assert judge_queries(replace(THERE, query_access_enabled=is_open), asked).verdict is verdict


@pytest.mark.parametrize(
    ("found", "onboarded_days", "verdict", "said"),
    [
        ({"One": True, "Two": True}, None, Verdict.OK, "2 tables, and rows in each"),
        ({"One": True, "Two": False}, None, Verdict.WARNING, "Two: there, and empty."),
        ({"One": True}, None, Verdict.FAILED, "Two: not in the workspace."),
        ({"One": False}, 10, Verdict.FAILED, "Two: not in the workspace. One: there, and empty."),
        ({}, 2, Verdict.WARNING, "One and Two: not in the workspace. The first data may take 72 hours."),
        ({"One": True, "Two": True}, 2, Verdict.OK, "2 tables"),
    ],
)
def test_each_sets_tables_are_there_and_hold_rows(
    found: dict[str, bool], onboarded_days: int | None, verdict: Verdict, said: str
) -> None:
    onboarded = None if onboarded_days is None else NOW - timedelta(days=onboarded_days)
    (point,) = judge_tables(replace(TARGET, onboarded_at=onboarded), Attempt(found), NOW)
    assert point.verdict is verdict
    assert said in point.detail


def test_tables_that_could_not_be_asked_for_are_unknown() -> None:
    (point,) = judge_tables(TARGET, Attempt(error=GatherError("it refused")), NOW)
    assert point.verdict is Verdict.UNKNOWN
