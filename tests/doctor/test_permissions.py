"""Rights: what a token says and what a read came to, as a table; and commands that a shell takes as they were meant."""

import shlex

import pytest

from shared.doctor.attempt import Attempt
from shared.doctor.diagnosis import Verdict
from shared.doctor.grants import graph_commands, role_commands, sender_commands
from shared.doctor.permissions import judge_graph, judge_role
from shared.errors import GatherError
from shared.gather.sign_in import NO_CLAIMS, Claims
from shared.permissions import READ_APPS, READ_SERVICE_HEALTH, workspace_needs
from tests.config_texts import TENANT, WORKSPACE

OBJECT = "33333333-4444-5555-6666-777777777777"
GRAPH = "https://graph.microsoft.com"
WORKED: Attempt[None] = Attempt()
REFUSED: Attempt[None] = Attempt(error=GatherError("Microsoft Graph: it refused (403 X)", status=403))
HUNG: Attempt[None] = Attempt(error=GatherError("Microsoft Graph: it did not answer in time"))


def an_app(*roles: str) -> Claims:
    return Claims(tid=TENANT, oid=OBJECT, appid="app", idtyp="app", roles=roles)


PERSON = Claims(tid=TENANT, oid=OBJECT, appid="cli", idtyp="user", scp="openid Directory.AccessAsUser.All")


@pytest.mark.parametrize(
    ("tried", "claims", "verdict", "said"),
    [
        (WORKED, an_app("Application.Read.All"), Verdict.OK, "the token holds Application.Read.All"),
        (WORKED, an_app("Directory.Read.All"), Verdict.OK, "the token holds Directory.Read.All"),
        (WORKED, an_app(), Verdict.OK, "though its token names no such permission"),
        (WORKED, PERSON, Verdict.OK, "by the person's own rights"),
        (REFUSED, an_app(), Verdict.FAILED, "it holds no permission at all"),
        (REFUSED, an_app("User.Read.All"), Verdict.FAILED, "it holds User.Read.All"),
        (REFUSED, an_app("Application.Read.All"), Verdict.FAILED, "and yet: Microsoft Graph: it refused (403 X)"),
        (REFUSED, PERSON, Verdict.FAILED, "Sign in as somebody who may."),
        (REFUSED, NO_CLAIMS, Verdict.FAILED, "it refused (403 X). It is for app registrations"),
        (HUNG, an_app("Application.Read.All"), Verdict.UNKNOWN, "did not answer in time"),
        (HUNG, PERSON, Verdict.UNKNOWN, "did not answer in time"),
        (HUNG, NO_CLAIMS, Verdict.UNKNOWN, "did not answer in time"),
        (HUNG, an_app(), Verdict.FAILED, "The token does not hold it"),
    ],
)
def test_a_permission_is_there_when_it_works(tried: Attempt[None], claims: Claims, verdict: Verdict, said: str) -> None:
    point = judge_graph(READ_APPS, tried, claims, GRAPH)
    assert point.verdict is verdict
    assert said in point.detail


@pytest.mark.parametrize(
    ("claims", "count"),
    [(an_app(), 3), (an_app("Application.Read.All"), 0), (PERSON, 0), (NO_CLAIMS, 0)],
)
def test_a_command_is_given_where_it_would_help(claims: Claims, count: int) -> None:
    assert len(judge_graph(READ_APPS, REFUSED, claims, GRAPH).commands) == count


@pytest.mark.parametrize(
    ("error", "claims", "verdict", "said", "commands"),
    [
        (None, an_app(), Verdict.OK, "It works: it holds Reader.", 0),
        (GatherError("it refused (403 X)", status=403), an_app(), Verdict.FAILED, "it refused (403 X). It is for", 2),
        (GatherError("it refused (403 X)", status=403), PERSON, Verdict.FAILED, "it refused", 1),
        (GatherError("it refused (403 X)", status=403), NO_CLAIMS, Verdict.FAILED, "it refused", 0),
        (GatherError("it answered 404", status=404), an_app(), Verdict.UNKNOWN, "It answered 404", 0),
        (
            GatherError("it did not accept the token (401)", status=401),
            an_app(),
            Verdict.UNKNOWN,
            "It did not accept",
            0,
        ),
    ],
)
def test_a_role_is_there_when_it_works(
    error: GatherError | None, claims: Claims, verdict: Verdict, said: str, commands: int
) -> None:
    reader, _ = workspace_needs(WORKSPACE)
    point = judge_role(reader, Attempt(("Reader",), error), claims)
    assert (point.verdict, len(point.commands)) == (verdict, commands)
    assert said in point.detail


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (("Owner", "Reader"), "it holds Owner and Reader"),
        (("Log Analytics Data Reader", "Reader"), "it holds Reader."),
        (("0ab1c2d3-custom",), "it holds 0ab1c2d3-custom"),
        ((), "through a role that is not listed here"),
    ],
)
def test_how_a_role_works_is_said(held: tuple[str, ...], said: str) -> None:
    reader, _ = workspace_needs(WORKSPACE)
    assert said in judge_role(reader, Attempt(held), an_app()).detail


def test_the_commands_name_who_and_what_and_where() -> None:
    own, az, powershell = graph_commands(READ_SERVICE_HEALTH, OBJECT, TENANT, GRAPH)
    assert own == f"dawnwatch grant --identity {OBJECT} --graph-role ServiceHealth.Read.All"
    words = shlex.split(az)
    assert f"{GRAPH}/v1.0/servicePrincipals/{OBJECT}/appRoleAssignments" in words
    assert words[-1].startswith(f'{{"principalId": "{OBJECT}", "appRoleId": "{READ_SERVICE_HEALTH.app_role_id}"')
    assert words[-1].endswith('--query id --output tsv)"}')
    assert powershell.startswith(f"Connect-MgGraph -TenantId {TENANT} -Scopes ")
    assert f"-PrincipalId {OBJECT} -AppRoleId {READ_SERVICE_HEALTH.app_role_id}" in powershell
    own, az = role_commands(workspace_needs(WORKSPACE)[1], OBJECT, is_person=False)
    assert own == f"dawnwatch grant --identity {OBJECT} --workspace {WORKSPACE}"
    who = ["--assignee-object-id", OBJECT, "--assignee-principal-type", "ServicePrincipal"]
    what = ["--role", "Log Analytics Data Reader", "--scope", WORKSPACE]
    assert shlex.split(az) == ["az", "role", "assignment", "create", *who, *what]


def test_a_national_cloud_is_named_to_powershell() -> None:
    *_, powershell = graph_commands(READ_APPS, OBJECT, None, "https://graph.microsoft.us")
    assert powershell.startswith("Connect-MgGraph -Scopes ")
    assert " -Environment USGov; New-MgServicePrincipalAppRoleAssignment " in powershell


def test_a_topic_is_found_by_its_host_and_a_person_is_one() -> None:
    (az,) = sender_commands("evgt.westeurope-1.eventgrid.azure.net", OBJECT, is_person=True)
    assert "--assignee-principal-type User" in az
    assert "contains(endpoint, 'evgt.westeurope-1.eventgrid.azure.net')" in az
    own, _ = sender_commands("evgt", OBJECT, is_person=False)
    assert own.startswith(f"dawnwatch grant --identity {OBJECT} --topic ")
