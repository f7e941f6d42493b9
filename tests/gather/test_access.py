"""Who may read the workspace, in every way in which a role can be held, lost or not quite held."""

from collections.abc import Callable

import pytest

from sandbox import Tenant, load_tenant
from sandbox.records import Deny, Group
from sandbox.roles import RoleDefinition
from shared.model import Outcome
from tests.watching import ACCESS, Watching, ids, named, unread

READER, READ = "MALogAnalyticsReader", "Microsoft.OperationalInsights/workspaces/read"
EXPECTED = f'[[target.role]]\nprincipal = "{READER}"\nany_of = ["Log Analytics Reader", "Reader"]\n'
type Change = Callable[[Tenant], object]


def _lose(tenant: Tenant) -> None:
    tenant.unassign_roles(READER)


def _hold(role: str, scope: str = "workspace", *, condition: str | None = None) -> Change:
    def change(tenant: Tenant) -> None:
        _lose(tenant)
        tenant.assign_role(READER, role, scope, condition=condition)

    return change


def _in_groups(role: str = "Reader", scope: str = "resource_group") -> Change:
    def change(tenant: Tenant) -> None:
        _lose(tenant)
        inner = Group(id="00000000-0000-4000-8000-00000000a001", name="inner", members=[_id(tenant)])
        tenant.groups += [inner, Group(id="00000000-0000-4000-8000-00000000a002", name="outer", members=[inner.id])]
        if role:
            tenant.assign_role("outer", role, scope)

    return change


def _id(tenant: Tenant) -> str:
    return tenant.service_principal(READER).id


def _eligible(tenant: Tenant) -> None:
    (held,) = tenant.unassign_roles(READER)
    tenant.eligible.append(held)


def _denied(
    *actions: str, to: str = "", sparing: str = "", scope: str = "workspace", spares_children: bool = False
) -> Change:
    def change(tenant: Tenant) -> None:
        principals = [tenant.principal(to)[0]] if to else ["00000000-0000-0000-0000-000000000000"]
        tenant.denies.append(
            Deny(
                id="00000000-0000-4000-8000-00000000de01",
                name="Locked",
                scope=tenant.scope(scope),
                actions=list(actions) or ["*/read"],
                principals=principals,
                exclude=[tenant.principal(sparing)[0]] if sparing else [],
                spares_children=spares_children,
            )
        )

    return change


def _both(*changes: Change) -> Change:
    def change(tenant: Tenant) -> None:
        for one in changes:
            one(tenant)

    return change


OUTER = _in_groups("")
HELD_IN_WAYS: dict[str, tuple[Change, list[str]]] = {
    "at the workspace": (lambda tenant: None, []),
    "at the resource group": (_hold("Reader", "resource_group"), []),
    "at the subscription": (_hold("Reader", "subscription"), []),
    "at the management group": (_hold("Reader", "management_group:mg-contoso"), []),
    "through nested groups": (_in_groups(), []),
    "nothing through groups": (_in_groups(""), ["access.role_missing"]),
    "not at all": (_lose, ["access.role_missing"]),
    "another role": (_hold("Monitoring Reader"), ["access.role_missing"]),
    "eligible only": (_eligible, ["access.role_not_active"]),
    "under a condition": (_hold("Reader", condition="@Resource[x] StringEquals 'y'"), ["access.role_conditional"]),
    "far too much": (_hold("Owner", "subscription"), ["access.role_excessive"]),
    "denied": (_denied(to=READER), ["access.role_not_active"]),
    "denied to everyone": (_denied(READ), ["access.role_not_active"]),
    "denied to everyone but it": (_denied(READ, sparing=READER), []),
    "denied to a group of it": (_both(_in_groups("Reader"), _denied(to="outer")), ["access.role_not_active"]),
    "denied to another group": (_both(_in_groups("Reader"), _denied(to="Ada Lovelace")), []),
    "denied above, sparing children": (_denied(scope="resource_group", spares_children=True), []),
    "denied above": (_denied(scope="resource_group"), ["access.role_not_active"]),
    "denied something else": (_denied("Microsoft.OperationalInsights/workspaces/write"), []),
    "an orphan beside it": (
        lambda tenant: tenant.assign_role("0abcdef0-0000-4000-8000-00000000dead", "Reader"),
        ["access.orphaned"],
    ),
    "an orphan further up": (
        lambda tenant: tenant.assign_role("0abcdef0-0000-4000-8000-00000000dead", "Reader", "subscription"),
        [],
    ),
    "gone": (
        lambda tenant: tenant.service_principals.remove(tenant.service_principal(READER)),
        [
            "access.orphaned",
            "access.principal_missing",
        ],
    ),
    "the workspace is gone": (lambda tenant: setattr(tenant.workspace, "exists", False), ["workspace.unreachable"]),
    "the workspace is going": (
        lambda tenant: setattr(tenant.workspace, "provisioning_state", "Deleting"),
        ["workspace.unreachable"],
    ),
}


@pytest.mark.parametrize(("change", "found"), HELD_IN_WAYS.values(), ids=HELD_IN_WAYS)
def test_a_role_is_held_or_lost_in_many_ways(watching: Watching, change: Change, found: list[str]) -> None:
    watch = watching(expected=EXPECTED)
    change(watch.tenant)
    report = watch.look(ACCESS)
    assert ids(report) == found
    assert report.outcome is not Outcome.UNKNOWN


def test_a_healthy_workspace_costs_few_calls(watching: Watching) -> None:
    watch = watching(expected=EXPECTED)
    watch.look(ACCESS)
    assert len(watch.calls("arm")) == 3  # the workspace, its assignments, its denials
    assert len(watch.calls("graph")) == 2  # the principal, and whether the other principals at the workspace exist
    assert len(watch.calls("entra")) <= 2


def test_many_principals_cost_no_more_lists(watching: Watching) -> None:
    names = ("MALogAnalyticsReader", "Desktop Analytics", "Dawnwatch")
    watch = watching(expected="".join(EXPECTED.replace(READER, name) for name in names))
    watch.tenant.assign_role("Desktop Analytics", "Reader")
    assert ids(watch.look(ACCESS)) == []
    assert len(watch.calls("arm")) == 3


def test_more_than_a_page_of_assignments_is_read(watching: Watching) -> None:
    watch = watching(expected=EXPECTED)
    watch.tenant.generated.role_assignments = 2_500
    watch.tenant.assignments.reverse()
    report = watch.look(ACCESS)
    assert report.outcome is Outcome.CLEAR
    assert report.checks[0].coverage.read == 2_503
    assert len(watch.calls("arm", "roleAssignments")) == 3


@pytest.mark.parametrize("kind", ["appId", "object id", "name in capitals"])
def test_a_principal_is_found_by_what_it_is_called(watching: Watching, kind: str) -> None:
    sp = load_tenant("contoso").service_principal(READER)
    called = {"appId": sp.app_id, "object id": sp.id.upper(), "name in capitals": READER.upper()}[kind]
    watch = watching(expected=EXPECTED.replace(READER, called))
    assert ids(watch.look(ACCESS)) == []
    _lose(watch.tenant)
    (finding,) = watch.look(ACCESS).findings
    assert (finding.id, finding.subject.id, finding.subject.name) == ("access.role_missing", sp.id, READER)


@pytest.mark.parametrize("role", ["Reader", "Owner"])
def test_users_and_groups_are_found_by_object_id_where_they_hold_a_role(watching: Watching, role: str) -> None:
    tenant = load_tenant("contoso")
    user = tenant.users[0].id
    group = Group(id="00000000-0000-4000-8000-00000000a003", name="readers", members=[user])
    tenant.groups.append(group)
    tenant.assign_role("readers", role, "resource_group")
    tenant.assignments = [held for held in tenant.assignments if held.principal_id != user]
    watch = watching(tenant, "".join(EXPECTED.replace(READER, each) for each in (group.id, user)))
    found = [] if role == "Reader" else ["access.role_excessive"] * 2
    assert ids(watch.look(ACCESS)) == found
    assert not [path for path in watch.calls("arm", "assignedTo") if group.id in path]


def test_a_group_that_is_only_eligible_is_told_as_that(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.groups.append(Group(id="00000000-0000-4000-8000-00000000a003", name="readers"))
    tenant.assign_role("readers", "Monitoring Reader")
    made = tenant.assign_role("readers", "Reader")
    tenant.assignments.remove(made)
    tenant.eligible.append(made)
    watch = watching(tenant, EXPECTED.replace(READER, tenant.groups[0].id))
    assert ids(watch.look(ACCESS)) == ["access.role_not_active"]


def test_an_id_that_nobody_has_is_missing(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.groups.append(Group(id="00000000-0000-4000-8000-00000000a003", name="readers"))
    tenant.assign_role("readers", "Reader")
    watch = watching(tenant, EXPECTED.replace(READER, "00000000-0000-4000-8000-00000000dead"))
    assert ids(watch.look(ACCESS)) == ["access.principal_missing"]


def test_a_custom_role_is_expected_by_its_name(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.roles.append(
        RoleDefinition(id="00000000-0000-4000-8000-0000000c0571", name="Log Watcher", actions=("*/read",), custom=True)
    )
    tenant.unassign_roles(READER)
    tenant.assign_role(READER, "Log Watcher")
    watch = watching(tenant, EXPECTED.replace("Log Analytics Reader", "log watcher"))
    assert ids(watch.look(ACCESS)) == []
    unknown = watching(load_tenant("contoso"), EXPECTED.replace('"Log Analytics Reader", "Reader"', '"Log Watcher"'))
    (finding,) = named(unknown.look(ACCESS), "access.role_missing")
    assert "No role definition has the name Log Watcher" in finding.detail


def test_two_principals_of_one_name_are_not_guessed_between(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    first = tenant.service_principal(READER)
    tenant.service_principal("Desktop Analytics").name = READER.lower()
    watch = watching(tenant, EXPECTED + EXPECTED.replace(READER, "Dawnwatch"))
    report = watch.look(ACCESS)
    (finding,) = unread(report)
    assert first.app_id in finding.detail
    assert "3cf6df92-2745-4f6f-bbcf-19b59bcdb62a" in finding.detail
    assert "appId or object id" in " ".join(finding.remedy.steps)
    assert (report.outcome, report.checks[0].coverage.unread) == (Outcome.UNKNOWN, 1)
