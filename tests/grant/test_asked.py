"""Options and environment: what is meant, and every mistake at once."""

from argparse import Namespace
from collections.abc import Mapping

import pytest

from shared.errors import ConfigError
from shared.grant.asked import Asked, read_asked
from tests.config_texts import TENANT, WORKSPACE

OTHER = WORKSPACE.replace("law-contoso", "law-other")
TOPIC = f"/subscriptions/{TENANT}/resourceGroups/rg-logs/providers/Microsoft.EventGrid/topics/evgt"
FROM_AZD = {
    "DAWNWATCH_IDENTITY_PRINCIPAL_ID": TENANT,
    "DAWNWATCH_WORKSPACES": f"{WORKSPACE}, {OTHER},",
    "DAWNWATCH_TOPIC_ID": TOPIC,
}


def asked(environ: Mapping[str, str] | None = None, **options: object) -> Asked:
    given = {"identity": None, "workspace": None, "graph_role": None, "topic": None}
    return read_asked(Namespace(**(given | options)), environ or {})


def test_everything_can_come_from_the_environment() -> None:
    found = asked(FROM_AZD)
    assert (found.identity, found.topic, found.alone) == (TENANT, TOPIC, False)
    assert list(found.workspaces) == [WORKSPACE, OTHER]
    assert found.identity_origin.file == "environment"


def test_an_option_wins_over_the_environment() -> None:
    found = asked(FROM_AZD, identity="id-dawnwatch", workspace=[OTHER], topic=TOPIC + "2")
    assert (found.identity, found.topic, found.alone) == ("id-dawnwatch", TOPIC + "2", True)
    assert list(found.workspaces) == [OTHER]
    assert found.identity_origin.file == "command line"


def test_an_empty_variable_says_nothing() -> None:
    found = asked(dict.fromkeys(FROM_AZD, " "))
    assert (found.identity, found.topic, dict(found.workspaces)) == (None, None, {})


def test_what_differs_in_case_or_a_slash_at_its_end_is_named_once() -> None:
    assert len(asked(workspace=[WORKSPACE, WORKSPACE.upper(), f"{WORKSPACE}/"]).workspaces) == 1


@pytest.mark.parametrize(
    "role", ["ServiceHealth.Read.All", "Directory.Read.All", "User.ReadBasic.All", "Policy.Read.ConditionalAccess"]
)
def test_a_permission_to_read_can_be_asked_for(role: str) -> None:
    assert asked(graph_role=[role]).graph_roles == (role,)


@pytest.mark.parametrize(
    "role",
    ["RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All", "Mail.Send", "Read", "x'; y", "A" * 90],
)
def test_nothing_but_a_permission_to_read_can_be_asked_for(role: str) -> None:
    with pytest.raises(ConfigError, match="is no permission to read"):
        asked(graph_role=[role])


def test_every_mistake_is_named_at_once_and_where_it_was_made() -> None:
    with pytest.raises(ConfigError) as caught:
        asked(
            {"DAWNWATCH_WORKSPACES": f"law-contoso,{WORKSPACE}"},
            identity="two\nlines",
            graph_role=["Mail.Send"],
            topic="https://evgt.westeurope-1.eventgrid.azure.net/api/events",
        )
    assert [(one.file, one.key) for one in caught.value.mistakes] == [
        ("command line", "--identity"),
        ("environment", "DAWNWATCH_WORKSPACES"),
        ("command line", "--graph-role"),
        ("command line", "--topic"),
    ]
    assert 'not "law-contoso"' in str(caught.value)
    assert "not a URL" in str(caught.value)
