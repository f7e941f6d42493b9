"""The morning report as a judgement: what is said of a target, and which target comes first."""

from collections.abc import Iterable
from copy import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from shared.incident import Incident
from shared.model import Finding, Severity
from shared.morning import Landing, Morning, is_due, make_morning, most_troubled_first
from tests.incidents import a_finding

NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_incident(finding: Finding, resolved_at: datetime | None = None) -> Incident:
    return Incident(check="app-registrations", finding=finding, opened_at=NOW - 99 * HOUR, resolved_at=resolved_at)


def a_morning(known: Iterable[Incident] = (), history: Iterable[Incident] = (), good_h: float | None = 1) -> Morning:
    good_at = None if good_h is None else NOW - good_h * HOUR
    return make_morning("contoso", known, history, {"app-registrations": good_at}, (), NOW)


@pytest.mark.parametrize(
    ("finding", "clear"),
    [
        (a_finding(Severity.WARNING), False),
        (a_finding(Severity.INFORMATIONAL), True),
        (a_finding(Severity.CRITICAL, silenced_until=NOW + HOUR), True),
    ],
)
def test_it_is_clear_unless_something_loud_is_open(finding: Finding, clear: bool) -> None:
    assert a_morning([an_incident(finding)]).is_clear is clear


@pytest.mark.parametrize(("good_h", "unread"), [(None, True), (24.1, True), (24, False), (1, False)])
def test_what_was_not_read_since_yesterday_is_not_clear(good_h: float | None, unread: bool) -> None:
    morning = a_morning(good_h=good_h)
    assert (morning.unread == ("app-registrations",), morning.is_clear) == (unread, not unread)


def test_what_is_over_since_yesterday_is_said_wherever_it_is_kept() -> None:
    first, second, old = (a_finding(app=name) for name in ("one", "two", "old"))
    known = [an_incident(first, NOW - HOUR)]
    history = [an_incident(second, NOW - 24 * HOUR), an_incident(old, NOW - 25 * HOUR)]
    assert {finding.subject.id for finding in a_morning(known, history).resolved} == {"one", "two"}


def test_what_ends_within_sixty_days_is_said_the_soonest_first() -> None:
    days = [61, 60, 3, -1]
    known = [an_incident(a_finding(app=str(day), due_at=NOW + timedelta(days=day))) for day in days]
    known.append(an_incident(replace(a_finding(due_at=NOW), id="snapshot.late")))
    assert [finding.subject.id for finding in a_morning(known).expiring] == ["-1", "3", "60"]


def test_the_most_troubled_target_comes_first() -> None:
    critical, error, warning = (a_finding(severity) for severity in list(Severity)[:3])
    mornings = [
        Morning(target="clear"),
        Morning(target="unread", unread=("workspace-access",)),
        Morning(target="warned", open=(warning,)),
        Morning(target="two", open=(error, error)),
        Morning(target="one", open=(error,)),
        Morning(target="worst", open=(critical,)),
        Morning(target="also-clear", landings=(Landing("Set", NOW),)),
    ]
    names = [morning.target for morning in most_troubled_first(mornings)]
    assert names == ["worst", "two", "one", "unread", "warned", "also-clear", "clear"]


@pytest.mark.parametrize(
    ("report_at", "due"),
    [(time(8, 5), True), (time(8, 6), False), (time(0), True), (time(23, 59), False), (None, False)],
)
def test_it_is_due_from_its_hour_on(report_at: time | None, due: bool) -> None:
    assert is_due(report_at, NOW) is due
    assert is_due(report_at, NOW.astimezone()) is due
