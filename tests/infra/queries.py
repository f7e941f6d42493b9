"""The queries of the deployment, run over lines of telemetry by duckdb-kql, as Log Analytics would run them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb_kql

from tests.infra.foreseen import Deployment

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
_COLUMNS = {"AppTraces": ["TimeGenerated", "Message", "Properties"]}


@dataclass(frozen=True)
class Line:
    """A line of telemetry, so many minutes old. Azure keeps its fields as text."""

    minutes_ago: float
    message: str
    fields: tuple[tuple[str, str], ...]


def line(minutes_ago: float, message: str, **fields: object) -> Line:
    return Line(minutes_ago, message, tuple((name, str(value)) for name, value in fields.items()))


def run(query: str, lines: Iterable[Line], now: datetime = NOW) -> list[dict[str, object]]:
    """Run a query at an instant; the rows as columns by name."""
    connection = duckdb_kql.connect()
    try:
        connection.execute("CREATE TABLE AppTraces (TimeGenerated TIMESTAMP, Message VARCHAR, Properties JSON)")
        said = list(lines)
        at = [(now - timedelta(minutes=one.minutes_ago)).replace(tzinfo=None) for one in said]
        fields = [json.dumps(dict(one.fields)) for one in said]
        rows = "SELECT unnest(?::TIMESTAMP[]), unnest(?::VARCHAR[]), unnest(?::JSON[])"
        connection.execute(f"INSERT INTO AppTraces {rows}", [at, [one.message for one in said], fields])
        sql = duckdb_kql.to_sql(query, _COLUMNS, allow_write=False, query_now=now)
        cursor = connection.execute(str(sql), sql.parameters or None)
        names = [str(name) for name, *_ in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()


def alerts(deployment: Deployment) -> dict[str, str]:
    """The queries of the alert rules, by the last part of their names."""
    found = {}
    for rule in deployment.of("Microsoft.Insights/scheduledQueryRules"):
        criteria = rule.at("properties.criteria.allOf")
        assert isinstance(criteria, list)
        found[rule.name.partition(f"{deployment.name}-")[2] or rule.name.partition("dawnwatch-")[2]] = str(
            criteria[0]["query"]
        )
    return found


def panels(deployment: Deployment, target: str = "*") -> dict[str, str]:
    """The queries of the workbook by their names, with a target chosen as the portal would put it in."""
    data = json.loads(str(deployment.one("Microsoft.Insights/workbooks").at("properties.serializedData")))
    chosen = ", ".join(f"'{one}'" for one in target.split(","))
    choices, *drawn = data["items"]
    queries = {panel["name"]: str(panel["content"]["query"]) for panel in drawn}
    queries |= {one["name"]: str(one["query"]) for one in choices["content"]["parameters"] if "query" in one}
    return {name: query.replace("{Target}", chosen) for name, query in queries.items()}
