"""Transitions as CloudEvents 1.0: their attributes, their size, their batches."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model import TransitionKind
from shared.notify.cloud_events import BATCH_AT_MOST, batches, render_events, source_of, wire_size
from shared.report import finding_json
from tests.notify.examples import NOW, finding, message, told

SOURCE = "/subscriptions/s/resourceGroups/r/providers/Microsoft.OperationalInsights/workspaces/w"


def test_an_event_says_what_became_of_which_finding() -> None:
    transition = told(finding())
    assert render_events(message(transition), SOURCE) == [
        {
            "specversion": "1.0",
            "type": "dawnwatch.finding.opened",
            "source": SOURCE,
            "id": transition.id,
            "time": "2026-11-22T08:05:00Z",
            "subject": "snapshot.late/snapshot/desktop-analytics",
            "datacontenttype": "application/json",
            "data": {"target": "contoso", "transition": "opened", **finding_json(transition.finding)},
        }
    ]


@pytest.mark.parametrize("kind", TransitionKind)
def test_each_change_has_its_type(kind: TransitionKind) -> None:
    assert render_events(message(told(finding(), kind)), SOURCE)[0]["type"] == f"dawnwatch.finding.{kind}"


def test_the_same_change_keeps_its_id_whenever_it_is_rendered() -> None:
    first, again = (render_events(message(told(finding(detail=text))), SOURCE)[0]["id"] for text in ("then", "now"))
    assert first == again


def test_a_source_is_the_workspace_or_names_the_target() -> None:
    assert source_of("contoso", SOURCE) == SOURCE
    assert source_of("contoso") == "/dawnwatch/targets/contoso"


@pytest.mark.parametrize("text", ["x" * 3_000_000, "\U0001d54f" * 400_000, "\ud83d" * 400_000, '"' * 900_000])
def test_an_event_that_is_too_large_is_shortened_not_dropped(text: str) -> None:
    (event,) = render_events(message(told(finding(detail=text, name=text, title=text, steps=[text] * 50))), SOURCE)
    assert wire_size([event]) <= BATCH_AT_MOST
    data = event["data"]
    assert isinstance(data, dict)
    assert data["shortened"] is True
    assert (data["target"], data["transition"], data["severity"]) == ("contoso", "opened", "error")
    assert set(finding_json(finding())) <= set(data)
    json.dumps(event, ensure_ascii=False).encode()


def test_an_event_that_fits_is_whole() -> None:
    (event,) = render_events(message(told(finding(detail="x" * 800_000))), SOURCE)
    assert "shortened" not in str(event["data"])[-100:]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 900_000), max_size=12))
def test_batches_keep_order_and_size_and_lose_nothing(lengths: list[int]) -> None:
    many = [told(finding(subject_id=str(i), detail="x" * length)) for i, length in enumerate(lengths)]
    events = render_events(message(*many), SOURCE)
    parted = list(batches(events))
    assert [event for batch in parted for event in batch] == events
    assert all(batch and wire_size(batch) <= BATCH_AT_MOST for batch in parted)


def test_times_are_rfc_3339() -> None:
    (event,) = render_events(message(told(finding())), SOURCE)
    assert datetime.fromisoformat(str(event["time"])) == NOW
