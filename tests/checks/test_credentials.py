"""A verdict per app, not per secret: every boundary to the second."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.checks.credentials import check_credentials, severity_of
from shared.checks.validity import is_long_lived, make_quiet
from shared.facts import Credential, CredentialPool
from shared.model import Finding, Severity, SubjectKind
from tests.builders import APP, NOON, a_pool, a_registration, a_secret, a_service_principal, a_target, ids, only

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
TARGET = a_target()
is_quiet = make_quiet(NOON, 60)


def secret(left: timedelta | None, **changes: Any) -> Credential:
    changes.setdefault("starts_at", NOON - timedelta(days=300))
    return a_secret(None if left is None else NOON + left, **changes)


def judge(*secrets: Credential, **changes: Any) -> tuple[Finding, ...]:
    return check_credentials(TARGET, a_pool(*secrets, **changes), NOON)


@pytest.mark.parametrize(
    ("left", "finding_id", "severity", "stage"),
    [
        (60 * DAY + SECOND, None, None, None),
        (60 * DAY, "credential.expiring", Severity.WARNING, 60),
        (30 * DAY + SECOND, "credential.expiring", Severity.WARNING, 60),
        (30 * DAY, "credential.expiring", Severity.WARNING, 30),
        (14 * DAY + SECOND, "credential.expiring", Severity.WARNING, 30),
        (14 * DAY, "credential.expiring", Severity.ERROR, 14),
        (7 * DAY, "credential.expiring", Severity.ERROR, 7),
        (3 * DAY + SECOND, "credential.expiring", Severity.ERROR, 7),
        (3 * DAY, "credential.expiring", Severity.CRITICAL, 3),
        (DAY, "credential.expiring", Severity.CRITICAL, 1),
        (SECOND, "credential.expiring", Severity.CRITICAL, 1),
        (timedelta(0), "credential.expired", Severity.CRITICAL, None),
        (-SECOND, "credential.expired", Severity.CRITICAL, None),
        (-400 * DAY, "credential.expired", Severity.CRITICAL, None),
    ],
)
def test_the_last_credential_runs_from_silence_to_expired(
    left: timedelta, finding_id: str | None, severity: Severity | None, stage: int | None
) -> None:
    findings = judge(secret(left, starts_at=NOON - 500 * DAY))
    if finding_id is None:
        assert findings == ()
        return
    finding = only(findings)
    assert (finding.id, finding.severity, finding.evidence.get("stage_days")) == (finding_id, severity, stage)
    assert finding.due_at == NOON + left
    assert (finding.subject.kind, finding.subject.id) == (SubjectKind.APPLICATION, APP)


@pytest.mark.parametrize(
    ("expiry_days", "stages"),
    [
        ((60, 30, 14, 7, 3, 1), {60: 0, 31: 0, 30: 1, 14: 2, 7: 3, 3: 4, 1: 5, 0: 6, -9: 6}),
        ((90, 45), {90: 0, 46: 0, 45: 1, 3: 1, 1: 1, 0: 2}),
        ((30, 30, 7), {30: 0, 7: 1, 0: 2}),
    ],
)
def test_the_stage_is_the_last_mark_that_was_passed_and_expired_is_beyond_all(
    expiry_days: tuple[int, ...], stages: dict[int, int]
) -> None:
    target = a_target(expiry_days=expiry_days)
    found = {left: only(check_credentials(target, a_pool(secret(left * DAY)), NOON)).stage for left in stages}
    assert found == stages


def test_expiring_and_expired_are_one_incident() -> None:
    assert only(judge(secret(DAY))).fingerprint == only(judge(secret(-DAY))).fingerprint


def test_six_days_left_reads_like_a_sentence() -> None:
    finding = only(judge(secret(6 * DAY), owners=("Ada Owner", "Bo Owner")))
    assert finding.title == "The last credential of Desktop-Analytics-Connection ends in 6 days"
    assert "The client secret 'renewal' ends at 2026-11-28 12:00 UTC" in finding.detail
    assert "Owned by Ada Owner and Bo Owner." in finding.detail
    assert finding.evidence["owners"] == ["Ada Owner", "Bo Owner"]


def test_an_app_that_never_had_a_credential_is_no_business_of_expiry() -> None:
    assert judge() == ()


def test_a_null_end_never_expires_and_is_long_lived() -> None:
    assert ids(judge(secret(None))) == ["credential.long_lived"]


@pytest.mark.parametrize("start", [None, NOON, NOON - SECOND])
def test_a_credential_that_has_started_counts(start: datetime | None) -> None:
    assert judge(secret(-DAY), secret(200 * DAY, key_id="k2", starts_at=start))[0].id == "credential.superseded"


def test_a_credential_that_has_not_started_covers_nothing_but_is_mentioned() -> None:
    later = secret(300 * DAY, key_id="k2", starts_at=NOON + SECOND, name="next year")
    expiring = only(judge(secret(2 * DAY), later))
    assert (expiring.id, expiring.severity) == ("credential.expiring", Severity.CRITICAL)
    assert "'next year', starts at 2026-11-22 12:00 UTC" in expiring.detail
    assert only(judge(secret(-DAY), later)).id == "credential.expired"


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (60 * DAY + SECOND, []),
        (60 * DAY, ["credential.superseded"]),
        (timedelta(0), ["credential.superseded"]),
        (-300 * DAY, ["credential.superseded"]),
    ],
)
def test_an_old_credential_is_superseded_from_sixty_days_before_its_end_until_it_is_removed(
    old: timedelta, expected: list[str]
) -> None:
    findings = judge(secret(old, starts_at=NOON - 400 * DAY), secret(300 * DAY, key_id="k2"))
    assert ids(findings) == expected
    if findings:
        assert (findings[0].subject.id, findings[0].subject.parent) == ("k1", APP)


def test_newer_means_a_later_end_not_a_later_start() -> None:
    findings = judge(secret(DAY, starts_at=NOON - DAY), secret(30 * DAY, key_id="k2", starts_at=NOON - 300 * DAY))
    assert ids(findings) == ["credential.expiring", "credential.superseded"]


def test_two_that_end_together_are_one_outage() -> None:
    assert ids(judge(secret(DAY), secret(DAY, key_id="k2"))) == ["credential.expiring"]


def test_an_expired_newer_one_covers_nothing() -> None:
    assert ids(judge(secret(-2 * DAY), secret(-DAY, key_id="k2"))) == ["credential.expired"]


def test_the_service_principal_covers_for_the_registration() -> None:
    principal = a_service_principal(secret(300 * DAY, key_id="k2"))
    finding = only(judge(secret(2 * DAY), service_principal=principal))
    assert (finding.id, finding.severity) == ("credential.superseded", Severity.INFORMATIONAL)


@pytest.mark.parametrize("left", [DAY, -DAY])
def test_a_federated_credential_covers(left: timedelta) -> None:
    assert ids(judge(secret(left), federated=1)) == ["credential.superseded"]


@pytest.mark.parametrize(
    ("start", "end", "is_long"),
    [
        (datetime(2025, 1, 31, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC), False),
        (datetime(2025, 1, 31, tzinfo=UTC), datetime(2027, 1, 31, 0, 0, 1, tzinfo=UTC), True),
        (datetime(2023, 3, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC), False),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC), False),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2026, 2, 28, 0, 0, 1, tzinfo=UTC), True),
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2119, 1, 1, tzinfo=UTC), True),
        (datetime(9998, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), True),
        (None, datetime(2099, 1, 1, tzinfo=UTC), False),
        (None, None, True),
    ],
)
def test_long_lived_is_over_twenty_four_calendar_months(
    start: datetime | None, end: datetime | None, is_long: bool
) -> None:
    assert is_long_lived(a_secret(end, starts_at=start)) is is_long


def test_what_has_expired_is_no_longer_long_lived() -> None:
    assert ids(judge(secret(-DAY, starts_at=NOON - 900 * DAY))) == ["credential.expired"]


def test_one_certificate_seen_as_several_keys_is_said_once_with_all_its_keys() -> None:
    keys = tuple(secret(2 * DAY, key_id=key, thumbprint="dGh1bWI=", usage="Verify") for key in ("k1", "k2"))
    pool = a_pool(registration=a_registration(keys=keys[:1]), service_principal=a_service_principal(keys=keys))
    finding = only(check_credentials(TARGET, pool, NOON))
    assert finding.evidence["key_ids"] == ["k1", "k2"]
    assert "certificate" in finding.detail


def test_secrets_that_share_what_is_not_a_thumbprint_stay_two() -> None:
    old, new = secret(DAY, thumbprint="bmFtZQ=="), secret(300 * DAY, key_id="k2", thumbprint="bmFtZQ==")
    assert ids(judge(old, new)) == ["credential.superseded"]


def test_a_missing_key_id_gets_a_stable_stand_in() -> None:
    pairs = [judge(secret(-DAY, key_id=None), secret(300 * DAY)) for _ in range(2)]
    first, second = (only(findings) for findings in pairs)
    assert first.fingerprint == second.fingerprint
    assert first.subject.id.startswith("unnamed-")


def saml(left: timedelta, thumbprint: str | None = "c2lnbg==") -> CredentialPool:
    """Build an app with a good client secret, and a signing certificate as Graph lists it: three entries."""
    keys = tuple(
        secret(left, key_id=key, thumbprint=thumbprint, usage=usage)
        for key, usage in (("s1", "Sign"), ("s2", "Verify"))
    )
    twin = secret(left, key_id="s1p", thumbprint=thumbprint)
    principal = a_service_principal(twin, keys=keys)
    return a_pool(secret(300 * DAY), service_principal=principal)


@pytest.mark.parametrize("thumbprint", ["c2lnbg==", None])
def test_a_client_secret_does_not_sign_saml_tokens(thumbprint: str | None) -> None:
    finding = only(check_credentials(TARGET, saml(2 * DAY, thumbprint), NOON))
    assert (finding.id, finding.severity) == ("credential.expiring", Severity.CRITICAL)
    assert finding.subject.kind is SubjectKind.APPLICATION
    assert finding.evidence["key_ids"] == ["s1", "s1p", "s2"]
    assert "SAML" in finding.detail
    assert finding.remedy.link is not None
    assert "SignOn" in finding.remedy.link


def test_a_signing_certificate_does_not_authenticate_the_app() -> None:
    pool = saml(300 * DAY)
    expired = a_pool(secret(-DAY), service_principal=pool.service_principal)
    assert only(check_credentials(TARGET, expired, NOON)).subject.kind is SubjectKind.APPLICATION


def test_the_app_and_its_signing_certificate_are_one_trouble_that_names_both() -> None:
    pool = a_pool(secret(-DAY), service_principal=saml(-DAY).service_principal, federated=0)
    finding = only(check_credentials(TARGET, pool, NOON))
    assert finding.id == "credential.expired"
    assert "Besides: " in finding.detail
    assert "SAML" in finding.detail


def test_a_federated_credential_does_not_sign_either() -> None:
    pool = a_pool(service_principal=saml(-DAY).service_principal, federated=1)
    assert ids(check_credentials(TARGET, pool, NOON)) == ["credential.expired"]


@pytest.mark.parametrize(
    ("credential", "quiet"),
    [
        (secret(61 * DAY), True),
        (secret(60 * DAY + SECOND), True),
        (secret(60 * DAY), False),
        (secret(None), False),
        (secret(300 * DAY, starts_at=None), False),
        (secret(300 * DAY, starts_at=NOON), True),
        (secret(300 * DAY, starts_at=NOON + SECOND), False),
        (secret(600 * DAY, starts_at=NOON - 200 * DAY), False),
    ],
)
def test_quiet_is_what_nothing_can_be_said_of(credential: Credential, quiet: bool) -> None:
    assert is_quiet(a_registration(credential)) is quiet


def test_no_credentials_are_quiet_and_signing_keys_never_are() -> None:
    assert is_quiet(a_registration())
    assert is_quiet(a_service_principal(keys=(secret(300 * DAY, usage="Verify"),)))
    assert not is_quiet(a_service_principal(keys=(secret(300 * DAY, usage="Sign"),)))


# --- properties ---

instants = st.one_of(
    st.none(),
    st.integers(-250_000_000, 250_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.integers(-900, 900).map(lambda days: NOON + timedelta(days=days)),
)
credentials = st.builds(
    Credential,
    key_id=st.one_of(st.none(), st.sampled_from(["k1", "k2", "k3"])),
    name=st.one_of(st.none(), st.just("n")),
    starts_at=instants,
    ends_at=instants,
    thumbprint=st.one_of(st.none(), st.sampled_from(["t1", "t2"])),
    usage=st.sampled_from([None, "Verify", "Sign"]),
)
lists = st.lists(credentials, max_size=4).map(tuple)


@st.composite
def pools(draw: st.DrawFn) -> CredentialPool:
    registration = a_registration(*draw(lists), keys=draw(lists))
    principal = a_service_principal(*draw(lists), keys=draw(lists))
    return CredentialPool(APP, "app", registration, principal, draw(st.integers(0, 1)))


@settings(deadline=None)
@given(pools())
def test_one_trouble_is_told_once_and_only_at_its_worst(pool: CredentialPool) -> None:
    findings = check_credentials(TARGET, pool, NOON)
    assert len({finding.fingerprint for finding in findings}) == len(findings)
    assert len({(finding.family, finding.subject.kind, finding.subject.id) for finding in findings}) == len(findings)


@settings(deadline=None)
@given(pools())
def test_what_the_sieve_calls_quiet_has_no_finding(pool: CredentialPool) -> None:
    assert pool.registration is not None
    assert pool.service_principal is not None
    if is_quiet(pool.registration) and is_quiet(pool.service_principal):
        assert check_credentials(TARGET, pool, NOON) == ()


quiet_credentials = st.builds(
    lambda begun, left, key, thumbprint: a_secret(
        NOON + timedelta(days=left),
        key_id=key,
        starts_at=NOON - timedelta(days=begun),
        thumbprint=thumbprint,
        usage="Verify",
    ),
    st.integers(0, 365),
    st.integers(61, 365),
    st.sampled_from([None, "k1", "k2"]),
    st.sampled_from([None, "t1"]),
)
quiet_lists = st.lists(quiet_credentials, max_size=3).map(tuple)


@settings(deadline=None)
@given(quiet_lists, quiet_lists, quiet_lists, quiet_lists)
def test_quiet_objects_together_have_no_finding(
    secrets: tuple[Credential, ...],
    keys: tuple[Credential, ...],
    own: tuple[Credential, ...],
    own_keys: tuple[Credential, ...],
) -> None:
    registration, principal = a_registration(*secrets, keys=keys), a_service_principal(*own, keys=own_keys)
    assert is_quiet(registration)
    assert is_quiet(principal)
    assert check_credentials(TARGET, CredentialPool(APP, "app", registration, principal), NOON) == ()


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=90)), st.timedeltas(timedelta(0), timedelta(days=90)))
def test_severity_never_rises_as_time_left_grows(one: timedelta, other: timedelta) -> None:
    less, more = sorted((one, other))
    assert severity_of(less).at_least(severity_of(more))


@pytest.mark.parametrize("ends_in", [-DAY, 6 * DAY])
def test_a_federated_credential_that_could_not_be_read_leaves_a_doubt(ends_in: timedelta) -> None:
    known, unknown = (only(check_credentials(TARGET, a_pool(secret(ends_in), federated=f), NOON)) for f in (0, None))
    assert known.id == unknown.id
    assert "could not be read" in unknown.detail
    assert "could not be read" not in known.detail
