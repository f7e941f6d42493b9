from datetime import UTC, datetime

import pytest

from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONE_QUERY = """union isfuzzy=true (print T=""),
 (MADevice | summarize Rows=count(), Newest=max(TimeGenerated), Arrived=min(ingestion_time())
   by Day=iff(TimeGenerated >= datetime(2026-11-01T00:00:00Z), bin(TimeGenerated,1d), datetime(null)),
   Ahead=TimeGenerated > datetime(2026-11-23T09:00:00Z) | extend T="MADevice"),
 (MissingTable | summarize Rows=count() | extend T="MissingTable")"""


def test_an_answer_looks_like_the_official_one(contoso: SignedIn) -> None:
    given = contoso.query("MADevice | summarize count() by InventoryCompleteness").json()
    assert not differences(sample("loganalytics-query-response"), given)


def test_one_query_reads_all_tables_and_skips_what_is_missing(contoso: SignedIn) -> None:
    contoso.box.set_now(NINE)
    given = contoso.query(ONE_QUERY).json()["tables"][0]
    types = {column["name"]: column["type"] for column in given["columns"]}
    assert types == {
        "T": "string",
        "Day": "datetime",
        "Ahead": "bool",
        "Rows": "long",
        "Newest": "datetime",
        "Arrived": "datetime",
    }
    names = [column["name"] for column in given["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in given["rows"]]
    assert {row["T"] for row in rows} == {"", "MADevice"}
    today = next(row for row in rows if row["Day"] == "2026-11-23T00:00:00Z")
    assert (today["Rows"], today["Newest"]) == (240, "2026-11-23T06:10:00Z")
    assert "2026-11-23T06:35" < today["Arrived"] < "2026-11-23T06:45"


def test_a_nested_union_tells_its_tables_apart(fabrikam: SignedIn) -> None:
    rows = fabrikam.rows(
        'union isfuzzy=true (print T=""), (union isfuzzy=true withsource=T UCClient, UCDOStatus, Nowhere '
        "| summarize Content=max(LastWUScanTime) by T, Day=bin(TimeGenerated,1d))"
    )
    assert {row[0] for row in rows} == {"", "UCClient", "UCDOStatus"}


def test_a_fuzzy_union_of_nothing_is_an_error(contoso: SignedIn) -> None:
    given = contoso.query("union isfuzzy=true Nowhere, Nothing")
    assert (given.status_code, given.json()["error"]["innererror"]["code"]) == (400, "SemanticError")


@pytest.mark.parametrize(
    ("kql", "kind"),
    [
        ("MADevice | where", "SyntaxError"),
        ("Nowhere | take 1", "SemanticError"),
        ("MADevice | where Nope == 1", "SemanticError"),
    ],
)
def test_mistakes_are_said_as_the_api_says_them(contoso: SignedIn, kql: str, kind: str) -> None:
    given = contoso.query(kql)
    assert given.status_code == 400
    assert not differences(sample("loganalytics-errors")["400_syntax"], given.json())
    assert given.json()["error"]["innererror"]["code"] == kind


def test_rows_show_when_the_clock_reaches_their_arrival(contoso: SignedIn) -> None:
    newest = "MADevice | summarize max(TimeGenerated)"
    assert contoso.rows(newest) == [["2026-11-22T06:10:00Z"]]
    contoso.box.set_now(NINE)
    assert contoso.rows(newest) == [["2026-11-23T06:10:00Z"]]
    contoso.tenant.table("MADevice").drop(NINE.date())
    assert contoso.rows(newest) == [["2026-11-22T06:10:00Z"]]
    contoso.tenant.table("MADevice").arrive(NINE)
    assert contoso.rows("MADevice | summarize max(ingestion_time())") == [["2026-11-23T09:00:00Z"]]


def test_ago_and_now_follow_the_clock(contoso: SignedIn) -> None:
    assert contoso.rows("print now(), ago(1d)") == [["2026-11-23T04:00:00Z", "2026-11-22T04:00:00Z"]]
    recent = (
        "union isfuzzy=true withsource=TableName MADevice, MAApplication | where TimeGenerated > ago(20d) "
        "| summarize Arrived=min(ingestion_time()) by TableName, Day=bin(TimeGenerated,1d)"
    )
    assert len(contoso.rows(recent)) == 2 * 20


def test_the_hidden_column_stays_hidden(contoso: SignedIn) -> None:
    shown = [
        contoso.query(f"MADevice | {rest}").text
        for rest in ("take 1", "getschema", "summarize arg_max(TimeGenerated, *) by DeviceId")
    ]
    assert not any("ingested" in text.lower() for text in shown)


def test_a_column_that_may_be_missing_has_its_default(contoso: SignedIn) -> None:
    rows = contoso.rows(
        'MADevice | take 1 | project A=column_ifexists("DeviceId", ""), B=column_ifexists("Nope", "none")'
    )
    assert rows[0][0].startswith("DeviceId")
    assert rows[0][1] == "none"


def test_ingestion_time_in_a_string_is_only_text(contoso: SignedIn) -> None:
    assert contoso.rows('print a="ingestion_time()" // ingestion_time()') == [["ingestion_time()"]]


@pytest.mark.parametrize(
    ("timespan", "days"),
    [("P1D", 1), ("PT48H", 2), ("2026-11-20T00:00:00Z/2026-11-22T00:00:00Z", 2), ("2026-11-20T00:00:00Z/P1D", 1)],
)
def test_a_timespan_bounds_the_rows(contoso: SignedIn, timespan: str, days: int) -> None:
    found = contoso.rows("MADevice | summarize by bin(TimeGenerated, 1d)", timespan=timespan)
    assert len(found) == days


def test_other_types_are_written_as_the_api_writes_them(contoso: SignedIn) -> None:
    given = contoso.query(
        "print a=1.5, b=1s, c=25h, d=true, e=dynamic([1,2]), f=datetime(2026-01-02 03:04:05.678)"
    ).json()
    table = given["tables"][0]
    assert [column["type"] for column in table["columns"]] == [
        "real",
        "timespan",
        "timespan",
        "bool",
        "dynamic",
        "datetime",
    ]
    assert table["rows"] == [[1.5, "00:00:01", "1.01:00:00", True, "[1,2]", "2026-01-02T03:04:05.6780000Z"]]


def test_the_wrong_workspace_and_the_wrong_reader_are_refused(contoso: SignedIn) -> None:
    official = sample("loganalytics-errors")
    gone = contoso.http.post("/v1/workspaces/00000000-0000-4000-8000-000000000000/query", json={"query": "print 1"})
    assert gone.json() == official["404_path"]
    contoso.tenant.monitor.reads_logs = False
    assert contoso.query("print 1").json() == official["403_insufficient"]


def test_a_closed_workspace_refuses(contoso: SignedIn) -> None:
    contoso.tenant.workspace.query_access = "Disabled"
    assert contoso.query("print 1").status_code == 403


def test_a_call_without_a_body_is_an_empty_200(contoso: SignedIn) -> None:
    given = contoso.http.post(f"/v1/workspaces/{contoso.tenant.workspace.customer_id}/query")
    assert (given.status_code, given.content) == (200, b"")
