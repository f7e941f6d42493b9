"""The snapshots of a workspace from one query, whatever its tables are like."""

from datetime import UTC, datetime, time, timedelta

import pytest

from sandbox import load_tenant
from sandbox.records import Table
from shared.expectations import SnapshotExpectation
from shared.facts import SnapshotFacts
from shared.gather.snapshot_query import compose
from shared.model import Outcome, TargetReport
from tests.gather.conftest import Scripting
from tests.gather.scripted import NOW as SCRIPTED_NOW
from tests.gather.scripted import TARGET, Reply
from tests.watching import SNAPSHOTS, Watch, Watching, ids, named, unread

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DEVICES = '[[target.snapshot]]\nname = "Devices"\ntables = [{tables}]\n{more}'


def _expected(*tables: str, more: str = "") -> str:
    return DEVICES.format(tables=", ".join(f'"{table}"' for table in tables), more=more)


def _look(watch: Watch, at: datetime = NOW) -> TargetReport:
    watch.box.set_now(at)
    return watch.look(SNAPSHOTS, at=at)


def test_a_pass_asks_one_query_however_many_sets_and_tables(watching: Watching) -> None:
    watch = watching("fabrikam", 'profiles = ["update-reports", "intune-logs", "desktop-analytics"]\n')
    _look(watch)
    assert len(watch.calls("logs")) == 1
    assert len(watch.calls("arm")) == 1


def test_a_target_without_sets_asks_none(watching: Watching) -> None:
    watch = watching(expected="")
    assert _look(watch).outcome is Outcome.CLEAR
    assert not watch.calls("logs")


def _quiet_since(days: int) -> Table:
    at = NOW - timedelta(days=days)
    return Table(name="Odd", columns={"TimeGenerated": "datetime"}, records=[{"TimeGenerated": at, "ingested_at": at}])


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (None, ["snapshot.no_data"]),
        (Table(name="Odd", columns={"TimeGenerated": "datetime"}), ["snapshot.no_data"]),
        (_quiet_since(30), ["snapshot.stale"]),
        (_quiet_since(21), ["snapshot.stale"]),
        (_quiet_since(2), ["snapshot.partial"]),
        (_quiet_since(-2), ["snapshot.future", "snapshot.partial"]),
    ],
    ids=["missing", "empty", "quiet for 30 days", "quiet for 21 days", "quiet for 2 days", "ahead of now"],
)
def test_a_table_that_is_not_like_its_fellows_is_told(
    watching: Watching, table: Table | None, found: list[str]
) -> None:
    tenant = load_tenant("contoso")
    tenant.tables += [table] if table else []
    if found == ["snapshot.future", "snapshot.partial"]:  # its rows have come, though they are dated ahead
        assert table is not None
        table.records[0]["ingested_at"] = NOW - timedelta(hours=1)
    assert ids(_look(watching(tenant, _expected("MADevice", "Odd")))) == found


def test_a_workspace_without_any_data_has_no_data(watching: Watching) -> None:
    watch = watching(expected=_expected("MADevice"))
    watch.break_down("logs:empty", status=204)
    assert ids(_look(watch)) == ["snapshot.no_data"]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("datetime:-6h", "datetime:-6h"), []),
        (("datetime:-6h", ""), []),
        (("datetime:-90h", "datetime:-6h"), []),
        (("datetime:-90h", "datetime:-90h"), ["snapshot.frozen"]),
        (("datetime:-90h", ""), ["snapshot.frozen"]),
        (("datetime:null", ""), ["snapshot.frozen"]),
        (("", ""), ["monitor.gather_failed"]),
    ],
)
def test_the_content_column_is_read_where_it_is(watching: Watching, columns: tuple[str, str], found: list[str]) -> None:
    tenant = load_tenant("contoso")
    for name, kind in zip(("MADevice", "MADeviceReadiness"), columns, strict=True):
        tenant.table(name).columns |= {"LastScan": kind} if kind else {}
    watch = watching(tenant, _expected("MADevice", "MADeviceReadiness", more='content_column = "LastScan"'))
    report = _look(watch)
    assert ids(report) == found
    assert len(watch.calls("logs")) == (3 if columns == ("", "") else 1)  # to find which set names a wrong column
    for finding in unread(report):
        assert "the column LastScan of Devices" in str(finding.subject.name)
        assert "content_column" in " ".join(finding.remedy.steps)


def test_a_table_without_the_content_column_freezes_nothing_by_itself(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.table("MADevice").columns["LastScan"] = "datetime:-6h"
    tenant.table("MADevice").drop(NOW.date())
    watch = watching(tenant, _expected("MADevice", "MADeviceReadiness", more='content_column = "LastScan"'))
    assert ids(_look(watch)) == ["snapshot.partial"]


def test_two_sets_may_go_by_different_columns(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.table("MADevice").columns["SnapshotTime"] = "datetime:-3d"
    other = DEVICES.format(tables='"MADevice"', more='time_column = "SnapshotTime"').replace("Devices", "Times")
    watch = watching(tenant, _expected("MADevice") + other)
    (finding,) = _look(watch).findings
    assert (finding.id, finding.subject.id) == ("snapshot.stale", "Times")
    assert len(watch.calls("logs")) == 1


def test_a_time_column_that_is_not_there_is_told_as_that(watching: Watching) -> None:
    watch = watching(expected=_expected("MADevice", more='time_column = "NoSuchTime"'))
    (finding,) = unread(_look(watch))
    assert "it cannot run the query (SEM0100)" in finding.detail
    assert "time_column" in " ".join(finding.remedy.steps)


@pytest.mark.parametrize(
    ("access", "found"),
    [("Disabled", "workspace.unreachable"), ("SecuredByPerimeter", "monitor.gather_failed")],
)
def test_a_workspace_that_takes_no_queries_is_told(watching: Watching, access: str, found: str) -> None:
    watch = watching()
    watch.tenant.workspace.query_access = access
    report = watch.look(SNAPSHOTS)
    assert ids(report) == [found]


def test_a_refused_query_of_an_open_workspace_is_a_failed_read(watching: Watching) -> None:
    watch = watching()
    watch.tenant.monitor.reads_logs = False
    report = watch.look(SNAPSHOTS)
    assert ids(report) == ["monitor.gather_failed"]
    assert report.outcome is Outcome.UNKNOWN


def test_a_workspace_that_is_gone_is_said_once(watching: Watching) -> None:
    watch = watching()
    watch.tenant.workspace.exists = False
    report = watch.look()
    assert len(named(report, "workspace.unreachable")) == 1
    assert report.outcome is Outcome.FINDINGS


def test_what_is_read_is_when_rows_came_and_how_many(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.table("MADevice").arrive(datetime(2026, 11, 23, 8, 30, tzinfo=UTC), rows=7)
    facts = _facts(watching(tenant, _expected("MADevice")))
    (table,) = facts.sets[0].tables
    today = table.days[-1]
    assert (today.day, today.rows) == (NOW.date(), 7)
    assert today.arrived_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert table.earlier_at is not None
    assert len(table.days) == 21
    assert facts.read == 1


def _facts(watch: Watch) -> SnapshotFacts:
    import asyncio

    from shared.gather.connections import open_azure
    from shared.gather.snapshots import gather_snapshots

    settings = watch.settings
    watch.box.set_now(NOW)

    async def read() -> SnapshotFacts:
        (target,) = settings.targets
        async with open_azure(settings.cloud, settings.limits, target, NOW, lambda pages, objects: None) as azure:
            return await gather_snapshots(azure, target, NOW, {})

    return asyncio.run(read())


@pytest.mark.parametrize(
    "table",
    [
        {"columns": [], "rows": [[1]]},
        {"columns": [{"name": "TableName"}], "rows": [["MADevice"]]},
        {"columns": [{"name": "Other"}], "rows": [["MADevice"]]},
        {
            "columns": [{"name": "TableName"}, {"name": "Newest"}, {"name": "Rows"}],
            "rows": [["MADevice", "yesterday", "many"]],
        },
    ],
)
async def test_a_table_of_another_shape_is_no_answer(scripted: Scripting, table: object) -> None:
    from dataclasses import replace

    from shared.config import Limits
    from shared.errors import GatherError
    from shared.gather.snapshots import gather_snapshots

    def script(path: str, body: bytes) -> Reply:
        workspace = {"properties": {"customerId": "22222222-2222-4222-8222-222222222222"}}
        return 200, {}, {"tables": [table]} if "/query" in path else workspace

    target = replace(TARGET, snapshots=(SnapshotExpectation(name="s", tables=("MADevice",)),))
    async with scripted(script).open(Limits(patience_s=0.3)) as azure:
        with pytest.raises(GatherError, match="it answered 200 with"):
            await gather_snapshots(azure, target, SCRIPTED_NOW, {})


def test_the_query_reads_the_same_whatever_the_order_of_sets() -> None:
    one = SnapshotExpectation(name="one", tables=("B", "A"), due=time(8))
    two = SnapshotExpectation(name='two"', tables=("A",), content_column="Seen")
    assert compose([one, two], NOW, NOW) == compose([two, one, one], NOW, NOW)
    assert compose([two], NOW, NOW).count("\n") == 3
