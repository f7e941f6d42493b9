"""Foreign text on its way to people: visible, short, and dead."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from shared.text import WORD_JOINER, inert, plain
from tests.notify.examples import HOSTILE

PLAIN = [
    ("Contoso_App-1 (prod)", "Contoso_App-1 (prod)"),
    ("  two\r\n\tlines \x0b here ", "two lines here"),
    ("bell\x07 and \x1b[31mred", "bell and red"),
    ("abc\u202edef\u2066ghi\u200b\ufeff\u00ad", "abcdefghi"),
    ("חשבון ראשי", "חשבון ראשי"),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627", "\u0645\u06cc\u200c\u062e\u0648\u0627"),
    ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    ("a\u200db", "ab"),
    ("half \ud83d pair", "half \ufffd pair"),
    ("\u3164\u2800", ""),
    ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
    ("\u0301x", "x"),
    ("\ufffe\ufdd0x", "x"),
]

CUTS = [
    ("abcdef", 6, "abcdef"),
    ("abcdefg", 6, "abcde…"),
    ("abcd efg", 6, "abcd…"),
    ("abcde\u0301fgh", 6, "abcd…"),
    ("abcd👍🏽fgh", 6, "abcd…"),
    ("ab👩\u200d👩\u200d👧fgh", 6, "ab…"),
    ("abcd🇩🇪🇫🇷", 6, "abcd…"),
    ("abc🇩🇪🇫🇷", 6, "abc🇩🇪…"),
]


@pytest.mark.parametrize(("text", "shown"), PLAIN)
def test_plain_text_loses_only_what_nobody_sees(text: str, shown: str) -> None:
    assert plain(text, 100) == shown


@pytest.mark.parametrize(("text", "limit", "shown"), CUTS)
def test_text_is_cut_between_characters_as_people_count_them(text: str, limit: int, shown: str) -> None:
    assert plain(text, limit) == shown


@given(st.text(), st.integers(2, 80))
def test_plain_text_is_short_on_one_line_and_can_be_encoded(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert shown == " ".join(shown.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in shown)
    shown.encode()


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x2FFF)))
def test_plain_text_is_stable(text: str) -> None:
    assert plain(plain(text, 80), 80) == plain(text, 80)


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_makes_nothing_of_inert_text(name: str) -> None:
    assert only_text(inert(name, 200))


MARKUP = st.lists(st.sampled_from([*"*_`~[]()<>!#-+.:/\\&{}|=1 \na@", "http", "www", "at", "&lt;", "](", "**"]))


@given(MARKUP.map("".join))
def test_markdown_makes_nothing_of_any_inert_text(text: str) -> None:
    assert only_text(inert(text, 200))


@given(MARKUP.map("".join))
def test_inert_text_reads_as_plain_text(text: str) -> None:
    read = inert(text, 200).replace(WORD_JOINER, "").translate({0x2217: "*", 0x02CB: "`"})
    assert read == plain(text, 200)


def only_text(text: str) -> bool:
    """Whether a CommonMark parser with tables and strike-through sees one paragraph of nothing but this text."""
    tokens = MarkdownIt("commonmark").enable(["strikethrough", "table"]).parse(text)
    if not text:
        return not tokens
    inline = [child for token in tokens for child in token.children or []]
    return (
        [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        and {child.type for child in inline} <= {"text"}
        and "".join(child.content for child in inline) == text
    )
