"""The commands for an administrator: a shell takes them as they were meant, and they look up what was not read."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from shared.config import CloudName
from shared.grant.by_hand import AZURE_ADMINISTRATORS, GRAPH_ADMINISTRATORS, ByHand, administrators
from shared.grant.plan import GraphFound, Need, Principal, State, Step
from shared.permissions import READ_APPS, GraphNeed
from tests.config_texts import TENANT, WORKSPACE
from tests.grant.test_plan import DATA_READER, OFFERED, READER, WHO

ASKED = GraphNeed(name="Directory.Read.All", why="asked for")
GRAPH = GraphFound(service_principal_id="9a9a9a9a-0000-4000-8000-000000000001", offered=OFFERED, held={})


def by_hand(
    *needs: Need,
    graph: GraphFound | None = GRAPH,
    revoke: bool = False,
    cloud: str = "public",
    assignment_id: str | None = None,
) -> tuple[str, ...]:
    made = ByHand(
        principal=Principal(object_id=WHO),
        graph=graph,
        tenant_id=TENANT,
        cloud=CloudName(cloud),
        address="https://graph.microsoft.com",
        revoke=revoke,
    )
    return made.commands([Step(need=need, state=State.REFUSED, assignment_id=assignment_id) for need in needs])


def test_a_role_is_assigned_by_the_azure_cli() -> None:
    (line,) = by_hand(DATA_READER)
    assert shlex.split(line) == [
        *("az", "role", "assignment", "create", "--assignee-object-id", WHO),
        *("--assignee-principal-type", "ServicePrincipal", "--role", "Log Analytics Data Reader", "--scope", WORKSPACE),
    ]


@pytest.mark.parametrize(
    ("assignment_id", "words"),
    [("/x/y", ["--ids", "/x/y"]), (None, ["--assignee", WHO, "--role", "Reader", "--scope", WORKSPACE])],
)
def test_a_role_is_taken_by_its_id_where_that_is_known(assignment_id: str | None, words: list[str]) -> None:
    (line,) = by_hand(READER, revoke=True, assignment_id=assignment_id)
    assert shlex.split(line) == ["az", "role", "assignment", "delete", *words]


def test_a_graph_permission_is_granted_by_the_azure_cli_or_by_powershell() -> None:
    rest, connect, new = by_hand(READ_APPS)
    words = shlex.split(rest)
    assert words[:4] == ["az", "rest", "--method", "POST"]
    role = OFFERED["Application.Read.All"]
    assert json.loads(words[-1]) == {"principalId": WHO, "resourceId": GRAPH.service_principal_id, "appRoleId": role}
    assert connect == (
        f"Connect-MgGraph -TenantId {TENANT} -Scopes AppRoleAssignment.ReadWrite.All, Application.Read.All"
    )
    assert new == (
        f"New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId {WHO} -PrincipalId {WHO} "
        f"-ResourceId {GRAPH.service_principal_id} -AppRoleId {role}"
    )


@pytest.mark.parametrize(
    ("cloud", "end"), [("usgov", " -Environment USGov"), ("china", " -Environment China"), ("public", "Read.All")]
)
def test_powershell_signs_in_to_the_right_cloud(cloud: str, end: str) -> None:
    assert by_hand(READ_APPS, cloud=cloud)[1].endswith(end)


def run_with_a_fake_az(line: str, folder: Path) -> list[list[str]]:
    """Run a line in a real shell, where az writes down how it was called and answers with a word."""
    az = folder / "az"
    az.write_text(
        '#!/bin/sh\n{ for word in "$@"; do printf "%s\\n" "$word"; done; echo "--"; } >>calls\necho looked-up\n'
    )
    az.chmod(0o755)
    subprocess.run(["/bin/sh", "-c", line], cwd=folder, env={"PATH": f"{folder}:/usr/bin:/bin"}, check=True)
    calls = (folder / "calls").read_text().split("--\n")
    return [call.splitlines() for call in calls if call]


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="needs a POSIX shell")
@pytest.mark.parametrize("need", [READ_APPS, ASKED], ids=lambda need: need.name)
def test_what_was_not_read_is_looked_up_by_the_command_itself(need: GraphNeed, tmp_path: Path) -> None:
    *looked_up, last = run_with_a_fake_az(by_hand(need, graph=None)[0], tmp_path)
    assert json.loads(last[-1])["resourceId"] == "looked-up"
    assert json.loads(last[-1])["appRoleId"] == (need.app_role_id or "looked-up")
    asked = [call[call.index("--query") + 1] for call in looked_up]
    assert asked == ["id", *(["appRoles[?value=='Directory.Read.All'].id | [0]"] if need is ASKED else [])]


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="needs a POSIX shell")
@pytest.mark.parametrize("graph", [GRAPH, None], ids=["read", "unread"])
def test_a_graph_permission_is_taken_by_an_id_that_the_command_looks_up(
    graph: GraphFound | None, tmp_path: Path
) -> None:
    *looked_up, last = run_with_a_fake_az(by_hand(READ_APPS, graph=graph, revoke=True)[0], tmp_path)
    held = f"https://graph.microsoft.com/v1.0/servicePrincipals/{WHO}/appRoleAssignments"
    assert last == ["rest", "--method", "DELETE", "--url", f"{held}/looked-up"]
    role = OFFERED["Application.Read.All"]
    assert [call[:5] for call in looked_up] == [
        ["rest", "--url", held, "--query", f"value[?appRoleId=='{role}'].id | [0]"]
    ]


def test_powershell_takes_only_the_one_permission() -> None:
    line = by_hand(READ_APPS, revoke=True)[-1]
    assert f"Where-Object AppRoleId -eq {OFFERED['Application.Read.All']} |" in line
    assert line.count(f"-ServicePrincipalId {WHO}") == 2


@pytest.mark.parametrize(
    ("needs", "who"),
    [
        ((READ_APPS,), (GRAPH_ADMINISTRATORS,)),
        ((READER,), (AZURE_ADMINISTRATORS,)),
        ((READER, READ_APPS), (GRAPH_ADMINISTRATORS, AZURE_ADMINISTRATORS)),
    ],
)
def test_who_may_do_it_depends_on_what_it_is(needs: tuple[Need, ...], who: tuple[str, ...]) -> None:
    assert administrators([Step(need=need, state=State.REFUSED) for need in needs]) == who
