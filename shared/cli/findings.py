"""`dawnwatch findings`: what is open now, as the ledger knows it. Nothing is read from Azure, nothing is sent."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.cli.check import choose_targets
from shared.cli.command import UNREAD
from shared.cli.ledger_place import Place, add_ledger_options, find_place, open_ledger
from shared.cli.spans import before, when
from shared.cli.streams import open_console

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.expectations import Target
    from shared.ledger.overview import Overview

_EPILOG = """\
examples:
  dawnwatch findings                  what is open, the worst first
  dawnwatch findings --since 7d       what began in the last seven days and is open
  dawnwatch findings --all --since 7d --format json

exit status: 0 nothing at or above warning is open, 1 findings are, 2 bad usage or configuration,
3 a check did not read everything in the last day, a channel does not take messages, or the ledger cannot be read.
"""


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "findings",
        help="what is open, from the ledger",
        description="What the ledger knows: what is open, since when, and who was told.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_ledger_options(parser)
    parser.add_argument("--target", metavar="N", nargs="+", action="extend", help="only these targets (default: all)")
    parser.add_argument("--all", action="store_true", help="what is over, too")
    parser.add_argument("--since", metavar="7d", type=when, help="only what began or was over since: 7d, or ISO 8601")
    parser.add_argument("--format", choices=("json", "table"), default="table", help="(default: table)")
    parser.set_defaults(run=run)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Print what the ledger knows; the exit status says how things stand, whatever is shown of them."""
    from shared.config import load_settings

    settings, now = load_settings(args.config, environ), clock()
    targets = choose_targets(settings.targets, args.target)
    known = asyncio.run(_read(find_place(args, environ), environ, targets))
    since = before(args.since, now) if args.since is not None else None
    shown = [_chosen(overview, since, over=args.all) for overview in known]
    _print(shown, now, as_json=args.format == "json")
    if not all(overview.is_complete(now) for overview in known):
        return UNREAD
    return 1 if any(overview.has_findings for overview in known) else 0


async def _read(place: Place, environ: Mapping[str, str], targets: "Sequence[Target]") -> "list[Overview]":
    from shared.ledger.book import Book
    from shared.ledger.overview import read_overview

    async with open_ledger(place, environ) as store:
        return [await read_overview(Book(store, target.name), target) for target in targets]


def _chosen(overview: "Overview", since: datetime | None, *, over: bool) -> "Overview":
    chosen = [
        incident
        for incident in overview.incidents
        if (over or incident.is_open)
        and (since is None or max(incident.opened_at, incident.resolved_at or incident.opened_at) >= since)
    ]
    return replace(overview, incidents=tuple(chosen))


def _print(overviews: "Sequence[Overview]", now: datetime, *, as_json: bool) -> None:
    if as_json:
        from shared.formats.ledger_json import overviews_json

        sys.stdout.write(overviews_json(overviews, now) + "\n")
    else:
        from shared.formats.ledger_table import print_overviews

        print_overviews(overviews, now, open_console())
    sys.stdout.flush()
