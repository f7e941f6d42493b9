"""Text for a terminal is inert, on one line and bounded; instants are RFC 3339."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.report import rfc3339
from shared.text import plain

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe 日本 🙂", "Größe 日本 🙂"),
        ("a\r\nb\tc", "a b c"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("\x1b[", ""),
        ("ab\u202etxt.exe\u202c", "abtxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u2028b", "a b"),
        ("null\x00bell\x07del\x7f", "nullbelldel"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_what_a_terminal_would_obey_is_gone(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(), st.integers(1, 50))
def test_any_text_becomes_inert_and_short(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cs"} or char in BIDI]
    assert len(shown) <= limit


def test_what_is_cut_shows_an_ellipsis() -> None:
    assert plain("x" * 11, 10) == "x" * 9 + "…"
    assert plain("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 22, 8, 5, tzinfo=UTC), "2026-11-22T08:05:00Z"),
        (datetime(2026, 11, 22, 8, 5, 0, 120_000, tzinfo=UTC), "2026-11-22T08:05:00.12Z"),
        (datetime(2026, 11, 22, 0, 5, 10, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T22:05:10Z"),
    ],
)
def test_instants_end_in_z_without_needless_zeros(at: datetime, text: str) -> None:
    assert rfc3339(at) == text
