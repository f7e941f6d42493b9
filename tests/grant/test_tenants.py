"""What is not there, or not in this tenant: all of it is told before anything is changed, and what to run elsewhere."""

import shlex

import pytest

from sandbox import Fault
from sandbox.records import ServicePrincipal
from shared.errors import GatherError
from shared.expectations import Identity
from tests.grant.granting import DATA, NAME, READ_APPS, READER, Granting, Grants, administrator_of, no, states

GUID = "0a1b2c3d-0000-4000-8000-000000000001"


def test_every_mistake_is_told_at_once_before_anything_is_changed(grants: Grants) -> None:
    box = grants()
    gone = box.workspace.replace("law-tailspin", "law-gone")
    nowhere = box.workspace.replace("5ab5c333", "5ab5c334")
    found = box.mistakes(
        identity="Nobody",
        workspace=[gone, nowhere, box.workspace],
        graph_role=["ServiceHealth.Read.Al"],
        topic=f"{box.topic}2",
    )
    assert [key for key, _ in found] == ["--identity", "--graph-role", "--workspace", "--workspace", "--topic"]
    problems = [problem for _, problem in found]
    assert '"Nobody" is no service principal in the tenant' in problems[0]
    assert "did you mean ServiceHealth.Read.All?" in problems[1]
    assert problems[2].startswith("law-gone: there is no such resource (ResourceNotFound)")
    assert "there is no such subscription" in problems[3]
    assert problems[4].startswith("evgt-tailspin2: there is no such resource")


def test_a_workspace_of_a_target_is_told_by_the_targets_name(grants: Grants) -> None:
    box = grants()
    box.tenant.workspace.exists = False
    assert [key for key, _ in box.mistakes()] == ["tailspin"]


@pytest.mark.parametrize("identity", [GUID, "5e7197c1"])
def test_an_identity_that_is_nobodys_is_told(grants: Grants, identity: str) -> None:
    ((key, problem),) = grants().mistakes(identity=identity)
    assert key == "--identity"
    assert f'"{identity}" is no service principal' in problem


def test_the_object_id_of_a_registration_is_not_its_service_principals(grants: Grants) -> None:
    box = grants("contoso")
    app = box.box.tenant("contoso").applications[0]
    ((_, problem),) = box.mistakes(identity=app.id)
    assert "the object id of an app registration is not its service principal's" in problem


def test_two_identities_of_one_name_are_told_apart_by_their_ids(grants: Grants) -> None:
    box = grants()
    box.tenant.service_principals.append(ServicePrincipal(id=GUID, app_id=GUID, name=NAME))
    ((_, problem),) = box.mistakes()
    assert problem.startswith('2 service principals are called "Dawnwatch"')
    assert f"{box.tenant.monitor.object_id} (ManagedIdentity), {GUID} (Application)" in problem


def test_a_workspace_of_another_tenant_is_told_with_where_to_sign_in(grants: Grants) -> None:
    box = grants("fabrikam")
    other = box.box.tenant("fabrikam")
    ((key, problem),) = box.mistakes(workspace=[other.workspace.id])
    assert key == "--workspace"
    assert problem.endswith(f"belongs to another tenant: az login --tenant {other.tenant_id}")


def test_a_subscription_that_azure_calls_invalid_is_a_mistake_and_not_a_failure(grants: Grants) -> None:
    box = grants()
    path = box.workspace
    box.break_down(Fault(service="arm", kind="status", status=404, path_contains=path))
    ((_, problem),) = box.mistakes()
    assert "law-tailspin: there is no such resource" in problem


# --- several tenants ---


@pytest.fixture
def two(grants: Grants) -> Granting:
    """tailspin for the monitor's own identity, and fabrikam for an app that fabrikam knows."""
    box = grants("fabrikam")
    fabrikam = box.box.tenant("fabrikam")
    box.identities["fabrikam"] = Identity(client_id=fabrikam.monitor.client_id, federated_by="system")
    return box


def test_only_the_tenant_that_is_signed_in_to_is_changed_and_the_rest_is_told(two: Granting) -> None:
    report = two.run()
    fabrikam = two.box.tenant("fabrikam")
    assert [part.wish.targets for part in report.parts] == [("tailspin",)]
    (other,) = report.elsewhere
    assert (other.tenant_id, other.targets) == (fabrikam.tenant_id, ("fabrikam",))
    log_in, command = other.commands
    assert log_in == f"az login --tenant {fabrikam.tenant_id}"
    identity = ("--identity", fabrikam.monitor.client_id)
    assert shlex.split(command) == ["dawnwatch", "grant", *identity, "--workspace", fabrikam.workspace.id]
    assert report.exit_status == 0
    assert not any(fabrikam.workspace.id in call.path for call in two.box.requests)


def test_in_the_other_tenant_its_own_identity_is_given_what_it_needs(two: Granting) -> None:
    fabrikam = two.box.tenant("fabrikam")
    two.sign_in(administrator_of(fabrikam), fabrikam)
    report = two.run(identity="whoever it is at home")
    (part,) = report.parts
    assert (part.wish.targets, part.found.principal.object_id) == (("fabrikam",), fabrikam.monitor.object_id)
    assert states(part) == {READ_APPS: "there", READER: "there", DATA: "added"}
    assert part.steps[1].note.startswith("inherited from /providers/Microsoft.Management/managementGroups/")
    assert [one.targets for one in report.elsewhere] == [("tailspin",)]


def test_an_identity_of_a_target_is_never_taken_on_trust(two: Granting) -> None:
    fabrikam = two.box.tenant("fabrikam")
    administrator_of(fabrikam).app_roles.clear()
    assert fabrikam.administrator is not None
    two.sign_in(fabrikam.administrator, fabrikam)
    with pytest.raises(GatherError, match="Authorization_RequestDenied"):
        two.run(identity=two.tenant.monitor.object_id)
    assert two.writes() == []


def test_signed_in_to_none_of_its_tenants_nothing_is_done(two: Granting) -> None:
    report = two.run(target="fabrikam")
    assert (report.parts, report.outcome, report.exit_status) == ((), "elsewhere", 3)
    assert two.writes() == []


def test_a_managed_identity_cannot_be_sent_abroad(two: Granting) -> None:
    two.identities.clear()
    report = two.run(no)
    (other,) = report.elsewhere
    assert f"--identity {two.tenant.monitor.client_id} " in other.commands[1]
    assert any("cannot sign in to another tenant: give fabrikam a [target.identity]" in said for said in report.notices)


def test_taking_back_one_target_leaves_what_the_others_need(grants: Grants) -> None:
    box = grants()
    second = f'[[target]]\nname = "second"\ntenant_id = "{box.tenant.tenant_id}"\nworkspace_id = "{box.workspace}2"\n'
    box.expected = second
    report = box.run(target="tailspin")
    assert report.exit_status == 0
    report = box.run(target="tailspin", revoke=True)
    assert states(report.parts[0]) == {READ_APPS: "kept", READER: "removed", DATA: "removed"}
