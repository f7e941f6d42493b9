"""Which targets of a table have something to deliver, without reading them: a marker each, in a partition of its own.

A marker stands in another partition than the rows it speaks for, so that no transaction can hold both. It is kept true
in one direction: a target with a pending row has a marker. The other way round it may lie for a while.

    a writer    1. touches the marker: new ETag, new Timestamp
                2. commits pending rows, within minutes of the touch
    a reader    1. lists the markers, and takes the server's time
                2. looks for pending rows behind a marker that nobody has touched for `settle_after`
                3. where there are none, removes the marker, if its ETag is still as it was listed

Why no pending row is lost. Say a reader removes a marker of ETag e. A writer's touch came
- after e was listed: then the ETag is another and the removal is refused, or came first, and the touch made a new one;
- before: then it was `settle_after` (30 minutes) old when it was listed, and what the writer committed within minutes
  was there when the reader looked, since Table Storage shows every read what was committed before it.
A writer that dies between its steps leaves a marker without rows: it is removed later. A writer that was frozen in its
step 2 (a machine that slept) touches once more when it wakes. Each age is told by one clock: the marker's by the
server's, the touch's by the writer's.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from shared.ledger.entities import corrupt
from shared.ledger.limits import PENDING_RANGE, partition, target_of
from shared.ledger.storage_errors import Place, asking, first_page, is_lost_race, pages, refuse_long_waits

if TYPE_CHECKING:
    from azure.data.tables import TableEntity
    from azure.data.tables.aio import TableClient

MARKERS = "~pending"
SETTLE_AFTER = timedelta(minutes=30)
_TOUCHES_IN_A_LIFE = 6
_AT_ONCE = 16


class Markers:
    """The markers of one table. `clock` tells seconds that also count while the machine sleeps."""

    def __init__(
        self, table: "TableClient", place: Place, settle_after: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._table = table
        self._place = place
        self._settle_after = settle_after
        self._clock = clock
        self._touched: dict[str, float] = {}

    async def touch(self, target: str) -> None:
        """Make sure that the target's marker is there, and stays for minutes to come."""
        lasts_s = self._settle_after.total_seconds() / _TOUCHES_IN_A_LIFE
        now = self._clock()
        if 0 <= now - self._touched.get(target, float("-inf")) < lasts_s:
            return
        async with asking(self._place):
            await self._table.upsert_entity({"PartitionKey": MARKERS, "RowKey": partition(target)})
        self._touched[target] = now

    async def targets(self) -> list[str]:
        """Name the targets that may have pending rows, and forget those that turn out to have none."""
        seen_at: list[datetime] = []
        markers = await self._listed(seen_at)
        limit = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                kept = [group.create_task(self._stays(marker, seen_at[0], limit)) for marker in markers]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return sorted(
            target_of(marker["RowKey"]) for marker, stays in zip(markers, kept, strict=True) if stays.result()
        )

    async def _listed(self, seen_at: list[datetime]) -> "list[TableEntity]":
        def told_at(response: Any) -> None:
            refuse_long_waits(response)
            seen_at.append(parsedate_to_datetime(response.http_response.headers["Date"]))

        found = self._table.query_entities(f"PartitionKey eq '{MARKERS}'", raw_response_hook=told_at)
        return [marker async for page in pages(self._place, found) for marker in page]

    async def _stays(self, marker: "TableEntity", seen_at: datetime, limit: asyncio.Semaphore) -> bool:
        touched_at = marker.metadata["timestamp"]
        if touched_at is None:
            raise corrupt(self._place, marker)
        if seen_at - touched_at < self._settle_after:
            return True
        async with limit:
            return await self._settle(marker)

    async def _settle(self, marker: "TableEntity") -> bool:
        """Look for pending rows behind an old marker. One that has some is not looked behind again for a while."""
        from azure.core import MatchConditions
        from azure.core.exceptions import HttpResponseError

        as_listed: dict[str, Any] = {
            "etag": marker.metadata["etag"],
            "match_condition": MatchConditions.IfNotModified,
        }
        has_rows = bool(await first_page(self._place, self._pending_rows(marker["RowKey"])))
        async with asking(self._place):
            try:
                if has_rows:
                    await self._table.update_entity(marker, **as_listed)
                else:
                    await self._table.delete_entity(marker, **as_listed)
            except HttpResponseError as error:
                if not is_lost_race(error):
                    raise
                return True
        return has_rows

    def _pending_rows(self, name: str) -> Any:
        return self._table.query_entities(
            "PartitionKey eq @name and RowKey ge @start and RowKey lt @end",
            parameters={"name": name, "start": PENDING_RANGE[0], "end": PENDING_RANGE[1]},
            select=["RowKey"],
            results_per_page=1,
        )
