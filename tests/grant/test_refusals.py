"""Who may not do all of it: the rest is done, and an administrator is told exactly what to run."""

import shlex

import pytest

from sandbox import Fault
from shared.errors import GatherError
from shared.grant.by_hand import AZURE_ADMINISTRATORS, GRAPH_ADMINISTRATORS
from shared.grant.report import Instead, Part
from tests.grant.granting import DATA, NAME, READ_APPS, READER, Granting, Grants, states


def without_graph_rights(box: Granting, *kept: str) -> None:
    assert box.tenant.administrator is not None
    box.tenant.administrator.app_roles[:] = kept


def without_azure_rights(box: Granting, *roles: str) -> None:
    box.tenant.unassign_roles("Administrator")
    for role in roles:
        box.tenant.assign_role("Administrator", role, "subscription")


def instead_of(part: Part) -> Instead:
    assert part.instead is not None
    return part.instead


def test_who_may_not_grant_permissions_still_assigns_roles(grants: Grants) -> None:
    box = grants()
    without_graph_rights(box, READ_APPS)
    report = box.run()
    (part,) = report.parts
    assert states(part) == {READ_APPS: "refused", READER: "added", DATA: "added"}
    assert (report.outcome, report.exit_status) == ("refused", 3)
    instead = instead_of(part)
    assert instead.who == (GRAPH_ADMINISTRATORS,)
    command = ["dawnwatch", "grant", "--identity", box.tenant.monitor.object_id, "--workspace", box.workspace]
    assert shlex.split(instead.command) == command
    assert [line.split()[0] for line in instead.by_hand] == [
        "az",
        "Connect-MgGraph",
        "New-MgServicePrincipalAppRoleAssignment",
    ]
    assert f"{box.box.url}/v1.0/servicePrincipals/{box.tenant.monitor.object_id}/" in instead.by_hand[0]
    assert f"-TenantId {box.tenant.tenant_id} " in instead.by_hand[1]


@pytest.mark.parametrize("roles", [(), (READER,), ("Contributor",)], ids=["nothing", "Reader", "Contributor"])
def test_who_may_not_assign_roles_still_grants_permissions(grants: Grants, roles: tuple[str, ...]) -> None:
    box = grants()
    without_azure_rights(box, *roles)
    report = box.run()
    (part,) = report.parts
    assert states(part) == {READ_APPS: "added", READER: "refused", DATA: "refused"}
    assert report.exit_status == 3
    assert instead_of(part).who == (AZURE_ADMINISTRATORS,)
    assert [shlex.split(line)[-3:] for line in instead_of(part).by_hand] == [
        [role, "--scope", box.workspace] for role in (READER, DATA)
    ]


@pytest.mark.parametrize("role", ["Owner", "User Access Administrator"])
def test_who_may_assign_roles_without_owning_anything_else_does(grants: Grants, role: str) -> None:
    box = grants()
    without_azure_rights(box, role)
    assert box.run().exit_status == 0


def test_who_may_read_no_directory_assigns_roles_to_an_object_id(grants: Grants) -> None:
    box = grants()
    without_graph_rights(box)
    object_id = box.tenant.monitor.object_id
    report = box.run(identity=object_id)
    assert states(report.parts[0]) == {READ_APPS: "refused", READER: "added", DATA: "added"}
    assert f"{object_id} is taken for its object id" in report.notices[0]
    assert "az ad sp show" in instead_of(report.parts[0]).by_hand[0]


def test_who_may_read_no_directory_is_told_who_can_look_a_name_up(grants: Grants) -> None:
    box = grants()
    without_graph_rights(box)
    with pytest.raises(GatherError, match="Authorization_RequestDenied") as caught:
        box.run()
    assert caught.value.steps[0].startswith("Sign in as somebody who may read the directory")
    assert f"to run: dawnwatch grant --identity {NAME} --workspace {box.workspace}" in caught.value.steps[-1]
    assert box.writes() == []


def test_what_may_not_be_taken_back_is_told_with_what_it_is_called(grants: Grants) -> None:
    box = grants()
    box.run()
    without_azure_rights(box, READER)
    without_graph_rights(box, READ_APPS)
    report = box.run(revoke=True)
    (part,) = report.parts
    assert states(part) == dict.fromkeys((READ_APPS, READER, DATA), "refused")
    ids = {one.id for one in box.tenant.assignments if one.principal_id == box.tenant.monitor.object_id}
    assert [line.split()[:4] for line in instead_of(part).by_hand[:2]] == [["az", "role", "assignment", "delete"]] * 2
    assert {line.rsplit("/", 1)[-1] for line in instead_of(part).by_hand[:2]} == ids
    assert instead_of(part).command.endswith(" --revoke")


def test_a_plan_tells_what_cannot_be_read_before_anything_is_agreed_to(grants: Grants) -> None:
    box = grants()
    box.break_down(Fault(service="arm", kind="forbidden", path_contains="roleAssignments"))
    report = box.run(lambda plan: False)
    assert states(report.parts[0]) == {READ_APPS: "add", READER: "refused", DATA: "refused"}
    assert instead_of(report.parts[0]).by_hand
    assert (report.exit_status, box.writes()) == (3, [])
