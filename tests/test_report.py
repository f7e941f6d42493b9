"""The report for machines: `dawnwatch.report/1` to the letter, and its exit status."""

import json
from datetime import UTC, datetime

import pytest

from shared.model import Report, Severity
from shared.report import exit_status, report_json
from tests.reports import AT, a_finding, a_report


@pytest.mark.parametrize(
    ("report", "outcome", "status"),
    [
        (a_report(), "clear", 0),
        (a_report(a_finding(Severity.INFORMATIONAL)), "clear", 0),
        (a_report(a_finding(silenced=True)), "clear", 0),
        (a_report(a_finding(Severity.WARNING)), "findings", 1),
        (a_report(unread=True), "unknown", 3),
        (a_report(a_finding(Severity.CRITICAL), unread=True), "unknown", 3),
        (Report(AT, (), ()), "clear", 0),
    ],
)
def test_the_exit_status_follows_the_outcome(report: Report, outcome: str, status: int) -> None:
    assert json.loads(report_json(report))["outcome"] == outcome
    assert exit_status(report) == status


def test_the_report_keeps_its_contract_to_the_letter() -> None:
    finding = a_finding(due_at=datetime(2026, 12, 1, tzinfo=UTC), silenced=True, explained_by=("f00d",))
    assert json.loads(report_json(a_report(finding, unread=True, notices=("Note.",)))) == {
        "schema": "dawnwatch.report/1",
        "at": "2026-11-22T08:05:00Z",
        "outcome": "unknown",
        "notices": ["Note."],
        "targets": [
            {
                "name": "contoso",
                "checks": [
                    {
                        "check": "workspace-access",
                        "outcome": "clear",
                        "observed_at": "2026-11-22T08:05:00Z",
                        "coverage": {"read": 12, "ignored": 0, "unread": 0},
                    },
                    {
                        "check": "app-registrations",
                        "outcome": "unknown",
                        "observed_at": "2026-11-22T08:05:00.12Z",
                        "coverage": {"read": 2500, "ignored": 3, "unread": None},
                    },
                ],
                "findings": [
                    {
                        "id": "access.role_missing",
                        "fingerprint": finding.fingerprint,
                        "severity": "error",
                        "subject": {
                            "kind": "principal",
                            "id": "6e3f",
                            "name": "MALogAnalyticsReader",
                            "parent": "law-contoso",
                        },
                        "title": "MALogAnalyticsReader cannot read the workspace",
                        "detail": "It holds none of Log Analytics Reader, Reader.",
                        "due_at": "2026-12-01T00:00:00Z",
                        "evidence": {"ratio": None, "roles": ["Reader"]},
                        "explained_by": ["f00d"],
                        "silenced": {"until": "2026-12-31T00:00:00Z", "reason": "renewal booked"},
                        "remedy": {
                            "steps": ["Open the workspace.", "Select Access control (IAM)."],
                            "link": "https://portal.azure.com/#blade/x",
                        },
                    }
                ],
            }
        ],
    }


def test_findings_come_worst_first_then_the_first_due() -> None:
    soon, later = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    report = a_report(
        a_finding(Severity.WARNING, name="never due"),
        a_finding(Severity.WARNING, name="later", due_at=later),
        a_finding(Severity.CRITICAL, name="worst"),
        a_finding(Severity.WARNING, name="soon", due_at=soon),
    )
    findings = json.loads(report_json(report))["targets"][0]["findings"]
    assert [finding["subject"]["name"] for finding in findings] == ["worst", "soon", "later", "never due"]


def test_the_json_is_ascii_so_that_no_terminal_obeys_what_others_wrote() -> None:
    text = report_json(a_report(a_finding(name="\x1b[2J\u202e\x9b31m Ünicode \ud800")))
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["targets"][0]["findings"][0]["subject"]["name"] == "\x1b[2J\u202e\x9b31m Ünicode \ud800"


def test_keys_stand_in_one_order() -> None:
    report = a_report(a_finding())
    assert report_json(report) == report_json(report)
    assert list(json.loads(report_json(report))) == ["schema", "at", "outcome", "notices", "targets"]
