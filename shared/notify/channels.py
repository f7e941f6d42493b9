"""Which channels there are: opened from the settings and the environment, told of a message, closed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from shared.config import Settings, TeamsSettings
from shared.config.environment import WEBHOOK_VARIABLE, secret_mistakes
from shared.connection import ca_bundle
from shared.errors import DeliveryError
from shared.model import Report, TargetReport, Transition, TransitionKind
from shared.notify.channel import Channel, Message, MisconfiguredChannel, for_channel


def _clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_channels(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[list[Channel]]:
    """Open every channel that is configured; the Teams webhook is a secret and comes from the environment."""
    channels: list[Channel] = []
    async with AsyncExitStack() as stack:
        if settings.teams is not None:
            channels.append(await _open_teams(settings, settings.teams, environ, stack))
        if settings.event_grid is not None:
            from shared.gather.cloud import default_credential
            from shared.notify.event_grid import EventGridChannel

            bundle = ca_bundle()
            credential = default_credential(settings.cloud, connection_verify=bundle)
            channels.append(
                EventGridChannel(
                    settings.event_grid.topic,
                    await stack.enter_async_context(credential),
                    clock=_clock,
                    min_severity=settings.event_grid.min_severity,
                    workspace_ids={target.name: target.workspace_id for target in settings.targets},
                    timeout_s=settings.limits.request_timeout_s,
                    connection_verify=bundle,
                )
            )
        yield channels


async def _open_teams(
    settings: Settings, teams: TeamsSettings, environ: Mapping[str, str], stack: AsyncExitStack
) -> Channel:
    """Open Teams; without a webhook that can be one, what is meant for it waits, and says why."""
    mistakes = secret_mistakes(environ)
    if mistakes:
        reason = "; ".join(f"{mistake.key} {mistake.problem}" for mistake in mistakes)
        return MisconfiguredChannel("teams", teams.min_severity, reason)
    import httpx

    from shared.gather.cloud import system_trust
    from shared.notify.teams import TeamsChannel

    client = await stack.enter_async_context(httpx.AsyncClient(verify=system_trust()))
    return TeamsChannel(
        environ[WEBHOOK_VARIABLE].strip(),
        client=client,
        clock=_clock,
        min_severity=teams.min_severity,
        timeout_s=settings.limits.request_timeout_s,
    )


async def tell_report(settings: Settings, report: Report, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Send what one look found to every channel, a message a target; return what could not be delivered, in words.

    It remembers nothing: each finding is told as opened, with an id that the same look always gives it.
    """
    failures: list[str] = []
    async with open_channels(settings, environ) as channels:
        for target in report.targets:
            failures += await tell(channels, opened(target, report.at))
    return tuple(failures)


def opened(target: TargetReport, at: datetime) -> Message:
    """Return what a look found of a target as a message, with every finding opened."""
    return Message(
        target.name, at, tuple(Transition(TransitionKind.OPENED, finding, at) for finding in target.findings)
    )


async def tell(channels: Sequence[Channel], message: Message) -> list[str]:
    """Send to each channel; one channel's failure never holds up the other."""
    failures = []
    for channel in channels:
        try:
            await channel.send(for_channel(message, channel.min_severity))
        except DeliveryError as error:
            failures.append(f"{message.target}: {error}")
    return failures
