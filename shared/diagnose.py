"""From the findings of one look at a target to the same findings with their likely causes named, worst first."""

from collections.abc import Iterable
from dataclasses import replace

from shared.expectations import Target
from shared.model import Finding, SubjectKind
from shared.ranking import worst_first, worst_of_each
from shared.wording import LIKELY_CAUSE

_TIMELINESS = frozenset({"snapshot.at_risk", "snapshot.late", "snapshot.stale"})
_LOST_ACCESS = frozenset({"access.role_missing", "access.role_not_active", "access.principal_missing"})

_CAVEATS = {
    "access.role_missing": "it can no longer see that the snapshot came. That alone is no proof of stale data.",
    "access.role_not_active": "it cannot see that the snapshot came. That alone is no proof of stale data.",
    "access.principal_missing": "nothing sees that the snapshot came. That alone is no proof of stale data.",
    "credential.expired": "what signs in as this app has stopped sending. Its data stops; other sources' does not.",
    "workspace.capped": "billable tables get no rows until the cap resets or the subscription is active again.",
    "service.incident": "Microsoft is working on it: there is no need to contact support.",
}


def diagnose(target: Target, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Name in each finding the open ones that likely explain it; of one trouble the worst is kept, worst first."""
    kept = worst_of_each(findings)
    return worst_first(_explained(target, finding, kept) for finding in kept)


def _explained(target: Target, finding: Finding, findings: tuple[Finding, ...]) -> Finding:
    causes = [cause for cause in findings if _explains(target, cause, finding)]
    if not causes or finding.explained_by:
        return finding
    told = " ".join(f"{LIKELY_CAUSE} {cause.title}; {_CAVEATS[cause.id]}" for cause in causes)
    return replace(
        finding,
        detail=f"{finding.detail} {told}",
        explained_by=tuple(cause.fingerprint for cause in causes),
    )


def _explains(target: Target, cause: Finding, effect: Finding) -> bool:
    if cause.target != effect.target:
        return False
    if cause.id == "workspace.capped":
        return effect.id in _TIMELINESS | {"snapshot.partial"} and _is_billable(target, effect)
    if effect.id not in _TIMELINESS:
        return False
    if cause.id == "credential.expired":
        return _is_listed(target, cause)
    return cause.id in _LOST_ACCESS or cause.id == "service.incident"


def _is_billable(target: Target, effect: Finding) -> bool:
    return any(expected.billable and expected.name == effect.subject.id for expected in target.snapshots)


def _is_listed(target: Target, expired: Finding) -> bool:
    """Whether the target lists the app: any other app's credential has nothing to do with its data."""
    if expired.subject.kind is not SubjectKind.APPLICATION:
        return False
    names = {expired.subject.id.lower(), (expired.subject.name or "").casefold()} - {""}
    return any(
        (app.app_id or "").lower() in names or (app.app_id is None and (app.name or "").casefold() in names)
        for app in target.apps
    )
