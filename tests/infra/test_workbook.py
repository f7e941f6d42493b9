"""The workbook: what Azure takes, with the panels of the list; and each query answers what its title asks."""

import json
from datetime import timedelta

from tests.infra.foreseen import EVERYTHING, INFRA, MAIN, Deployment, both
from tests.infra.queries import NOW, Line, line, panels, run

PANELS = json.loads((INFRA / "workbook" / "panels.json").read_text(encoding="utf-8"))
QUERIES = panels(MAIN)


def data(deployment: Deployment) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        str(deployment.one("Microsoft.Insights/workbooks").at("properties.serializedData"))
    )
    return found


@both
def test_it_is_a_notebook_over_the_monitors_own_workspace(deployment: Deployment) -> None:
    workspace = deployment.one("Microsoft.OperationalInsights/workspaces").id
    assert data(deployment)["version"] == "Notebook/1.0"
    assert data(deployment)["fallbackResourceIds"] == [workspace]
    items = data(deployment)["items"]
    assert isinstance(items, list)
    assert [item["type"] for item in items] == [9] + [3] * len(PANELS)
    for item in items[1:]:
        assert item["content"]["crossComponentResources"] == [workspace]
        assert item["content"]["timeContextFromParameter"] == "TimeRange"
    assert deployment.one("Microsoft.Insights/workbooks").at("properties.sourceId") == workspace
    assert deployment.one("Microsoft.Insights/workbooks").at("kind") == "shared"


@both
def test_the_panels_are_those_of_the_list_in_its_order(deployment: Deployment) -> None:
    items = data(deployment)["items"]
    assert isinstance(items, list)
    shown = [(item["name"], item["content"]["title"], item["content"]["visualization"]) for item in items[1:]]
    assert shown == [(panel["query"], panel["title"], panel["visualization"]) for panel in PANELS]


def test_every_query_file_is_used() -> None:
    files = {path.stem for path in (INFRA / "workbook").glob("*.kql")}
    assert files == {panel["query"] for panel in PANELS} | {"targets"}
    texts = {path.read_text(encoding="utf-8") for path in (INFRA / "workbook").glob("*.kql")}
    assert {query.replace("'*'", "{Target}") for query in QUERIES.values()} == texts


def test_two_deployments_have_workbooks_of_their_own() -> None:
    names = [deployment.one("Microsoft.Insights/workbooks").name for deployment in (MAIN, EVERYTHING)]
    assert len(set(names)) == 2


def finding(minutes_ago: float, run: str, target: str = "contoso", **fields: object) -> Line:
    usual = {"check": "app-registrations", "finding": "credential.expiring", "severity": "error", "subject": "App"}
    return line(minutes_ago, "finding", target=target, run=run, **{**usual, **fields})


def passed(minutes_ago: float, run: str, target: str = "contoso", **fields: object) -> Line:
    usual = {"check": "app-registrations", "outcome": "findings", "calls": 10, "throttles": 0, "duration_s": 2}
    return line(minutes_ago, "pass ended", target=target, run=run, **{**usual, **fields})


LINES = [
    passed(400, "a"),
    finding(400, "a", fingerprint="gone", title="Gone"),
    finding(400, "a", fingerprint="f1", title="One"),
    passed(40, "b", throttles=3, duration_s=9),
    passed(41, "b", "fabrikam", outcome="clear"),
    finding(40, "b", fingerprint="f1", title="One", due_at="2026-11-30T18:00:00Z", silenced=False),
    finding(40, "b", fingerprint="f2", title="Two", severity="critical", due_at="2026-11-25T11:00:00Z", silenced=True),
    passed(20, "c", outcome="clear", check="workspace-access", calls=5),
    passed(30, "c2", outcome="unknown", check="snapshot-currency", unread="unknown"),
    line(20, "snapshot", target="contoso", set="Updates", day="2026-11-24", landed_at="2026-11-25T02:30:00Z"),
    line(19, "snapshot", target="contoso", set="Updates", day="2026-11-24", landed_at="2026-11-25T02:30:00Z"),
    line(20, "snapshot", target="contoso", set="Updates", day="2026-11-23", landed_at="2026-11-23T06:00:00Z"),
    line(20, "snapshot", target="fabrikam", set="Intune", day="2026-11-22", landed_at="2026-11-22T01:00:00Z"),
    line(5, "delivery ended", sent=2, waiting=1, oldest_s=600, poison_messages=0),
]


def rows(name: str, target: str = "*") -> list[dict[str, object]]:
    return run(panels(MAIN, target)[name], LINES)


def test_open_is_what_the_last_pass_found_the_worst_first() -> None:
    found = [(row["severity"], row["what"], row["silenced"], row["seen_since"]) for row in rows("findings")]
    began = [NOW.replace(tzinfo=None) - timedelta(minutes=age) for age in (40, 400)]
    assert found == [("critical", "Two", "True", began[0]), ("error", "One", "False", began[1])]


def test_credentials_stand_by_the_days_that_are_left() -> None:
    assert [(row["days_left"], row["target"], row["subject"]) for row in rows("credentials")] == [
        (-1, "contoso", "App"),
        (5, "contoso", "App"),
    ]


def test_snapshots_stand_by_the_hour_at_which_they_landed() -> None:
    assert [(str(row["day"])[:10], row["hours"], row["series"]) for row in rows("snapshots")] == [
        ("2026-11-22", 1.0, "fabrikam: Intune"),
        ("2026-11-23", 6.0, "contoso: Updates"),
        ("2026-11-24", 26.5, "contoso: Updates"),
    ]


def test_the_newest_snapshot_of_each_set_the_oldest_first() -> None:
    assert [(row["target"], row["snapshot"], row["day"]) for row in rows("newest")] == [
        ("fabrikam", "Intune", "2026-11-22"),
        ("contoso", "Updates", "2026-11-24"),
    ]


def test_a_target_can_be_chosen() -> None:
    assert {row["target"] for row in rows("newest", "fabrikam")} == {"fabrikam"}
    assert {row["target"] for row in rows("newest", "fabrikam,contoso")} == {"contoso", "fabrikam"}
    assert [row["target"] for row in rows("Target")] == ["contoso", "fabrikam"]


def test_the_last_pass_of_each_check_and_its_last_good_one() -> None:
    found = {(row["target"], row["check"]): row for row in rows("passes")}
    assert found.keys() == {
        ("contoso", "app-registrations"),
        ("contoso", "workspace-access"),
        ("contoso", "snapshot-currency"),
        ("fabrikam", "app-registrations"),
    }
    bad = found["contoso", "snapshot-currency"]
    assert (bad["outcome"], bad["last_good"], bad["not_good"]) == ("unknown", None, 1)


def test_who_is_throttled_and_how_much() -> None:
    assert [(row["target"], row["throttles"], row["throttled_percent"]) for row in rows("throttled")] == [
        ("contoso", 3, 15.0)
    ]
    assert sum(int(str(row["throttles"])) for row in rows("throttling")) == 3


def test_durations_and_deliveries() -> None:
    slowest = [row["seconds"] for row in rows("durations") if row["check"] == "app-registrations"]
    assert max(float(str(one)) for one in slowest) > 8
    (delivery,) = rows("deliveries")
    assert (delivery["sent"], delivery["waiting"], delivery["oldest_minutes"]) == (2, 1, 10)
