"""The words for times and counts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.model import Severity, TransitionKind
from shared.notify.wording import counted, relative, when
from tests.notify.examples import NOW, finding, told

DISTANCES = [
    (timedelta(0), "now"),
    (timedelta(seconds=59), "now"),
    (timedelta(seconds=-59), "now"),
    (timedelta(minutes=1), "in 1 minute"),
    (timedelta(minutes=-65), "1 hour 5 minutes ago"),
    (timedelta(hours=-2), "2 hours ago"),
    (timedelta(days=6), "in 6 days"),
    (timedelta(days=5, hours=23, minutes=59), "in 5 days 23 hours"),
    (timedelta(days=1, minutes=30), "in 1 day"),
    (timedelta(days=59, hours=5), "in 59 days"),
]


@pytest.mark.parametrize(("distance", "said"), DISTANCES)
def test_a_distance_is_said_in_two_units_at_most(distance: timedelta, said: str) -> None:
    assert relative(NOW + distance, NOW) == said


def test_a_day_nearby_has_its_name() -> None:
    assert when(NOW - timedelta(hours=9), NOW) == "yesterday 23:05 UTC (9 hours ago)"
    assert when(NOW + timedelta(hours=20), NOW) == "tomorrow 04:05 UTC (in 20 hours)"
    assert when(datetime(2026, 12, 1, tzinfo=UTC), NOW) == "2026-12-01 00:00 UTC (in 8 days 15 hours)"


def test_another_time_zone_is_told_in_utc() -> None:
    there = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert when(there, NOW) == "yesterday 23:00 UTC (9 hours 5 minutes ago)"


def test_counts_go_from_the_worst_to_what_is_over() -> None:
    transitions = [
        told(finding(severity=Severity.WARNING)),
        told(finding(severity=Severity.WARNING)),
        told(finding(severity=Severity.CRITICAL)),
        told(finding(severity=Severity.CRITICAL), TransitionKind.RESOLVED),
    ]
    assert counted(transitions) == "1 critical, 2 warnings, 1 over"
