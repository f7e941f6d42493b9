"""Where foreign text becomes fit to show: names that others wrote are data, on a card, a page or a terminal.

`plain` is for places that parse nothing (a card's text run, escaped HTML, a terminal): the text itself, on one line,
short, without the characters that nobody can see. `inert` is for places that parse markdown: it adds invisible joiners
and two look-alikes, so that it reads the same and nothing in it comes alive. Copying from `plain` gives the name back;
from `inert` it need not, so prefer `plain`.
"""

import re
import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
WORD_JOINER = "\u2060"
_READ_AT_MOST = 20_000  # code points looked at, whatever the limit
_MARKS_AT_MOST = 4  # combining marks on one letter; real scripts need fewer, "Zalgo" text uses dozens
_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ: Persian, Indic scripts and emoji families need them
_LOOKS_EMPTY = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols that draw as nothing
_LINE_ENDS = "\t\n\x0b\x0c\r\x85"

# No invisible character stops emphasis by asterisks, or code.
_LOOK_ALIKES = str.maketrans({"*": "\u2217", "`": "\u02cb"})
# CSI, OSC and the other string sequences whole (ended or cut off), then any two-character escape.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_COMES_ALIVE = re.compile(
    r"(?<=[\\<&~{\]@_])"  # escapes, tags and mentions, entities, strike-through, macros, links, addresses, emphasis
    r"|(?=_)"  # emphasis by underscores needs a joiner on both sides to count as inside a word
    r"|(?<=[:/])(?=\S)"  # https://…, //host, mailto:…
    r"|(?<=\.)(?=\w)"  # www.host, host.com
    r"|^(?=[-#+>=|]|\d{1,9}[.)])"  # headings, lists, quotes, rules, tables
)


def plain(text: str, limit: int = 200) -> str:
    """Return `text` on one line, at most `limit` code points long, without control, bidi and invisible characters."""
    if text.isascii() and text.isprintable():
        return shorten(" ".join(text.split()), limit)
    seen = _ESCAPE_SEQUENCE.sub("", text[:_READ_AT_MOST])
    return shorten(" ".join("".join(_visible(seen)).split()), limit)


def inert(text: str, limit: int) -> str:
    """Return `plain` text that looks the same, and in which no markdown, HTML, link or mention arises.

    It grows by the joiners: up to three times `limit` code points.
    """
    return _COMES_ALIVE.sub(WORD_JOINER, plain(text, limit).translate(_LOOK_ALIKES))


def shorten(line: str, limit: int) -> str:
    """Cut `line` to `limit` code points, an ellipsis included, between characters as people count them."""
    if len(line) <= limit:
        return line
    cut = limit - 1
    while cut > 0 and _inside_a_character(line, cut):
        cut -= 1
    return line[: cut or limit - 1].rstrip() + ELLIPSIS


def _visible(text: str) -> Iterator[str]:
    before, marks = " ", 0
    for place, char in enumerate(text):
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        shown = _shown(char, before, text[place + 1 : place + 2], marks)
        if shown:
            yield shown
            before = shown


def _shown(char: str, before: str, after: str, marks: int) -> str:
    """What to show for `char`: itself, a space, the replacement character, or nothing."""
    category = unicodedata.category(char)
    if char in _LINE_ENDS or char in _LOOKS_EMPTY or category[0] == "Z":
        return " "
    if category[0] == "M":
        return char if marks <= _MARKS_AT_MOST and before != " " else ""
    if category == "Cf":
        return char if char in _JOINERS and _joins(before, after) else ""
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cc" or _is_noncharacter(ord(char)) else char


def _joins(before: str, after: str) -> bool:
    return all(char > "\x7f" and unicodedata.category(char)[0] in "LMS" for char in (before, after or " "))


def _is_noncharacter(point: int) -> bool:
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF


def _inside_a_character(line: str, cut: int) -> bool:
    before, after = line[cut - 1], line[cut]
    if unicodedata.category(after)[0] == "M" or after in _JOINERS or before in _JOINERS or _is_skin_tone(after):
        return True
    return _is_flag_half(after) and _flag_halves_before(line, cut) % 2 == 1


def _flag_halves_before(line: str, cut: int) -> int:
    halves = 0
    while halves < cut and _is_flag_half(line[cut - 1 - halves]):
        halves += 1
    return halves


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_skin_tone(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff"
