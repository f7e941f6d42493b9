"""Reading the daily snapshots: one query to a workspace, however many tables; arrival by ingestion time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.expectations import SnapshotExpectation, Target
from shared.facts import SetFacts, SnapshotFacts, TableDay, TableFacts, Unread, WorkspaceFacts
from shared.gather.answers import NONSENSE_TRIES, Answer, AttemptError, decode, error_code, refusal
from shared.gather.cloud import LOGS, Azure, raw
from shared.gather.workspace import gather_workspace

LOOK_BACK_DAYS = 20
AHEAD = timedelta(hours=1)
NO_COLUMN = datetime(1, 1, 1, tzinfo=UTC)
"""What stands for the newest content where a table has no such column: null would mean that nothing is in it."""


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


class Row(Struct, frozen=True, rename="pascal"):
    """One row of the answer: a table's rows of one day, without a day those before the look-back, or those ahead.

    `content` is NO_COLUMN where the table has no column of the name in `content_column`.
    """

    table_name: str
    time_column: str
    content_column: str
    rows: int
    newest: datetime
    ahead: bool
    day: datetime | None = None
    arrived: datetime | None = None
    content: datetime | None = None


_decoder = msgspec.json.Decoder(_Result)

type Leg = tuple[str, str, str]
"""What one leg of the query is about: a table, its time column, and its content column or nothing."""


async def gather_snapshots(azure: Azure, target: Target, now: datetime, days: object = None) -> SnapshotFacts:
    """Read the snapshots of the last 20 days, and what lies before and ahead of them.

    Where the workspace answers queries from private networks only, and refused this one, there are no sets.

    Raises:
        GatherError: the workspace or its tables could not be read, or only in part.
    """
    workspace = await gather_workspace(azure, target)
    if not workspace.is_there or not target.snapshots:
        return SnapshotFacts(observed_at=now, workspace=workspace)
    try:
        rows = await _ask(azure, workspace, compose(target.snapshots, now))
    except GatherError as error:
        if error.status == 403 and not workspace.query_access_enabled:
            return SnapshotFacts(observed_at=now, workspace=workspace)
        raise
    return _facts(target, workspace, rows, now)


# --- the query ---


def compose(sets: Sequence[SnapshotExpectation], now: datetime) -> str:
    """Compose the one query: a leg per table that counts its rows by UTC day.

    Tables that do not exist drop out of a fuzzy union; the first leg keeps it from being empty. Rows before the
    look-back come as one row without a day: so a table that went quiet is told from one that never held a row.
    """
    since, ahead = _kql(_midnight(now) - timedelta(days=LOOK_BACK_DAYS)), _kql(now + AHEAD)
    legs = sorted({_leg(table, expected) for expected in sets for table in expected.tables})
    return "union isfuzzy=true\n" + ",\n".join(['(print TableName="")', *(_count(leg, since, ahead) for leg in legs)])


def _leg(table: str, expected: SnapshotExpectation) -> Leg:
    return table, expected.time_column, expected.content_column or ""


def _count(leg: Leg, since: str, ahead: str) -> str:
    table, time, content = leg
    newest_content = f', Content=max(todatetime(column_ifexists("{content}", {_kql(NO_COLUMN)})))' if content else ""
    return (
        f"({table} | summarize Rows=count(), Newest=max({time}), Arrived=min(ingestion_time()){newest_content}"
        f" by Day=iff({time} >= {since}, bin({time}, 1d), datetime(null)), Ahead={time} > {ahead}"
        f' | extend TableName="{table}", TimeColumn="{time}", ContentColumn="{content}")'
    )


def _kql(instant: datetime) -> str:
    return f"datetime({instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z)"


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
    if answer.status == 400:
        raise AttemptError(f"it cannot run the query ({error_code(answer) or 400})", answer=answer, steps=_COLUMNS)
    if answer.status != 200:
        raise refusal(LOGS, answer)
    result = decode(answer.body, _decoder)
    if result.error is not None:
        raise AttemptError("it answered in part (200 PartialError)", tries=NONSENSE_TRIES, answer=answer)
    if not result.tables:
        raise AttemptError("it answered 200 without a table", tries=NONSENSE_TRIES, answer=answer)
    return _rows(result.tables[0])


_COLUMNS = ("Check that every table under [[target.snapshot]] has the time_column that is named for it.",)


def _rows(table: _Table) -> list[Row]:
    names = [column.name for column in table.columns]
    try:
        found = [dict(zip(names, row, strict=True)) for row in table.rows]
        return [msgspec.convert(row, Row, strict=False) for row in found if row["TableName"] and row["Newest"]]
    except (msgspec.ValidationError, ValueError, KeyError):
        raise AttemptError("it answered 200 with other columns than asked for", tries=NONSENSE_TRIES) from None


def _facts(target: Target, workspace: WorkspaceFacts, rows: Iterable[Row], now: datetime) -> SnapshotFacts:
    by_leg: defaultdict[Leg, list[Row]] = defaultdict(list)
    for row in rows:
        by_leg[row.table_name, row.time_column, row.content_column].append(row)
    sets = tuple(_set(expected, by_leg) for expected in target.snapshots)
    return SnapshotFacts(
        observed_at=now,
        workspace=workspace,
        sets=sets,
        read=sum(table.has_data for found in sets for table in found.tables),
        unread=tuple(_no_content(found.expectation) for found in sets if not found.content_read),
    )


def _set(expected: SnapshotExpectation, by_leg: Mapping[Leg, Sequence[Row]]) -> SetFacts:
    tables = tuple(_table(name, by_leg.get(_leg(name, expected), ())) for name in expected.tables)
    with_data = [table for table in tables if table.has_data]
    content_read = not expected.content_column or not with_data or any(table.has_content for table in with_data)
    return SetFacts(expectation=expected, tables=tables, content_read=content_read)


def _table(name: str, rows: Iterable[Row]) -> TableFacts:
    known = list(rows)
    days = [_day(row, row.day) for row in known if row.day is not None and not row.ahead]
    return TableFacts(
        name=name,
        days=tuple(sorted(days, key=lambda day: day.day)),
        earlier_at=max((row.newest for row in known if row.day is None and not row.ahead), default=None),
        ahead_at=max((row.newest for row in known if row.ahead), default=None),
        has_content=not any(row.content == NO_COLUMN for row in known),
    )


def _day(row: Row, day: datetime) -> TableDay:
    return TableDay(day=day.date(), rows=row.rows, newest_at=row.newest, arrived_at=row.arrived, content_at=row.content)


def _no_content(expected: SnapshotExpectation) -> Unread:
    return Unread(
        scope=f"content:{expected.name.lower()}",
        what=f"the column {expected.content_column} of {expected.name}",
        why="no table of the set has it",
        hides="whether the snapshot is refreshed or only rewritten",
        steps=(f"Correct content_column of the set {expected.name} in dawnwatch.toml, or remove it.",),
    )
