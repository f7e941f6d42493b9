"""Looking at a ledger without making or changing it: is it there, and can it be read?"""

import sqlite3
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from shared.errors import LedgerError
from shared.ledger.account import place_of
from shared.ledger.claim import check_schema, read_schema
from shared.ledger.open import open_store
from shared.ledger.sqlite import SqliteStore
from shared.ledger.sqlite_file import file_errors, judge_file
from shared.ledger.storage_errors import Place
from shared.ledger.tables import TablesStore


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen: where the ledger is or would be, and whether it is there."""

    place: str
    is_there: bool


async def inspect_ledger(where: str, environ: Mapping[str, str], beside: Path, patience_s: float) -> Sight:
    """Look at the ledger that `where` names, as `open_store` takes it.

    Raises:
        LedgerError: it cannot be read, or is none.
    """
    store = open_store(where, environ, beside=beside)
    if isinstance(store, TablesStore):
        return await look_at_table(store, patience_s)
    if isinstance(store, SqliteStore):
        return _look_at_file(store.path)
    raise LedgerError(f"The ledger {where!r} is of a kind that cannot be looked at.")


async def look_at_table(store: TablesStore, patience_s: float) -> Sight:
    """Look at a ledger in Table Storage.

    Raises:
        LedgerError: it cannot be read, or is none.
    """
    async with AsyncExitStack() as stack:
        table = await store.account.connect(store.name, stack)
        place = Place(place_of(table), patience_s)
        schema = await read_schema(table, place)
        if schema is not None:
            check_schema(schema, place)
        return Sight(str(place), is_there=schema is not None)


def _look_at_file(path: Path) -> Sight:
    with file_errors(path):
        judge_file(path)
        if not path.exists():
            _check_folder(path)
            return Sight(f"The ledger {path}", is_there=False)
        # Beside a ledger that nobody has open SQLite would make files of its own, unless told that nothing changes it.
        is_open = Path(f"{path}-wal").exists()
        uri = f"{path.absolute().as_uri()}?{'mode=ro' if is_open else 'immutable=1'}"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return Sight(f"The ledger {path}", is_there=True)


def _check_folder(path: Path) -> None:
    """Make sure that a file could be made there: what of its path there is already, is a folder."""
    there = next(parent for parent in path.absolute().parents if parent.exists())
    if not there.is_dir():
        raise LedgerError(f"The ledger {path} cannot be made: {there} is no folder. Name a file in one.")
