"""The demo's timeline (pure): a morning from the first look to the last, as one picture in SVG."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from html import escape

from shared.model import Outcome
from shared.text import plain

type Mark = tuple[datetime, Outcome, str]

_LEFT, _RIGHT, _TRACK_Y = 24, 976, 62
_SIGNS = {Outcome.CLEAR: "✓", Outcome.FINDINGS: "!", Outcome.UNKNOWN: "?"}


def render_timeline(marks: Sequence[Mark], expected: time, due: time) -> str:
    """Return the track of the morning: a stretch from each look to the next, coloured and signed by its outcome."""
    if not marks:
        return ""
    scale = _Scale(marks)
    day = marks[0][0].astimezone(UTC)
    flags = [(_on(day, expected), "usually here", "expected"), (_on(day, due), "due", "due")]
    return (
        f'<div class="track" role="img" aria-label="{_spoken(marks)}"><svg viewBox="0 0 1000 112" aria-hidden="true">'
        + "".join(_hour(scale, hour) for hour in scale.hours())
        + "".join(_stretch(scale, mark, until) for mark, until in zip(marks, scale.ends(marks), strict=True))
        + "".join(_flag(scale, at, word, name) for at, word, name in flags)
        + "".join(_knob(scale, mark, place) for place, mark in enumerate(marks))
        + "</svg></div>"
    )


class _Scale:
    """Where an instant lies on the track. The morning ends on a half hour after the last look."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.start = marks[0][0].astimezone(UTC)
        half_hours = -(-(marks[-1][0] - self.start + timedelta(minutes=20)) // timedelta(minutes=30))
        self.end = self.start + half_hours * timedelta(minutes=30)

    def x(self, at: datetime) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * ((at - self.start) / (self.end - self.start)), 1)

    def hours(self) -> list[datetime]:
        first = self.start.replace(minute=0, second=0, microsecond=0)
        every = (first + timedelta(hours=i) for i in range(25))
        return [hour for hour in every if self.start <= hour <= self.end]

    def ends(self, marks: Sequence[Mark]) -> list[datetime]:
        return [*(at for at, _, _ in marks[1:]), self.end]


def _on(day: datetime, at: time) -> datetime:
    return day.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)


def _hour(scale: _Scale, hour: datetime) -> str:
    x = scale.x(hour)
    return f'<path class="tick" d="M{x} 52V80"/><text class="hour" x="{x}" y="100">{hour:%H:%M}</text>'


def _stretch(scale: _Scale, mark: Mark, until: datetime) -> str:
    at, outcome, _ = mark
    return f'<path class="stretch {outcome}" d="M{scale.x(at)} {_TRACK_Y}H{scale.x(until)}"/>'


def _flag(scale: _Scale, at: datetime, word: str, name: str) -> str:
    if not scale.start <= at <= scale.end:
        return ""
    x = scale.x(at)
    return (
        f'<path class="flag {name}" d="M{x} 26V80"/>'
        f'<text class="flag" x="{x}" y="18">{word} <tspan class="hour">{at:%H:%M}</tspan></text>'
    )


def _knob(scale: _Scale, mark: Mark, place: int) -> str:
    at, outcome, headline = mark
    x = scale.x(at)
    return (
        f'<a href="#moment-{place}"><title>{at.astimezone(UTC):%H:%M} {escape(plain(headline, 200))}</title>'
        f'<circle class="knob {outcome}" cx="{x}" cy="{_TRACK_Y}" r="11"/>'
        f'<text class="knob" x="{x}" y="{_TRACK_Y + 5}">{_SIGNS[outcome]}</text></a>'
    )


def _spoken(marks: Sequence[Mark]) -> str:
    said = "; ".join(f"{at.astimezone(UTC):%H:%M} {plain(headline, 200)}" for at, _, headline in marks)
    return escape(f"The morning: {said}", quote=True)
