"""From Microsoft 365 service health to findings: does Microsoft report an incident on what the data depends on?"""

from collections.abc import Iterator
from datetime import datetime

from shared.catalogue import make_finding
from shared.expectations import Target
from shared.facts import ServiceFacts, ServiceIssue, ServiceOverview, Unread
from shared.model import Finding, Subject, SubjectKind
from shared.wording import say_instant, say_list

HEALTHY = frozenset(
    {"serviceoperational", "servicerestored", "falsepositive", "postincidentreviewpublished", "resolved"}
)
"""States in which a service works. Source: Microsoft Graph serviceHealthStatus, compared without case."""


def check_service_health(target: Target, facts: ServiceFacts, now: datetime) -> tuple[Finding, ...]:
    """Judge each named service: one finding for one in trouble, with what Microsoft says of it."""
    return tuple(_judge(target, facts))


def _judge(target: Target, facts: ServiceFacts) -> Iterator[Finding]:
    for service in facts.services:
        issues = [issue for issue in facts.issues if issue.service.lower() == service.service.lower()]
        if (service.status or "").lower() not in HEALTHY or issues:
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
    told = [_say(issue) for issue in issues] or [f"Its status is {service.status}."]
    return make_finding(
        "service.incident",
        target,
        Subject(SubjectKind.SERVICE, service.service, service.service),
        detail=" ".join(told),
        evidence={"status": service.status, "issues": [issue.id for issue in issues]},
    )


def _say(issue: ServiceIssue) -> str:
    since = f", since {say_instant(issue.starts_at)}" if issue.starts_at else ""
    return f"{issue.id}: {issue.title or 'no title'} ({issue.status or 'no status'}{since})."
