"""`dawnwatch doctor`: can the monitor read, write down and tell what it must? A diagnosis to stdout."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.cli.check import choose_targets
from shared.cli.ledger_place import add_ledger_options, find_place
from shared.cli.streams import open_console

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.doctor import Diagnosis

_EPILOG = """\
examples:
  dawnwatch doctor                        who signs in, what they may do, what is reached and what is there
  dawnwatch doctor --target contoso --post
  dawnwatch doctor --format json | jq '.targets[].points[] | select(.verdict != "ok")'

Reads only, and posts nothing without --post. Below what is missing stand the commands that grant it.

exit status: 0 all is well, 1 something is missing or wrong, 2 bad usage or configuration,
3 something could not be told.
"""


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "doctor",
        help="examine rights, endpoints, workspaces, channels, clock and settings",
        description="Examines whether the monitor can read, write down and tell what it must.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_ledger_options(parser)
    parser.add_argument("--target", metavar="N", nargs="+", action="extend", help="only these targets (default: all)")
    parser.add_argument("--post", action="store_true", help="send a test to each channel too, as notify-test does")
    parser.add_argument("--format", choices=sorted(_PRINTERS), default="table", help="(default: table)")
    parser.set_defaults(run=run)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Examine, and print the diagnosis."""
    from shared.config import load_settings
    from shared.doctor import examine
    from shared.doctor.diagnosis import exit_status
    from shared.doctor.examine import Where

    settings = load_settings(args.config, environ)
    targets = choose_targets(settings.targets, args.target)
    place = find_place(args, environ)
    where = Where(place.where, place.beside)
    diagnosis = asyncio.run(examine(settings, targets, environ, clock(), where=where, post=args.post))
    _PRINTERS[args.format](diagnosis)
    return exit_status(diagnosis)


def _print_json(diagnosis: "Diagnosis") -> None:
    from shared.doctor import doctor_json

    sys.stdout.write(doctor_json(diagnosis) + "\n")


def _print_table(diagnosis: "Diagnosis") -> None:
    from shared.formats.doctor_table import print_diagnosis

    print_diagnosis(diagnosis, open_console())


_PRINTERS: Mapping[str, "Callable[[Diagnosis], None]"] = {"json": _print_json, "table": _print_table}
