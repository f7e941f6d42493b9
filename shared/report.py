"""From a report to what a machine reads: `dawnwatch.report/1`, and the exit status that goes with it."""

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime

from shared.model import CheckResult, Evidence, Finding, Outcome, Report, Subject, TargetReport

SCHEMA = "dawnwatch.report/1"

type Json = dict[str, object]

_EXIT_STATUSES = {Outcome.CLEAR: 0, Outcome.FINDINGS: 1, Outcome.UNKNOWN: 3}


def exit_status(report: Report) -> int:
    """0 where nothing is at or above warning, 1 where something is, 3 where anything was not read."""
    return _EXIT_STATUSES[report.outcome]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order in which they are shown: by severity, then by what is due first, then by name."""
    return sorted(findings, key=_order)


def _order(finding: Finding) -> tuple[int, bool, str, str, str, str]:
    due_at = _instant(finding.due_at)
    return finding.severity.rank, due_at is None, due_at or "", finding.id, finding.subject.label, finding.fingerprint


def report_json(report: Report) -> str:
    """The whole report in ASCII, so that no terminal obeys it and no console garbles it."""
    body = {
        "schema": SCHEMA,
        "at": rfc3339(report.at),
        "outcome": report.outcome,
        "notices": list(report.notices),
        "targets": [_target_json(target) for target in report.targets],
    }
    return json.dumps(body, indent=2, allow_nan=False)


def finding_json(finding: Finding) -> Json:
    """One finding, as the report and other readers have it."""
    silenced = finding.silenced
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "severity": finding.severity.value,
        "subject": _subject_json(finding.subject),
        "title": finding.title,
        "detail": finding.detail,
        "due_at": _instant(finding.due_at),
        "evidence": _evidence_json(finding.evidence),
        "explained_by": list(finding.explained_by),
        "silenced": silenced and {"until": rfc3339(silenced.until), "reason": silenced.reason},
        "remedy": {"steps": list(finding.remedy.steps), "link": finding.remedy.link},
    }


def _target_json(target: TargetReport) -> Json:
    return {
        "name": target.name,
        "checks": [_check_json(result) for result in target.checks],
        "findings": [finding_json(finding) for finding in worst_first(target.findings)],
    }


def _check_json(result: CheckResult) -> Json:
    coverage = result.coverage
    return {
        "check": result.check.value,
        "outcome": result.outcome.value,
        "observed_at": rfc3339(result.observed_at),
        "coverage": {"read": coverage.read, "ignored": coverage.ignored, "unread": coverage.unread},
    }


def _subject_json(subject: Subject) -> Json:
    return {"kind": subject.kind.value, "id": subject.id, "name": subject.name, "parent": subject.parent}


def _evidence_json(evidence: Evidence) -> Json:
    """Evidence by key; a number that JSON cannot say is null."""
    return {key: None if _unsayable(value) else value for key, value in sorted(evidence.items())}


def _unsayable(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def rfc3339(at: datetime) -> str:
    """Return an instant in UTC with Z, and a fraction only where it has one."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
