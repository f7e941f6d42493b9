"""`dawnwatch serve`: what the Azure Functions app does, by the same schedules, on a server or in a container."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.cli.ledger_place import add_ledger_options, find_place
from shared.cli.run import load, notices
from shared.errors import ConfigError, Mistake
from shared.telemetry import tell, warn
from shared.text import plain
from shared.version import VERSION

if TYPE_CHECKING:
    from shared.app.opened import App
    from shared.app.serving import Service
    from shared.app.timetable import Timer
    from shared.cli.command import Commands
    from shared.config import Settings

WORKERS, WORKERS_AT_MOST = 8, 256

_EPILOG = """\
examples:
  dawnwatch serve                                  what a container runs
  dawnwatch serve --log json --workers 16
  DELIVERY_SCHEDULE="0 * * * * *" dawnwatch serve  a timer of its own: six fields, in UTC

Each check is planned at the start, and then whenever its timer fires. The timers' variables are in docs/settings.md,
what the log's lines mean in docs/telemetry.md. What is planned waits in memory: the next start plans it anew.

exit status: 0 when asked to end by SIGTERM or Ctrl+C, 2 bad usage, configuration or schedules,
3 the ledger could not be opened at the start.
"""


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "serve",
        help="keep watching by the schedules of the Azure Functions app, without Azure Functions",
        description="Timers plan, workers look, remember and tell, until stopped.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_ledger_options(parser)
    parser.add_argument(
        "--workers", metavar="N", type=workers, default=WORKERS, help=f"passes at once (default: {WORKERS})"
    )
    parser.add_argument("--log", choices=("text", "json"), default="text", help="lines on stderr (default: text)")
    parser.set_defaults(run=run)


def workers(text: str) -> int:
    """A number of workers as the command line takes it."""
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= WORKERS_AT_MOST:
        return int(text)
    msg = f'"{plain(text, 60)}" is no number from 1 to {WORKERS_AT_MOST}'
    raise argparse.ArgumentTypeError(msg)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Serve until asked to stop."""
    from shared.app.memory_queue import MemoryQueue
    from shared.app.opened import App, Places
    from shared.app.serving import Service
    from shared.cli.log import log_to
    from shared.gather.connections import quieten

    settings, timers = _read(args, environ)
    place, queue = find_place(args, environ), MemoryQueue()
    app = App(Places(args.config, place.where, place.beside), environ, clock=clock, queue=queue)
    quieten()
    with log_to(sys.stderr, args.log):
        for notice in notices(settings):
            tell("notice", text=notice)
        return asyncio.run(_serve(Service(app, queue, timers, clock, args.workers), settings))


def _read(args: argparse.Namespace, environ: Mapping[str, str]) -> "tuple[Settings, tuple[Timer, ...]]":
    """Read the configuration and the schedules; the mistakes of both are told at once."""
    from shared.app.timetable import read_timers

    mistakes: list[Mistake] = []
    try:
        settings = load(args, environ)
    except ConfigError as error:
        mistakes += error.mistakes
    try:
        timers = read_timers(environ)
    except ConfigError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return settings, timers


async def _serve(service: "Service", settings: "Settings") -> int:
    from shared.app.serving import GRACE_S, serve
    from shared.cadence import asked_to_stop, finish

    with asked_to_stop() as stopping:
        await _open(service.app)
        tell("serving", version=VERSION, targets=len(settings.targets), workers=service.workers)
        try:
            waiting = await finish(serve(service, stopping), stopping, GRACE_S)
        finally:
            await service.app.close()
    if waiting is None:
        warn("cut off", grace_s=GRACE_S)
    else:
        tell("ended", waiting=waiting)
    return 0


async def _open(app: "App") -> None:
    """Open what is served, so that a ledger that is none is told at once."""
    async with app.opened():
        pass
