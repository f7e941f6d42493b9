"""Grants and revocations in a box whose monitor has nothing: what comes of them, and what the monitor sees then."""

import pytest

from sandbox import Fault
from sandbox.records import GRAPH_APP_ID
from sandbox.roles import GRAPH_ROLES
from shared.errors import GatherError
from shared.grant.plan import State
from shared.grant.report import GrantReport
from tests.grant.granting import DATA, HEALTH, NAME, READ_APPS, READER, SENDER, Granting, Grants, all_of, no, states

SERVICE = '[[target.service]]\nname = "Microsoft Intune"\n'


def test_everything_that_is_needed_is_given_and_the_next_time_there_is_nothing_to_do(grants: Grants) -> None:
    box = grants(expected=SERVICE)
    report = box.run(topic=box.topic)
    (part,) = report.parts
    assert states(part) == dict.fromkeys((READ_APPS, HEALTH, READER, DATA, SENDER), "added")
    assert (report.outcome, report.exit_status, part.found.principal.name) == ("done", 0, NAME)
    assert len(box.writes()) == 5
    again = box.run(topic=box.topic)
    assert all_of(again.parts[0], State.THERE)
    assert (again.outcome, again.exit_status, len(box.writes())) == ("nothing", 0, 5)


@pytest.mark.parametrize("way", ["name", "object id", "client id"])
def test_the_identity_is_found_by_any_of_its_names(grants: Grants, way: str) -> None:
    box = grants()
    monitor = box.tenant.monitor
    identity = {"name": NAME.upper(), "object id": monitor.object_id.upper(), "client id": monitor.client_id}[way]
    (part,) = box.run(no, identity=identity).parts
    assert part.found.principal.object_id == monitor.object_id


def test_nothing_is_changed_until_it_is_agreed_to(grants: Grants) -> None:
    box = grants()
    report = box.run(no)
    assert all_of(report.parts[0], State.ADD)
    assert (report.outcome, report.exit_status, box.writes()) == ("planned", 1, [])


def test_it_takes_back_exactly_what_it_gives(grants: Grants) -> None:
    box = grants(expected=SERVICE)
    tenant = box.tenant
    tenant.assign_role(NAME, "Log Analytics Contributor", "workspace")
    tenant.assign_role(NAME, READER, "subscription")
    tenant.assign_role("Administrator", READER, "workspace")
    held = tenant.service_principal(NAME).granted
    before = (list(tenant.assignments), list(held))
    tenant.assign_role(NAME, READER, "workspace")
    tenant.assign_role(NAME, DATA, "workspace")
    _hold(box, READ_APPS, "Directory.Read.All")
    report = box.run(revoke=True)
    assert states(report.parts[0]) == {READ_APPS: "removed", HEALTH: "absent", READER: "removed", DATA: "removed"}
    assert tenant.assignments == before[0]
    assert held[0].roles == [(GRAPH_ROLES["Directory.Read.All"], "Directory.Read.All")]
    again = box.run(revoke=True)
    assert states(again.parts[0]) == {READ_APPS: "absent", HEALTH: "absent", READER: "kept", DATA: "absent"}
    assert (again.outcome, again.exit_status) == ("nothing", 0)


def _hold(box: Granting, *names: str) -> None:
    from sandbox.records import Permission

    box.tenant.service_principal(NAME).granted.append(
        Permission(api=GRAPH_APP_ID, roles=[(GRAPH_ROLES[name], name) for name in names])
    )


def test_a_role_assignment_is_called_the_same_every_time(grants: Grants) -> None:
    box = grants()
    box.run()
    names = {one.id for one in box.tenant.assignments}
    box.run(revoke=True)
    assert len(box.tenant.assignments) == len(names) - 2
    box.run()
    assert {one.id for one in box.tenant.assignments} == names


def test_what_somebody_else_adds_meanwhile_counts_as_there(grants: Grants) -> None:
    box = grants()

    def agree_late(plan: GrantReport) -> bool:
        box.tenant.assign_role(NAME, READER, "workspace")
        _hold(box, READ_APPS)
        return True

    report = box.run(agree_late)
    assert states(report.parts[0]) == {READ_APPS: "there", READER: "there", DATA: "added"}
    assert report.exit_status == 0


def test_what_somebody_else_removes_meanwhile_counts_as_absent(grants: Grants) -> None:
    box = grants()
    box.run()

    def agree_late(plan: GrantReport) -> bool:
        box.tenant.unassign_roles(NAME)
        box.tenant.service_principal(NAME).granted.clear()
        return True

    report = box.run(agree_late, revoke=True)
    assert all_of(report.parts[0], State.ABSENT)
    assert report.exit_status == 0


def test_a_new_principal_is_waited_for_until_azure_knows_it(grants: Grants) -> None:
    box = grants()
    box.break_down(Fault(service="arm", kind="unreplicated", times=3))
    box.break_down(Fault(service="graph", kind="status", status=404, path_contains="appRoleAssignedTo", times=1))
    report = box.run()
    assert all_of(report.parts[0], State.ADDED)
    assert (box.writes().count("PUT roleAssignments"), len(box.writes())) == (5, 7)


def test_a_principal_that_never_becomes_known_is_a_failure_that_says_so(grants: Grants) -> None:
    box = grants()
    box.break_down(Fault(service="arm", kind="unreplicated"), hurried=True)
    report = box.run()
    assert states(report.parts[0]) == {READ_APPS: "added", READER: "failed", DATA: "failed"}
    assert "does not know this principal (yet)" in report.parts[0].steps[1].note
    assert (report.outcome, report.exit_status) == ("refused", 3)


@pytest.mark.parametrize(("times", "state"), [(2, "added"), (None, "failed")])
def test_a_failing_service_is_tried_again_and_then_said(grants: Grants, times: int | None, state: str) -> None:
    box = grants()
    path = "/roleAssignments/"
    fault = Fault(service="arm", kind="status", status=503, path_contains=path, times=times)
    box.break_down(fault, hurried=times is None)
    report = box.run()
    assert states(report.parts[0]) == {READ_APPS: "added", READER: state, DATA: state}


def test_an_identity_that_was_deployed_a_moment_ago_is_waited_for(grants: Grants) -> None:
    box = grants()
    object_id = box.tenant.monitor.object_id
    box.environ["DAWNWATCH_IDENTITY_PRINCIPAL_ID"] = object_id
    path = f"/servicePrincipals/{object_id}"
    box.break_down(Fault(service="graph", kind="status", status=404, path_contains=path, times=2))
    assert all_of(box.run(identity=None).parts[0], State.ADDED)


def test_all_of_it_can_come_from_the_environment_of_a_deployment(grants: Grants) -> None:
    box = grants()
    box.environ = {
        "DAWNWATCH_IDENTITY_PRINCIPAL_ID": box.tenant.monitor.object_id,
        "DAWNWATCH_WORKSPACES": f"{box.workspace},",
        "DAWNWATCH_TOPIC_ID": box.topic,
    }
    report = box.run(identity=None)
    assert states(report.parts[0]) == dict.fromkeys((READ_APPS, READER, DATA, SENDER), "added")


def test_nobody_signed_in_is_told_how_to(grants: Grants) -> None:
    box = grants(limits="[limits]\npatience_s = 1\n")
    box.monkeypatch.delenv("AZURE_CLIENT_SECRET")
    with pytest.raises(GatherError, match="no identity to sign in with was found") as caught:
        box.run()
    assert caught.value.steps == ("Run `az login`; for another tenant, `az login --tenant <tenant id>`.",)
    assert box.writes() == []


def test_a_sign_in_that_is_refused_says_so_and_quotes_nothing(grants: Grants) -> None:
    box = grants()
    box.monkeypatch.setenv("AZURE_CLIENT_SECRET", "stale-secret-of-somebody")
    with pytest.raises(GatherError, match=r"Microsoft Entra ID refused a token \(401 AADSTS7000215\)") as caught:
        box.run()
    assert "stale" not in f"{caught.value} {caught.value.steps}"


def test_a_topic_that_is_configured_but_not_named_is_said(grants: Grants) -> None:
    box = grants()
    box.expected = f'[notify.event_grid]\ntopic = "{box.box.topic_url}"\n'
    assert any("Name its resource id with --topic" in notice for notice in box.run(no).notices)
    assert not any("--topic" in notice for notice in box.run(no, topic=box.topic).notices)
