"""Reading the daily snapshots: one query to a workspace, and what earlier passes read of the days before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from shared.errors import GatherError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import KnownDays, SetFacts, SnapshotFacts, TableDay, TableFacts, Unread, WorkspaceFacts
from shared.gather.cloud import Azure
from shared.gather.snapshot_query import Row, compose, run_query
from shared.gather.workspace import gather_workspace

LOOK_BACK_DAYS = 20
RECENT_DAYS = 3
"""What is asked for where earlier passes know enough of the rest."""
ENOUGH_DAYS = 10


@dataclass(frozen=True, slots=True)
class _Ask:
    """What to ask a workspace, and what is known already."""

    azure: Azure
    workspace: WorkspaceFacts
    known: KnownDays
    now: datetime

    @property
    def today(self) -> datetime:
        return self.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    async def sets(self, sets: Sequence[SnapshotExpectation]) -> list[SetFacts]:
        """Ask for sets in one query."""
        recent = all(self._is_known(table, expected.time_column) for expected in sets for table in expected.tables)
        since = self.today - timedelta(days=RECENT_DAYS if recent else LOOK_BACK_DAYS)
        rows = await run_query(self.azure, self.workspace, compose(sets, since, self.now, bounded=recent))
        return [self._set(expected, rows) for expected in sets]

    def _is_known(self, table: str, time_column: str) -> bool:
        """Whether earlier passes know enough days of a table, up to those that are asked for anew."""
        days = self._earlier(table, time_column)
        return len(days) >= ENOUGH_DAYS and days[-1].day >= (self.today - timedelta(days=RECENT_DAYS)).date()

    def _earlier(self, table: str, time_column: str) -> list[TableDay]:
        oldest = (self.today - timedelta(days=LOOK_BACK_DAYS)).date()
        return [day for day in self.known.get((table, time_column), ()) if day.day >= oldest]

    def _set(self, expected: SnapshotExpectation, rows: Iterable[Row]) -> SetFacts:
        own = [row for row in rows if row.time_column == expected.time_column]
        content = {
            (row.table_name, row.day.date()): row.content
            for row in rows
            if row.content_of == expected.name and row.day is not None
        }
        tables = tuple(
            self._table(name, expected.time_column, [row for row in own if row.table_name == name], content)
            for name in expected.tables
        )
        asked = not expected.content_column or bool(content) or not any(row.day for row in own)
        return SetFacts(expectation=expected, tables=tables, content_read=asked)

    def _table(
        self, name: str, time_column: str, rows: Sequence[Row], content: Mapping[tuple[str, date], datetime | None]
    ) -> TableFacts:
        read = {day.day: day for row in rows if (day := _day(row, content)) is not None}
        known = {day.day: day for day in self._earlier(name, time_column)}
        newest = [row.newest for row in rows if row.newest and not row.day and not row.ahead]
        newest += [day.newest_at for day in self.known.get((name, time_column), ()) if day.day not in known]
        days = known | read
        return TableFacts(
            name=name,
            days=tuple(days[day] for day in sorted(days)),
            earlier_at=max(newest, default=None),
            ahead_at=max((row.newest for row in rows if row.newest and row.ahead), default=None),
        )


def _day(row: Row, content: Mapping[tuple[str, date], datetime | None]) -> TableDay | None:
    if row.day is None or row.newest is None or row.ahead:
        return None
    day = row.day.date()
    return TableDay(
        day=day,
        rows=row.rows or 0,
        newest_at=row.newest,
        arrived_at=row.arrived,
        content_at=content.get((row.table_name, day)),
    )


async def gather_snapshots(azure: Azure, target: Target, now: datetime, known: KnownDays) -> SnapshotFacts:
    """Read the snapshots of the last 20 days, and what lies before and ahead of them.

    Where earlier passes know at least ten of these days (`known`), only the last three are asked for. Where the
    workspace answers queries from private networks only, and refused this one, there are no sets.

    Raises:
        GatherError: the workspace or its tables could not be read, or only in part.
    """
    workspace = await gather_workspace(azure, target)
    if not workspace.is_there or not target.snapshots:
        return SnapshotFacts(observed_at=now, workspace=workspace)
    ask = _Ask(azure, workspace, known, now)
    try:
        found, unread = await _all_sets(ask, target.snapshots)
    except GatherError as error:
        if error.status == 403 and not workspace.query_access_enabled:
            return SnapshotFacts(observed_at=now, workspace=workspace)
        raise
    return SnapshotFacts(
        observed_at=now,
        workspace=workspace,
        sets=tuple(found),
        read=sum(table.has_data for one in found for table in one.tables),
        unread=(*unread, *(_no_content(one.expectation) for one in found if not one.content_read)),
    )


async def _all_sets(ask: _Ask, sets: Sequence[SnapshotExpectation]) -> tuple[list[SetFacts], list[Unread]]:
    """Ask for all sets at once. Kusto refuses a whole query over one wrong column: then ask for each set by itself."""
    try:
        return await ask.sets(sets), []
    except GatherError as error:
        if error.status != 400:
            raise
    found, unread = [], []
    for expected in sets:
        try:
            found.append(await _one_set(ask, expected))
        except GatherError as error:
            if error.status != 400:
                raise
            unread.append(_no_set(expected, error))
    return found, unread


async def _one_set(ask: _Ask, expected: SnapshotExpectation) -> SetFacts:
    """Ask for one set; where that is refused, without its content column, which is then known to be wrong."""
    try:
        return (await ask.sets([expected]))[0]
    except GatherError as error:
        if error.status != 400 or not expected.content_column:
            raise
    counted = (await ask.sets([replace(expected, content_column=None)]))[0]
    return SetFacts(expectation=expected, tables=counted.tables, content_read=False)


def _no_content(expected: SnapshotExpectation) -> Unread:
    return Unread(
        scope=f"content:{expected.name.lower()}",
        what=f"the column {expected.content_column} of {expected.name}",
        why="no table of the set has it",
        hides="whether the snapshot is refreshed or only rewritten",
        steps=(f"Correct content_column of the set {expected.name} in dawnwatch.toml, or remove it.",),
    )


def _no_set(expected: SnapshotExpectation, error: GatherError) -> Unread:
    return Unread(
        scope=f"set:{expected.name.lower()}",
        what=f"the snapshot {expected.name}",
        why=error.why,
        hides="whether its data arrived, and whether it is whole",
        steps=(f"Check that each table of it has the column {expected.time_column}: time_column in dawnwatch.toml.",),
    )
