"""Likely causes: which finding explains which, and which does not."""

import itertools
from dataclasses import replace

import pytest

from shared.catalogue import CATALOGUE
from shared.diagnose import diagnose
from shared.expectations import AppExpectation
from shared.model import Finding, Remedy, Severity, Subject, SubjectKind
from tests.builders import APP, EXPECTED, OTHER_APP, a_target

TARGET = a_target(snapshots=(EXPECTED,), apps=(AppExpectation(name="Connection"), AppExpectation(app_id=APP)))
CAPPED = a_target(snapshots=(replace(EXPECTED, billable=True),))
KINDS = {"snapshot": SubjectKind.SNAPSHOT, "access": SubjectKind.PRINCIPAL, "credential": SubjectKind.APPLICATION}


def a_finding(
    finding_id: str, subject: str = "Desktop Analytics", *, name: str | None = None, kind: SubjectKind | None = None
) -> Finding:
    entry = CATALOGUE[finding_id]
    return Finding(
        id=finding_id,
        family=entry.family,
        target="contoso",
        severity=entry.severity,
        subject=Subject(kind or KINDS.get(finding_id.split(".", maxsplit=1)[0], SubjectKind.WORKSPACE), subject, name),
        title=f"{finding_id} of {subject}",
        detail="Seen.",
        remedy=Remedy(()),
    )


ROLE = a_finding("access.role_missing", "reader")
EXPIRED = a_finding("credential.expired", APP)
CAP = a_finding("workspace.capped", "law")
INCIDENT = a_finding("service.incident", "Microsoft Intune")
NOT_ACTIVE = a_finding("access.role_not_active", "reader")
NO_PRINCIPAL = a_finding("access.principal_missing", "reader")


@pytest.mark.parametrize("effect", ["snapshot.at_risk", "snapshot.late", "snapshot.stale"])
@pytest.mark.parametrize("cause", [ROLE, NOT_ACTIVE, NO_PRINCIPAL, EXPIRED, INCIDENT], ids=lambda cause: cause.id)
def test_a_late_snapshot_names_what_likely_explains_it(cause: Finding, effect: str) -> None:
    findings = {finding.id: finding for finding in diagnose(TARGET, [a_finding(effect), cause])}
    assert findings[effect].explained_by == (cause.fingerprint,)
    assert f"Likely cause: {cause.title}" in findings[effect].detail
    assert findings[cause.id].explained_by == ()


@pytest.mark.parametrize("effect", ["snapshot.partial", "snapshot.frozen", "snapshot.future", "snapshot.no_data"])
@pytest.mark.parametrize("cause", [ROLE, EXPIRED, INCIDENT], ids=lambda cause: cause.id)
def test_other_troubles_of_a_snapshot_are_not_explained_by_access(cause: Finding, effect: str) -> None:
    assert all(finding.explained_by == () for finding in diagnose(TARGET, [a_finding(effect), cause]))


@pytest.mark.parametrize(
    "cause",
    ["access.role_conditional", "access.role_excessive", "credential.expiring", "credential.missing", "app.disabled"],
)
def test_what_still_works_explains_nothing(cause: str) -> None:
    findings = diagnose(TARGET, [a_finding("snapshot.late"), a_finding(cause, APP)])
    assert all(finding.explained_by == () for finding in findings)


@pytest.mark.parametrize("effect", ["snapshot.at_risk", "snapshot.late", "snapshot.stale", "snapshot.partial"])
def test_the_cap_explains_billable_sets_only(effect: str) -> None:
    late = a_finding(effect)
    assert [bool(finding.explained_by) for finding in diagnose(CAPPED, [late]) + diagnose(TARGET, [late, CAP])] == [
        False
    ] * 3
    explained = {finding.id: finding for finding in diagnose(CAPPED, [late, CAP])}[effect]
    assert explained.explained_by == (CAP.fingerprint,)


@pytest.mark.parametrize(
    ("app_id", "name", "kind", "explains"),
    [
        (APP, None, None, True),
        (APP.upper(), None, None, True),
        (OTHER_APP, "connection", None, True),
        (OTHER_APP, "Else", None, False),
        (APP, None, SubjectKind.CREDENTIAL, False),
    ],
)
def test_an_expired_credential_explains_only_where_the_target_lists_the_app(
    app_id: str, name: str | None, kind: SubjectKind | None, explains: bool
) -> None:
    expired = a_finding("credential.expired", app_id, name=name, kind=kind)
    findings = {finding.id: finding for finding in diagnose(TARGET, [a_finding("snapshot.late"), expired])}
    assert bool(findings["snapshot.late"].explained_by) is explains


def test_a_lost_role_is_worded_as_no_proof() -> None:
    late = next(finding for finding in diagnose(TARGET, [a_finding("snapshot.late"), ROLE]) if finding.explained_by)
    assert "no proof of stale data" in late.detail


def test_a_cause_of_another_target_explains_nothing() -> None:
    elsewhere = replace(ROLE, target="fabrikam")
    assert all(not finding.explained_by for finding in diagnose(TARGET, [a_finding("snapshot.late"), elsewhere]))


def test_diagnosing_twice_says_it_once() -> None:
    once = diagnose(TARGET, [a_finding("snapshot.late"), ROLE, EXPIRED])
    assert diagnose(TARGET, once) == once


def test_of_equal_fingerprints_the_worst_stays() -> None:
    late, stale = a_finding("snapshot.late"), a_finding("snapshot.stale")
    calm = replace(stale, severity=Severity.INFORMATIONAL)
    assert [finding.id for finding in diagnose(TARGET, [late, stale])] == ["snapshot.stale"]
    assert [finding.severity for finding in diagnose(TARGET, [calm, stale])] == [Severity.CRITICAL]


def test_the_worst_comes_first_whatever_the_order_given() -> None:
    findings = [a_finding("snapshot.late"), ROLE, EXPIRED, INCIDENT, a_finding("access.role_excessive", "b")]
    orders = {diagnose(TARGET, order) == diagnose(TARGET, findings) for order in itertools.permutations(findings)}
    assert orders == {True}
    ranks = [finding.severity.rank for finding in diagnose(TARGET, findings)]
    assert ranks == sorted(ranks)
