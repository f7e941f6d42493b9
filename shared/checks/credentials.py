"""From one app's credentials to a verdict on the app: is an outage coming, or is there only something to tidy up?

Registration and service principal count together: either can authenticate the app. What signs SAML tokens is judged
apart, because a client secret does not sign.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.catalogue import make_finding
from shared.checks.pools import Holding, split_pool
from shared.checks.validity import (
    end_of,
    ends_within,
    has_expired,
    has_started,
    is_long_lived,
    is_valid,
)
from shared.expectations import Target
from shared.facts import Credential, CredentialPool
from shared.model import Finding, Severity, Subject, SubjectKind
from shared.ranking import worst_first, worst_of_each
from shared.wording import say_instant, say_list, say_span

_CRITICAL_LEFT = timedelta(days=3)
_ERROR_LEFT = timedelta(days=14)


def check_credentials(target: Target, pool: CredentialPool, now: datetime) -> tuple[Finding, ...]:
    """Judge one app: expiring or expired as a whole, and each credential that is superseded or long-lived.

    What signs SAML tokens is judged by itself. Where both it and the other credentials end, the worse is the finding.
    """
    sign_in, saml = split_pool(pool)
    verdicts = (_Verdict(target, pool, sign_in, now), _Verdict(target, pool, saml, now, signs_saml=True))
    findings = [finding for verdict in verdicts for finding in verdict.judge()]
    ending = worst_first(finding for finding in findings if finding.family == "credential.expiry")
    others = [finding for finding in findings if finding not in ending]
    return worst_of_each([*_as_one(ending), *others])


def _as_one(ending: Sequence[Finding]) -> list[Finding]:
    """Tell the worse of an app's two endings, and name the other in it: they are one trouble of one application."""
    if len(ending) < 2:
        return list(ending)
    worse, other = ending
    return [replace(worse, detail=f"{worse.detail} Besides: {other.title}.")]


def say_owners(owners: tuple[str, ...] | None) -> str:
    """Say who owns an app, as a sentence to append; nothing where that was not read."""
    if owners is None:
        return ""
    return f" Owned by {say_list(owners)}." if owners else " Nobody owns it."


def severity_of(left: timedelta) -> Severity:
    """Return how bad it is that an app's last credential has so much time left."""
    if left <= _CRITICAL_LEFT:
        return Severity.CRITICAL
    return Severity.ERROR if left <= _ERROR_LEFT else Severity.WARNING


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Credentials that can stand in for each other, before the judgement."""

    target: Target
    pool: CredentialPool
    holdings: tuple[Holding, ...]
    now: datetime
    signs_saml: bool = False

    def judge(self) -> Iterator[Finding]:
        last = self._last_to_end(is_valid)
        lapsed = self._last_to_end(has_expired)
        if not self._federated and last is not None and self._is_due(last):
            yield self._expiring(last)
        elif not self._federated and last is None and lapsed is not None:
            yield self._expired(lapsed)
        for held in self.holdings:
            if self._is_due(held) and self._is_covered(held, last):
                yield self._superseded(held, last)
            if is_long_lived(held.credential) and not has_expired(held.credential, self.now):
                yield self._long_lived(held)

    @property
    def _federated(self) -> bool:
        """Whether a federated credential covers all of these: it does not expire, and it does not sign SAML tokens."""
        return bool(self.pool.federated) and not self.signs_saml

    @property
    def _app(self) -> str:
        return self.pool.name or self.pool.app_id

    def _last_to_end(self, holds: Callable[[Credential, datetime], bool]) -> Holding | None:
        chosen = (held for held in self.holdings if holds(held.credential, self.now))
        return max(chosen, key=lambda held: (end_of(held.credential), held.id), default=None)

    def _is_due(self, held: Holding) -> bool:
        has_begun = has_started(held.credential, self.now) or has_expired(held.credential, self.now)
        return has_begun and ends_within(held.credential, self.now, self.target.expiry_days[0])

    def _is_covered(self, held: Holding, last: Holding | None) -> bool:
        return self._federated or (last is not None and end_of(last.credential) > end_of(held.credential))

    def _expiring(self, last: Holding) -> Finding:
        left = end_of(last.credential) - self.now
        passed = sorted(days for days in set(self.target.expiry_days) if left <= timedelta(days=days))
        detail = (
            f"{self._say(last)} ends at {_say_end(last)}, and no newer one takes over: {self._say_outage()} then"
            f"{self._say_doubt()}.{self._say_replacement()}{say_owners(self.pool.owners)}"
            f" Within the {passed[0]}-day mark."
        )
        return self._finding(
            "credential.expiring",
            self._outage_subject(),
            last,
            detail,
            severity=severity_of(left),
            stage=len(passed) - 1,
            stage_days=passed[0],
            values={"what": self._what(), "left": say_span(left)},
        )

    def _expired(self, lapsed: Holding) -> Finding:
        detail = (
            f"{self._say(lapsed)} was the last to end, at {_say_end(lapsed)}: {self._say_outage()} since then"
            f"{self._say_doubt()}.{self._say_replacement()}{say_owners(self.pool.owners)}"
        )
        subject = self._outage_subject()
        stage = len(set(self.target.expiry_days))  # past every mark
        return self._finding(
            "credential.expired", subject, lapsed, detail, stage=stage, values={"what": self._what_all()}
        )

    def _superseded(self, held: Holding, last: Holding | None) -> Finding:
        verb = "ended" if has_expired(held.credential, self.now) else "ends"
        if last is None or self._federated:
            cover = "a federated credential covers it"
        else:
            cover = f"the newer {self._what(last)} '{last.label}' covers it{_say_until(last)}"
        detail = f"{self._say(held)} {verb} at {_say_end(held)}; {cover}.{say_owners(self.pool.owners)}"
        return self._finding("credential.superseded", self._credential_subject(held), held, detail)

    def _long_lived(self, held: Holding) -> Finding:
        start = held.credential.starts_at
        since = f" from {say_instant(start)}" if start else ""
        detail = f"{self._say(held)} is valid{since}{_say_until(held) or ' for ever'}.{say_owners(self.pool.owners)}"
        span = "for ever" if held.credential.ends_at is None else "for over 24 months"
        return self._finding(
            "credential.long_lived", self._credential_subject(held), held, detail, values={"span": span}
        )

    def _outage_subject(self) -> Subject:
        return Subject(SubjectKind.APPLICATION, self.pool.app_id.lower(), self.pool.name)

    def _credential_subject(self, held: Holding) -> Subject:
        return Subject(SubjectKind.CREDENTIAL, held.id, held.credential.name, self.pool.app_id.lower())

    def _case(self, held: Holding) -> str | None:
        if self.signs_saml:
            return "saml"
        return None if held.on_registration else "enterprise"

    def _what_all(self) -> str:
        return "SAML signing certificate" if self.signs_saml else "secret or certificate"

    def _what(self, held: Holding | None = None) -> str:
        if self.signs_saml:
            return "SAML signing certificate"
        return held.what if held else "credential"

    def _say(self, held: Holding) -> str:
        return f"The {self._what(held)} '{held.label}'"

    def _say_outage(self) -> str:
        return f"sign-in to {self._app} (SAML) fails" if self.signs_saml else f"nothing can sign in as {self._app}"

    def _say_doubt(self) -> str:
        """Say what is not known: a federated credential may stand in, and whether there is one was not read."""
        unknown = self.pool.federated is None and not self.signs_saml
        return ", unless a federated credential stands in for it, which could not be read" if unknown else ""

    def _say_replacement(self) -> str:
        waiting = ((held.credential.starts_at, held.label) for held in self.holdings)
        starts = [(start, label) for start, label in waiting if start is not None and start > self.now]
        if not starts:
            return ""
        start, label = min(starts)
        return f" A replacement, '{label}', starts at {say_instant(start)}."

    def _finding(
        self,
        finding_id: str,
        subject: Subject,
        held: Holding,
        detail: str,
        *,
        severity: Severity | None = None,
        stage: int = 0,
        stage_days: int | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Finding:
        words = {"app": self._app, "app_id": self.pool.app_id, "key_id": held.id, "what": self._what(held)}
        if self.pool.service_principal is not None:
            words["object_id"] = self.pool.service_principal.id
        evidence: dict[str, str | int | list[str] | None] = {"app_id": self.pool.app_id, "key_ids": list(held.key_ids)}
        if stage_days is not None:
            evidence["stage_days"] = stage_days
        if self.pool.owners is not None:
            evidence["owners"] = list(self.pool.owners)
        return make_finding(
            finding_id,
            self.target,
            subject,
            detail=detail,
            values=words | dict(values or {}),
            severity=severity,
            due_at=held.credential.ends_at,
            stage=stage,
            evidence=evidence,
            case=self._case(held),
        )


def _say_end(held: Holding) -> str:
    return say_instant(end_of(held.credential))


def _say_until(held: Holding) -> str:
    return "" if held.credential.ends_at is None else f" until {_say_end(held)}"
