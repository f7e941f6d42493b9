"""`dawnwatch history`: all that became of one trouble, line by line, from the ledger."""

import argparse
import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared.cli.command import UsageError
from shared.cli.ledger_place import Place, add_ledger_options, find_place, open_ledger
from shared.cli.streams import open_console
from shared.text import plain

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.incident import Incident

_SHOWN = 5


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "history",
        help="what became of one trouble",
        description="Every line of a trouble's incidents, the oldest first.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "fingerprint",
        metavar="FINGERPRINT",
        type=fingerprint,
        help="as `dawnwatch findings` shows it, or its beginning",
    )
    add_ledger_options(parser)
    parser.set_defaults(run=run)


def fingerprint(text: str) -> str:
    """A fingerprint's beginning, as the command line takes it."""
    if not re.fullmatch(r"[0-9a-fA-F]{1,32}", text):
        msg = f'"{plain(text, 60)}" is no fingerprint, and none begins so: 1 to 32 of 0-9 and a-f'
        raise argparse.ArgumentTypeError(msg)
    return text.lower()


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the history."""
    from shared.formats.ledger_table import print_history

    incidents = asyncio.run(_read(find_place(args, environ), environ, args.fingerprint))
    meant = {incident.finding.fingerprint: incident for incident in incidents}
    if len(meant) != 1:
        raise UsageError(_not_one(args.fingerprint, meant))
    print_history(incidents, open_console())
    return 0


async def _read(place: Place, environ: Mapping[str, str], prefix: str) -> "Sequence[Incident]":
    from shared.ledger.book import Book

    found: list[Incident] = []
    async with open_ledger(place, environ) as store:
        for target in await store.targets():
            found += await Book(store, target).incidents_of(prefix)
    return found


def _not_one(prefix: str, meant: "Mapping[str, Incident]") -> str:
    if not meant:
        return f"No fingerprint in the ledger begins with {prefix}: `dawnwatch findings --all` lists them."
    named = [f"{key}  {incident.finding.target}  {incident.finding.title}" for key, incident in sorted(meant.items())]
    more = [f"and {len(named) - _SHOWN:,} more"] if len(named) > _SHOWN else []
    return "\n".join(
        [
            f"{len(named):,} fingerprints begin with {prefix}; write more of the one that is meant:",
            *named[:_SHOWN],
            *more,
        ]
    )
