"""Cards as Microsoft's renderer draws them in a browser, with markdown switched on as in Teams."""

import re

import pytest

from sandbox.demo.draw import Studio
from shared.notify.card import render_card
from tests.notify.examples import HOSTILE, everything, finding, message, told

WIDTHS = [(600, False), (600, True), (280, False), (280, True)]


@pytest.mark.parametrize(("width", "dark"), WIDTHS)
def test_a_card_is_drawn_without_complaint_network_or_overflow(studio: Studio, width: int, dark: bool) -> None:
    drawing = studio.draw(render_card(everything()), width=width, dark=dark)
    assert (drawing.parse_events, drawing.validation_events, drawing.requests) == ((), (), ())
    assert not drawing.overflows
    for said in ("contoso", "Critical · got worse", "Error · still open", "Over:", "1. Wait another 24 hours."):
        assert said in drawing.text
    assert drawing.text.count("Open in the Azure portal") == 5
    assert "Likely cause: Desktop Analytics lost its role" in drawing.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_drawn_as_it_stands_and_does_nothing(studio: Studio, name: str) -> None:
    card = render_card(message(told(finding(name=name, title=name, detail=name, steps=[name])), told(finding())))
    drawing = studio.draw(card)
    assert drawing.text.replace("\u2060", "").count(name) >= 4
    assert "\\" not in drawing.text.replace(name, "")
    assert not re.search(r"<(a|img|i|b|s|h1|ul|ol|code|script)[\s>]", drawing.html)
    assert (drawing.parse_events, drawing.validation_events, drawing.requests) == ((), (), ())


@pytest.mark.parametrize("name", HOSTILE[:8])
def test_the_same_name_in_a_text_block_would_come_alive(studio: Studio, name: str) -> None:
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": name}]}
    assert re.search(r"<(a|img|i|b|s|h1|ul|ol|code)[\s>]", studio.draw(card).html)


def test_a_fault_in_a_card_is_seen(studio: Studio) -> None:
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlokk", "text": "x"}]}
    assert studio.draw(card).parse_events


def test_ten_kilobytes_of_name_stay_short(studio: Studio) -> None:
    drawing = studio.draw(render_card(everything("\U0001d54f" * 10_240)), width=280)
    assert len(drawing.text) < 6_000
    assert "�" not in drawing.text
    assert not drawing.overflows
