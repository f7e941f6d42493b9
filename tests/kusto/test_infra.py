"""The deployment's queries, read by Microsoft's own Kusto parser: good Kusto, over fields that are really told."""

import ast
import re
from pathlib import Path

import pytest

from tests.infra.foreseen import EVERYTHING, MAIN
from tests.infra.queries import alerts, panels
from tests.kusto.parser import NEEDED, errors

SHARED = Path(__file__).parents[2] / "shared"
# Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
TABLES = {
    "AppTraces": "(TimeGenerated: datetime, Message: string, SeverityLevel: int, Properties: dynamic,"
    " Measurements: dynamic, ItemCount: int, OperationId: string, OperationName: string, ParentId: string,"
    " AppRoleName: string, AppRoleInstance: string, AppVersion: string, SDKVersion: string, ResourceGUID: string,"
    " SourceSystem: string, TenantId: string, Type: string, _ResourceId: string, _SubscriptionId: string)"
}
QUERIES = {
    **{
        f"{deployment.name} {name}": query
        for deployment in (MAIN, EVERYTHING)
        for name, query in alerts(deployment).items()
    },
    **{f"workbook {name}": query for name, query in panels(MAIN, "contoso,fabrikam").items()},
}
BY_ALL = {"run", "operation"}
"""What every line carries besides, by the context that it is told in."""


def told() -> dict[str, set[str]]:
    """Each message that the code tells, and the fields that it gives it."""
    found: dict[str, set[str]] = {}
    for path in SHARED.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"tell", "warn"}:
                message, fields = node.args[0], {str(keyword.arg) for keyword in node.keywords}
                if isinstance(message, ast.Constant):
                    found[str(message.value)] = found.get(str(message.value), set()) | fields
    return found


def messages(query: str) -> set[str]:
    compared = re.findall(r'Message == "[^"]*"|Message in \([^)]*\)', query)
    return {message for part in compared for message in re.findall(r'"([^"]*)"', part)}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_what_the_code_tells(name: str) -> None:
    said, query = told(), QUERIES[name]
    asked = {first or second for first, second in re.findall(r'Properties(?:\.(\w+)|\["(\w+)"\])', query)}
    assert messages(query), "it asks for no message"
    assert messages(query) <= said.keys()
    assert asked <= BY_ALL.union(*(said[message] for message in messages(query)))


class TestByTheParser:
    pytestmark = NEEDED

    def test_every_query_is_good_kusto(self) -> None:
        found = dict(zip(QUERIES, errors(QUERIES.values(), TABLES), strict=True))
        assert {name: wrong for name, wrong in found.items() if wrong} == {}

    def test_the_parser_sees_mistakes(self) -> None:
        query = QUERIES["main silent"]
        broken = [query.replace("Message", "Massage"), query.replace("summarize", "summarise"), query]
        assert [bool(wrong) for wrong in errors(broken, TABLES)] == [True, True, False]
