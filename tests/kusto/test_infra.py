"""The deployment's queries, read by Microsoft's own Kusto parser: good Kusto, over fields that are really told."""

import re

import pytest

from tests.infra.foreseen import EVERYTHING, MAIN
from tests.infra.queries import alerts, panels
from tests.kusto.parser import NEEDED, errors
from tests.kusto.test_docs import TABLES
from tests.told import by_the_code

QUERIES = {
    **{
        f"{deployment.name} {name}": query
        for deployment in (MAIN, EVERYTHING)
        for name, query in alerts(deployment).items()
    },
    **{f"workbook {name}": query for name, query in panels(MAIN, "contoso,fabrikam").items()},
}
TOLD = by_the_code()


def messages(query: str) -> set[str]:
    compared = re.findall(r'Message == "[^"]*"|Message in \([^)]*\)', query)
    return {message for part in compared for message in re.findall(r'"([^"]*)"', part)}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_what_the_code_tells(name: str) -> None:
    query = QUERIES[name]
    asked = {first or second for first, second in re.findall(r'Properties(?:\.(\w+)|\["(\w+)"\])', query)}
    assert messages(query), "it asks for no message"
    assert messages(query) <= TOLD.keys()
    assert asked <= {"run"}.union(*(TOLD[message].fields for message in messages(query)))


class TestByTheParser:
    pytestmark = NEEDED

    def test_every_query_is_good_kusto(self) -> None:
        found = dict(zip(QUERIES, errors(QUERIES.values(), TABLES), strict=True))
        assert {name: wrong for name, wrong in found.items() if wrong} == {}

    def test_the_parser_sees_mistakes(self) -> None:
        query = QUERIES["main silent"]
        broken = [query.replace("Message", "Massage"), query.replace("summarize", "summarise"), query]
        assert [bool(wrong) for wrong in errors(broken, TABLES)] == [True, True, False]
