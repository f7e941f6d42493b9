"""The channels: can each be reached? Nothing is posted unless that is asked for, as whatever is posted is seen."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from shared.config import Settings
from shared.config.environment import WEBHOOK_VARIABLE
from shared.connection import ca_bundle
from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.grants import sender_commands
from shared.doctor.reach import has_proxy, knock
from shared.doctor.surroundings import is_app
from shared.doctor.webhook import judge_looks
from shared.errors import DeliveryError
from shared.gather.sign_in import claims_of
from shared.notify.channel import Channel
from shared.notify.channels import open_channels
from shared.notify.trial import a_test

TEAMS, EVENT_GRID = "the Teams webhook", "the Event Grid topic"
_NAMES = {"teams": TEAMS, "event_grid": EVENT_GRID}
_TOPICS = (".eventgrid.azure.net", ".eventgrid.azure.us", ".eventgrid.azure.cn")
_SCOPE = "https://eventgrid.azure.net/.default"
_COMMAND = "dawnwatch doctor --post"


async def examine_channels(
    settings: Settings, environ: Mapping[str, str], trust: ssl.SSLContext, now: datetime, *, post: bool
) -> Sequence[Point]:
    """Reach each channel that is configured; with `post`, send each a test."""
    points = [point async for point in _reach(settings, environ, trust)]
    if not points and is_app(environ):
        detail = f"There is none, so nobody is told: add [notify.event_grid], or set {WEBHOOK_VARIABLE}."
        return [Point(Area.CHANNELS, "channels", Verdict.WARNING, detail)]
    if post:
        async with open_channels(settings, environ) as channels:
            points += [await _send(settings, channel, now) for channel in channels]
    return points


async def _reach(settings: Settings, environ: Mapping[str, str], trust: ssl.SSLContext) -> AsyncIterator[Point]:
    is_custom = settings.cloud.name == "custom"
    if settings.teams is not None:
        url = environ.get(WEBHOOK_VARIABLE, "").strip()
        looks = judge_looks(url, is_any_host=is_custom)
        yield Point(Area.CHANNELS, TEAMS, looks.verdict, looks.why) if looks else await _knock(TEAMS, url, trust)
    if settings.event_grid is not None:
        topic = settings.event_grid.topic
        wrong = None if is_custom else judge_topic(topic)
        yield wrong or await _knock(EVENT_GRID, topic, trust)


def judge_topic(topic: str) -> Point | None:
    """Say what is wrong with a topic's endpoint by its looks, or None."""
    parts = urlsplit(topic)
    if (parts.hostname or "").endswith(_TOPICS) and parts.path.rstrip("/") == "/api/events":
        return None
    detail = "It does not look like https://….eventgrid.azure.net/api/events: check [notify.event_grid] topic."
    return Point(Area.CHANNELS, EVENT_GRID, Verdict.WARNING, detail)


async def _knock(what: str, url: str, trust: ssl.SSLContext) -> Point:
    host = urlsplit(url).hostname or ""
    asked = f"nothing was posted; `{_COMMAND}` sends a test"
    if has_proxy(host):
        return Point(Area.CHANNELS, what, Verdict.UNKNOWN, f"It goes through a proxy, and {asked}.")
    trouble = await knock(url, trust)
    if trouble:
        return Point(Area.CHANNELS, what, Verdict.FAILED, f"Not reached: {trouble}.")
    return Point(Area.CHANNELS, what, Verdict.OK, f"It is reached (DNS and TLS); {asked}.")


async def _send(settings: Settings, channel: Channel, now: datetime) -> Point:
    what = f"a test to {_NAMES.get(channel.name, channel.name)}"
    try:
        await channel.send(a_test(now, _COMMAND))
    except DeliveryError as error:
        verdict = Verdict.FAILED if error.permanent else Verdict.UNKNOWN
        commands = await _sender(settings) if channel.name == "event_grid" and error.permanent else ()
        return Point(Area.CHANNELS, what, verdict, f"{error}.", commands)
    return Point(Area.CHANNELS, what, Verdict.OK, "It was taken. See that it has arrived.")


async def _sender(settings: Settings) -> tuple[str, ...]:
    """Say how to let the monitor's own identity send; nothing where nobody knows whose it is."""
    from azure.core.exceptions import AzureError

    from shared.gather.cloud import default_credential

    bundle = ca_bundle()
    host = urlsplit(settings.event_grid.topic).hostname if settings.event_grid else None
    async with default_credential(settings.cloud, connection_verify=bundle) as credential:
        try:
            claims = claims_of((await credential.get_token(_SCOPE)).token)
        except (AzureError, OSError, ValueError):
            return ()
    return sender_commands(host, claims.oid, is_person=claims.is_person) if host and claims.oid else ()
