"""Dawnwatch itself, from its connections to its findings: the calls that its passes make, and nothing prepared."""

from datetime import datetime

from shared.config import Settings
from shared.facts import AccessFacts
from shared.gather import credentials
from shared.gather.access import gather_workspace_access
from shared.gather.connections import Connections, open_azure
from shared.model import Check
from shared.monitor import Pass, run_passes

SELECTED = credentials.APPLICATIONS
WHOLE = "/applications?$top=999"


async def judge_all_apps(settings: Settings, now: datetime, applications: str = SELECTED) -> Pass:
    """Run the pass of `credentials = "all"`. `applications` is what it asks for: its own query, or whole objects.

    Raises:
        RuntimeError: it could not read everything; then its time says nothing.
    """
    credentials.APPLICATIONS = applications
    checks = [Check.APP_REGISTRATIONS]
    async with Connections(settings.cloud) as connections:
        (done,) = await run_passes(connections, settings, settings.targets[0], checks, now, lambda pages, read: None)
    if done.unread:
        raise RuntimeError(done.unread[0].why)
    return done


async def read_access(settings: Settings, now: datetime) -> AccessFacts:
    """Read who may read the workspace, as the workspace-access pass does."""
    target = settings.targets[0]
    async with open_azure(settings.cloud, settings.limits, target, now, lambda pages, read: None) as azure:
        return await gather_workspace_access(azure, target, now)
