"""From the expected apps as they were found to findings: are they there, enabled, permitted, and able to sign in?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.catalogue import make_finding
from shared.checks.credentials import check_credentials, say_owners
from shared.checks.permissions import Lack, MissingPermission, find_missing, say_missing
from shared.checks.pools import Holding, split_pool
from shared.checks.sharing import sharing_targets
from shared.checks.validity import has_expired, has_started, is_valid
from shared.expectations import AppKind, Target
from shared.facts import AppFacts, CredentialPool, RegistrationFacts
from shared.model import Evidence, Finding, Subject, SubjectKind
from shared.ranking import worst_of_each
from shared.wording import say_day, say_instant, say_list

_SINGLE_TENANT = "AzureADMyOrg"


def check_app_registrations(
    target: Target, peers: Sequence[Target], facts: RegistrationFacts, now: datetime
) -> tuple[Finding, ...]:
    """Judge every listed app; `peers` are all configured targets, for connection apps that are shared."""
    return worst_of_each(found for app in facts.apps for found in _judge(target, peers, app, now))


def pool_of(app: AppFacts) -> CredentialPool:
    """Return what a listed app can authenticate with: its service principal's credentials and its registration's."""
    found = app.registration or app.service_principal
    app_id = found.app_id if found else app.expectation.app_id or app.expectation.label
    name = (found.display_name if found else None) or app.expectation.name
    return CredentialPool(app_id, name, app.registration, app.service_principal, app.federated, app.owners)


def _judge(target: Target, peers: Sequence[Target], app: AppFacts, now: datetime) -> Iterator[Finding]:
    listed = _Listed(target, app, pool_of(app))
    if not listed.is_found:
        yield listed.missing()
        return
    yield from listed.disabled()
    yield from listed.unpermitted()
    if app.expectation.kind is AppKind.CONNECTION:
        yield from listed.open_to_others()
        yield from listed.shared(peers)
    yield from listed.unowned()
    yield from listed.without_credential(now)
    yield from listed.misrecorded(now)
    yield from check_credentials(target, listed.pool, now)


@dataclass(frozen=True, slots=True)
class _Listed:
    """One listed app before the judgement."""

    target: Target
    app: AppFacts
    pool: CredentialPool

    @property
    def is_found(self) -> bool:
        kind = self.app.expectation.kind
        return (self.pool.service_principal if kind is AppKind.ENTERPRISE else self.pool.registration) is not None

    def missing(self) -> Finding:
        expected = self.app.expectation
        by = f"appId {expected.app_id}" if expected.app_id else f"the name {expected.label}"
        case = None if expected.kind is AppKind.REGISTRATION else expected.kind.value
        what = "Enterprise application" if expected.kind is AppKind.ENTERPRISE else "App registration"
        identity = (expected.app_id or expected.label).lower()
        subject = Subject(SubjectKind.APPLICATION, identity, expected.label)
        detail = f"The tenant has no {what[0].lower()}{what[1:]} with {by}."
        return make_finding("app.missing", self.target, subject, detail=detail, values={"what": what}, case=case)

    def disabled(self) -> Iterator[Finding]:
        pool = self.pool
        statuses = [
            holder.disabled_by_microsoft_status for holder in (pool.registration, pool.service_principal) if holder
        ]
        by_microsoft = [status for status in statuses if status and status.lower() != "notdisabled"]
        if by_microsoft:
            case = "microsoft" if pool.registration else None
            yield self._finding("app.disabled", f"Microsoft disabled it: {by_microsoft[0]}.", case=case)
        elif pool.service_principal is not None and pool.service_principal.account_enabled is False:
            yield self._finding(
                "app.disabled", "Sign-in is switched off on its service principal (accountEnabled is false)."
            )

    def unpermitted(self) -> Iterator[Finding]:
        missing = tuple(find_missing(self.app))
        requests = [permission for permission in missing if permission.lack.is_request]
        consents = [permission for permission in missing if not permission.lack.is_request]
        if requests:
            yield self._permission_finding("app.permission_missing", requests)
        if consents:
            yield self._permission_finding("app.consent_missing", consents)

    def open_to_others(self) -> Iterator[Finding]:
        registration = self.pool.registration
        audience = registration.sign_in_audience if registration else None
        if audience is not None and audience.lower() != _SINGLE_TENANT.lower():
            detail = f"Its audience is {audience}; a connection app needs {_SINGLE_TENANT}."
            yield self._finding("app.wrong_audience", detail, {"audience": audience})

    def shared(self, peers: Sequence[Target]) -> Iterator[Finding]:
        others = sharing_targets(self.target, peers, self.app)
        if others:
            names = say_list(other.name for other in others)
            detail = f"{names} also {'lists' if len(others) == 1 else 'list'} it as the connection app."
            yield self._finding("app.shared", detail, {"targets": [other.name for other in others]})

    def unowned(self) -> Iterator[Finding]:
        if self.app.expectation.kind is not AppKind.ENTERPRISE and self.pool.owners == ():
            yield self._finding("app.unowned", "The registration has no owners.")

    def without_credential(self, now: datetime) -> Iterator[Finding]:
        if not self.app.expectation.must_authenticate or self.pool.federated != 0:
            return
        holdings = split_pool(self.pool)[0]
        if not holdings:
            detail = "Neither registration nor service principal has a secret, a certificate or a federated credential."
            yield self._finding("credential.missing", detail)
        elif all(not has_started(held.credential, now) and not has_expired(held.credential, now) for held in holdings):
            starts = min(held.credential.starts_at for held in holdings if held.credential.starts_at)
            yield self._finding("credential.missing", f"None of its credentials is valid before {say_instant(starts)}.")

    def misrecorded(self, now: datetime) -> Iterator[Finding]:
        recorded = self.app.expectation.recorded_expiry
        valid = [held for held in split_pool(self.pool)[0] if is_valid(held.credential, now)]
        if recorded is None or not valid or recorded in {_end_day(held) for held in valid}:
            return
        ends = sorted({say_day(day) for held in valid if (day := _end_day(held))})
        actual = f"Its valid credentials end on {say_list(ends)}" if ends else "Its valid credential never ends"
        detail = f"The recorded expiry is {say_day(recorded)}. {actual} (UTC)."
        yield self._finding("credential.expiry_mismatch", detail, {"recorded_expiry": say_day(recorded), "ends": ends})

    def _permission_finding(self, finding_id: str, missing: list[MissingPermission]) -> Finding:
        without_api = [permission for permission in missing if permission.lack is Lack.NO_API]
        first = (without_api or missing)[0]
        apis = [] if without_api else sorted({permission.api for permission in missing})
        return self._finding(
            finding_id,
            f"Missing: {say_missing(missing)}.",
            {"permissions": [f"{permission.api_id}/{permission.role}" for permission in missing]},
            case=self._consent_case(without_api) if finding_id == "app.consent_missing" else None,
            api=say_list(apis) or first.api,
            api_id=first.api_id,
            permissions=say_list(permission.role for permission in missing),
        )

    def _consent_case(self, without_api: list[MissingPermission]) -> str | None:
        if self.app.expectation.kind is AppKind.ENTERPRISE:
            return "enterprise"
        return "api" if without_api else None

    def _finding(
        self, finding_id: str, detail: str, evidence: Evidence | None = None, *, case: str | None = None, **values: str
    ) -> Finding:
        pool = self.pool
        words = {"app": pool.name or pool.app_id, "app_id": pool.app_id, **values}
        if pool.service_principal is not None:
            words["object_id"] = pool.service_principal.id
        owners: Evidence = {"owners": list(pool.owners)} if pool.owners else {}
        return make_finding(
            finding_id,
            self.target,
            Subject(SubjectKind.APPLICATION, pool.app_id.lower(), pool.name),
            detail=detail + (say_owners(pool.owners) if pool.owners else ""),
            values=words,
            evidence={"app_id": pool.app_id, **owners, **(evidence or {})},
            case=case,
        )


def _end_day(held: Holding) -> date | None:
    ends_at = held.credential.ends_at
    return None if ends_at is None else ends_at.astimezone(UTC).date()
