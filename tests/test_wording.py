"""Spans, counts and lists, as a person would say them."""

from datetime import timedelta

import pytest

from shared.wording import say_count, say_list, say_span


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1, seconds=59), "1 minute"),
        (timedelta(minutes=65), "65 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=24, minutes=1), "24 hours 1 minute"),
        (timedelta(hours=47, minutes=59), "47 hours 59 minutes"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=6, hours=1), "6 days 1 hour"),
        (timedelta(days=14, hours=5), "14 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_a_span_is_said_in_the_units_that_matter(span: timedelta, words: str) -> None:
    assert say_span(span) == words


@pytest.mark.parametrize(
    ("items", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_end_in_and(items: list[str], words: str) -> None:
    assert say_list(items) == words


def test_one_is_singular() -> None:
    assert [say_count(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
