"""Reading Microsoft 365 service health: the services that a target names, and what is reported on those in trouble."""

from datetime import datetime

import msgspec

from shared.errors import GatherError
from shared.expectations import Target
from shared.facts import ServiceFacts, ServiceIssue, ServiceOverview
from shared.gather.cloud import Azure
from shared.gather.graph import Page, all_of, quoted

OPERATIONAL = "serviceoperational"
PERMISSION = "Grant the monitor's identity the application permission ServiceHealth.Read.All, with admin consent."

_overviews = msgspec.json.Decoder(Page[ServiceOverview])
_issues = msgspec.json.Decoder(Page[ServiceIssue])


async def gather_service_health(azure: Azure, target: Target, now: datetime) -> ServiceFacts:
    """Read the health of the services that the target depends on, and the open issues of those that are not well.

    Raises:
        GatherError: service health was refused or could not be read.
    Source: serviceAnnouncement: list healthOverviews, list issues.
    """
    try:
        overviews = await all_of(azure, "/admin/serviceAnnouncement/healthOverviews", _overviews)
        named = {name.lower() for name in target.services}
        services = tuple(item for item in overviews if item.service.lower() in named)
        issues = [
            issue
            for item in services
            if (item.status or "").lower() != OPERATIONAL
            for issue in await _open_issues(azure, item.service)
        ]
    except GatherError as error:
        raise GatherError(
            error.why, status=error.status, code=error.code, steps=_steps(error), again_at=error.again_at
        ) from error
    found = {item.service.lower() for item in services}
    return ServiceFacts(
        observed_at=now,
        services=services,
        issues=tuple(issues),
        missing=tuple(name for name in target.services if name.lower() not in found),
        known=tuple(sorted(item.service for item in overviews)),
    )


def _steps(error: GatherError) -> tuple[str, ...]:
    return (PERMISSION,) if error.status == 403 else error.steps


async def _open_issues(azure: Azure, service: str) -> list[ServiceIssue]:
    url = f"/admin/serviceAnnouncement/issues?$filter=service%20eq%20{quoted(service)}%20and%20isResolved%20eq%20false"
    return [issue for issue in await all_of(azure, url, _issues) if not issue.is_resolved]
