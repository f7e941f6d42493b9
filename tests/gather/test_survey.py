"""Seeing what there is: real SDKs over TLS, each read failing by itself and never looking like an empty answer."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from sandbox import Fault
from sandbox.records import Permission, Table, Workspace
from shared.config import load_profiles
from shared.errors import GatherError
from shared.facts import Unread
from shared.gather.survey import gather_seen, open_tenant
from shared.gather.survey_apps import COLLECTION_ROLES, MICROSERVICE
from shared.gather.survey_places import list_subscriptions, list_tenants, list_workspaces
from shared.init.seen import Seen, Subscription, Tenant
from tests.gather.conftest import Scripting
from tests.gather.scripted import TENANT, WORKSPACE, Reply, Script
from tests.watching import HURRIED, PATIENT, Watch, Watching

SETS = [snapshot for profile in load_profiles().values() for snapshot in profile.rows.snapshots]


def survey(watch: Watch, *, now: datetime | None = None) -> tuple[list[Tenant], Seen, Sequence[Unread]]:
    """See all that there is of a box's tenant, signed in wherever the environment says."""
    settings, at = watch.settings, now or watch.box.now

    async def see() -> tuple[list[Tenant], Seen, Sequence[Unread]]:
        async with open_tenant(settings.cloud, settings.limits, None, at, lambda pages, objects: None) as (home, azure):
            tenants = await list_tenants(azure)
            (tenant,) = (one for one in tenants if one.id == home)
            workspaces, lost = await list_workspaces(azure, await list_subscriptions(azure))
            return tenants, await gather_seen(azure, tenant, workspaces, SETS, at), lost

    return asyncio.run(see())


def test_all_of_a_tenant_is_is_seen_in_seven_calls(watching: Watching) -> None:
    watch = watching("fabrikam")
    tenants, found, lost = survey(watch)
    assert [(one.id, one.name) for one in tenants] == [(watch.tenant.tenant_id, "Fabrikam")]
    (place,) = found.workspaces
    assert (place.workspace.id, place.workspace.subscription.name) == (watch.tenant.workspace.id, "Fabrikam")
    assert place.solutions == frozenset({"waasupdateinsights"})
    assert place.tables == frozenset(table.name for table in watch.tenant.tables)
    assert [(app.name, app.permissions) for app in found.apps or ()] == [
        ("ConfigMgrSvc_6e1f", ("CmCollectionData.read", "CmCollectionData.write"))
    ]
    assert found.services == frozenset({"Microsoft Intune"})
    assert (found.unread, lost) == ((), ())
    assert [len(watch.calls(service)) for service in ("arm", "graph", "logs")] == [4, 2, 1]


def test_a_table_without_rows_of_late_is_not_one_that_gets_data(watching: Watching) -> None:
    watch = watching("fabrikam")
    late = watch.box.now.replace(month=12, day=31)
    watch.box.set_now(late)
    _, found, _ = survey(watch)
    assert found.workspaces[0].tables == frozenset()


def test_an_app_is_a_connection_by_what_it_requests_as_an_application(watching: Watching) -> None:
    watch = watching("fabrikam")
    read, _ = COLLECTION_ROLES
    inventory, deploy = (watch.tenant.application(name) for name in ("Inventory Export", "Deploy"))
    inventory.name = "inventory\n\x1b[2J"
    inventory.requests.append(Permission(api=MICROSERVICE.upper(), roles=[(read.upper(), "CmCollectionData.read")]))
    deploy.requests.append(Permission(api=MICROSERVICE, roles=[("00000000-0000-4000-8000-000000000001", "Other")]))
    _, found, _ = survey(watch)
    assert [(app.name, app.permissions) for app in found.apps or ()] == [
        ("ConfigMgrSvc_6e1f", ("CmCollectionData.read", "CmCollectionData.write")),
        ("inventory", ("CmCollectionData.read",)),
    ]


def test_where_graph_cannot_look_them_up_every_app_is_read(watching: Watching) -> None:
    watch = watching("fabrikam")
    watch.tenant.generated.applications = 5_000
    watch.break_down(Fault(service="graph", kind="status", status=400, path_contains="/applications", times=1))
    _, found, _ = survey(watch)
    assert [app.name for app in found.apps or ()] == ["ConfigMgrSvc_6e1f"]
    assert len(watch.calls("graph", "/applications")) == 1 + 6


def test_each_workspace_is_asked_by_itself(watching: Watching) -> None:
    watch = watching("contoso")
    tables = [Table(name="UCClient", columns={"TimeGenerated": "datetime"})]
    tables[0].arrive(watch.box.now.replace(hour=3), rows=5)
    other = Workspace(
        subscription_id="5ab5c999-2222-4333-8444-555566667777",
        resource_group="rg-other",
        name="law-a",
        customer_id="cc5b02d5-5bf4-430c-9487-45502a2a7e62",
        solutions=["WaaSUpdateInsights", "Security"],
        owner_tenant="0F0F0F0F-0000-4000-8000-000000000000",
    )
    watch.tenant.others.append((other, tables))
    _, found, _ = survey(watch)
    theirs, own = found.workspaces
    assert sorted(theirs.solutions or ()) == ["security", "waasupdateinsights"]
    assert (theirs.workspace.name, list(theirs.tables or ())) == ("law-a", ["UCClient"])
    assert theirs.workspace.subscription.tenant_id == "0f0f0f0f-0000-4000-8000-000000000000"
    assert (list(own.solutions or ()), "UCClient" in (own.tables or ())) == (["microsoft365analytics"], False)


@pytest.mark.parametrize(
    ("fault", "scope", "what"),
    [
        ("arm:forbidden:solutions", "solutions", "the solutions in the subscription Contoso"),
        ("logs:forbidden:", "tables", "the tables of the workspace law-contoso"),
        ("logs:partial:", "tables", "the tables of the workspace law-contoso"),
        ("graph:forbidden:/applications", "apps", "the app registrations"),
        ("graph:truncate:/applications", "apps", "the app registrations"),
        ("graph:html:healthOverviews", "services", "Microsoft 365 service health"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_there(
    watching: Watching, fault: str, scope: str, what: str
) -> None:
    watch = watching("contoso", limits=HURRIED)
    service, kind, path = fault.split(":")
    watch.break_down(Fault(service=service, kind=kind, path_contains=path))
    _, found, _ = survey(watch)
    (unread,) = found.unread
    assert (unread.scope, unread.what) == (scope, what)
    assert unread.why
    (place,) = found.workspaces
    parts = {"solutions": place.solutions, "tables": place.tables, "apps": found.apps, "services": found.services}
    assert {name for name, part in parts.items() if part is None} == {scope}
    assert all(part for name, part in parts.items() if name != scope)


def test_a_workspace_that_shuts_queries_out_is_not_one_without_data(watching: Watching) -> None:
    watch = watching("contoso")
    watch.tenant.workspace.query_access = "Disabled"
    _, found, _ = survey(watch)
    assert found.workspaces[0].tables is None
    assert "PublicNetworkAccessDisabled" in found.unread[0].why


def test_who_may_not_read_service_health_has_missed_nothing(watching: Watching) -> None:
    watch = watching("contoso")
    watch.tenant.monitor.app_roles = ["Application.Read.All"]
    _, found, _ = survey(watch)
    assert (found.services, found.unread) == (None, ())


def test_a_subscription_that_cannot_be_read_is_told_and_those_beside_it_are_there(watching: Watching) -> None:
    watch = watching("contoso")
    path = f"{watch.tenant.workspace.subscription_id}/providers/Microsoft.OperationalInsights"
    watch.break_down(Fault(service="arm", kind="forbidden", path_contains=path))
    _, found, lost = survey(watch)
    assert found.workspaces == ()
    assert [(one.what, one.steps) for one in lost] == [
        (
            "the workspaces in the subscription Contoso",
            ("Sign in as somebody who holds the role Reader on the subscription.",),
        )
    ]


def test_faults_that_pass_change_nothing(watching: Watching) -> None:
    watch = watching("contoso", limits=PATIENT)
    watch.break_down(*(Fault(service=name, kind="status", times=1) for name in ("entra", "arm", "graph", "logs")))
    _, found, lost = survey(watch)
    assert (found.unread, lost) == ((), ())
    assert found.workspaces[0].solutions == frozenset({"microsoft365analytics"})


def test_a_refused_sign_in_is_told_as_one(watching: Watching) -> None:
    watch = watching("contoso")
    watch.tenant.monitor.client_secret = "another~secret~0123456789"
    with pytest.raises(GatherError, match=r"Microsoft Entra ID refused a token \(401 AADSTS7000215\)"):
        survey(watch)


# --- what no well-meaning sandbox would say ---

PLACE = Subscription(TENANT, "Contoso", TENANT)


def _listed(scripting: Scripting, script: Script) -> tuple[list[str], list[str]]:
    server = scripting(script)

    async def read() -> tuple[list[str], list[str]]:
        async with server.open() as azure:
            found, lost = await list_workspaces(azure, [PLACE])
            return [one.name for one in found], [one.why for one in lost]

    return asyncio.run(read())


def test_every_page_of_a_list_is_read(scripted: Scripting) -> None:
    def script(path: str, body: bytes) -> Reply:
        if "page=2" in path:
            return 200, {}, {"value": [{"id": WORKSPACE + "-2"}]}
        return 200, {}, {"value": [{"id": WORKSPACE}], "nextLink": f"{server_url[0]}{path}&page=2"}

    server_url: list[str] = []
    server = scripted(script)
    server_url.append(server.url)

    async def read() -> list[str]:
        async with server.open() as azure:
            return [one.name for one in (await list_workspaces(azure, [PLACE]))[0]]

    assert asyncio.run(read()) == ["law", "law-2"]


def test_a_provider_that_is_not_registered_has_nothing_and_is_left_so(scripted: Scripting) -> None:
    message = "The subscription is not registered to use namespace 'Microsoft.OperationalInsights'."
    refusal = {"error": {"code": "MissingSubscriptionRegistration", "message": message}}
    asked: list[str] = []

    def script(path: str, body: bytes) -> Reply:
        asked.append(path)
        return 409, {}, refusal

    assert _listed(scripted, script) == ([], [])
    assert [path for path in asked if "/register" in path] == []


@pytest.mark.parametrize(
    "wrong", ["", "/subscriptions/x", WORKSPACE.replace("/rg/", '/r"g\n/'), WORKSPACE + "/tables/x"]
)
def test_an_id_that_no_configuration_takes_is_no_answer(scripted: Scripting, wrong: str) -> None:
    found, (why,) = _listed(scripted, lambda path, body: (200, {}, {"value": [{"id": WORKSPACE}, {"id": wrong}]}))
    assert found == []
    assert "JSON of another shape than documented" in why


def test_a_token_that_names_no_tenant_is_told(scripted: Scripting) -> None:
    server = scripted(lambda path, body: (200, {}, {"value": []}))

    async def sign_in() -> None:
        from shared.config import CloudName, CloudSettings, Limits

        cloud = CloudSettings(
            name=CloudName.CUSTOM,
            authority=server.url,
            resource_manager=server.url,
            graph=server.url,
            log_analytics=server.url,
        )
        now = datetime.fromisoformat("2026-11-22T08:00:00Z")
        async with open_tenant(cloud, Limits(), None, now, lambda pages, objects: None):
            pass

    with pytest.raises(GatherError, match="its token does not say of which tenant it is"):
        asyncio.run(sign_in())
