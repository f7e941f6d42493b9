"""The ledger as a file, for the command line: SQLite, which needs nothing. Read limits.py for what it takes.

Other processes may use the file at the same time: a change takes the write lock first, and readers read on (WAL).
Calls run in order on one thread of the store's own, so that a call that is given up cannot meet the next one half-way.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared.errors import StateConflictError
from shared.ledger.limits import check_groups, check_target, key_range
from shared.ledger.sqlite_file import file_errors, open_ledger
from shared.ledger.store import Change, Put, Row


class SqliteStore:
    """A ledger in the file `path`, made with its directories where it is not there yet."""

    def __init__(self, path: Path, *, busy_timeout_s: float = 5) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._opened = ExitStack()
        self._connection: sqlite3.Connection
        self._thread: ThreadPoolExecutor

    async def __aenter__(self) -> Self:
        """Open the file, and make it where it is not there yet."""
        self._thread = ThreadPoolExecutor(1, "ledger")
        try:
            await self._do(self._open)
        except BaseException:
            self._end()
            raise
        return self

    def _open(self) -> None:
        self._connection = self._opened.enter_context(closing(open_ledger(self.path, self._busy_timeout_s)))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._end()

    def _end(self) -> None:
        self._thread.submit(self._opened.close)
        self._thread.shutdown()

    async def read(self, target: str, prefix: str, until: str | None = None, *, since: str | None = None) -> list[Row]:
        """Read a range of a target's rows, in key order."""
        check_target(target)
        start, end = key_range(prefix, until, since)
        sql = (
            "SELECT key, body, version FROM rows WHERE target = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key"
        )
        found = await self._select(sql, target, start, end, end)
        return [Row(key, body, str(version)) for key, body, version in found]

    async def with_pending(self) -> list[str]:
        """Name the targets with rows to deliver: an index holds those rows alone."""
        sql = "SELECT DISTINCT target FROM rows WHERE key >= 'o|' AND key < 'o}' ORDER BY 1"
        return [target for (target,) in await self._select(sql)]

    async def targets(self) -> list[str]:
        """Name every target that has rows."""
        return [target for (target,) in await self._select("SELECT DISTINCT target FROM rows ORDER BY 1")]

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        """Apply all groups in one transaction.

        Raises:
            StateConflictError: a row is not as a change expects it; nothing was changed.
        """
        check_target(target)
        check_groups(groups)
        await self._do(lambda: self._write(target, [change for group in groups for change in group]))

    def _write(self, target: str, changes: Sequence[Change]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                self._apply(target, change)
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _apply(self, target: str, change: Change) -> None:
        if change.version is not None:
            sql = "DELETE FROM rows WHERE target = ? AND key = ? AND CAST(version AS TEXT) = ?"
            if self._connection.execute(sql, (target, change.key, change.version)).rowcount != 1:
                raise _conflict(target, change)
        if isinstance(change, Put):
            sql = "INSERT INTO rows (target, key, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            if self._connection.execute(sql, (target, change.key, change.body)).rowcount != 1:
                raise _conflict(target, change)

    async def _select(self, sql: str, *values: str | None) -> list[tuple[Any, ...]]:
        return await self._do(lambda: self._connection.execute(sql, values).fetchall())

    async def _do[T](self, work: Callable[[], T]) -> T:
        with file_errors(self.path):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _conflict(target: str, change: Change) -> StateConflictError:
    return StateConflictError(f"The ledger row {change.key!r} of {target!r} is not as it was read.")
