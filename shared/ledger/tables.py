"""The ledger in Azure Table Storage, for the app: a partition for each target, changed by entity-group transactions.

    partition     row          holds
    <target>      <key>        size, part00, part01 …    a row; its version is the entity's ETag
    ~pending      <target>     nothing                   "may have rows to deliver": see pending.py
    ~ledger       schema       program, version          what makes the table a ledger: see claim.py

Read limits.py for what it takes, and storage_errors.py for what goes wrong.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from shared.errors import StateConflictError
from shared.ledger.account import Account, place_of
from shared.ledger.claim import claim
from shared.ledger.entities import operation, to_row, transactions
from shared.ledger.limits import check_groups, check_target, key_range, partition, target_of
from shared.ledger.pending import SETTLE_AFTER, Markers
from shared.ledger.storage_errors import Place, asking, first_page, is_lost_race, pages
from shared.ledger.store import PENDING, Change, Put, Row

if TYPE_CHECKING:
    from azure.core.async_paging import AsyncItemPaged
    from azure.data.tables import TableEntity
    from azure.data.tables.aio import TableClient

TABLE = "dawnwatch"


class TablesStore:
    """A ledger in a table of a storage account; the table is made where it is not there yet."""

    def __init__(
        self,
        account: Account,
        table: str = TABLE,
        *,
        settle_after: timedelta = SETTLE_AFTER,
        patience_s: float = 60,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.account = account
        self.name = table
        self._settle_after = settle_after
        self._patience_s = patience_s
        self._clock = clock
        self._opened = AsyncExitStack()
        self._table: TableClient
        self._place: Place
        self._markers: Markers

    async def __aenter__(self) -> Self:
        """Connect, and make sure that the table is a ledger."""
        async with AsyncExitStack() as opening:
            self._table = await self.account.connect(self.name, opening)
            self._place = Place(place_of(self._table), self._patience_s)
            self._markers = Markers(self._table, self._place, self._settle_after, self._clock)
            await claim(self._table, self._place)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._opened.aclose()

    async def read(self, target: str, prefix: str, until: str | None = None, *, since: str | None = None) -> list[Row]:
        """Read a range of a target's rows, in key order: a request for every 1,000 of them, or 4 MiB."""
        check_target(target)
        start, end = key_range(prefix, until, since)
        where = "PartitionKey eq @name and RowKey ge @start" + ("" if end is None else " and RowKey lt @end")
        values = {"name": partition(target), "start": start, "end": end}
        found = self._table.query_entities(where, parameters={k: v for k, v in values.items() if v is not None})
        rows = [to_row(self._place, entity) async for page in pages(self._place, found) for entity in page]
        return sorted(rows, key=lambda row: row.key)

    async def with_pending(self) -> list[str]:
        """Name the targets that have a marker: a request for every 1,000, and two for each that grew old."""
        return await self._markers.targets()

    async def targets(self) -> list[str]:
        """Name every target that has rows: after each page, go on behind the last target on it."""
        names: set[str] = set()
        last = ""
        while page := await first_page(self._place, self._behind(last)):
            names |= {entity["PartitionKey"] for entity in page}
            last = page[-1]["PartitionKey"]
        return sorted(target_of(name) for name in names)

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        """Apply the groups in transactions: as many together as fit.

        Raises:
            StateConflictError: a row is not as a change expects it; its transaction and later ones changed nothing.
        """
        check_target(target)
        check_groups(groups)
        for changes in transactions(groups):
            adds_pending = _adds_pending(changes)
            if adds_pending:
                await self._markers.touch(target)
            await self._commit(target, changes)
            if adds_pending:
                await self._markers.touch(target)

    async def _commit(self, target: str, changes: Sequence[Change]) -> None:
        from azure.core.exceptions import HttpResponseError

        name = partition(target)
        async with asking(self._place):
            try:
                await self._table.submit_transaction([operation(name, change) for change in changes])
            except HttpResponseError as error:
                if not is_lost_race(error):
                    raise
                keys = f"{changes[0].key!r} to {changes[-1].key!r}"
                msg = f"The ledger rows {keys} of {target!r} are not as they were read."
                raise StateConflictError(msg) from None

    def _behind(self, last: str) -> "AsyncItemPaged[TableEntity]":
        return self._table.query_entities(
            "PartitionKey gt @last and PartitionKey lt '~'",
            parameters={"last": last},
            select=["PartitionKey"],
        )


def _adds_pending(changes: Iterable[Change]) -> bool:
    return any(isinstance(c, Put) and c.version is None and c.key.startswith(PENDING) for c in changes)
