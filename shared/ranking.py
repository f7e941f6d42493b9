"""Between checks and report: of one trouble only the worst is said, and the worst comes first."""

from collections.abc import Iterable
from datetime import UTC, datetime

from shared.model import Finding

_NEVER = datetime.max.replace(tzinfo=UTC)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings: by severity, then id, then what is due soonest, then name; the same for any order given."""
    return tuple(sorted(findings, key=_order))


def worst_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the worst finding of each fingerprint, worst first."""
    kept: dict[str, Finding] = {}
    for finding in worst_first(findings):
        kept.setdefault(finding.fingerprint, finding)
    return tuple(kept.values())


def _order(finding: Finding) -> tuple[int, str, datetime, str, str, str]:
    due_at = finding.due_at or _NEVER
    return (
        finding.severity.rank,
        finding.id,
        due_at,
        finding.subject.label.casefold(),
        finding.fingerprint,
        finding.detail,
    )
