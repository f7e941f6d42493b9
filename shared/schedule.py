"""Beside the way of a datum: when a timer fires, read from its schedule as Azure Functions reads it (NCRONTAB).

Six fields: second, minute, hour, day, month, day of the week (0 is Sunday, as in `Sun`), in UTC. Each is `*`, a value,
a range `4-9` or a list `1,7,13`; any of them may have a step, `*/15`. Where day and day of the week are both given,
both must match. Cron's own rule is "either": so cronsim is asked for the days alone, and weekdays are picked from them.

Source: the timer trigger's page on NCRONTAB expressions, and the NCrontab library, which Azure Functions uses.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from shared.errors import ScheduleError
from shared.text import plain

_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
_DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_PART = re.compile(r"(?P<first>\*|[0-9]{1,4}|[A-Z]+)(-(?P<last>[0-9]{1,4}|[A-Z]+))?(/(?P<step>[0-9]{1,4}))?")
_FORM = "write six fields: second, minute, hour, day, month, day of the week, such as 0 */15 4-9 * * *"
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[int]:
        return frozenset(range(self.least, self.most + 1))


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires. `text` is what was written; make one with `parse`."""

    text: str
    _times: str
    _weekdays: frozenset[int]

    def next_after(self, instant: datetime) -> datetime:
        """The first instant after `instant`, which is aware; in UTC, to the second."""
        at = instant.astimezone(UTC)
        while True:
            at = next(CronSim(self._times, at))
            if at.isoweekday() % 7 in self._weekdays:
                return at
            at = at.replace(hour=23, minute=59, second=59)


def parse(text: str) -> Schedule:
    """Read a schedule.

    Raises:
        ScheduleError: it is none, or never fires; the message says which field is wrong and what would be right.
    """
    written = text.split()
    if len(written) != len(_FIELDS):
        count = f"{len(written)} field{'' if len(written) == 1 else 's'}"
        raise ScheduleError(f"{_quoted(text)} has {count}; {_FORM}")
    values = [_values(field, each.upper()) for field, each in zip(_FIELDS, written, strict=True)]
    times = " ".join(_listed(field, value) for field, value in zip(_FIELDS[:-1], values, strict=False))
    schedule = Schedule(" ".join(written), f"{times} *", values[-1])
    try:
        schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError:
        raise ScheduleError(f"{_quoted(text)} never fires: none of its months has such a day") from None
    return schedule


def _values(field: _Field, written: str) -> frozenset[int]:
    return frozenset().union(*(_part(field, part) for part in written.split(",")))


def _part(field: _Field, written: str) -> range:
    """Read one part of a list. A step without a range goes on to the end; a range's ends may stand either way round."""
    found = _PART.fullmatch(written)
    if found is None or (found["first"] == "*" and found["last"]):
        raise _wrong(field, written, "write *, a value, a range such as 1-5, or one of them with a step such as */5")
    step = int(found["step"] or 1)
    if step == 0:
        raise _wrong(field, written, "a step is 1 or more")
    if found["first"] == "*":
        return range(field.least, field.most + 1, step)
    first = _value(field, found["first"])
    last = _value(field, found["last"]) if found["last"] else field.most if found["step"] else first
    return range(min(first, last), max(first, last) + 1, step)


def _value(field: _Field, written: str) -> int:
    if written.isdecimal():
        value = int(written)
    else:
        value = next((n for n, name in enumerate(field.names, field.least) if name.startswith(written)), -1)
    if value not in field.all:
        names = f", or a name from {field.names[0][:3].title()} on" if field.names else ""
        raise _wrong(field, written, f"it is {field.least} to {field.most}{names}")
    return value


def _listed(field: _Field, values: frozenset[int]) -> str:
    return "*" if values == field.all else ",".join(map(str, sorted(values)))


def _wrong(field: _Field, written: str, right: str) -> ScheduleError:
    return ScheduleError(f"{_quoted(written)} is no {field.name}: {right}")


def _quoted(text: str) -> str:
    return f'"{plain(text, _SHOWN)}"'
