"""Reports for the tests of what shows them."""

from datetime import UTC, datetime

from shared.model import (
    Check,
    CheckResult,
    Coverage,
    Finding,
    Outcome,
    Remedy,
    Report,
    Severity,
    Silenced,
    Subject,
    SubjectKind,
    TargetReport,
)

AT = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)


def a_finding(
    severity: Severity = Severity.ERROR,
    *,
    subject_id: str = "6e3f",
    name: str = "MALogAnalyticsReader",
    title: str = "MALogAnalyticsReader cannot read the workspace",
    detail: str = "It holds none of Log Analytics Reader, Reader.",
    silenced: bool = False,
    due_at: datetime | None = None,
    explained_by: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        id="access.role_missing",
        family="access.role",
        target="contoso",
        severity=severity,
        subject=Subject(SubjectKind.PRINCIPAL, subject_id, name, "law-contoso"),
        title=title,
        detail=detail,
        remedy=Remedy(("Open the workspace.", "Select Access control (IAM)."), "https://portal.azure.com/#blade/x"),
        due_at=due_at,
        evidence={"roles": ["Reader"], "ratio": float("nan")},
        explained_by=explained_by,
        silenced=Silenced(datetime(2026, 12, 31, tzinfo=UTC), "renewal booked") if silenced else None,
    )


def a_report(*findings: Finding, unread: bool = False, notices: tuple[str, ...] = ()) -> Report:
    """A report on contoso: two checks, the second of which could not read where `unread`."""
    counts = any(finding.counts for finding in findings)
    judged = Outcome.FINDINGS if counts else Outcome.CLEAR
    checks = (
        CheckResult(Check.WORKSPACE_ACCESS, judged, AT, Coverage(12)),
        CheckResult(
            Check.APP_REGISTRATIONS,
            Outcome.UNKNOWN if unread else Outcome.CLEAR,
            AT.replace(microsecond=120_000),
            Coverage(2500, 3, None if unread else 0),
        ),
    )
    return Report(AT, notices, (TargetReport("contoso", checks, findings),))
