"""What is new since the last look (pure): enough for one morning's story."""

from datetime import datetime

from shared.model import Finding, Outcome, TargetReport, Transition, TransitionKind


def changes(before: TargetReport | None, after: TargetReport, at: datetime) -> tuple[Transition, ...]:
    """Compare two looks at a target: what opened, escalated, eased or resolved. Not read is not resolved."""
    known = {finding.fingerprint: finding for finding in before.findings} if before else {}
    seen = {finding.fingerprint: finding for finding in after.findings}
    told = [
        Transition(kind, finding, at)
        for fingerprint, finding in seen.items()
        if (kind := _became(known.get(fingerprint), finding)) is not None
    ]
    if after.outcome is not Outcome.UNKNOWN:
        gone = (finding for fingerprint, finding in known.items() if fingerprint not in seen)
        told += [Transition(TransitionKind.RESOLVED, finding, at) for finding in gone]
    return tuple(told)


def _became(before: Finding | None, after: Finding) -> TransitionKind | None:
    if before is None:
        return TransitionKind.OPENED
    if after.severity.rank < before.severity.rank:
        return TransitionKind.ESCALATED
    return TransitionKind.EASED if after.severity.rank > before.severity.rank else None
