"""What azd runs before it changes anything: is the configuration right, are the variables, are the workspaces there?

Prints every mistake, with what would be right. Exit status: 0 go on, 2 do not.
"""

import asyncio
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from shared.config import CloudSettings, Limits, Settings, load_settings
from shared.config.cloud import load_cloud
from shared.config.environment import CONNECTORS
from shared.errors import ConfigError, GatherError
from shared.expectations import Target
from shared.gather.connections import Connections
from shared.gather.workspace import gather_workspace

WEBHOOK = "DAWNWATCH_TEAMS_WEBHOOK_URL"
WORKSPACES = "DAWNWATCH_WORKSPACES"
_YES = ("true", "1")
_TEAMS_WITHOUT_WEBHOOK = (
    f"[notify.teams] is in the configuration, but there is no webhook: `azd env set {WEBHOOK} URL`, or, where it is in "
    "the vault already, `azd env set DAWNWATCH_TEAMS true`."
)
_NO_CHANNEL = (
    f"Nobody would be told anything: set {WEBHOOK}, or leave the topic in (`azd env set DAWNWATCH_EVENT_GRID true`)."
)
_NO_WORKFLOW = (
    f"{WEBHOOK} is no webhook of a Teams workflow. Those of the retired Office 365 connectors take these cards no "
    "more: make a workflow in the channel, as docs/deploy.md says."
)
_EXAMPLE = "/subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.OperationalInsights/workspaces/NAME"
_WORKSPACE_ID = re.compile(_EXAMPLE.replace("GUID", "[0-9a-f-]{36}").replace("NAME", "[^/]+"), re.IGNORECASE)
_NO_RIGHT = (
    "Whoever runs this needs Role Based Access Control Administrator (or Owner) on it, to give the monitor its roles."
)
_ELSEWHERE = (
    "Check the id, and with `az account show` who is signed in and to which tenant. A workspace of another tenant does "
    "not belong into this variable: sign in there, and `dawnwatch grant` gives the roles."
)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def main() -> int:
    """Look, and say what is wrong; the result is the exit status."""
    mistakes = list(find_mistakes(os.environ))
    if mistakes:
        print("Nothing was changed. First:", *(f"- {mistake}" for mistake in mistakes), sep="\n", file=sys.stderr)
    return 2 if mistakes else 0


def find_mistakes(environ: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with what azd knows; Azure is asked only where all else is right."""
    ids = [part.strip() for part in environ.get(WORKSPACES, "").split(",") if part.strip()]
    wrong = [*_name(environ.get("AZURE_ENV_NAME", "")), *_webhook(environ.get(WEBHOOK, "")), *_ids(ids)]
    cloud, limits, tenants = CloudSettings(), Limits(), dict[str, str]()
    try:
        if environ.get("DAWNWATCH_CONFIGURATION_IN_BLOB", "false").lower() in _YES:
            cloud, limits = load_cloud(None, environ)
        else:
            settings = load_settings(None, environ)
            cloud, limits = settings.cloud, settings.limits
            tenants = {target.workspace_id.lower(): target.tenant_id for target in settings.targets}
            wrong += _channels(settings, environ)
    except ConfigError as error:
        wrong += str(error).splitlines()
    yield from wrong
    if not wrong:
        yield from asyncio.run(_read(cloud, limits, tenants, ids, environ))


def _name(name: str) -> Iterator[str]:
    if name and not _NAME.fullmatch(name):
        yield (
            f"AZURE_ENV_NAME: resources cannot be named after {name!r}: use letters, digits and hyphens within "
            "(`azd env new NAME`)."
        )


def _webhook(url: str) -> Iterator[str]:
    if not url:
        return
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        is_workflow = parts.scheme == "https" and bool(host) and not CONNECTORS.search(host)
    except ValueError:
        is_workflow = False
    if not is_workflow:
        yield _NO_WORKFLOW


def _ids(ids: Iterable[str]) -> Iterator[str]:
    for number, workspace_id in enumerate(ids, 1):
        if not _WORKSPACE_ID.fullmatch(workspace_id):
            yield f"{WORKSPACES}: number {number} is no workspace id; it would be {_EXAMPLE}."


def _channels(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    has_webhook = bool(environ.get(WEBHOOK)) or environ.get("DAWNWATCH_TEAMS", "false").lower() in _YES
    has_topic = settings.event_grid is not None or environ.get("DAWNWATCH_EVENT_GRID", "true").lower() in _YES
    if settings.teams is not None and not has_webhook:
        yield _TEAMS_WITHOUT_WEBHOOK
    elif not has_webhook and not has_topic:
        yield _NO_CHANNEL


async def _read(
    cloud: CloudSettings, limits: Limits, tenants: Mapping[str, str], ids: Iterable[str], environ: Mapping[str, str]
) -> list[str]:
    """Read each workspace as whoever runs azd: one that cannot be read cannot be given roles on either."""
    wrong = []
    async with Connections(cloud, environ) as connections:
        for workspace_id in ids:
            tenant = tenants.get(workspace_id.lower()) or environ.get("AZURE_TENANT_ID", "") or "organizations"
            target = Target(name="workspace", tenant_id=tenant, workspace_id=workspace_id)
            wrong += await _look(connections, limits, target)
    return wrong


async def _look(connections: Connections, limits: Limits, target: Target) -> list[str]:
    now = datetime.now(UTC)
    try:
        azure = await connections.azure(limits, target, now, lambda pages, objects: None)
        facts = await gather_workspace(azure, target)
    except GatherError as error:
        advice = f"{_NO_RIGHT} {_ELSEWHERE}" if error.status == 403 else _ELSEWHERE
        return [f"{WORKSPACES}: {target.workspace_name} could not be read: {error.why}. {advice}"]
    if facts.state == "NotFound":
        return [f"{WORKSPACES}: {target.workspace_name} is not there for whoever runs this. {_ELSEWHERE}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
