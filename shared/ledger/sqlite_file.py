"""A file as a ledger: is it one, making one, and what SQLite's errors mean. Nothing that is not ours is ever opened.

The header of a SQLite file names the program it belongs to (`application_id`) and its schema (`user_version`), at fixed
places, so a file is judged before SQLite touches it. Both are written by the transaction that makes the table.
Source: https://www.sqlite.org/fileformat2.html#the_database_header
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import LedgerError
from shared.ledger.store import SCHEMA_VERSION

APPLICATION_ID = 0x44617761  # "Dawa"
_MAGIC = b"SQLite format 3\x00"

# A version is never given out twice, not even to a row that was removed and came back.
_SCHEMA = (
    """CREATE TABLE rows (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        target TEXT NOT NULL,
        key TEXT NOT NULL,
        body BLOB NOT NULL CHECK (typeof(body) = 'blob'),
        UNIQUE (target, key)
    )""",
    "CREATE INDEX pending ON rows (target) WHERE key >= 'o|' AND key < 'o}'",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


def open_ledger(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a ledger's file, or make it.

    Raises:
        LedgerError: it is not a ledger, or of a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    judge_file(path)
    connection = sqlite3.connect(path.absolute(), timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        _make(connection)
        _write_ahead(connection, busy_timeout_s)
    except BaseException:
        connection.close()
        raise
    return connection


def judge_file(path: Path) -> None:
    """Make sure that a file is a ledger, empty, or not there; it is not opened by SQLite.

    Raises:
        LedgerError: it is something else, or of a newer version.
    """
    if path.is_dir():
        raise LedgerError(f"The ledger {path} is a directory: name a file in it.")
    if not path.exists():
        return
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return
    if not header.startswith(_MAGIC):
        raise LedgerError(f"The file {path} is not a ledger (no SQLite database). It was left as it is: name another.")
    if int.from_bytes(header[68:72]) != APPLICATION_ID:
        msg = f"The file {path} is not a ledger, but another program's database. It was left as it is: name another."
        raise LedgerError(msg)
    version = int.from_bytes(header[60:64])
    if version > SCHEMA_VERSION:
        msg = (
            f"The ledger {path} was written by a newer Dawnwatch (schema {version}; this one knows {SCHEMA_VERSION}): "
            "update Dawnwatch, or name another file."
        )
        raise LedgerError(msg)


def _make(connection: sqlite3.Connection) -> None:
    """Make the table where there is none; whoever else makes it at the same time has made the same one."""
    if _is_made(connection):
        return
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if not _is_made(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _write_ahead(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    """Switch to write-ahead logging. SQLite does not wait for others while it switches: so we do."""
    patient_until = time.monotonic() + busy_timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > patient_until:
                raise
            time.sleep(0.02)
        else:
            return


def _is_made(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'rows'").fetchone())


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Make a LedgerError of whatever goes wrong with the file, naming it and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        what, to_do = _MEANINGS.get(_code(error), (f"cannot be used ({_name(error)})", "Check the path and the disk."))
        raise LedgerError(f"The ledger {path} {what}. {to_do} Nothing was overwritten.") from error


def _code(error: sqlite3.Error | OSError) -> int:
    if isinstance(error, PermissionError):
        return sqlite3.SQLITE_PERM
    return getattr(error, "sqlite_errorcode", -1) & 0xFF


def _name(error: sqlite3.Error | OSError) -> str:
    return getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__


_LOCKED = ("is locked by another program", "Try again when that has ended.")
_CLOSED = ("cannot be opened or written", "Check that its directory and the file may be written.")
_BROKEN = ("is damaged", "Put a copy in its place, or move it away to start a new one.")
_MEANINGS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PERM: _CLOSED,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_FULL: ("has no room: the disk is full", "Free some space."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk is full or failing", "Check the disk."),
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
}
