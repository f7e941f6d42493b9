"""When a server asks to be asked again: one reading of Retry-After, for Azure and for the channels alike."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 365 * 86_400.0
"""What a server that asks for more is taken to mean."""
_SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read Retry-After: whole or fractional seconds, or an HTTP date; None where there is none that can be read.

    A date is measured from the answer's own Date where it has one: both come from one clock, `now` may be another.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT_S)
    again_at, answered_at = _http_date(value), _http_date(headers.get("date", "")) or now
    return None if again_at is None else min(max((again_at - answered_at).total_seconds(), 0.0), LONGEST_WAIT_S)


def _http_date(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
