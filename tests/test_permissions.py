"""What the monitor needs: no more than a target asks for, and a command that a shell takes as it was meant."""

import shlex
from pathlib import Path

import pytest

from sandbox.roles import BUILT_IN
from shared.expectations import Target
from shared.grant.asked import IDENTITY_VARIABLE, TOPIC_VARIABLE, WORKSPACES_VARIABLE
from shared.permissions import GraphNeed, RoleNeed, grant_command, needs_of, topic_need
from shared.roles import BUILT_IN_ROLES
from tests.config_texts import TENANT, WORKSPACE

TOPIC = f"/subscriptions/{TENANT}/resourceGroups/rg-logs/providers/Microsoft.EventGrid/topics/evgt"


@pytest.mark.parametrize(
    ("services", "graph"),
    [
        ((), ["Application.Read.All"]),
        (("Microsoft Intune",), ["Application.Read.All", "ServiceHealth.Read.All"]),
    ],
)
def test_service_health_is_needed_only_where_a_service_is_named(services: tuple[str, ...], graph: list[str]) -> None:
    needs = needs_of(Target(name="contoso", tenant_id=TENANT, workspace_id=WORKSPACE, services=services))
    assert [need.name for need in needs if isinstance(need, GraphNeed)] == graph
    assert [(need.name, need.scope) for need in needs if isinstance(need, RoleNeed)] == [
        ("Reader", WORKSPACE),
        ("Log Analytics Data Reader", WORKSPACE),
    ]


@pytest.mark.parametrize(
    "need",
    [*needs_of(Target(name="a", tenant_id=TENANT, workspace_id=WORKSPACE, services=("x",))), topic_need(TOPIC)],
    ids=lambda need: need.name,
)
def test_every_need_says_why_and_is_known_by_its_guid(need: GraphNeed | RoleNeed) -> None:
    assert need.why
    if isinstance(need, GraphNeed):
        assert need.app_role_id
    else:
        assert need.role_id
        assert set(need.instead) <= BUILT_IN_ROLES.keys()


def test_the_roles_are_the_ones_of_the_box() -> None:
    assert {role.name: role.id for role in BUILT_IN} == BUILT_IN_ROLES


def test_the_page_says_the_same() -> None:
    page = (Path(__file__).parents[1] / "docs" / "permissions.md").read_text(encoding="utf-8")
    target = Target(name="a", tenant_id=TENANT, workspace_id=WORKSPACE, services=("x",))
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    for need in (*needs_of(target), topic_need(TOPIC)):
        guid = need.app_role_id if isinstance(need, GraphNeed) else need.role_id
        assert any(row.startswith(f"| {need.name}") and f"`{guid}`" in row for row in rows)
    for variable in (IDENTITY_VARIABLE, WORKSPACES_VARIABLE, TOPIC_VARIABLE):
        assert any(row.startswith(f"| `{variable}`") for row in rows)


def test_the_command_names_what_it_gives_and_survives_a_shell() -> None:
    line = grant_command(
        "Dawnwatch of O'Brien", workspaces=[WORKSPACE], graph_roles=["Application.Read.All", "X.Read"], topic=TOPIC
    )
    assert shlex.split(line) == [
        *("dawnwatch", "grant", "--identity", "Dawnwatch of O'Brien"),
        *("--workspace", WORKSPACE, "--graph-role", "X.Read", "--topic", TOPIC),
    ]
