"""The table of `make bench`: a bound is met or missed, and the columns line up."""

import pytest

from bench.table import Row, at_least, at_most, lines, note


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (at_most("a", 1.25, 1.25), "met"),
        (at_most("a", 1.251, 1.25), "MISSED"),
        (at_least("a", 100, 100), "met"),
        (at_least("a", 99.9, 100), "MISSED"),
        (note("a", "b"), ""),
    ],
)
def test_a_row_says_whether_its_bound_is_met(row: Row, verdict: str) -> None:
    assert row.verdict == verdict


def test_the_columns_line_up() -> None:
    table = lines([at_most("a long name", 1, 2), note("b", "c")])
    assert len({len(line) for line in table}) == 1
    assert table[2] == "| a long name | <= 2x | 1.00x    | met     |"
