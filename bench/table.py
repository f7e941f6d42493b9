"""What was measured, as one table: Markdown, so that it reads in a terminal and can be pasted into a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement beside its bound. `is_met` is None where there is no bound, or it could not be measured."""

    what: str
    bound: str
    measured: str
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        """How it went, in a word."""
        return "" if self.is_met is None else "met" if self.is_met else "MISSED"


def at_most(what: str, measured: float, bound: float) -> Row:
    """A ratio that should be small."""
    return Row(what, f"<= {bound:g}x", f"{measured:.2f}x", measured <= bound)


def at_least(what: str, measured: float, bound: float) -> Row:
    """A ratio that should be large."""
    return Row(what, f">= {bound:g}x", f"{measured:,.0f}x", measured >= bound)


def note(what: str, measured: str) -> Row:
    """Something to judge the others by."""
    return Row(what, "", measured)


def lines(rows: Iterable[Row]) -> list[str]:
    """The table, its columns aligned."""
    cells = [("what", "bound", "measured", "verdict"), *((r.what, r.bound, r.measured, r.verdict) for r in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    head, *body = [_line(row, widths) for row in cells]
    return [head, _line(["-" * width for width in widths], widths), *body]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
