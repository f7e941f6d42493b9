"""The words that findings share: lists, instants and spans as a person would say them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

LIKELY_CAUSE = "Likely cause:"


def split_causes(detail: str) -> tuple[str, tuple[str, ...]]:
    """Split a finding's detail into what was seen, and the likely causes that it names."""
    seen, *causes = detail.split(f" {LIKELY_CAUSE} ")
    return seen, tuple(causes)


def say_list(items: Iterable[str], conjunction: str = "and") -> str:
    """Say items as "a", "a and b" or "a, b and c"."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def say_instant(instant: datetime) -> str:
    """Say an instant to the minute, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def say_day(day: date) -> str:
    """Say a day as ISO 8601 writes it."""
    return day.isoformat()


def say_span(span: timedelta) -> str:
    """Say how long something is, in the one or two units that matter; the seconds are dropped."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return say_count(minutes, "minute")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return say_count(hours, "hour") + (f" {say_count(minutes, 'minute')}" if minutes else "")
    days, hours = divmod(hours, 24)
    return say_count(days, "day") + (f" {say_count(hours, 'hour')}" if hours and days < 14 else "")


def say_count(number: int, unit: str) -> str:
    """Say a number of things, as "1 row" or "2 rows"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
