"""What was seen, for the tests of what is made of it."""

from collections.abc import Iterable

from shared.config import CloudSettings, load_profiles
from shared.facts import Unread
from shared.init.propose import Proposal, Wishes, propose
from shared.init.seen import ConnectionApp, Seen, SeenWorkspace, Subscription, Tenant, Workspace

TENANT_ID = "c0470500-1111-4a4a-8b8b-0123456789ab"
CONTOSO = Tenant(TENANT_ID, "Contoso", "contoso.onmicrosoft.com")
BOTH = ("CmCollectionData.read", "CmCollectionData.write")
APP = ConnectionApp("da0c0117-ec71-4011-8000-abcdefabcdef", "ConfigMgrSvc_1", BOTH)
UNREAD = Unread(
    scope="tables", what="the tables of law", why="it refused (403)", hides="which data it gets", steps=("Ask.",)
)
TABLES = {
    name: frozenset(table for snapshot in profile.rows.snapshots for table in snapshot.tables)
    for name, profile in load_profiles().items()
}


def a_workspace(name: str = "law-contoso", group: str = "rg", subscription: str = "Contoso") -> Workspace:
    place = Subscription("5ab5c111-2222-4333-8444-555566667777", subscription, TENANT_ID)
    path = f"/subscriptions/{place.id}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
    return Workspace(path, place, "aa5b02d5-5bf4-430c-9487-45502a2a7e62")


def a_sight(
    name: str = "law-contoso",
    *,
    solutions: Iterable[str] | None = (),
    tables: Iterable[str] | None = (),
    workspace: Workspace | None = None,
) -> SeenWorkspace:
    return SeenWorkspace(
        workspace or a_workspace(name),
        None if solutions is None else frozenset(solutions),
        None if tables is None else frozenset(tables),
    )


def seen(
    *workspaces: SeenWorkspace,
    tenant: Tenant = CONTOSO,
    apps: tuple[ConnectionApp, ...] | None = (),
    services: Iterable[str] | None = None,
    unread: tuple[Unread, ...] = (),
    strangers: tuple[Workspace, ...] = (),
) -> Seen:
    return Seen(
        tenant=tenant,
        workspaces=workspaces or (a_sight(),),
        strangers=strangers,
        apps=apps,
        services=None if services is None else frozenset(services),
        unread=unread,
    )


def proposed(found: Seen, wishes: Wishes | None = None, cloud: CloudSettings | None = None) -> Proposal:
    return propose(found, found.workspaces, wishes or Wishes(), cloud or CloudSettings(), load_profiles())
