"""Reading the daily snapshots: one query to a workspace, however many tables; arrival by ingestion time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import SetFacts, SnapshotFacts, TableDay, TableFacts, Unread, WorkspaceFacts
from shared.gather.answers import NONSENSE_TRIES, Answer, AttemptError, decode, refusal
from shared.gather.cloud import LOGS, Azure, raw
from shared.gather.workspace import gather_workspace

LOOK_BACK_DAYS = 20
AHEAD = timedelta(hours=1)


class _Column(Struct):
    name: str


class _Table(Struct):
    columns: list[_Column]
    rows: list[list[Any]]


class _Error(Struct):
    code: str | None = None


class _Result(Struct):
    tables: list[_Table] | None = None
    error: _Error | None = None


_decoder = msgspec.json.Decoder(_Result)

type Row = Mapping[str, Any]
type TableKey = tuple[str, str]


async def gather_snapshots(azure: Azure, target: Target, now: datetime) -> SnapshotFacts:
    """Read the snapshots of the last 20 days, and what lies before and ahead of them.

    Where the workspace answers queries from private networks only, and refused this one, there are no sets.

    Raises:
        GatherError: the workspace or its tables could not be read, or only in part.
    """
    workspace = await gather_workspace(azure, target)
    if not workspace.is_there or not target.snapshots:
        return SnapshotFacts(observed_at=now, workspace=workspace)
    try:
        return await _query(azure, target, workspace, now)
    except GatherError as error:
        if error.status == 403 and not workspace.query_access_enabled:
            return SnapshotFacts(observed_at=now, workspace=workspace)
        raise


async def _query(azure: Azure, target: Target, workspace: WorkspaceFacts, now: datetime) -> SnapshotFacts:
    sets = target.snapshots
    with_content = [expected for expected in sets if expected.content_column]
    try:
        rows = await _ask(azure, workspace, compose(sets, with_content, now))
    except GatherError as error:
        if error.status != 400 or not with_content:
            raise
        # Kusto refuses a whole query over a column that no table has: ask for each by itself to find which it is.
        rows = await _ask(azure, workspace, compose(sets, [], now))
        for expected in with_content:
            rows += await _content_alone(azure, workspace, expected, now)
    return _facts(target, workspace, rows, now)


async def _content_alone(
    azure: Azure, workspace: WorkspaceFacts, expected: SnapshotExpectation, now: datetime
) -> list[Row]:
    try:
        return await _ask(azure, workspace, compose([], [expected], now))
    except GatherError as error:
        if error.status != 400:
            raise
        return []


# --- the query ---


def compose(sets: Sequence[SnapshotExpectation], with_content: Sequence[SnapshotExpectation], now: datetime) -> str:
    """Compose the one query: a leg per table that counts its rows by UTC day, and a leg per content column.

    Tables that do not exist drop out of a fuzzy union; the first leg keeps it from being empty. Rows before the
    look-back come as one row without a day: so a table that went quiet is told from one that never held a row.
    """
    since, ahead = _kql(_midnight(now) - timedelta(days=LOOK_BACK_DAYS)), _kql(now + AHEAD)
    legs = ['(print TableName="")']
    legs += [_count_leg(table, column, since, ahead) for table, column in _tables(sets)]
    legs += [_content_leg(expected, since, ahead) for expected in with_content]
    return "union isfuzzy=true\n" + ",\n".join(legs)


def _tables(sets: Iterable[SnapshotExpectation]) -> list[TableKey]:
    return sorted({(table, expected.time_column) for expected in sets for table in expected.tables})


def _count_leg(table: str, column: str, since: str, ahead: str) -> str:
    return (
        f"({table} | summarize Rows=count(), Newest=max({column}), Arrived=min(ingestion_time())"
        f" by Day=iff({column} >= {since}, bin({column}, 1d), datetime(null)), Ahead={column} > {ahead}"
        f' | extend TableName="{table}", TimeColumn="{column}")'
    )


def _content_leg(expected: SnapshotExpectation, since: str, ahead: str) -> str:
    column = expected.time_column
    return (
        f"(union isfuzzy=true withsource=TableName {', '.join(expected.tables)}"
        f" | where {column} >= {since} and {column} <= {ahead}"
        f" | summarize Content=max({expected.content_column}) by TableName, Day=bin({column}, 1d)"
        f' | extend ContentOf="{_escaped(expected.name)}")'
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _kql(instant: datetime) -> str:
    return f"datetime({instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ})"


def _midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


# --- the answer ---


async def _ask(azure: Azure, workspace: WorkspaceFacts, query: str) -> list[Row]:
    rows = await azure.ask(LOGS, lambda: raw(_operation(azure, workspace, query)), _read)
    azure.progress(1, len(rows))
    return rows


def _operation(azure: Azure, workspace: WorkspaceFacts, query: str) -> Callable[..., Any]:
    return lambda **hook: azure.logs.query_workspace(str(workspace.customer_id), query, timespan=None, **hook)


def _read(answer: Answer) -> list[Row]:
    if answer.status == 204:
        return []  # The workspace holds no data at all. Source: Log Analytics API errors.
    if answer.status != 200:
        raise refusal(LOGS, answer)
    result = decode(answer.body, _decoder)
    if result.error is not None:
        raise AttemptError("it answered in part (200 PartialError)", tries=NONSENSE_TRIES, answer=answer)
    if not result.tables:
        raise AttemptError("it answered 200 without a table", tries=NONSENSE_TRIES, answer=answer)
    names = [column.name for column in result.tables[0].columns]
    return [dict(zip(names, row, strict=True)) for row in result.tables[0].rows]


def _facts(target: Target, workspace: WorkspaceFacts, rows: Sequence[Row], now: datetime) -> SnapshotFacts:
    counted: dict[TableKey, list[Row]] = {}
    for row in rows:
        if row.get("TimeColumn"):
            counted.setdefault((row["TableName"], row["TimeColumn"]), []).append(row)
    content = _content(rows)
    sets = tuple(_set(expected, counted, content) for expected in target.snapshots)
    return SnapshotFacts(
        observed_at=now,
        workspace=workspace,
        sets=sets,
        read=sum(table.has_data for found in sets for table in found.tables),
        unread=tuple(_no_content(found.expectation) for found in sets if not found.content_read),
    )


type Content = Mapping[str, Mapping[tuple[str, date], datetime | None]]


def _content(rows: Sequence[Row]) -> Content:
    content: dict[str, dict[tuple[str, date], datetime | None]] = {}
    for row in rows:
        if row.get("ContentOf") and row.get("Day"):
            days = content.setdefault(row["ContentOf"], {})
            days[row["TableName"], _instant(row["Day"]).date()] = _instant(row["Content"]) if row["Content"] else None
    return content


def _set(expected: SnapshotExpectation, counted: Mapping[TableKey, list[Row]], content: Content) -> SetFacts:
    tables = tuple(_table(name, counted.get((name, expected.time_column), [])) for name in expected.tables)
    if not expected.content_column:
        return SetFacts(expectation=expected, tables=tables)
    days = content.get(expected.name)
    if days is None:
        return SetFacts(expectation=expected, tables=tables, content_read=not any(table.days for table in tables))
    return SetFacts(expectation=expected, tables=tuple(_with_content(table, days) for table in tables))


def _table(name: str, rows: Sequence[Row]) -> TableFacts:
    ahead = [_instant(row["Newest"]) for row in rows if row["Ahead"]]
    earlier = [_instant(row["Newest"]) for row in rows if not row["Ahead"] and not row["Day"] and row["Newest"]]
    days = [_day(row) for row in rows if not row["Ahead"] and row["Day"]]
    return TableFacts(
        name=name,
        days=tuple(sorted(days, key=lambda day: day.day)),
        earlier_at=max(earlier, default=None),
        ahead_at=max(ahead, default=None),
    )


def _day(row: Row) -> TableDay:
    return TableDay(
        day=_instant(row["Day"]).date(),
        rows=int(row["Rows"]),
        newest_at=_instant(row["Newest"]),
        arrived_at=_instant(row["Arrived"]) if row["Arrived"] else None,
    )


def _with_content(table: TableFacts, days: Mapping[tuple[str, date], datetime | None]) -> TableFacts:
    return replace(table, days=tuple(replace(day, content_at=days.get((table.name, day.day))) for day in table.days))


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _no_content(expected: SnapshotExpectation) -> Unread:
    return Unread(
        scope=f"content:{expected.name.lower()}",
        what=f"the column {expected.content_column} of {expected.name}",
        why="no table of the set has it",
        hides="whether the snapshot is refreshed or only rewritten",
        steps=(f"Correct content_column of the set {expected.name} in dawnwatch.toml, or remove it.",),
    )
