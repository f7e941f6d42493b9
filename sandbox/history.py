"""The days of a table: when each snapshot is stamped and arrives, and what is odd about some of them."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sandbox import grammar
from sandbox.records import Snapshot


class Days:
    """The days of a table's history, with what is odd about some of them."""

    def __init__(self, part: grammar.TablePart, now: datetime) -> None:
        self.part = part
        self.now = now
        self.missing = {self._day(day) for day in part.missing}
        self.rows = {self._day(day): rows for day, rows in part.rows_on.items()}
        self.late = {self._day(day): at for day, at in part.late_on.items()}

    def snapshots(self, table: str) -> Iterator[Snapshot]:
        """All of them, those to come too."""
        part = self.part
        for usual_at in _arrivals(self.now, arrives=part.arrives, days=part.days, ahead=part.days_ahead):
            day = usual_at.date()
            if day in self.missing or part.days == 0 or part.records:
                continue
            arrived_at = usual_at + _jitter(table, day, part.jitter_minutes)
            if day in self.late:
                arrived_at = datetime.combine(day, self.late[day], tzinfo=UTC)
            rows = self.rows.get(day, part.rows)
            yield Snapshot(generated_at=self._stamp(usual_at), arrived_at=arrived_at, rows=rows)

    def _stamp(self, usual_at: datetime) -> datetime:
        """What stands in TimeGenerated: it does not move with a late arrival."""
        day = usual_at.date() - timedelta(days=self.part.lag_days)
        stamped = self.part.stamped or (usual_at - timedelta(minutes=30)).time()
        return datetime.combine(day, stamped, tzinfo=UTC)

    def _day(self, day: date | int | str) -> date:
        if isinstance(day, date):
            return day
        text = str(day)
        if text.isdigit():
            return self.now.date() - timedelta(days=int(text))
        return date.fromisoformat(text)


def check(part: grammar.TablePart) -> None:
    """Refuse names and types that no table has.

    Raises:
        ValueError: it has one.
    """
    for name in (*part.names, *part.columns):
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            message = f"{name!r} is no name of a table or column"
            raise ValueError(message)
    for name, kind in part.columns.items():
        base, _, rest = kind.partition(":")
        if base not in grammar.COLUMN_TYPES:
            message = f"{kind!r} of {name} is no type; one of {', '.join(grammar.COLUMN_TYPES)}"
            raise ValueError(message)
        if base == "datetime" and rest and rest != "null":
            grammar.offset(rest)


def _arrivals(now: datetime, *, arrives: time, days: int, ahead: int) -> Iterator[datetime]:
    """The usual instant of arrival on each day of the history, oldest first, and on some days to come."""
    for offset in range(-days + 1, ahead + 1):
        yield datetime.combine(now.date() + timedelta(days=offset), arrives, tzinfo=UTC)


def _jitter(table: str, day: date, minutes: float) -> timedelta:
    """Between -minutes and +minutes, always the same for a table and a day."""
    part = int.from_bytes(hashlib.sha256(f"{table}/{day}".encode()).digest()[:4]) / 0xFFFFFFFF
    return timedelta(seconds=round((2 * part - 1) * minutes * 60))
