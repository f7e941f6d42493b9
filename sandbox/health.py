"""Microsoft 365 service health, as Microsoft Graph shows it: statuses in the PascalCase of the wire."""

from sandbox.entities import Entity
from sandbox.records import Issue, Service
from sandbox.tenant import Tenant
from sandbox.world import instant


def overviews(tenant: Tenant, *, expanded: bool) -> list[Entity]:
    """Every service, with its issues where they are asked for."""
    return [_overview(service, expanded=expanded) for service in tenant.services]


def issues(tenant: Tenant) -> list[Entity]:
    """Every issue of every service."""
    return [_issue(issue, service) for service in tenant.services for issue in service.issues]


def _overview(service: Service, *, expanded: bool) -> Entity:
    told = {"service": service.name, "status": service.status, "id": service.id}
    return told | ({"issues": [_issue(issue, service) for issue in service.issues]} if expanded else {})


def _issue(issue: Issue, service: Service) -> Entity:
    return {
        "startDateTime": instant(issue.starts_at),
        "endDateTime": instant(issue.ends_at),
        "lastModifiedDateTime": instant(issue.ends_at or issue.starts_at),
        "title": issue.title,
        "id": issue.id,
        "impactDescription": issue.impact,
        "classification": issue.classification,
        "origin": "Microsoft",
        "status": issue.status,
        "service": service.name,
        "feature": issue.feature,
        "featureGroup": issue.feature,
        "isResolved": issue.resolved,
        "details": [{"name": "NotifyInApp", "value": "True"}],
        "posts": [
            {
                "createdDateTime": instant(issue.starts_at),
                "postType": "Regular",
                "description": {"contentType": "Html", "content": f"Title: {issue.title}"},
            }
        ],
    }
