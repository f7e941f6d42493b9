"""Who may read the workspace: each row of the design's meanings, at its edges."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.checks.workspace_access import check_workspace_access
from shared.expectations import RoleExpectation
from shared.facts import DenyAssignment, Eligibility, PrincipalAccess
from shared.model import Severity, SubjectKind
from tests.builders import (
    ACCESS_ADMINISTRATOR,
    CONTRIBUTOR,
    GROUP,
    LA_READER,
    MONITORING_READER,
    NOON,
    OWNER,
    PRINCIPAL,
    READER,
    SUBSCRIPTION,
    TEAM,
    WORKSPACE,
    a_deny,
    a_principal,
    a_target,
    a_workspace,
    access_facts,
    an_assignment,
    ids,
    only,
)

EVERYONE = "00000000-0000-0000-0000-000000000000"
READ = "Microsoft.OperationalInsights/workspaces/read"


def judge(principal: PrincipalAccess, *denies: DenyAssignment) -> list[str]:
    return ids(check_workspace_access(a_target(), access_facts(principal, denies=denies), NOON))


@pytest.mark.parametrize("state", ["NotFound", "Deleting", "Failed"])
def test_a_workspace_that_is_not_there_is_said_once_and_nothing_else_is_judged(state: str) -> None:
    facts = access_facts(a_principal(), a_principal(), workspace=a_workspace(state))
    finding = only(check_workspace_access(a_target(), facts, NOON))
    assert (finding.id, finding.severity) == ("workspace.unreachable", Severity.ERROR)
    assert finding.subject.kind is SubjectKind.WORKSPACE
    assert (state in finding.detail) or state == "NotFound"


@pytest.mark.parametrize("state", ["Succeeded", "Updating", "ProvisioningAccount", "Creating"])
def test_a_workspace_that_is_there_is_judged(state: str) -> None:
    facts = access_facts(a_principal(), workspace=a_workspace(state))
    assert ids(check_workspace_access(a_target(), facts, NOON)) == ["access.role_missing"]


def test_a_principal_that_the_tenant_does_not_have_is_missing_under_its_configured_name() -> None:
    finding = only(check_workspace_access(a_target(), access_facts(a_principal(object_id=None, name=None)), NOON))
    assert finding.id == "access.principal_missing"
    assert finding.subject.label == "MALogAnalyticsReader"
    assert finding.subject.parent == WORKSPACE


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([an_assignment(READER)], []),
        ([an_assignment(LA_READER, SUBSCRIPTION)], []),
        ([an_assignment(LA_READER), an_assignment(READER, condition="@Resource…")], []),
        ([], ["access.role_missing"]),
        ([an_assignment(MONITORING_READER)], ["access.role_missing"]),
        ([an_assignment(OWNER)], ["access.role_excessive"]),
        ([an_assignment(CONTRIBUTOR, GROUP)], ["access.role_excessive"]),
        ([an_assignment(ACCESS_ADMINISTRATOR)], ["access.role_excessive"]),
        ([an_assignment(READER), an_assignment(OWNER, SUBSCRIPTION)], ["access.role_excessive"]),
        ([an_assignment(OWNER), an_assignment(MONITORING_READER)], ["access.role_excessive"]),
        ([an_assignment(READER, condition="c")], ["access.role_conditional"]),
        ([an_assignment(READER, condition="c"), an_assignment(LA_READER, condition="d")], ["access.role_conditional"]),
        (
            [an_assignment(READER, condition="c"), an_assignment(OWNER)],
            ["access.role_conditional", "access.role_excessive"],
        ),
    ],
)
def test_what_a_principal_holds_decides(held: list[object], expected: list[str]) -> None:
    assert judge(a_principal(assignments=tuple(held))) == expected


def test_a_big_role_that_was_asked_for_is_not_excessive() -> None:
    expectation = RoleExpectation("MALogAnalyticsReader", ("Contributor",))
    principal = a_principal(
        an_assignment(CONTRIBUTOR), expectation=expectation, expected_role_ids=frozenset({CONTRIBUTOR})
    )
    assert judge(principal) == []


def test_a_missing_role_tells_what_is_held_instead_and_where() -> None:
    principal = a_principal(an_assignment(MONITORING_READER, GROUP))
    finding = only(check_workspace_access(a_target(), access_facts(principal), NOON))
    assert finding.title == "MALogAnalyticsReader has none of the expected roles on law-contoso"
    assert "Monitoring Reader on resource group rg-monitoring" in finding.detail
    assert (finding.subject.id, finding.subject.parent) == (PRINCIPAL, WORKSPACE)
    assert finding.remedy.link is not None
    assert finding.remedy.link.endswith(f"/resource{WORKSPACE}/users")


def test_no_role_at_all_says_so_in_the_title() -> None:
    finding = only(check_workspace_access(a_target(), access_facts(a_principal()), NOON))
    assert finding.title == "MALogAnalyticsReader has no role on law-contoso"


def test_role_names_that_nobody_defines_are_said() -> None:
    finding = only(check_workspace_access(a_target(), access_facts(a_principal(unknown_roles=("Raeder",))), NOON))
    assert "Raeder" in finding.detail


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (WORKSPACE, "law-contoso"),
        (GROUP, "resource group rg-monitoring"),
        (SUBSCRIPTION, "subscription 11111111"),
        ("/providers/Microsoft.Management/managementGroups/mg-root", "management group mg-root"),
        ("/", "the root scope"),
    ],
)
def test_scopes_are_said_in_words(scope: str, words: str) -> None:
    facts = access_facts(a_principal(an_assignment(OWNER, scope)))
    assert f"Owner on {words}" in only(check_workspace_access(a_target(), facts, NOON)).detail


@pytest.mark.parametrize(
    ("role_id", "ends_in", "expected"),
    [
        (READER, None, "access.role_not_active"),
        (READER, timedelta(seconds=1), "access.role_not_active"),
        (READER, timedelta(0), "access.role_missing"),
        (READER, timedelta(seconds=-1), "access.role_missing"),
        (OWNER, None, "access.role_missing"),
    ],
)
def test_an_eligible_role_is_not_active_until_the_eligibility_ends(
    role_id: str, ends_in: timedelta | None, expected: str
) -> None:
    ends_at = None if ends_in is None else NOON + ends_in
    eligible = (Eligibility(role_id=role_id, scope=WORKSPACE, ends_at=ends_at),)
    assert judge(a_principal(eligible=eligible)) == [expected]


@pytest.mark.parametrize(
    ("deny", "counts"),
    [
        (a_deny("*"), True),
        (a_deny("*/read"), True),
        (a_deny(READ), True),
        (a_deny(READ.upper()), True),
        (a_deny("microsoft.operationalinsights/*/read"), True),
        (a_deny("Microsoft.OperationalInsights/workspaces/query/read"), True),
        (a_deny("Microsoft.OperationalInsights/workspaces/write"), False),
        (a_deny("Microsoft.OperationalInsights/workspaces/rea"), False),
        (a_deny("Microsoft.OperationalInsights/workspaces.read"), False),
        (a_deny(), False),
        (a_deny("*", but=("*/read",)), False),
        (a_deny("*", but=(READ,)), True),
        (a_deny("*", but=(READ, "Microsoft.OperationalInsights/workspaces/query/*")), False),
        (a_deny("*", names=(EVERYONE,)), True),
        (a_deny("*", names=(TEAM,)), True),
        (a_deny("*", names=("99999999-9999-4999-8999-999999999999",)), False),
        (a_deny("*", names=(EVERYONE,), excludes=(PRINCIPAL,)), False),
        (a_deny("*", names=(EVERYONE,), excludes=(TEAM,)), False),
        (a_deny("*", applies_to_children=False), False),
        (a_deny("*", applies_to_children=False, scope=WORKSPACE), True),
        (a_deny("*", applies_to_children=False, scope=WORKSPACE.upper() + "/"), True),
    ],
)
def test_a_deny_counts_only_when_it_takes_reading_away_from_the_principal(deny: DenyAssignment, counts: bool) -> None:
    principal = a_principal(an_assignment(), group_ids=frozenset({TEAM}))
    assert judge(principal, deny) == (["access.role_not_active"] if counts else [])


def test_not_actions_count_for_their_own_permission_alone() -> None:
    deny = a_deny("*", but=("*/read",))
    two = replace(deny, permissions=deny.permissions + a_deny(READ).permissions)
    assert judge(a_principal(an_assignment()), two) == ["access.role_not_active"]


def test_a_denied_role_is_worse_than_a_conditional_one() -> None:
    assert judge(a_principal(an_assignment(condition="c")), a_deny("*")) == ["access.role_not_active"]


def test_a_deny_does_not_hide_that_there_is_no_role() -> None:
    assert judge(a_principal(), a_deny("*")) == ["access.role_missing"]


def test_two_expectations_of_one_principal_make_one_finding() -> None:
    facts = access_facts(a_principal(), a_principal(an_assignment(condition="c")))
    assert ids(check_workspace_access(a_target(), facts, NOON)) == ["access.role_missing"]


def test_each_principal_that_is_gone_is_one_finding_with_all_that_it_holds() -> None:
    orphans = (an_assignment(READER), an_assignment(OWNER))
    findings = check_workspace_access(a_target(), access_facts(orphans=orphans), NOON)
    assert ids(findings) == ["access.orphaned"]
    assert findings[0].subject.id == orphans[0].principal_id
    assert findings[0].evidence["assignments"] == [orphan.id for orphan in orphans]
    assert {finding.severity for finding in findings} == {Severity.INFORMATIONAL}
