"""Runs KQL over a tenant's tables, as they are at the box's clock: duckdb-kql on DuckDB, in memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import duckdb
import duckdb_kql

from sandbox.grammar import offset
from sandbox.records import Table

HIDDEN = "__ingested_at"  # the column behind ingestion_time()
_TYPES = {
    "datetime": "TIMESTAMP",
    "string": "VARCHAR",
    "guid": "VARCHAR",
    "long": "BIGINT",
    "int": "INTEGER",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "dynamic": "JSON",
}
_LITERAL = re.compile(r"""@?"(?:[^"\\\n]|\\.)*"|@?'(?:[^'\\\n]|\\.)*'|//[^\n]*""")
_INGESTION_TIME = re.compile(r"\bingestion_time\s*\(\s*\)")
_IF_EXISTS = re.compile(r"\bcolumn_ifexists\s*\(")
_NAME = re.compile(r"[A-Za-z_]\w*")


class QueryError(Exception):
    """A query that cannot be run: `kind` is SyntaxError or SemanticError."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Result:
    """A query's answer: columns as (name, DuckDB's type), and rows."""

    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]


class Engine:
    """One tenant's tables. Rows that have not arrived at the clock are not there yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection = duckdb_kql.connect()
        self._loaded: dict[str, object] = {}
        self._connection.execute("CREATE SCHEMA store")
        self._connection.execute("CREATE TABLE store.clock (now TIMESTAMP, since TIMESTAMP, until TIMESTAMP)")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def run(
        self, query: str, tables: Sequence[Table], now: datetime, span: tuple[datetime | None, datetime | None]
    ) -> Result:
        """Run a query at an instant, over the rows whose TimeGenerated lies in a span.

        Raises:
            QueryError: it has a mistake, or names what is not there.
        """
        with self._lock:
            self._load(tables)
            moments = [moment and moment.astimezone(UTC).replace(tzinfo=None) for moment in (now, *span)]
            self._connection.execute("DELETE FROM store.clock")
            self._connection.execute("INSERT INTO store.clock VALUES (?, ?, ?)", moments)
            columns = {table.name: [*table.columns, HIDDEN] for table in tables}
            return _shown(self._execute(_rewritten(query, columns), columns, now))

    def _execute(self, query: str, columns: dict[str, list[str]], now: datetime) -> Result:
        try:
            sql = duckdb_kql.to_sql(query, columns, allow_write=False, query_now=now)
            cursor = self._connection.execute(str(sql), sql.parameters or None)
            described = [(str(name), str(kind)) for name, kind, *_ in cursor.description or ()]
            return Result(described, cursor.fetchall())
        except duckdb_kql.KqlSyntaxError as exc:
            raise QueryError("SyntaxError", str(exc)) from exc
        except (duckdb_kql.KqlError, duckdb.Error) as exc:
            raise QueryError("SemanticError", _in_kusto_words(str(exc))) from exc

    def _load(self, tables: Sequence[Table]) -> None:
        """Bring the database up to what the tenant now holds."""
        for gone in self._loaded.keys() - {table.name for table in tables}:
            self._connection.execute(f'DROP VIEW "{gone}"')
            del self._loaded[gone]
        for table in tables:
            state = (dict(table.columns), tuple(table.snapshots), repr(table.records))
            if self._loaded.get(table.name) != state:
                self._fill(table)
                self._loaded[table.name] = state

    def _fill(self, table: Table) -> None:
        columns = ", ".join(f'"{name}" {_TYPES[kind.partition(":")[0]]}' for name, kind in table.columns.items())
        run = self._connection.execute
        run(f'CREATE OR REPLACE TABLE store."{table.name}" ({columns}, "{HIDDEN}" TIMESTAMP)')
        if table.snapshots:
            run(_insertion(table))
        for record in table.records:
            values = [_plain(record.get(name)) for name in table.columns]
            values.append(_plain(record.get("ingested_at", record.get("TimeGenerated"))))
            run(f'INSERT INTO store."{table.name}" VALUES ({", ".join("?" * len(values))})', values)  # noqa: S608  # names are checked when loaded
        run(
            f'CREATE OR REPLACE VIEW "{table.name}" AS SELECT t.* FROM store."{table.name}" t, store.clock c '  # noqa: S608  # names are checked when loaded
            f'WHERE t."{HIDDEN}" <= c.now AND (c.since IS NULL OR t."TimeGenerated" >= c.since) '
            'AND (c.until IS NULL OR t."TimeGenerated" < c.until)'
        )


def _insertion(table: Table) -> str:
    """All snapshots of a table, row by row, made by the database itself."""
    days = ", ".join(
        f"(TIMESTAMP '{_text(day.generated_at)}', TIMESTAMP '{_text(day.arrived_at)}', {day.rows})"
        for day in table.snapshots
    )
    values = ", ".join(_made(name, kind) for name, kind in table.columns.items())
    return (
        f'INSERT INTO store."{table.name}" SELECT {values}, d.a FROM (VALUES {days}) d(g, a, n), '  # noqa: S608  # names are checked when loaded
        "LATERAL (SELECT unnest(range(d.n)) AS i)"
    )


def _made(name: str, kind: str) -> str:
    """The value of a column in row `i` of a snapshot, as SQL."""
    base, _, rest = kind.partition(":")
    if rest == "null":
        return "NULL"
    if base == "datetime":
        return f"d.g + INTERVAL '{int(offset(rest).total_seconds())} seconds'" if rest else "d.g"
    if rest:
        return "'" + rest.replace("'", "''") + "'"
    made = {"guid": "printf('%08x-0000-4000-8000-000000000000', i)", "long": "i", "int": "i", "real": "i + 0.5"}
    return made.get(base, {"bool": "true", "dynamic": "'{}'"}.get(base, f"'{name} ' || i"))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _shown(result: Result) -> Result:
    """The answer without the hidden column, in rows that tell of columns too."""
    kept = [i for i, (name, _) in enumerate(result.columns) if not name.startswith(HIDDEN)]
    rows = [tuple(row[i] for i in kept) for row in result.rows if HIDDEN not in row]
    return Result([result.columns[i] for i in kept], rows)


# --- what duckdb-kql does not know, said in what it does ---


def _rewritten(query: str, columns: dict[str, list[str]]) -> str:
    """Turn ingestion_time() and column_ifexists() into plain columns."""
    masked = _masked(query)
    for found in reversed(list(_IF_EXISTS.finditer(masked))):
        end = _closing(masked, found.end() - 1)
        name, _, default = query[found.end() : end].partition(",")
        column = name.strip().strip("\"'")
        chosen = column if column in _columns_around(masked, found.start(), columns) else f"({default.strip()})"
        query = query[: found.start()] + chosen + query[end + 1 :]
        masked = _masked(query)
    for found in reversed(list(_INGESTION_TIME.finditer(masked))):
        query = query[: found.start()] + HIDDEN + query[found.end() :]
    return query


def _masked(query: str) -> str:
    """The query with its strings and comments blanked, every position kept."""
    return _LITERAL.sub(lambda literal: " " * len(literal[0]), query)


def _closing(masked: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[position], 0)
        if depth == 0:
            return position
    raise QueryError("SyntaxError", "A parenthesis is not closed.")


def _columns_around(masked: str, position: int, columns: dict[str, list[str]]) -> set[str]:
    """The columns of the tables in the nearest brackets that name any."""
    start = position
    while True:
        start = _opening(masked, start)
        named = [name for name in _NAME.findall(masked[start + 1 : position]) if name in columns]
        if named or start < 0:
            return {column for name in named for column in columns[name]}


def _opening(masked: str, position: int) -> int:
    """Where the brackets around a position open; -1 is the query itself."""
    depth = 0
    for before in range(position - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(masked[before], 0)
        if depth < 0:
            return before
    return -1


def _in_kusto_words(message: str) -> str:
    table = re.search(r"Table with name (\w+) does not exist|schema error for '(\w+)'", message)
    if table:
        return f"Failed to resolve table or column expression named '{table[1] or table[2]}'"
    column = re.search(r'Referenced column "(\w+)" not found', message)
    if column:
        return f"Failed to resolve column or scalar expression named '{column[1]}'"
    return message.splitlines()[0]
