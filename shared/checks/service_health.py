"""From Microsoft 365 service health to findings: does Microsoft report an incident on what the data depends on?"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from shared.catalogue import make_finding
from shared.expectations import Target
from shared.facts import ServiceFacts, ServiceIssue, ServiceOverview, Unread
from shared.model import Finding, Subject, SubjectKind
from shared.names import bounded
from shared.wording import say_instant, say_list


class Stage(StrEnum):
    """How far Microsoft has come, and what that means for daily data. Source: the brief's service notifications."""

    INVESTIGATING = "Microsoft is investigating: there is no need to contact support."
    DELAYED = "Microsoft is restoring it: the daily refresh is delayed."
    RESOLVED = "Microsoft has resolved it: tomorrow's data may still be stale."
    ON_TRACK = "It is on track."


_STAGES: Mapping[str, Stage] = {
    "serviceoperational": Stage.ON_TRACK,
    "falsepositive": Stage.ON_TRACK,
    "postincidentreviewpublished": Stage.ON_TRACK,
    "servicerestored": Stage.RESOLVED,
    "resolved": Stage.RESOLVED,
    "resolvedexternal": Stage.RESOLVED,
    "mitigated": Stage.RESOLVED,
    "mitigatedexternal": Stage.RESOLVED,
    "servicedegradation": Stage.DELAYED,
    "serviceinterruption": Stage.DELAYED,
    "restoringservice": Stage.DELAYED,
    "verifyingservice": Stage.DELAYED,
    "extendedrecovery": Stage.DELAYED,
}
"""Source: Microsoft Graph serviceHealthStatus, compared without case; what is not here is being investigated."""


def stage_of(status: str | None) -> Stage:
    """Say what a status means; one that nobody knows yet is no all-clear."""
    return _STAGES.get((status or "").lower(), Stage.INVESTIGATING)


def check_service_health(target: Target, facts: ServiceFacts, now: datetime) -> tuple[Finding, ...]:
    """Judge each named service: one finding for one that is not on track, with what Microsoft says of it."""
    return tuple(_judge(target, facts))


def _judge(target: Target, facts: ServiceFacts) -> Iterator[Finding]:
    for service in facts.services:
        issues = [issue for issue in facts.issues if issue.service.lower() == service.service.lower()]
        if stage_of(service.status) is not Stage.ON_TRACK or issues:
            yield _incident(target, service, issues)


def unread_services(facts: ServiceFacts) -> tuple[Unread, ...]:
    """Return what could not be judged: names that the tenant's service health does not know."""
    return tuple(
        Unread(
            scope=f"service:{name.lower()}",
            what=f"the service {name}",
            why="the tenant's service health has no service of this name",
            hides="whether Microsoft reports an incident on it",
            steps=(f"Name it as service health does; there are: {say_list(facts.known)}.",),
        )
        for name in facts.missing
    )


def _incident(target: Target, service: ServiceOverview, issues: list[ServiceIssue]) -> Finding:
    told = [stage_of(service.status).value, *(_say(issue) for issue in issues)]
    return make_finding(
        "service.incident",
        target,
        Subject(SubjectKind.SERVICE, service.service, service.service),
        detail=" ".join(told),
        evidence={"status": service.status, "issues": [issue.id for issue in issues]},
    )


def _say(issue: ServiceIssue) -> str:
    since = f", since {say_instant(issue.starts_at)}" if issue.starts_at else ""
    title = bounded(issue.title or "no title")
    return f"{issue.id} ({issue.status or 'no status'}{since}): {title}."
