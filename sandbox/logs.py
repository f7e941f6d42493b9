"""The Log Analytics query API."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox import rights
from sandbox.records import Table, Workspace
from sandbox.web import Answer, Call, RefusedError, answer
from sandbox.world import Caller, World

if TYPE_CHECKING:
    from sandbox.kql import Engine, Result

_PATH = re.compile(r"/v1/workspaces/(?P<id>[^/]+)/query", re.IGNORECASE)
_INSUFFICIENT = "The provided credentials have insufficient access to perform the requested operation"
_WRONG_AUDIENCE = "The access token has been obtained from wrong audience or resource."
_REFUSALS = {
    "missing": RefusedError(
        401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
    ),
    "invalid": RefusedError(403, "InvalidAuthenticationToken", "The access token is invalid."),
    "expired": RefusedError(403, "InvalidAuthenticationToken", "The access token has expired."),
    "audience": RefusedError(403, "InvalidAuthenticationTokenAudience", _WRONG_AUDIENCE),
}
_KINDS = {
    "VARCHAR": "string",
    "BIGINT": "long",
    "HUGEINT": "long",
    "UBIGINT": "long",
    "INTEGER": "int",
    "BOOLEAN": "bool",
    "DOUBLE": "real",
    "FLOAT": "real",
    "INTERVAL": "timespan",
    "UUID": "guid",
    "JSON": "dynamic",
}
_DURATION = re.compile(
    r"P(?:(?P<days>[\d.]+)D)?(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)


class Logs:
    """Answers the calls of azure-monitor-query."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._engines: dict[str, Engine] = {}

    def close(self) -> None:
        """Let go of the databases."""
        for engine in self._engines.values():
            engine.close()

    def answer(self, call: Call, *, partial: bool = False) -> Answer:
        """Run a query; `partial` answers with half of the rows and says so."""
        caller = self.world.caller(call, "logs", _REFUSALS)
        workspace, tables = self._found(call, caller)
        asked = call.json()
        if not isinstance(asked, dict) or "json" not in call.headers.get("content-type", ""):
            return Answer(200)
        if not isinstance(asked.get("query"), str):
            raise _bad("QueryNotSpecified", "The query is missing.")
        result = self._run(workspace.customer_id, tables, asked["query"], _span(asked.get("timespan"), self.world.now))
        return answer(_body(result, partial=partial, preferences=call.headers.get("prefer", "")))

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as the query API writes it."""
        error: dict[str, Any] = {"message": refusal.message, "code": refusal.code}
        if refusal.status == 400:
            error["correlationId"] = str(uuid.uuid4())
        if refusal.inner:
            error["innererror"] = dict(refusal.inner)
        return answer({"error": error}, refusal.status, refusal.headers)

    @staticmethod
    def _found(call: Call, caller: Caller) -> tuple[Workspace, list[Table]]:
        match = _PATH.fullmatch(call.path)
        tenant = caller.tenant
        named = match["id"].lower() if match else ""
        workspace, tables = next(
            (found for found in tenant.workspaces if found[0].customer_id.lower() == named), (tenant.workspace, [])
        )
        if workspace.customer_id.lower() != named or not workspace.exists:
            raise RefusedError(404, "PathNotFoundError", "The requested path does not exist")
        if not rights.may_query(tenant, caller.identity, workspace.id):
            raise RefusedError(403, "InsufficientAccessError", _INSUFFICIENT)
        if workspace.query_access != "Enabled":
            message = "Access to the workspace from public networks is not allowed."
            inner = {"code": "PublicNetworkAccessDisabled", "message": message}
            raise RefusedError(403, "InsufficientAccessError", _INSUFFICIENT, inner=inner)
        return workspace, tables

    def _run(
        self, customer_id: str, tables: list[Table], query: str, span: tuple[datetime | None, datetime | None]
    ) -> "Result":
        from sandbox.kql import Engine, QueryError  # DuckDB is loaded when the first query comes

        engine = self._engines.get(customer_id)
        if engine is None:
            engine = self._engines[customer_id] = Engine()
        try:
            return engine.run(query, list(tables), self.world.now, span)
        except QueryError as exc:
            raise _bad(exc.kind, str(exc)) from exc


def _bad(kind: str, message: str) -> RefusedError:
    told = {"SyntaxError": "A syntax error occurred.", "SemanticError": "A semantic error occurred."}.get(kind, kind)
    code = "SYN0002" if kind == "SyntaxError" else "SEM0100"
    inner = {"code": kind, "message": told, "innererror": {"code": code, "message": message}}
    return RefusedError(400, "BadArgumentError", "The request had some invalid properties", inner=inner)


def _span(text: object, now: datetime) -> tuple[datetime | None, datetime | None]:
    """An ISO 8601 interval or duration as two instants."""
    if not isinstance(text, str) or not text:
        return None, None
    first, _, second = text.partition("/")
    try:
        if not second:
            return now - _duration(first), now
        if first.startswith("P"):
            until = _moment(second)
            return until - _duration(first), until
        since = _moment(first)
        return since, since + _duration(second) if second.startswith("P") else _moment(second)
    except ValueError as exc:
        raise _bad("InvalidTimespan", f"The timespan '{text}' is not valid.") from exc


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return timedelta(**{key: float(value) for key, value in match.groupdict().items() if value})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _body(result: "Result", *, partial: bool, preferences: str) -> dict[str, Any]:
    """The answer as the API writes it. Source: response-format.md."""
    columns = [{"name": name, "type": _kind(kind)} for name, kind in result.columns]
    rows = result.rows[: len(result.rows) // 2] if partial else result.rows
    table = {"name": "PrimaryResult", "columns": columns, "rows": [[_cell(value) for value in row] for row in rows]}
    body: dict[str, Any] = {"tables": [table]}
    if "include-statistics=true" in preferences:
        body["statistics"] = {"query": {"executionTime": 0.01}}
    if "include-render=true" in preferences:
        body["render"] = {"visualization": "table"}
    if partial:
        message = "There were some errors when processing your query."
        detail = {"code": "EngineError", "message": "Something went wrong processing your query on the server."}
        body["error"] = {"code": "PartialError", "message": message, "details": [detail]}
    return body


def _kind(kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return "datetime"
    return "decimal" if kind.startswith("DECIMAL") else _KINDS.get(kind, "dynamic" if "[]" in kind else "string")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat()
        return text + ("0Z" if "." in text else "Z")
    if isinstance(value, timedelta):
        return _timespan(value)
    if isinstance(value, float) and value != value:  # NaN is the one value that is not itself
        return "NaN"
    return value if value is None or isinstance(value, bool | int | float | list) else str(value)


def _timespan(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{value.days}." if value.days else ""
    fraction = f".{value.microseconds:06d}0" if value.microseconds else ""
    return f"{sign}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"
