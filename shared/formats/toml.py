"""Beside what writes TOML: strings and comments of it, whatever text is in them."""

from collections.abc import Iterable
from textwrap import wrap

from shared.text import plain

WIDTH = 120
_AT_MOST = 4_000


def quoted(text: str) -> str:
    """A TOML basic string. Source: TOML 1.0, "String"; what may not stand in one is escaped."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def listed(texts: Iterable[str]) -> str:
    """A TOML array of strings, on one line."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def comment(text: str, *, bullet: str = "") -> list[str]:
    """Lines of comment that fit a screen. No text leaves them: what ends a line, or cannot be seen, is taken out."""
    start, rest = f"# {bullet}", "# " + " " * len(bullet)
    return wrap(plain(text, _AT_MOST), WIDTH, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False)
