"""At every exit: text that others wrote, made inert for a terminal, and instants as RFC 3339 writes them."""

import re
import unicodedata
from datetime import UTC, datetime

# CSI, OSC and the other string sequences whole (ended or cut off), then any two-character escape.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def printable(text: str, limit: int = 200) -> str:
    """One line of `text` with nothing in it that a terminal obeys: no control, escape or bidi characters.

    At most `limit` characters; what is cut shows as an ellipsis.
    """
    if not (text.isascii() and text.isprintable()):
        text = _ESCAPE_SEQUENCE.sub("", text[: limit * 20])
        text = "".join(" " if char.isspace() else char for char in text if _shows(char))
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _shows(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in _INVISIBLE


def rfc3339(at: datetime) -> str:
    """An instant in UTC with Z, and a fraction only where it has one."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
