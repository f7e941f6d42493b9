"""Which ledger a command opens: the one that is named, or the file beside the configuration."""

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.cli.command import add_config_option
from shared.cli.streams import say
from shared.errors import LedgerError

if TYPE_CHECKING:
    from shared.ledger.store import Store

VARIABLE = "DAWNWATCH_LEDGER"
_CONFIG_VARIABLE = "DAWNWATCH_CONFIG"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is, as `shared.ledger.open` takes it; a file is relative to `beside`."""

    where: str
    beside: Path


def add_ledger_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which configuration and which ledger."""
    add_config_option(parser)
    parser.add_argument(
        "--ledger",
        metavar="WHERE",
        help="the ledger: a file, a storage account's table address, or the name of a connection in the environment "
        f"(default: what {VARIABLE} names, else dawnwatch.db beside the configuration)",
    )


def find_place(args: argparse.Namespace, environ: Mapping[str, str]) -> Place:
    """Say where the ledger is. What a person names is relative to where they are."""
    from shared.config.source import folder_of
    from shared.ledger.open import FILE

    named = args.ledger or environ.get(VARIABLE)
    if named:
        return Place(named, Path())
    return Place(FILE, folder_of(args.config or environ.get(_CONFIG_VARIABLE)))


@asynccontextmanager
async def open_ledger(place: Place, environ: Mapping[str, str], *, make: bool = False) -> "AsyncIterator[Store]":
    """Open the ledger; without `make` it must be there. What it cannot deliver is told when it is closed.

    Raises:
        LedgerError: it is not there, or is none.
    """
    from shared.ledger.open import file_of, open_store

    file = file_of(place.where, place.beside)
    if not make and file is not None and not file.exists():
        msg = f"There is no ledger {file} yet: `dawnwatch run` makes it. --ledger or {VARIABLE} names another."
        raise LedgerError(msg)
    async with open_store(place.where, environ, beside=place.beside) as store:
        yield store
        await _say_what_fails(store)


async def _say_what_fails(store: "Store") -> None:
    from shared.formats.ledger_words import failing_lines
    from shared.ledger.deliveries import waiting_everywhere

    for line in failing_lines(await waiting_everywhere(store)):
        say(line)
