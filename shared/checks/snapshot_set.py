"""From the tables of one snapshot set to its findings: one on its currency, and on frozen, future or missing data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.catalogue import make_finding
from shared.checks.snapshot_time import (
    STALE_AFTER,
    Calendar,
    Shortfall,
    find_habit,
    find_shortfall,
    newest_day,
)
from shared.expectations import Target
from shared.facts import SetFacts, TableFacts
from shared.model import Evidence, Finding, Severity, Subject, SubjectKind
from shared.wording import say_count, say_day, say_instant, say_list, say_span

GRACE = timedelta(hours=72)


def judge_set(target: Target, facts: SetFacts, tables: tuple[TableFacts, ...], now: datetime) -> Iterator[Finding]:
    """Judge one set by its tables that hold data."""
    judged = _Set(target, facts, tables, now)
    yield from judged.currency()
    yield from judged.frozen()
    yield from judged.future()


def judge_table_without_data(target: Target, facts: SetFacts, table: TableFacts, now: datetime) -> Finding:
    """Say that a table is missing or has never held a row; calmly, while first data may still be on its way."""
    expected_by = None if target.onboarded_at is None else target.onboarded_at + GRACE
    in_grace = expected_by is not None and now < expected_by
    detail = f"The table is missing in {target.workspace_name}, or has never held a row."
    if expected_by is not None:
        detail += f" First data {'is' if in_grace else 'was'} expected by {say_instant(expected_by)}."
    return make_finding(
        "snapshot.no_data",
        target,
        Subject(SubjectKind.TABLE, table.name, table.name, facts.expectation.name),
        detail=detail,
        severity=Severity.INFORMATIONAL if in_grace else None,
        due_at=expected_by,
        evidence={"set": facts.expectation.name},
    )


@dataclass(frozen=True, slots=True)
class _Set:
    """One set with its tables that hold data, before the judgement."""

    target: Target
    facts: SetFacts
    tables: tuple[TableFacts, ...]
    now: datetime

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.facts.expectation, self.now)

    @property
    def newest(self) -> date | None:
        days = [day for table in self.tables if (day := newest_day(table))]
        return max(days, default=None)

    def currency(self) -> Iterator[Finding]:
        """Yield the worst of stale, late, partial and at risk, if any."""
        found = self._stale() or self._late() or self._partial() or self._at_risk()
        if found is not None:
            yield found

    def _holding_back(self) -> dict[str, date]:
        """Return the tables that are empty in the look-back, with their newest day: they make the whole set late."""
        empty = (table for table in self.tables if not table.days and table.earlier_at is not None)
        return {table.name: day for table in empty if (day := newest_day(table))}

    def _first_missed(self) -> datetime | None:
        oldest = min(self._holding_back().values(), default=self.newest)
        if oldest is None or oldest >= self.calendar.required:
            return None
        return self.calendar.first_missed(oldest)

    def _stale(self) -> Finding | None:
        if self.newest is None:
            detail = "All rows in the look-back are dated in the future: none counts as a snapshot."
            return self._finding("snapshot.stale", detail, values={"late_for": "as long as can be seen"})
        missed = self._first_missed()
        if missed is None or self.now < missed + STALE_AFTER:
            return None
        late_for = say_span(self.now - missed)
        empty = [f" {name} holds no row since {say_day(day)}." for name, day in self._holding_back().items()]
        detail = (
            f"The newest snapshot is of {say_day(self.newest)}.{''.join(empty)} The first one missed was due at "
            f"{say_instant(missed)}, {late_for} ago."
        )
        return self._finding("snapshot.stale", detail, due_at=missed, values={"late_for": late_for})

    def _late(self) -> Finding | None:
        missed = self._first_missed()
        if missed is None or self.newest is None:
            return None
        late_by = self.now - missed
        detail = (
            f"The newest snapshot is of {say_day(self.newest)}; that of {say_day(self.calendar.required)} was due at "
            f"{say_instant(missed)}. {f'It is now {say_span(late_by)} after due.' if late_by else 'It is due now.'}"
        )
        return self._finding("snapshot.late", detail, due_at=missed)

    def _partial(self) -> Finding | None:
        required = self.calendar.required
        behind = [table.name for table in self.tables if (newest_day(table) or date.min) < required]
        shortfalls = [found for table in self.tables if (found := find_shortfall(self.calendar, table))]
        if not behind and not shortfalls:
            return None
        has = "has" if len(behind) == 1 else "have"
        parts = [f"{say_list(behind)} {has} no snapshot of {say_day(required)}."] if behind else []
        parts += [_say_shortfall(found) for found in shortfalls]
        evidence: Evidence = {"behind": behind, "short": [found.table for found in shortfalls]}
        due_at = self.calendar.due_of(min((found.day for found in shortfalls), default=required))
        return self._finding("snapshot.partial", " ".join(parts), due_at=due_at, evidence=evidence)

    def _at_risk(self) -> Finding | None:
        calendar = self.calendar
        waiting = [table.name for table in self.tables if (newest_day(table) or date.min) < calendar.todays]
        if not waiting or self.now >= calendar.next_due:
            return None
        habit = find_habit(calendar, self.tables)
        offset = calendar.offset_of(calendar.todays, self.now)
        if habit is None or offset <= habit.limit:
            return None
        midnight = self.now - offset
        detail = (
            f"It usually arrives at {midnight + habit.usual:%H:%M} UTC; on {habit.kept} of the last {habit.days} days "
            f"it was there by {midnight + habit.limit:%H:%M} UTC. Not here yet: {say_list(waiting)}. Due at "
            f"{say_instant(calendar.next_due)}."
        )
        return self._finding("snapshot.at_risk", detail, due_at=calendar.next_due, evidence={"waiting": waiting})

    def frozen(self) -> Iterator[Finding]:
        """Yield a finding where the snapshot came, but what the devices reported in it is old.

        A table that never had any content has no such column, and is left out; where none had, it is empty in all.
        """
        expectation = self.facts.expectation
        required = self.calendar.required
        reporting = [table for table in self.tables if any(day.content_at for day in table.days)] or self.tables
        current = [table for table in reporting if (newest_day(table) or date.min) >= required]
        if expectation.content_column is None or not self.facts.content_read or not current:
            return
        contents = [max(table.days, key=lambda day: day.day).content_at for table in current if table.days]
        newest = max((content for content in contents if content is not None), default=None)
        if newest is not None and self.now - newest <= timedelta(hours=expectation.max_content_age_hours):
            return
        seen = "is empty" if newest is None else f"is {say_instant(newest)}, {say_span(self.now - newest)} ago"
        detail = (
            f"The newest {expectation.content_column} in the snapshot {seen}; {expectation.max_content_age_hours:g} "
            "hours are allowed."
        )
        yield self._finding("snapshot.frozen", detail, evidence={"content_column": expectation.content_column})

    def future(self) -> Iterator[Finding]:
        """Yield a finding where rows lie over an hour ahead of now."""
        ahead = {table.name: table.ahead_at for table in self.tables if table.ahead_at is not None}
        if ahead:
            newest = max(ahead.values())
            detail = (
                f"The newest row is dated {say_instant(newest)}, {say_span(newest - self.now)} ahead of now. Tables: "
                f"{say_list(ahead)}."
            )
            yield self._finding("snapshot.future", detail, evidence={"tables": list(ahead)})

    def _finding(
        self,
        finding_id: str,
        detail: str,
        *,
        due_at: datetime | None = None,
        evidence: Evidence | None = None,
        values: dict[str, str] | None = None,
    ) -> Finding:
        expectation, newest = self.facts.expectation, self.newest
        query = f"{expectation.tables[0]} | summarize count() by bin({expectation.time_column}, 1d)"
        words = {"newest": say_day(newest) if newest else "no day", "query": query, **(values or {})}
        known: Evidence = {"newest": say_day(newest) if newest else None, "required": say_day(self.calendar.required)}
        return make_finding(
            finding_id,
            self.target,
            Subject(SubjectKind.SNAPSHOT, expectation.name, expectation.name, self.target.workspace_id),
            detail=detail,
            values=words,
            due_at=due_at,
            evidence={**known, **(evidence or {})},
        )


def _say_shortfall(found: Shortfall) -> str:
    return f"{found.table} has {say_count(found.rows, 'row')} of {say_day(found.day)}; {found.usual_rows:g} are usual."
