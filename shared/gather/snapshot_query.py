"""The one query to a workspace, however many tables: composed from what is expected, read back row by row."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from shared.expectations import SnapshotExpectation
from shared.facts import WorkspaceFacts
from shared.gather.answers import NONSENSE_TRIES, Answer, AttemptError, decode, error_code, refusal
from shared.gather.cloud import LOGS, Azure, raw

AHEAD = timedelta(hours=1)
"""Rows that lie further ahead of now are no snapshot of today."""


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
    """One row of the answer.

    With a `time_column` it counts a table's rows of one day; without a day, those before the look-back, or those ahead.
    With `content_of` it has the newest content of a table's day, for the set of that name.
    """

    table_name: str
    time_column: str | None = None
    content_of: str | None = None
    rows: int | None = None
    newest: datetime | None = None
    ahead: bool | None = None
    day: datetime | None = None
    arrived: datetime | None = None
    content: datetime | None = None


_decoder = msgspec.json.Decoder(_Result)
FIRST_LEG = '(print TableName="")'


def compose(sets: Sequence[SnapshotExpectation], since: datetime, now: datetime, *, bounded: bool = False) -> str:
    """Compose the query: a leg per table that counts its rows by UTC day, and a leg per content column.

    Tables that do not exist drop out of a fuzzy union; the first leg keeps it from being empty. Rows before `since`
    come as one row without a day, so that a table that went quiet is told from one that never held a row; with
    `bounded` they are not looked at.
    """
    start, ahead = _kql(since), _kql(now + AHEAD)
    tables = sorted({(table, expected.time_column) for expected in sets for table in expected.tables})
    legs = [_count(table, time, start, ahead, bounded=bounded) for table, time in tables]
    legs += [_content(expected, start, ahead) for expected in sets if expected.content_column]
    return "union isfuzzy=true\n" + ",\n".join([FIRST_LEG, *legs])


def _count(table: str, time: str, start: str, ahead: str, *, bounded: bool) -> str:
    return (
        f"({table}{f' | where {time} >= {start}' if bounded else ''}"
        f" | summarize Rows=count(), Newest=max({time}), Arrived=min(ingestion_time())"
        f" by Day=iff({time} >= {start}, bin({time}, 1d), datetime(null)), Ahead={time} > {ahead}"
        f' | extend TableName="{table}", TimeColumn="{time}")'
    )


def _content(expected: SnapshotExpectation, start: str, ahead: str) -> str:
    """Ask for all tables of the set together: those that lack the column are null in it, and stand in nobody's way."""
    time = expected.time_column
    return (
        f"(union isfuzzy=true withsource=TableName {', '.join(expected.tables)}"
        f" | where {time} >= {start} and {time} <= {ahead}"
        f" | summarize Content=max({expected.content_column}) by TableName, Day=bin({time}, 1d)"
        f' | extend ContentOf="{_escaped(expected.name)}")'
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _kql(instant: datetime) -> str:
    return f"datetime({instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z)"


async def run_query(azure: Azure, workspace: WorkspaceFacts, query: str) -> list[Row]:
    """Run the query.

    Raises:
        GatherError: it was refused, or answered in part or with nonsense; with status 400 where a column is wrong.
    """
    rows = await azure.ask(LOGS, lambda: raw(_operation(azure, workspace, query)), _read)
    azure.progress(1, len(rows))
    return rows


def _operation(azure: Azure, workspace: WorkspaceFacts, query: str) -> Callable[..., Any]:
    return lambda **hook: azure.logs.query_workspace(str(workspace.customer_id), query, timespan=None, **hook)


def _read(answer: Answer) -> list[Row]:
    if answer.status == 204:
        return []  # The workspace holds no data at all. Source: Log Analytics API errors.
    if answer.status == 400:
        raise AttemptError(f"it cannot run the query ({error_code(answer) or 400})", answer=answer)
    if answer.status != 200:
        raise refusal(LOGS, answer)
    result = decode(answer.body, _decoder)
    if result.error is not None:
        raise AttemptError("it answered in part (200 PartialError)", tries=NONSENSE_TRIES, answer=answer)
    return list(_rows(result.tables[0] if result.tables else _Table([], [])))


def _rows(table: _Table) -> Iterable[Row]:
    names = [column.name for column in table.columns]
    try:
        rows = [msgspec.convert(dict(zip(names, row, strict=True)), Row, strict=False) for row in table.rows]
    except (msgspec.ValidationError, ValueError):
        raise AttemptError("it answered 200 with other columns than asked for", tries=NONSENSE_TRIES) from None
    if not any(row.table_name == "" for row in rows):
        raise AttemptError("it answered 200 without the row that every answer has", tries=NONSENSE_TRIES)
    return (row for row in rows if row.table_name)
