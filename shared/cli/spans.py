"""Instants as the command line takes them where a distance from now does as well: `7d`, or ISO 8601."""

import argparse
import re
from datetime import UTC, datetime, timedelta

from shared.cli.check import instant
from shared.text import plain

type When = datetime | timedelta

_FIRST = datetime.min.replace(tzinfo=UTC)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def when(text: str) -> When:
    """An instant, or a distance from now: 30m, 12h, 7d, 2w."""
    found = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if found is not None:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return instant(text)
    except argparse.ArgumentTypeError:
        msg = f'"{plain(text, 60)}" is neither a time like 7d or 12h, nor an instant like 2026-11-22T08:05:00Z'
        raise argparse.ArgumentTypeError(msg) from None


def before(given: When, now: datetime) -> datetime:
    """The instant that is meant by a distance into the past."""
    if isinstance(given, datetime):
        return given
    return now - min(given, now - _FIRST)


def after(given: When, now: datetime) -> datetime:
    """The instant that is meant by a distance into the future."""
    return now + given if isinstance(given, timedelta) else given
