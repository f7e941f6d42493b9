"""What is wanted and what is there -> steps, as tables."""

import pytest

from shared.errors import GatherError
from shared.facts import RoleAssignment
from shared.grant.plan import Found, GraphFound, Need, Principal, State, Step, plan_grant, plan_revoke
from shared.grant.writing import assignment_name
from shared.permissions import READ_APPS, READ_SERVICE_HEALTH, RoleNeed, workspace_needs
from shared.roles import BUILT_IN_ROLES, GRAPH_APP_ROLES
from tests.config_texts import WORKSPACE

WHO, GROUP, OTHER_GROUP = (f"0a0a0a0a-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
READER, DATA_READER = workspace_needs(WORKSPACE)
SUBSCRIPTION = "/".join(WORKSPACE.split("/")[:3])
OFFERED = {**GRAPH_APP_ROLES, "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61"}
REFUSED = GatherError("Azure Resource Manager: it refused (403 AuthorizationFailed)", status=403)
BROKEN = GatherError("Azure Resource Manager: it failed on its side (503)", status=503, steps=("Try again.",))


def held(role: str, scope: str = WORKSPACE, to: str = WHO, condition: str | None = None) -> RoleAssignment:
    return RoleAssignment(
        id=f"{scope}/{role}",
        role_id=BUILT_IN_ROLES[role],
        principal_id=to,
        principal_type="ServicePrincipal" if to == WHO else "Group",
        scope=scope,
        condition=condition,
    )


def found(*roles: RoleAssignment, apps: tuple[str, ...] = (), unread: GatherError | None = None) -> Found:
    graph = GraphFound(
        service_principal_id="graph", offered=OFFERED, held={OFFERED[name]: f"grant of {name}" for name in apps}
    )
    return Found(
        principal=Principal(object_id=WHO), graph=unread or graph, roles={WORKSPACE.lower(): unread or tuple(roles)}
    )


def grant(need: Need, there: Found) -> Step:
    (step,) = plan_grant([need], there)
    return step


def revoke(need: Need, there: Found, *others: Need) -> Step:
    (step,) = plan_revoke([need], there, others)
    return step


@pytest.mark.parametrize(
    ("need", "roles", "state", "note"),
    [
        (READER, (), State.ADD, ""),
        (READER, (held("Reader"),), State.THERE, ""),
        (READER, (held("Reader", WORKSPACE.upper()),), State.THERE, ""),
        (READER, (held("Reader", SUBSCRIPTION),), State.THERE, f"inherited from {SUBSCRIPTION}"),
        (READER, (held("Reader", to=GROUP),), State.THERE, f"through the group {GROUP}"),
        (READER, (held("Log Analytics Reader"),), State.THERE, "Log Analytics Reader does instead"),
        (DATA_READER, (held("Log Analytics Reader"),), State.THERE, "Log Analytics Reader does instead"),
        (
            READER,
            (held("Owner", SUBSCRIPTION, GROUP),),
            State.THERE,
            f"Owner does instead, inherited from {SUBSCRIPTION}, through the group {GROUP}",
        ),
        (DATA_READER, (held("Reader"),), State.ADD, ""),
        (READER, (held("Log Analytics Data Reader"), held("EventGrid Data Sender")), State.ADD, ""),
        (READER, (held("Reader", condition="x"),), State.THERE, "with a condition that may limit it"),
        (READER, (held("Reader", SUBSCRIPTION, condition="x"),), State.ADD, ""),
        (READER, (held("Owner", condition="x"),), State.ADD, ""),
        (READER, (held("Owner"), held("Reader")), State.THERE, ""),
    ],
)
def test_a_role_is_added_where_nothing_does_instead(
    need: RoleNeed, roles: tuple[RoleAssignment, ...], state: State, note: str
) -> None:
    step = grant(need, found(*roles))
    assert (step.state, step.note) == (state, note)


@pytest.mark.parametrize(
    ("apps", "state", "note"),
    [
        ((), State.ADD, ""),
        (("Application.Read.All",), State.THERE, ""),
        (("Directory.Read.All",), State.THERE, "Directory.Read.All does instead"),
        (("ServiceHealth.Read.All",), State.ADD, ""),
    ],
)
def test_a_graph_permission_is_added_where_nothing_does_instead(apps: tuple[str, ...], state: State, note: str) -> None:
    step = grant(READ_APPS, found(apps=apps))
    assert (step.state, step.note) == (state, note)


@pytest.mark.parametrize(
    ("roles", "state", "note"),
    [
        ((), State.ABSENT, ""),
        ((held("Reader"),), State.REMOVE, ""),
        ((held("Log Analytics Reader"), held("Owner")), State.ABSENT, ""),
        ((held("Reader", SUBSCRIPTION),), State.KEPT, f"inherited from {SUBSCRIPTION}"),
        ((held("Reader", to=OTHER_GROUP),), State.KEPT, f"through the group {OTHER_GROUP}"),
        ((held("Reader", condition="x"),), State.KEPT, "with a condition that may limit it"),
        ((held("Reader", SUBSCRIPTION), held("Reader")), State.REMOVE, ""),
    ],
)
def test_only_what_grant_gives_is_taken_back(roles: tuple[RoleAssignment, ...], state: State, note: str) -> None:
    step = revoke(READER, found(*roles))
    assert (step.state, step.note) == (state, note)
    if state is State.REMOVE:
        assert step.assignment_id == f"{WORKSPACE}/Reader"


def test_a_graph_permission_is_taken_back_by_the_id_of_its_assignment() -> None:
    there = found(apps=("Application.Read.All", "Directory.Read.All"))
    assert revoke(READ_APPS, there).assignment_id == "grant of Application.Read.All"
    assert revoke(READ_SERVICE_HEALTH, there).state is State.ABSENT


def test_what_other_targets_need_is_kept() -> None:
    there = found(held("Reader"), apps=("Application.Read.All",))
    assert revoke(READ_APPS, there, READ_APPS).state is State.KEPT
    assert revoke(READER, there, READ_APPS, DATA_READER).state is State.REMOVE


@pytest.mark.parametrize("need", [READ_APPS, READER], ids=lambda need: need.name)
@pytest.mark.parametrize(("error", "state"), [(REFUSED, State.REFUSED), (BROKEN, State.FAILED)])
def test_what_could_not_be_read_is_neither_there_nor_to_be_changed(
    need: Need, error: GatherError, state: State
) -> None:
    for step in (grant(need, found(unread=error)), revoke(need, found(unread=error))):
        assert (step.state, step.note, step.advice) == (state, error.why, error.steps)


def test_a_role_assignment_is_named_as_bicep_names_it() -> None:
    """The vector is what the Bicep compiler makes of guid() over the same texts."""
    assert assignment_name("/subscriptions/A/x", "B-c", "Role") == "338c3dbd-c7df-5e9e-bbde-446bffdb2645"
