"""The grammar of single values: each function takes what TOML holds and gives what is meant, or says what would fit."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from urllib.parse import urlsplit

from shared.text import plain

type Reader[T] = Callable[[object], T]

_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
WORKSPACE_ID = (
    rf"/subscriptions/{_GUID}/resourceGroups/[\w.()-]{{1,90}}"
    r"/providers/Microsoft\.OperationalInsights/workspaces/[A-Za-z0-9-]{1,63}"
)
"""A pattern, whatever the case."""
_TEXT_LIMIT = 512
_QUOTE_LIMIT = 32


class WrongValueError(Exception):
    """A value does not fit: `problems` are pairs of where in it (`[2]`, or nothing for the whole) and what is wrong."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        self.problems = problems
        super().__init__(problems)


def quote(value: object) -> str:
    """A value as a mistake may show it: short, printable, and no URL, because URLs carry secrets."""
    if isinstance(value, str):
        return "a URL" if "://" in value else f'"{plain(value, _QUOTE_LIMIT)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value}" if -1e15 < value < 1e15 else "a number out of all bounds"
    if isinstance(value, date | time):
        return value.isoformat()
    return "a table" if isinstance(value, dict) else "a list"


def _wrong(needed: str, value: object) -> WrongValueError:
    return WrongValueError(("", f"must be {needed}, not {quote(value)}"))


def text(value: object) -> str:
    """Some words on one line."""
    if isinstance(value, str) and value.strip() and len(value) <= _TEXT_LIMIT and value.isprintable():
        return value.strip()
    if isinstance(value, str) and len(value) > _TEXT_LIMIT:
        raise WrongValueError(("", f"must be at most {_TEXT_LIMIT} characters long, not {len(value)}"))
    raise _wrong("a text of one line in quotes", value)


def matching(pattern: str | re.Pattern[str], needed: str) -> Reader[str]:
    """A reader of texts that a pattern matches from end to end."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        raise _wrong(needed, value)

    return read


target_name = matching(r"[a-z0-9-]{1,40}", "1 to 40 of a-z, 0-9 and -")
identifier = matching(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "a name of A-Z, a-z, 0-9 and _ that starts with no digit")
_workspace_text = matching(
    re.compile(WORKSPACE_ID, re.IGNORECASE),
    "the workspace's resource id, /subscriptions/<guid>/resourceGroups/<group>"
    "/providers/Microsoft.OperationalInsights/workspaces/<name>",
)
_guid_text = matching(_GUID, "a GUID, xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")


def workspace_id(value: object) -> str:
    """A workspace's resource id; a slash at its end, as some portals copy it, is taken off."""
    return _workspace_text(value.rstrip("/") if isinstance(value, str) else value)


def guid(value: object) -> str:
    """A GUID, lower case."""
    return _guid_text(value).lower()


def https_url(value: object) -> str:
    """An https URL that holds no secret: no user, query or fragment. Without a closing slash, never quoted back."""
    if isinstance(value, str) and value.isprintable() and " " not in value and _is_plain_https(value):
        return value.rstrip("/")
    raise WrongValueError(("", "must be an https:// URL without user, query or fragment"))


def _is_plain_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and has_port and not set("@?#") & set(url)


def integer(low: int, high: int) -> Reader[int]:
    """A reader of whole numbers within bounds; true and false are none."""
    needed = f"a whole number from {low} to {high}"

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise _wrong(needed, value)

    return read


def number(low: float, high: float, needed: str) -> Reader[float]:
    """A reader of numbers within bounds; true, false, nan and inf are none."""

    def read(value: object) -> float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        if fits and isinstance(value, int | float) and math.isfinite(value):
            return value
        raise _wrong(needed, value)

    return read


def positive(high: int) -> Reader[float]:
    """A reader of numbers above zero."""
    return number(math.ulp(0.0), high, f"a number above 0 and up to {high}")


def flag(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise _wrong("true or false", value)


def instant(value: object) -> datetime:
    """A date and time with an offset, as UTC."""
    needed = "a date and time with Z or an offset, unquoted, like 2026-11-20T00:00:00Z"
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong(needed, value)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise _wrong(needed, value) from None


def day(value: object) -> date:
    """A date, and no time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _wrong("a date, unquoted, like 2027-03-01", value)


def time_of_day(value: object) -> time:
    """A UTC time of day, written "HH:MM"."""
    if isinstance(value, str) and re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", value):
        return time.fromisoformat(value)
    raise _wrong('a UTC time of day in quotes, "HH:MM"', value)


def time_of_day_or_off(value: object) -> time | None:
    """A UTC time of day, or "off" for none."""
    if value == "off":
        return None
    try:
        return time_of_day(value)
    except WrongValueError:
        raise _wrong('a UTC time of day in quotes, "HH:MM", or "off"', value) from None


def one_of[E: StrEnum](words: type[E]) -> Reader[E]:
    """A reader of one word of a closed set."""
    known = {word.value: word for word in words}

    def read(value: object) -> E:
        if isinstance(value, str) and value in known:
            return known[value]
        raise _wrong("one of " + ", ".join(words), value)

    return read


def list_of[T](read: Reader[T], *, least: int = 0) -> Reader[tuple[T, ...]]:
    """A reader of lists with different items; texts that differ in case alone are the same."""

    def read_list(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _wrong("a list", value)
        if len(value) < least:
            raise WrongValueError(("", "must have at least one item"))
        return _items(value, read)

    return read_list


def _items[T](values: list[object], read: Reader[T]) -> tuple[T, ...]:
    items: dict[object, T] = {}
    problems: list[tuple[str, str]] = []
    for index, value in enumerate(values):
        try:
            item = read(value)
        except WrongValueError as wrong:
            problems += [(f"[{index}]{where}", problem) for where, problem in wrong.problems]
            continue
        if _sameness(item) in items:
            problems.append((f"[{index}]", f"{quote(value)} is given twice"))
        items[_sameness(item)] = item
    if problems:
        raise WrongValueError(*problems)
    return tuple(items.values())


def _sameness(item: object) -> object:
    return item.casefold() if isinstance(item, str) else item
