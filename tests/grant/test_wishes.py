"""Who is to be given what in which tenant: by targets, by single workspaces, and in what other tenants."""

import shlex

import pytest

from shared.errors import ConfigError
from shared.expectations import Identity, Target
from shared.grant.asked import COMMAND_LINE, ENVIRONMENT, Asked, Origin
from shared.grant.plan import Need
from shared.grant.wishes import Wish, make_wishes, sort_out
from shared.permissions import RoleNeed
from tests.config_texts import WORKSPACE
from tests.grant.test_asked import OTHER, TOPIC

HOME = "aaaaaaaa-0000-4000-8000-000000000001"
ABROAD = "bbbbbbbb-0000-4000-8000-000000000002"
APP = Identity(client_id="cccccccc-0000-4000-8000-000000000003", federated_by="system")
CONTOSO = Target(name="contoso", tenant_id=HOME, workspace_id=WORKSPACE)
SECOND = Target(name="second", tenant_id=HOME.upper(), workspace_id=OTHER, services=("Microsoft Intune",))
FABRIKAM = Target(name="fabrikam", tenant_id=ABROAD, workspace_id=OTHER, identity=APP)
READ_APPS, HEALTH, READER, DATA, SENDER = (
    "Application.Read.All",
    "ServiceHealth.Read.All",
    "Reader",
    "Log Analytics Data Reader",
    "EventGrid Data Sender",
)


def asked(*workspaces: str, file: str = COMMAND_LINE, topic_file: str = COMMAND_LINE, **more: object) -> Asked:
    given: dict[str, object] = {"identity": "id-dawnwatch", "topic": None, "graph_roles": ()}
    return Asked(
        identity_origin=Origin(COMMAND_LINE, "--identity"),
        workspaces=dict.fromkeys(workspaces, Origin(file, "--workspace")),
        alone=bool(workspaces) and file == COMMAND_LINE,
        topic_origin=Origin(topic_file, "--topic"),
        **(given | more),  # type: ignore[arg-type]  # the fields that the tests vary
    )


def here(asking: Asked, *targets: Target, everything: bool = True, known: tuple[Target, ...] = ()) -> tuple[Wish, ...]:
    return sort_out(make_wishes(asking, targets, everything=everything), HOME, known or targets)[0]


def said(needs: tuple[Need, ...]) -> list[str]:
    return [
        f"{need.name} {need.scope.rsplit('/', 1)[-1]}" if isinstance(need, RoleNeed) else need.name for need in needs
    ]


def test_a_target_needs_its_graph_permissions_and_roles_on_its_workspace() -> None:
    (wish,) = here(asked(), SECOND)
    assert said(wish.needs) == [READ_APPS, HEALTH, f"{READER} law-other", f"{DATA} law-other"]
    assert (wish.tenant_id, wish.identity, wish.targets) == (HOME, "id-dawnwatch", ("second",))


def test_the_targets_of_a_tenant_share_what_is_of_the_tenant() -> None:
    (wish,) = here(asked(), CONTOSO, SECOND)
    places = [f"{role} {name}" for name in ("law-contoso", "law-other") for role in (READER, DATA)]
    assert said(wish.needs) == [READ_APPS, HEALTH, *places]


def test_workspaces_of_the_command_line_stand_alone() -> None:
    (wish,) = here(asked(OTHER), CONTOSO)
    assert said(wish.needs) == [READ_APPS, f"{READER} law-other", f"{DATA} law-other"]
    assert wish.targets == ()


@pytest.mark.parametrize(("everything", "count"), [(True, 5), (False, 3)])
def test_workspaces_of_the_environment_come_to_the_targets_unless_some_are_chosen(everything: bool, count: int) -> None:
    (wish,) = here(asked(OTHER, WORKSPACE.upper(), file=ENVIRONMENT), CONTOSO, everything=everything)
    assert len(wish.needs) == count


@pytest.mark.parametrize(
    ("topic_file", "everything", "meant"),
    [(COMMAND_LINE, True, True), (COMMAND_LINE, False, True), (ENVIRONMENT, True, True), (ENVIRONMENT, False, False)],
)
def test_the_topic_of_the_environment_is_not_meant_where_targets_are_chosen(
    topic_file: str, everything: bool, meant: bool
) -> None:
    (wish,) = here(asked(topic=TOPIC, topic_file=topic_file), CONTOSO, everything=everything)
    assert (f"{SENDER} evgt" in said(wish.needs)) is meant


def test_more_permissions_are_given_only_where_they_are_asked_for() -> None:
    (wish,) = here(asked(graph_roles=("Directory.Read.All", "application.read.all")), CONTOSO)
    assert said(wish.needs)[:2] == [READ_APPS, "Directory.Read.All"]


def test_a_target_with_an_identity_of_its_own_is_its_tenants_business() -> None:
    wishes = make_wishes(asked(), (CONTOSO, FABRIKAM), everything=True)
    (own,), (other,) = sort_out(wishes, HOME, (CONTOSO, FABRIKAM))
    assert (own.identity, own.targets) == ("id-dawnwatch", ("contoso",))
    assert (other.identity, other.tenant_id, other.targets) == (APP.client_id, ABROAD, ("fabrikam",))
    (own,), (other,) = sort_out(wishes, ABROAD, (CONTOSO, FABRIKAM))
    assert (own.identity, other.identity) == (APP.client_id, "id-dawnwatch")


def test_only_the_monitors_own_identity_must_be_named() -> None:
    assert make_wishes(asked(identity=None), (FABRIKAM,), everything=True)
    with pytest.raises(ConfigError, match="--identity: is missing"):
        make_wishes(asked(identity=None), (CONTOSO, FABRIKAM), everything=True)


def test_nothing_named_is_a_mistake_and_both_are_told() -> None:
    with pytest.raises(ConfigError) as caught:
        make_wishes(asked(identity=None), (), everything=True)
    assert [one.key for one in caught.value.mistakes] == ["--workspace", "--identity"]


@pytest.mark.parametrize(
    ("asking", "chosen", "others"),
    [
        (asked(), (CONTOSO, SECOND), []),
        (asked(), (CONTOSO,), [READ_APPS, HEALTH, f"{READER} law-other", f"{DATA} law-other"]),
        (asked(OTHER), (), [READ_APPS, f"{READER} law-contoso", f"{DATA} law-contoso"]),
    ],
)
def test_what_other_targets_of_the_tenant_need_is_known(
    asking: Asked, chosen: tuple[Target, ...], others: list[str]
) -> None:
    (wish,) = here(asking, *chosen, known=(CONTOSO, SECOND, FABRIKAM))
    assert said(wish.others) == others


def test_the_command_says_all_that_is_wished_for() -> None:
    (wish,) = here(asked(topic=TOPIC), SECOND)
    assert shlex.split(wish.command(None, revoke=True)) == [
        *("dawnwatch", "grant", "--identity", "id-dawnwatch", "--workspace", OTHER),
        *("--graph-role", HEALTH, "--topic", TOPIC, "--revoke"),
    ]
