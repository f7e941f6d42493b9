"""The morning report's card: its schema, its size for thousands of targets, and how it is drawn."""

from datetime import timedelta

import pytest

from sandbox.demo.draw import Studio
from shared.model import Severity
from shared.morning import Landing, Morning, most_troubled_first
from shared.notify.card import PAYLOAD_AT_MOST, render_payload
from shared.notify.card_morning import render_morning
from tests.notify.examples import HOSTILE, NOW, finding
from tests.notify.schema import faults
from tests.notify.test_card import LONG_NAMES, words


def a_morning(name: str = "Desktop Analytics", target: str = "contoso") -> Morning:
    ends = finding("credential.expiring", Severity.WARNING, name=name, title=name, due_at=NOW + timedelta(days=6))
    return Morning(
        target=target,
        open=(finding(title=name, name=name), ends, finding("app.unowned", Severity.INFORMATIONAL, title="Unowned")),
        resolved=(finding("access.role_missing", title=f"{name} lost its role"),),
        expiring=(ends,),
        landings=(Landing(name, NOW - timedelta(hours=1)), Landing("Late", None), Landing("Dark", None, unread=True)),
        unread=("service-health",),
    )


def test_it_says_what_is_open_over_ending_and_landed() -> None:
    text = words(render_morning([a_morning()], NOW))
    for said in (
        "Morning report 2026-11-22 08:05 UTC",
        "contoso: 2 open findings; not read since yesterday: service-health",
        "• Error Desktop Analytics",
        "Over since yesterday\n• Desktop Analytics lost its role",
        "Ends within 60 days\n• Desktop Analytics 2026-11-28 08:05 UTC (in 6 days)",
        "• Desktop Analytics landed today 07:05 UTC (1 hour ago)",
        "• Late has not landed yet",
        "• Dark could not be read",
    ):
        assert said in text
    assert "Unowned" not in text


def test_a_clear_morning_is_green_and_says_so() -> None:
    card = render_morning([Morning(target="contoso")], NOW)
    assert "contoso is clear" in words(card)
    assert '"style": "good"' in str(card).replace("'", '"')
    assert card["fallbackText"] == "Dawnwatch, this morning: contoso is clear"


@pytest.mark.parametrize(
    "name", [*HOSTILE, *LONG_NAMES], ids=lambda name: name[:12].encode("ascii", "replace").decode()
)
def test_it_keeps_to_the_schema_and_the_size(name: str) -> None:
    card = render_morning([a_morning(name, name)] * 3, NOW)
    assert faults(card) == []
    assert len(render_payload(card)) <= PAYLOAD_AT_MOST


def test_five_thousand_targets_fit_with_the_rest_counted() -> None:
    many = [a_morning("\U0001d54f" * 200, f"t{number}") for number in range(2_500)]
    many += [Morning(target=f"clear-{number}") for number in range(2_500)]
    card = render_morning(most_troubled_first(many), NOW)
    shown = sum(f"t{number} " in words(card) for number in range(2_500))
    assert len(render_payload(card)) <= PAYLOAD_AT_MOST
    assert shown >= 1
    assert words(card).splitlines()[-1] == f"and {5_000 - shown:,} more targets, {2_500 - shown:,} of them in trouble"
    assert "2,500 of 5,000 in trouble" in words(card)


def test_nothing_at_all_is_a_card_still() -> None:
    assert faults(render_morning([], NOW)) == []


@pytest.mark.parametrize(("width", "dark"), [(600, False), (600, True), (280, False), (280, True)])
def test_it_is_drawn_without_complaint_network_or_overflow(studio: Studio, width: int, dark: bool) -> None:
    drawing = studio.draw(render_morning([a_morning(), Morning(target="fabrikam")], NOW), width=width, dark=dark)
    assert (drawing.parse_events, drawing.validation_events, drawing.requests) == ((), (), ())
    assert not drawing.overflows
    for said in ("Morning report", "1 of 2 in trouble", "contoso", "fabrikam", "Ends within 60 days"):
        assert said in drawing.text


@pytest.mark.parametrize("name", HOSTILE[:8])
def test_a_hostile_name_does_nothing(studio: Studio, name: str) -> None:
    drawing = studio.draw(render_morning([a_morning(name, name)], NOW))
    assert "<a " not in drawing.html
    assert (drawing.parse_events, drawing.requests) == ((), ())
