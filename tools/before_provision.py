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

from shared.config import Settings, load_settings
from shared.errors import ConfigError, GatherError
from shared.expectations import Target
from shared.gather.connections import Connections
from shared.gather.workspace import gather_workspace

WEBHOOK = "DAWNWATCH_TEAMS_WEBHOOK_URL"
WORKSPACES = "DAWNWATCH_WORKSPACES"
_YES = ("true", "1")
_RETIRED = ".webhook.office.com"
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
_ELSEWHERE = (
    "A workspace of another tenant does not belong into this variable: sign in there, and `dawnwatch grant` gives the "
    "roles. Otherwise check the id, and `azd auth login --tenant-id`."
)


def main() -> int:
    """Look, and say what is wrong; the result is the exit status."""
    mistakes = list(find_mistakes(os.environ))
    if mistakes:
        print("Nothing was changed. First:", *(f"- {mistake}" for mistake in mistakes), sep="\n", file=sys.stderr)
    return 2 if mistakes else 0


def find_mistakes(environ: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with what azd knows; Azure is asked only where all else is right."""
    ids = [part.strip() for part in environ.get(WORKSPACES, "").split(",") if part.strip()]
    wrong = [*_webhook(environ.get(WEBHOOK, "")), *_ids(ids)]
    settings = None
    if environ.get("DAWNWATCH_CONFIGURATION_IN_BLOB", "false").lower() not in _YES:
        try:
            settings = load_settings(None, environ)
        except ConfigError as error:
            wrong += str(error).splitlines()
        else:
            wrong += _channels(settings, environ)
    yield from wrong
    if settings is not None and not wrong:
        yield from asyncio.run(_read(settings, ids, environ))


def _webhook(url: str) -> Iterator[str]:
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_workflow = parts.scheme == "https" and bool(parts.hostname) and _RETIRED not in f".{parts.hostname}".lower()
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


async def _read(settings: Settings, ids: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Read each workspace as whoever runs azd: one that cannot be read cannot be given roles on either."""
    tenants = {target.workspace_id.lower(): target.tenant_id for target in settings.targets}
    wrong = []
    async with Connections(settings.cloud, environ) as connections:
        for workspace_id in ids:
            tenant = tenants.get(workspace_id.lower()) or environ.get("AZURE_TENANT_ID", "") or "organizations"
            target = Target(name="workspace", tenant_id=tenant, workspace_id=workspace_id)
            wrong += await _look(connections, settings, target)
    return wrong


async def _look(connections: Connections, settings: Settings, target: Target) -> list[str]:
    now = datetime.now(UTC)
    try:
        azure = await connections.azure(settings.limits, target, now, lambda pages, objects: None)
        facts = await gather_workspace(azure, target)
    except GatherError as error:
        return [f"{WORKSPACES}: {target.workspace_name} could not be read: {error.why}. {_ELSEWHERE}"]
    if facts.state == "NotFound":
        return [f"{WORKSPACES}: {target.workspace_name} is not there for whoever runs this. {_ELSEWHERE}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
