"""Where findings leave the house as JSON: the contract `dawnwatch.report/1`, for command, board and events."""

from datetime import UTC, datetime

from shared.model import Finding, Silenced, Subject

type Json = dict[str, object]


def finding_json(finding: Finding) -> Json:
    """Return the finding as `dawnwatch.report/1` has it."""
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "severity": finding.severity.value,
        "subject": _subject_json(finding.subject),
        "title": finding.title,
        "detail": finding.detail,
        "due_at": None if finding.due_at is None else instant(finding.due_at),
        "evidence": dict(finding.evidence),
        "explained_by": list(finding.explained_by),
        "silenced": None if finding.silenced is None else _silenced_json(finding.silenced),
        "remedy": {"steps": list(finding.remedy.steps), "link": finding.remedy.link},
    }


def instant(at: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC, with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _subject_json(subject: Subject) -> Json:
    return {"kind": subject.kind.value, "id": subject.id, "name": subject.name, "parent": subject.parent}


def _silenced_json(silenced: Silenced) -> Json:
    return {"until": instant(silenced.until), "reason": silenced.reason}
