"""The arithmetic of daily snapshots: which day is required at an instant, when it was due, when it usually arrives."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median, median_low

from shared.expectations import SnapshotExpectation
from shared.facts import TableFacts

_DAY = timedelta(days=1)
STALE_AFTER = timedelta(hours=24)
_MIN_HISTORY, _MAX_HISTORY = 10, 20
_MIN_EARLIER, _MAX_EARLIER = 3, 14


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the snapshots of a set are due, seen from one instant."""

    expectation: SnapshotExpectation
    now: datetime

    @property
    def today(self) -> date:
        """The UTC day that it is."""
        return self.now.astimezone(UTC).date()

    @property
    def next_due(self) -> datetime:
        """Today's due, be it past or to come."""
        return self.due_on(self.today)

    @property
    def todays(self) -> date:
        """The day of the snapshot that is due today."""
        return self.today - timedelta(days=self.expectation.lag_days)

    @property
    def required(self) -> date:
        """The oldest that the newest snapshot may be: before today's due, yesterday's requirement stands."""
        return self.todays if self.now >= self.next_due else self.todays - _DAY

    def due_on(self, day: date) -> datetime:
        """Return the instant of due on a calendar day."""
        return datetime.combine(day, self.expectation.due.replace(tzinfo=UTC))

    def due_of(self, snapshot: date) -> datetime:
        """Return when the snapshot of a day is due: so many days later as it lags behind."""
        return self.due_on(snapshot + timedelta(days=self.expectation.lag_days))

    def first_missed(self, newest: date) -> datetime:
        """Return when the first snapshot after the newest one was due."""
        return self.due_of(newest + _DAY)

    def offset_of(self, snapshot: date, arrived_at: datetime) -> timedelta:
        """Return how long after the midnight of the day that it is due on a snapshot arrived."""
        due_day = snapshot + timedelta(days=self.expectation.lag_days)
        return arrived_at - datetime.combine(due_day, time(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Habit:
    """When a set usually arrives, as offsets from midnight: `kept` of `days` earlier days kept to `limit`."""

    usual: timedelta
    limit: timedelta
    kept: int
    days: int


def find_habit(calendar: Calendar, tables: tuple[TableFacts, ...]) -> Habit | None:
    """Learn a habit from the most recent complete days before today's snapshot; None where there are under ten."""
    arrivals = [{day.day: day.arrived_at for day in table.days} for table in tables]
    complete = set.intersection(*(set(days) for days in arrivals)) if arrivals else set()
    offsets: list[timedelta] = []
    for day in sorted((day for day in complete if day < calendar.todays), reverse=True):
        known = [arrived for days in arrivals if (arrived := days[day]) is not None]
        if len(known) == len(arrivals):
            offsets.append(calendar.offset_of(day, max(known)))
    if len(offsets) < _MIN_HISTORY:
        return None
    recent = sorted(offsets[:_MAX_HISTORY])
    limit = recent[_rank_of_limit(len(recent)) - 1]
    return Habit(median_low(recent), limit, sum(offset <= limit for offset in recent), len(recent))


def _rank_of_limit(days: int) -> int:
    """Return 95 percent of a number of days, rounded up: 19 of 20, 10 of 10."""
    return -(-95 * days // 100)


def newest_day(table: TableFacts) -> date | None:
    """Return the day of the table's newest snapshot, be it before the look-back."""
    if table.days:
        return max(day.day for day in table.days)
    return None if table.earlier_at is None else table.earlier_at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A table whose snapshot has too few rows against earlier ones."""

    table: str
    day: date
    rows: int
    usual_rows: float


def find_shortfall(calendar: Calendar, table: TableFacts) -> Shortfall | None:
    """Compare the snapshot that was due with the median of up to 14 earlier ones; silent below three, and until due."""
    days = sorted(table.days, key=lambda day: day.day)
    due = next((day for day in days if day.day >= calendar.required), None)
    if due is None or calendar.now < calendar.due_of(due.day):
        return None
    earlier = [day.rows for day in days if day.day < due.day][-_MAX_EARLIER:]
    if len(earlier) < _MIN_EARLIER:
        return None
    usual = median(earlier)
    if due.rows >= calendar.expectation.min_rows_ratio * usual:
        return None
    return Shortfall(table.name, due.day, due.rows, usual)
