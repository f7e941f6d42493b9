"""`dawnwatch notify-test`: a test to each channel, and what came back, in words and never with an address."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.cli.command import UNREAD, add_config_option
from shared.cli.streams import say
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.config import Settings
    from shared.notify.channel import Channel, Message


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "notify-test",
        help="send a test to each channel",
        description="Sends a test card to Teams and a test event to Event Grid, where they are configured, and says "
        "what came back. Exit status: 0 taken by all, 2 no channel or no secret, 3 one did not take it.",
        allow_abbrev=False,
    )
    add_config_option(parser)
    parser.set_defaults(run=run)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Send the test to each channel."""
    from shared.config import load_settings

    settings = load_settings(args.config, environ, notifying=True)
    return asyncio.run(_send(settings, environ, clock()))


async def _send(settings: "Settings", environ: Mapping[str, str], now: datetime) -> int:
    from shared.notify.channels import open_channels
    from shared.notify.trial import a_test

    async with open_channels(settings, environ) as channels:
        taken = [await _is_taken(channel, a_test(now)) for channel in channels]
    return 0 if all(taken) else UNREAD


async def _is_taken(channel: "Channel", message: "Message") -> bool:
    try:
        await channel.send(message)
    except DeliveryError as error:
        say(f"{channel.name}: not taken. {error}")
        return False
    say(f"{channel.name}: taken. See that it has arrived.")
    return True
