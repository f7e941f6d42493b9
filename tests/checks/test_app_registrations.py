"""Listed apps: there, enabled, permitted, owned, theirs alone, and able to sign in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.checks.app_registrations import check_app_registrations
from shared.expectations import AppExpectation, AppKind, PermissionExpectation, Target
from shared.facts import AppFacts, AppRoleAssignment, Credential
from shared.model import Finding
from tests.builders import (
    API,
    API_OBJECT,
    APP,
    CM_PERMISSIONS,
    CM_READ,
    CM_WRITE,
    NOON,
    OTHER_APP,
    a_connection,
    a_registration,
    a_secret,
    a_service_principal,
    a_target,
    an_api,
    ids,
    only,
    registration_facts,
    requests,
)

NAME = "Desktop-Analytics-Connection"
GOOD = a_secret(NOON + timedelta(days=200))


def judge(app: AppFacts, peers: Sequence[Target] = ()) -> tuple[Finding, ...]:
    return check_app_registrations(a_target(), peers, registration_facts(app), NOON)


def expecting(**changes: Any) -> AppExpectation:
    return replace(a_connection().expectation, **changes)


def registered(**changes: Any) -> AppFacts:
    """Build the connection app with a registration that differs in something."""
    return a_connection(registration=a_registration(GOOD, **changes))


def test_nothing_is_wrong_with_a_good_connection_app() -> None:
    assert judge(a_connection()) == ()


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (AppKind.REGISTRATION, "App registration"),
        (AppKind.CONNECTION, "App registration"),
        (AppKind.ENTERPRISE, "Enterprise application"),
    ],
)
@pytest.mark.parametrize("by", [{"name": NAME}, {"app_id": APP, "name": None}])
def test_an_app_that_is_not_found_is_missing_and_nothing_else_is_said(
    kind: AppKind, what: str, by: dict[str, Any]
) -> None:
    app = a_connection(expectation=expecting(kind=kind, **by), registration=None, service_principal=None, owners=())
    finding = only(judge(app))
    assert finding.id == "app.missing"
    assert finding.title.startswith(what)
    assert finding.subject.id == (by.get("name") or APP).lower()


def test_a_registration_is_missing_although_its_service_principal_is_there() -> None:
    assert ids(judge(a_connection(registration=None))) == ["app.missing"]


@pytest.mark.parametrize(
    ("registration", "principal", "disabled"),
    [
        ({}, {"account_enabled": True}, False),
        ({}, {"account_enabled": None}, False),
        ({}, {"account_enabled": False}, True),
        ({}, {"disabled_by_microsoft_status": "NotDisabled"}, False),
        ({}, {"disabled_by_microsoft_status": "DisabledDueToViolationOfServicesAgreement"}, True),
        ({"disabled_by_microsoft_status": "DisabledDueToViolationOfServicesAgreement"}, {}, True),
        ({"disabled_by_microsoft_status": "notDisabled"}, {}, False),
    ],
)
def test_disabled_by_the_tenant_or_by_microsoft(
    registration: dict[str, Any], principal: dict[str, Any], disabled: bool
) -> None:
    app = replace(registered(**registration), service_principal=a_service_principal(**principal))
    assert ids(judge(app)) == (["app.disabled"] if disabled else [])


GRANT_READ, GRANT_WRITE = AppRoleAssignment(CM_READ, API_OBJECT), AppRoleAssignment(CM_WRITE, API_OBJECT)


@pytest.mark.parametrize(
    ("requested", "granted", "expected"),
    [
        ((requests(CM_READ, CM_WRITE),), (GRANT_READ, GRANT_WRITE), []),
        ((requests(CM_READ.upper(), CM_WRITE),), (GRANT_READ, GRANT_WRITE), []),
        ((requests(CM_READ, CM_WRITE),), (GRANT_READ,), ["app.consent_missing"]),
        ((requests(CM_READ, CM_WRITE),), (), ["app.consent_missing"]),
        ((requests(CM_READ),), (GRANT_READ,), ["app.permission_missing"]),
        ((requests(CM_READ),), (), ["app.consent_missing", "app.permission_missing"]),
        ((), (), ["app.permission_missing"]),
        ((), (GRANT_READ, GRANT_WRITE), ["app.permission_missing"]),
        ((requests(CM_READ, CM_WRITE, kind="Scope"),), (GRANT_READ, GRANT_WRITE), ["app.permission_missing"]),
        ((requests(CM_READ, CM_WRITE, api=OTHER_APP),), (), ["app.permission_missing"]),
        ((requests(CM_READ, CM_WRITE),), (AppRoleAssignment(CM_READ, "else"), GRANT_WRITE), ["app.consent_missing"]),
    ],
)
def test_a_permission_is_requested_and_then_granted(
    requested: tuple[Any, ...], granted: tuple[AppRoleAssignment, ...], expected: list[str]
) -> None:
    app = replace(registered(required_resource_access=requested), granted=granted)
    assert ids(judge(app)) == expected


def test_all_missing_permissions_are_told_in_one_finding() -> None:
    finding = only(judge(a_connection(granted=())))
    assert "CmCollectionData.Read" in finding.detail
    assert "CmCollectionData.Write" in finding.detail
    assert finding.evidence["permissions"] == [f"{API}/CmCollectionData.Read", f"{API}/CmCollectionData.Write"]


@pytest.mark.parametrize("role", [CM_READ, CM_READ.upper(), "CMCOLLECTIONDATA.READ"])
def test_permissions_may_be_guids_or_values_in_any_case(role: str) -> None:
    app = a_connection(expectation=expecting(permissions=(PermissionExpectation(API.upper(), (role,)),)))
    assert judge(app) == ()


def test_a_permission_that_the_api_does_not_offer_is_said() -> None:
    app = a_connection(expectation=expecting(permissions=(PermissionExpectation(API, ("CmCollectionData.Own",)),)))
    finding = only(judge(app))
    assert finding.id == "app.permission_missing"
    assert "offers no application permission of that name" in finding.detail


def test_a_registration_without_a_service_principal_has_no_consent_and_says_why() -> None:
    finding = only(judge(a_connection(service_principal=None)))
    assert finding.id == "app.consent_missing"
    assert "the registration has no service principal" in finding.detail


def test_an_absent_api_means_no_consent_and_its_known_roles_still_resolve() -> None:
    finding = only(judge(a_connection(apis={})))
    assert finding.id == "app.consent_missing"
    assert "the API has no service principal" in finding.detail
    assert f"az ad sp create --id {API}" in finding.remedy.steps[0]


def test_an_absent_api_whose_roles_nobody_knows_means_no_consent() -> None:
    app = a_connection(expectation=expecting(permissions=(PermissionExpectation(OTHER_APP, ("Some.Role",)),)))
    assert ids(judge(app)) == ["app.consent_missing"]


def test_an_absent_api_that_is_not_even_requested_is_a_missing_request() -> None:
    app = replace(registered(required_resource_access=()), apis={})
    assert ids(judge(app)) == ["app.permission_missing"]


def test_of_an_enterprise_app_neither_audience_nor_owners_of_its_registration_count() -> None:
    app = a_connection(
        expectation=AppExpectation(name=NAME, kind=AppKind.ENTERPRISE, permissions=CM_PERMISSIONS),
        registration=a_registration(sign_in_audience="AzureADMultipleOrgs"),
        granted=(GRANT_READ,),
        owners=(),
    )
    finding = only(judge(app))
    assert (finding.id, finding.evidence["permissions"]) == ("app.consent_missing", [f"{API}/CmCollectionData.Write"])
    assert finding.remedy.link is not None
    assert "ManagedAppMenuBlade" in finding.remedy.link


def test_a_secret_on_the_registration_of_an_enterprise_app_counts() -> None:
    app = a_connection(
        expectation=AppExpectation(name=NAME, kind=AppKind.ENTERPRISE), registration=a_registration(a_secret(NOON))
    )
    assert only(judge(app)).id == "credential.expired"


@pytest.mark.parametrize(
    ("kind", "audience", "expected"),
    [
        (AppKind.CONNECTION, "AzureADMyOrg", []),
        (AppKind.CONNECTION, None, []),
        (AppKind.CONNECTION, "AzureADMultipleOrgs", ["app.wrong_audience"]),
        (AppKind.CONNECTION, "AzureADandPersonalMicrosoftAccount", ["app.wrong_audience"]),
        (AppKind.REGISTRATION, "AzureADMultipleOrgs", []),
    ],
)
def test_a_connection_app_is_for_its_own_tenant(kind: AppKind, audience: str | None, expected: list[str]) -> None:
    app = replace(registered(sign_in_audience=audience), expectation=expecting(kind=kind))
    assert ids(judge(app)) == expected


@pytest.mark.parametrize(("owners", "expected"), [(None, []), ((), ["app.unowned"]), (("Ada",), [])])
def test_nobody_owns_it_only_where_owners_were_read(owners: tuple[str, ...] | None, expected: list[str]) -> None:
    assert ids(judge(a_connection(owners=owners))) == expected


def test_findings_say_who_owns_the_app() -> None:
    finding = only(judge(a_connection(granted=())))
    assert finding.detail.endswith("Owned by Ada Owner.")
    assert finding.evidence["owners"] == ["Ada Owner"]


def peer(app: AppExpectation, *, name: str = "fabrikam", **changes: Any) -> Target:
    return a_target(name=name, apps=(app,), **changes)


ELSEWHERE = {"tenant_id": "99999999-9999-4999-8999-999999999999"}


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (peer(AppExpectation(name=NAME.upper(), kind=AppKind.CONNECTION)), True),
        (peer(AppExpectation(app_id=APP.upper(), kind=AppKind.CONNECTION)), True),
        (peer(AppExpectation(app_id=APP, kind=AppKind.CONNECTION), **ELSEWHERE), True),
        (peer(AppExpectation(name=NAME, kind=AppKind.CONNECTION), **ELSEWHERE), False),
        (peer(AppExpectation(name=NAME, kind=AppKind.REGISTRATION)), False),
        (peer(AppExpectation(name=NAME, app_id=OTHER_APP, kind=AppKind.CONNECTION)), False),
        (peer(AppExpectation(name="Another", kind=AppKind.CONNECTION)), False),
        (peer(AppExpectation(name=NAME, kind=AppKind.CONNECTION), name="contoso"), False),
    ],
)
def test_a_connection_app_belongs_to_one_target(other: Target, shared: bool) -> None:
    assert ids(judge(a_connection(), [a_target(), other])) == (["app.shared"] if shared else [])


def test_a_shared_app_names_the_other_targets() -> None:
    others = [peer(AppExpectation(app_id=APP, kind=AppKind.CONNECTION), name=name) for name in ("one", "two")]
    finding = only(judge(a_connection(), others))
    assert "one and two also list it" in finding.detail


@pytest.mark.parametrize(
    ("expectation", "secrets", "federated", "expected"),
    [
        (expecting(), (), 0, ["credential.missing"]),
        (expecting(), (), 1, []),
        (expecting(kind=AppKind.REGISTRATION), (), 0, ["credential.missing"]),
        (expecting(kind=AppKind.REGISTRATION, permissions=()), (), 0, []),
        (expecting(kind=AppKind.ENTERPRISE), (), 0, []),
        (expecting(), (a_secret(NOON),), 0, ["credential.expired"]),
        (
            expecting(),
            (a_secret(None, starts_at=NOON + timedelta(1)),),
            0,
            ["credential.long_lived", "credential.missing"],
        ),
    ],
)
def test_an_app_that_must_authenticate_needs_a_credential(
    expectation: AppExpectation, secrets: tuple[Credential, ...], federated: int, expected: list[str]
) -> None:
    app = a_connection(expectation=expectation, registration=a_registration(*secrets), federated=federated)
    assert ids(judge(app)) == expected


def test_a_credential_on_the_service_principal_is_enough() -> None:
    app = a_connection(registration=a_registration(), service_principal=a_service_principal(GOOD))
    assert judge(app) == ()


@pytest.mark.parametrize(
    ("recorded", "ends", "expected"),
    [
        (date(2027, 3, 1), [datetime(2027, 3, 1, tzinfo=UTC)], []),
        (date(2027, 3, 1), [datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC)], []),
        (date(2027, 3, 1), [datetime(2027, 3, 2, tzinfo=UTC)], ["credential.expiry_mismatch"]),
        (date(2027, 3, 1), [datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)], []),
        (None, [datetime(2027, 3, 1, tzinfo=UTC)], []),
        (date(2027, 3, 1), [None], ["credential.expiry_mismatch", "credential.long_lived"]),
        (date(2026, 11, 1), [datetime(2026, 11, 1, tzinfo=UTC)], ["credential.expired"]),
        (
            date(2026, 11, 1),
            [datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)],
            ["credential.expiry_mismatch", "credential.superseded"],
        ),
    ],
)
def test_the_recorded_expiry_is_the_utc_day_on_which_a_valid_credential_ends(
    recorded: date | None, ends: list[datetime | None], expected: list[str]
) -> None:
    secrets = (a_secret(end, key_id=f"k{number}") for number, end in enumerate(ends))
    app = a_connection(expectation=expecting(recorded_expiry=recorded), registration=a_registration(*secrets))
    assert ids(judge(app)) == expected


def test_an_app_listed_twice_is_told_of_once() -> None:
    broken = a_connection(granted=(), apis={API: an_api()})
    findings = check_app_registrations(a_target(), (), registration_facts(broken, broken), NOON)
    assert ids(findings) == ["app.consent_missing"]


def test_a_listed_app_is_judged_by_its_credentials_too() -> None:
    app = a_connection(registration=a_registration(a_secret(NOON + timedelta(days=6))))
    assert ids(judge(app)) == ["credential.expiring"]
