"""The arithmetic of a credential's life: exact to the instant, and the same for every check that asks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shared.facts import Application, Credential, ServicePrincipal

NEVER = datetime.max.replace(tzinfo=UTC)
MAX_MONTHS = 24
# 24 calendar months are 730 or 731 days: what lived no longer than this is surely within them.
_SURELY_WITHIN_MAX = timedelta(days=730)


def has_started(credential: Credential, now: datetime) -> bool:
    """Whether its start has come; without a start it always has."""
    return credential.starts_at is None or credential.starts_at <= now


def has_expired(credential: Credential, now: datetime) -> bool:
    """Whether it is over: at the instant of its end it is. Without an end it never is."""
    return credential.ends_at is not None and now >= credential.ends_at


def is_valid(credential: Credential, now: datetime) -> bool:
    """Whether it can be used now."""
    return has_started(credential, now) and not has_expired(credential, now)


def end_of(credential: Credential) -> datetime:
    """Return when it ends; the far end of time where it never does."""
    return credential.ends_at or NEVER


def ends_within(credential: Credential, now: datetime, days: int) -> bool:
    """Whether it has ended, or will within so many days of exactly 24 hours."""
    return credential.ends_at is not None and credential.ends_at - now <= timedelta(days=days)


def is_long_lived(credential: Credential) -> bool:
    """Whether it is valid for over 24 calendar months from its start, or for ever."""
    start, end = credential.starts_at, credential.ends_at
    if end is None:
        return True
    if start is None or end - start <= _SURELY_WITHIN_MAX:
        return False
    return end > _add_years(start, MAX_MONTHS // 12)


def _add_years(instant: datetime, years: int) -> datetime:
    if instant.year + years > NEVER.year:
        return NEVER
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:  # 29 February, and the year has none: the month ends a day earlier
        return instant.replace(year=instant.year + years, day=28)


def make_quiet(now: datetime, horizon_days: int) -> Callable[[Application | ServicePrincipal], bool]:
    """Make the judgement whether nothing among one object's credentials alone could be a finding.

    For sifting a whole tenant before `check_credentials` looks at the rest: fast, and False wherever in doubt. Every
    credential has started, ends beyond `horizon_days`, has both dates within 24 months of each other, and none signs
    SAML tokens.
    """
    horizon = now + timedelta(days=horizon_days)

    def is_quiet(holder: Application | ServicePrincipal) -> bool:
        for credential in holder.password_credentials + holder.key_credentials:
            start, end = credential.starts_at, credential.ends_at
            if start is None or end is None or start > now or end <= horizon or end - start > _SURELY_WITHIN_MAX:
                return False
        return not holder.key_credentials or all(key.usage == "Verify" for key in holder.key_credentials)

    return is_quiet
