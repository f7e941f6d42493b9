"""`dawnwatch ledger export` and `import`: the whole ledger as JSON lines, to keep it or to move it."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from shared.cli.command import UsageError
from shared.cli.ledger_place import Place, add_ledger_options, find_place, open_ledger
from shared.cli.streams import say
from shared.formats.words import count

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.ledger.store import Put

_STANDARD = Path("-")


def add_to(commands: "Commands") -> None:
    """Add both commands and their options."""
    group = commands.add_parser("ledger", help="copy the ledger", allow_abbrev=False)
    parsers = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    exporting = parsers.add_parser(
        "export",
        help="write the whole ledger as JSON lines",
        description="Writes every row of the ledger as a line of JSON, exactly.",
        allow_abbrev=False,
    )
    exporting.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, default=_STANDARD, help="(default: - for stdout)"
    )
    add_ledger_options(exporting)
    exporting.set_defaults(run=run_export)
    importing = parsers.add_parser(
        "import",
        help="read an export into an empty ledger",
        description="Reads an export into a ledger that is empty. If it is interrupted, begin again with a new one.",
        allow_abbrev=False,
    )
    importing.add_argument("file", metavar="FILE", type=Path, help="what was exported; - for stdin")
    add_ledger_options(importing)
    importing.add_argument("--into", metavar="WHERE", dest="ledger", help="the same as --ledger")
    importing.set_defaults(run=run_import)


def run_export(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the ledger to the file, which must not be there yet, or to stdout."""
    with ExitStack() as stack:
        out = sys.stdout.buffer if args.file == _STANDARD else stack.enter_context(_create(args.file))
        written = asyncio.run(_export(find_place(args, environ), environ, out))
        out.flush()
    say(f"Exported {count(written, 'row')}.")
    return 0


async def _export(place: Place, environ: Mapping[str, str], out: BinaryIO) -> int:
    from shared.ledger.copy import export_lines

    written = -1  # the header is no row
    async with open_ledger(place, environ) as store:
        async for line in export_lines(store):
            out.write(line)
            written += 1
    return written


def _create(path: Path) -> BinaryIO:
    return _opened(path, lambda: path.open("xb"))


def _opened(path: Path, opening: Callable[[], BinaryIO]) -> BinaryIO:
    try:
        return opening()
    except FileExistsError:
        raise UsageError(f"{path} is there already: name a file that is not. Nothing was changed.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}") from error


def run_import(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Read the whole export first, and only then open the ledger."""
    from shared.ledger.copy import NoExportError, read_export

    with ExitStack() as stack:
        name = "stdin" if args.file == _STANDARD else str(args.file)
        lines = sys.stdin.buffer if args.file == _STANDARD else stack.enter_context(_open(args.file))
        try:
            rows = read_export(lines)
        except NoExportError as error:
            raise UsageError(f"{name}: {error} Nothing was changed.") from error
    asyncio.run(_import(find_place(args, environ), environ, rows))
    say(f"Imported {count(sum(map(len, rows.values())), 'row')}.")
    return 0


def _open(path: Path) -> BinaryIO:
    return _opened(path, lambda: path.open("rb"))


async def _import(place: Place, environ: Mapping[str, str], rows: "Mapping[str, list[Put]]") -> None:
    from shared.ledger.copy import import_rows

    async with open_ledger(place, environ, make=True) as store:
        await import_rows(store, rows)
