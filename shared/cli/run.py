"""`dawnwatch run`: rounds of the targets with the ledger and delivery, once or at a steady beat."""

import argparse
import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from shared.cli.check import choose_targets
from shared.cli.command import INTERRUPTED
from shared.cli.ledger_place import Place, add_ledger_options, find_place, open_ledger
from shared.cli.progress import Progress
from shared.cli.streams import say
from shared.errors import ConfigError, LedgerError
from shared.model import Check
from shared.text import plain

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.config import Settings
    from shared.expectations import Target
    from shared.tour import Tour

_EPILOG = """\
examples:
  dawnwatch run                    one round of every target: what cron would run
  dawnwatch run --every 5m         rounds until SIGTERM or Ctrl+C; what a container would run
  dawnwatch run --ledger /var/lib/dawnwatch/ledger.db

Each trouble is told once, escalated, reminded of seldom, and told again when it is over; the morning report is made
once a day. What happened goes to stderr, a line for each target and round.

exit status: 0 nothing at or above warning is open, 1 findings are, 2 bad usage or configuration,
3 something could not be read, written down or delivered. With --every: 0 when asked to end.
"""

_UNITS_S = {"s": 1, "m": 60, "h": 3600}


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "run",
        help="look, remember and tell: once, or until it is stopped",
        description="Rounds of the targets with the ledger and delivery.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_ledger_options(parser)
    parser.add_argument("--target", metavar="N", nargs="+", action="extend", help="only these targets (default: all)")
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--once", action="store_true", help="one round of each target (default)")
    often.add_argument("--every", metavar="5m", type=interval_s, help="rounds at this interval: 30s, 5m or 1h")
    parser.set_defaults(run=run)


def interval_s(text: str) -> float:
    """An interval as the command line takes it, in seconds."""
    found = re.fullmatch(r"([0-9]{1,5})([smh])", text)
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0
    if not 1 <= seconds <= 86_400:
        msg = f'"{plain(text, 60)}" is no interval from 1s to 24h; write it as 30s, 5m or 1h'
        raise argparse.ArgumentTypeError(msg)
    return seconds


@dataclass(frozen=True, slots=True)
class _Job:
    """What each tour needs: all that is opened is opened anew for each, so that none is older than a tour."""

    settings: "Settings"
    targets: "tuple[Target, ...]"
    place: Place
    environ: Mapping[str, str]
    clock: Callable[[], datetime]

    async def tour(self, progress: Callable[[int, int], None]) -> "Tour":
        """Make one tour, and say what came of it."""
        from shared.formats.ledger_words import stop_line
        from shared.gather.connections import Connections
        from shared.monitor import run_passes
        from shared.notify.channels import open_channels
        from shared.rounds import Shell
        from shared.tour import make_tour

        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(open_ledger(self.place, self.environ, make=True))
            channels = await stack.enter_async_context(open_channels(self.settings, self.environ))
            connections = await stack.enter_async_context(Connections(self.settings.cloud))
            shell = Shell(self.settings, store, channels, self.clock, partial(run_passes, connections))
            tour = await make_tour(shell, self.targets, tuple(Check), progress)
            for stop in tour.stops:
                say(stop_line(stop, self.clock()))
            if tour.trouble:
                say(f"The morning report: {tour.trouble}")
        return tour


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Make one tour, or one after the other until asked to stop."""
    settings = load(args, environ)
    job = _Job(settings, choose_targets(settings.targets, args.target), find_place(args, environ), environ, clock)
    for notice in notices(settings):
        say(f"Notice: {notice}")
    return asyncio.run(_once(job) if args.every is None else _again(job, args.every))


def load(args: argparse.Namespace, environ: Mapping[str, str]) -> "Settings":
    """Load the settings. A channel without its secret is a mistake."""
    from shared.config import load_settings
    from shared.config.environment import secret_mistakes

    settings = load_settings(args.config, environ)
    if settings.teams is not None and (mistakes := secret_mistakes(environ)):
        raise ConfigError(mistakes)
    return settings


def notices(settings: "Settings") -> Iterator[str]:
    """Say what is no mistake, but might not be meant: no channel at all is one."""
    if settings.teams is None and settings.event_grid is None:
        yield "No channel is configured: what is found is written down, and told to nobody."
    yield from settings.notices


async def _once(job: _Job) -> int:
    from shared.cadence import asked_to_stop, finish

    with asked_to_stop() as stopping, Progress() as progress:
        tour = await finish(job.tour(progress.advance), stopping, job.settings.limits.request_timeout_s)
    if tour is None:
        say("Interrupted.")
        return INTERRUPTED
    return tour.status


async def _again(job: _Job, every_s: float) -> int:
    """Make tours at a steady beat. A ledger that cannot be opened stops the first one, and is waited for later."""
    from shared.cadence import asked_to_stop, beats, finish

    with asked_to_stop() as stopping:
        async for beat in beats(every_s, stopping):
            try:
                await finish(job.tour(lambda pages, objects: None), stopping, job.settings.limits.request_timeout_s)
            except LedgerError as error:
                if beat == 0:
                    raise
                say(str(error))
    say("Asked to stop: ended.")
    return 0
