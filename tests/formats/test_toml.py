"""TOML that other people's text cannot break."""

import tomllib
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from shared.formats.toml import WIDTH, comment, listed, quoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_one_toml_string(words: str) -> None:
    assert tomllib.loads(f"a = {quoted(words)}") == {"a": words}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_texts_are_one_toml_array(texts: list[str]) -> None:
    assert tomllib.loads(f"a = {listed(texts)}") == {"a": texts}


@given(st.text())
def test_any_text_is_a_comment_and_nothing_else(words: str) -> None:
    lines = comment(words, bullet="- ")
    assert tomllib.loads("\n".join([*lines, "a = 1"])) == {"a": 1}
    assert all(line.startswith("# ") for line in lines)
    assert not [char for line in lines for char in line if category(char) in {"Cc", "Zl", "Zp"}]


def test_a_comment_is_wrapped_under_its_bullet() -> None:
    lines = comment("word " * 60, bullet="- ")
    assert [line[:4] for line in lines] == ["# - ", "#   ", "#   "]
    assert max(map(len, lines)) <= WIDTH


def test_a_name_cannot_end_a_comment() -> None:
    assert comment('x\n[cloud]\nname = "china"\r\u2028y\x1b[2J') == ['# x [cloud] name = "china" y']
