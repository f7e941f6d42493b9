"""The queries in the docs, read by Microsoft's own Kusto parser: good Kusto, over fields that are really told."""

import re
from pathlib import Path

import pytest

from tests.kusto.parser import NEEDED, errors
from tests.told import by_the_code

DOCS = Path(__file__).parents[2] / "docs"
# Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
TABLES = {
    "AppTraces": "(TimeGenerated: datetime, Message: string, SeverityLevel: int, Properties: dynamic,"
    " Measurements: dynamic, ItemCount: int, OperationId: string, OperationName: string, ParentId: string,"
    " AppRoleName: string, AppRoleInstance: string, AppVersion: string, SDKVersion: string, ResourceGUID: string,"
    " SourceSystem: string, TenantId: string, Type: string, _ResourceId: string, _SubscriptionId: string)"
}
QUERIES = {
    f"{page.name} {number}": query
    for page in sorted(DOCS.glob("*.md"))
    for number, query in enumerate(re.findall(r"```kusto\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
}
MISTAKEN = "AppTraces | where Massage == ''"
TOLD = by_the_code()

pytestmark = NEEDED


def properties(query: str) -> set[str]:
    return {name or quoted for name, quoted in re.findall(r"""Properties(?:\.(\w+)|\["(\w+)"\])""", query)}


def messages(query: str) -> set[str]:
    return set(re.findall(r'Message == "([^"]*)"', query)) or set(TOLD)


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """The parser's errors, all at once: it takes seconds to load."""
    return dict(zip([*QUERIES, MISTAKEN], errors([*QUERIES.values(), MISTAKEN], TABLES), strict=True))


def test_the_parser_sees_what_is_no_column(found: dict[str, list[str]]) -> None:
    assert len(QUERIES) >= 9
    assert "Massage" in found[MISTAKEN][0]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_of_the_docs_is_good_kusto(name: str, found: dict[str, list[str]]) -> None:
    assert found[name] == []


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_of_the_docs_asks_for_what_is_told(query: str) -> None:
    assert messages(query) <= TOLD.keys()
    assert properties(query) <= {"run"}.union(*(TOLD[message].fields for message in messages(query)))
    assert query.count("Properties") == len(re.findall(r"""Properties(?:\.\w+|\["\w+"\])""", query))
