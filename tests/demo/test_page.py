"""The demo's page: all of the story is on it, hostile names do nothing in it, and it asks the network for nothing."""

import dataclasses
import re
from pathlib import Path

import pytest

from sandbox.demo.draw import Studio
from sandbox.demo.page import Moment, Story, render_page
from shared.model import Outcome
from shared.notify.card import render_card
from tests.demo.morning import DUE, story
from tests.notify.examples import HOSTILE, everything


def page_with(name: str) -> str:
    told = everything(name)
    one = Moment(
        at=DUE,
        headline=name,
        outcome=Outcome.UNKNOWN,
        note=name,
        transitions=told.transitions,
        cards=[render_card(told)],
        events=[{"data": name}],
        report={"name": name},
    )
    return render_page(Story(title=name, target="contoso", summary=name, moments=[one]))


def test_the_page_tells_the_whole_morning() -> None:
    page = render_page(story())
    for said in (
        "All green",
        "05:10",
        "Later than usual",
        "The role is back",
        "65 minutes late",
        "Event Grid: 2 events",
    ):
        assert said in page
    assert page.count('class="post"') == 5
    assert "6 looks, 5 cards, 6 events." in page


def test_an_outcome_is_said_in_words_not_in_colour_alone() -> None:
    page = render_page(story())
    assert page.count("All clear") == 1
    assert page.count("</span>Findings</p>") == 5
    assert "</span>Could not look</p>" in page_with("x")


def test_the_page_is_the_same_for_the_same_story() -> None:
    assert render_page(story()) == render_page(story())


@pytest.mark.parametrize(
    "name", [*HOSTILE, "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<!--"]
)
def test_a_hostile_name_cannot_leave_its_place(name: str) -> None:
    harmless, page = (re.findall(r"<[a-z!/][^>]*", page_with(text)) for text in ("x", name))
    assert [tag.split()[0] for tag in page] == [tag.split()[0] for tag in harmless]


def test_a_story_without_moments_is_a_page() -> None:
    assert "0 looks" in render_page(dataclasses.replace(story(), moments=[]))


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_the_page_asks_the_network_for_nothing(studio: Studio, tmp_path: Path, width: int, dark: bool) -> None:
    path, png = tmp_path / "index.html", tmp_path / "page.png"
    path.write_text(render_page(story()), encoding="utf-8")
    assert studio.picture(path, png, width=width, dark=dark) == ()
    assert png.stat().st_size > 20_000
