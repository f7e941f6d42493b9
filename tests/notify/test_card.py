"""The card as data: its schema, its size, its order, and what it says of each kind of change."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.model import Severity, SubjectKind, TransitionKind
from shared.notify.card import PAYLOAD_AT_MOST, render_card, render_payload
from shared.notify.channel import Message
from tests.notify.examples import HOSTILE, NOW, PORTAL, could_not_look, everything, finding, message, told
from tests.notify.schema import faults

LONG_NAMES = [
    "N" * 10_240,
    "👩\u200d👩\u200d👧" * 2_000,
    "\U0001d54f" * 10_240,
    '"\\' * 5_000,
    "e\u0301" * 5_000,
    "\ud83d" * 10_000,
]


def elements(card: object) -> Iterator[dict[str, object]]:
    """Yield every element in a card."""
    if isinstance(card, list):
        for item in card:
            yield from elements(item)
    if isinstance(card, dict):
        yield card
        for value in card.values():
            yield from elements(value)


def words(card: object) -> str:
    """Return the text of a card, a line for each paragraph."""
    lines = [e["inlines"] for e in elements(card) if e.get("type") == "RichTextBlock"]
    return "\n".join("".join(run["text"] for run in runs) for runs in lines if isinstance(runs, list))


def styles(card: dict[str, object]) -> list[object]:
    body = card["body"]
    assert isinstance(body, list)
    return [block.get("style") for block in body]


@pytest.mark.parametrize(
    "name", [*HOSTILE, *LONG_NAMES], ids=lambda name: name[:12].encode("ascii", "replace").decode()
)
def test_every_card_keeps_to_the_schema_and_the_size(name: str) -> None:
    card = render_card(everything(name))
    assert faults(card) == []
    assert len(render_payload(card)) <= PAYLOAD_AT_MOST


def test_the_schema_sees_a_fault() -> None:
    card = render_card(everything())
    card["body"] = [{"type": "TextBlokk", "text": "x"}]
    assert faults(card)


def test_ten_thousand_findings_fit_with_the_rest_counted() -> None:
    many = [
        finding(subject_id=str(i), title=f"{i} {'\U0001d54f' * 200}", severity=list(Severity)[i % 4])
        for i in range(10_000)
    ]
    card = render_card(message(*map(told, many)))
    assert len(render_payload(card)) <= PAYLOAD_AT_MOST
    assert words(card).splitlines()[-1].startswith("and 9,9")
    assert words(card).splitlines()[-1].endswith("2,500 errors, 2,500 warnings, 2,500 informational")


def test_what_does_not_fit_is_counted_by_severity() -> None:
    errors = [finding(subject_id=str(i), title=f"error {i}") for i in range(22)]
    warnings = [finding("app.shared", Severity.WARNING, subject_id=str(i), title="w") for i in range(35)]
    card = render_card(message(*map(told, [*warnings, *errors])))
    assert words(card).splitlines()[-1] == "and 37 more: 2 errors, 35 warnings"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=40),
    length=st.integers(1, 300),
    kind=st.sampled_from(TransitionKind),
    severity=st.sampled_from(Severity),
)
def test_any_findings_fit_and_each_is_shown_or_counted(
    names: list[str], length: int, kind: TransitionKind, severity: Severity
) -> None:
    longs = [name * length for name in names]
    found = [
        finding(severity=severity, subject_id=f"{i}", name=n, title=n, detail=n, steps=[n] * 9)
        for i, n in enumerate(longs)
    ]
    card = render_card(message(*(told(f, kind) for f in found)))
    payload = render_payload(card)
    assert len(payload) <= PAYLOAD_AT_MOST
    assert json.loads(payload)["attachments"][0]["content"] == card
    body = card["body"]
    assert isinstance(body, list)
    tail = re.search(r"^and ([\d,]+) more: ", words(card), re.MULTILINE)
    shown = len(body) - 1 - bool(tail)
    assert shown >= 1
    assert shown + (int(tail[1]) if tail else 0) == len(found)


def test_the_worst_comes_first_and_is_the_headline() -> None:
    slight = finding("app.shared", Severity.WARNING, title="slight", subject_id="1")
    grave = finding("credential.expired", Severity.CRITICAL, title="grave", subject_id="2")
    gone = finding("app.missing", Severity.CRITICAL, title="gone", subject_id="3")
    text = words(render_card(message(told(gone, TransitionKind.RESOLVED), told(slight), told(grave))))
    assert text.splitlines()[:3] == ["contoso 2026-11-22 08:05 UTC", "grave", "1 critical, 1 warning, 1 over"]
    assert text.index("Critical · new") < text.index("Warning · new") < text.index("Over:")


LOOKS = [
    (TransitionKind.OPENED, Severity.CRITICAL, "Critical · new", "attention", "default"),
    (TransitionKind.OPENED, Severity.WARNING, "Warning · new", "warning", "default"),
    (TransitionKind.OPENED, Severity.INFORMATIONAL, "Informational · new", "accent", "default"),
    (TransitionKind.ESCALATED, Severity.ERROR, "Error · got worse", "attention", "attention"),
    (TransitionKind.ESCALATED, Severity.WARNING, "Warning · got worse", "warning", "warning"),
    (TransitionKind.EASED, Severity.WARNING, "Warning · got better", "warning", "emphasis"),
    (TransitionKind.REMINDED, Severity.ERROR, "Error · still open", "attention", "emphasis"),
    (TransitionKind.RESOLVED, Severity.ERROR, "Over: The Desktop Analytics snapshot is late", "good", "good"),
]


@pytest.mark.parametrize(("kind", "severity", "said", "header", "box"), LOOKS)
def test_each_change_has_its_words_and_its_look(
    kind: TransitionKind, severity: Severity, said: str, header: str, box: str
) -> None:
    transition = told(finding(severity=severity), kind)
    alone = render_card(message(transition))
    assert said in words(alone)
    assert styles(alone) == [header, "default"]
    beside = told(finding("app.unowned", Severity.INFORMATIONAL, title="z"), TransitionKind.RESOLVED)
    assert styles(render_card(message(transition, beside))) == [header, box, "good"]


def test_a_failed_read_never_reads_as_fine() -> None:
    text = words(render_card(message(told(could_not_look()))))
    assert "Error · could not look · new" in text
    assert "Could not look everywhere: 1 read failed. What was not seen may be broken." in text
    assert "This was not looked at: it may be broken" in text
    assert "Over" not in text


def test_a_failed_read_that_works_again_says_so() -> None:
    text = words(render_card(message(told(could_not_look(), TransitionKind.RESOLVED))))
    assert "Can be read again: App registrations could not be read" in text
    assert "Could not look everywhere" not in text


def test_a_failed_read_beside_worse_news_is_in_the_headline_too() -> None:
    text = words(render_card(message(told(could_not_look()), told(finding("credential.expired", Severity.CRITICAL)))))
    assert "Could not look everywhere" in "\n".join(text.splitlines()[:4])


def test_a_known_cause_is_named_and_others_are_counted() -> None:
    cause = finding("access.role_missing", title="The role is gone", subject_id="r")
    late = finding(explained_by=[cause.fingerprint, "a", "b"])
    text = words(render_card(message(told(late), told(cause))))
    assert "Likely cause: The role is gone" in text
    assert "Likely cause: 2 other open findings, not named here" in text


def test_a_cause_that_was_told_before_is_named_too() -> None:
    cause = finding("access.role_missing", title="The role is gone", subject_id="r")
    late = told(finding(explained_by=[cause.fingerprint]))
    text = words(render_card(Message("contoso", NOW, (late,), also_open=(cause,))))
    assert "Likely cause: The role is gone" in text
    assert text.count("The role is gone") == 1


def test_a_cause_on_no_card_is_counted() -> None:
    assert "Likely cause: 1 open finding" in words(render_card(message(told(finding(explained_by=["a"])))))


def test_steps_are_numbered_and_bounded() -> None:
    text = words(render_card(message(told(finding(steps=[f"step {i}" for i in range(1, 9)])))))
    assert "1. step 1" in text
    assert "6. step 6" in text
    assert "step 7" not in text
    assert "and 2 more steps in the report" in text


def test_times_are_in_utc_and_in_words() -> None:
    due_at = NOW + timedelta(days=6)
    soon = finding("credential.expiring", Severity.WARNING, family="credential.expiry", due_at=due_at)
    card = render_card(message(told(soon, at=NOW - timedelta(minutes=65))))
    assert [e for e in elements(card) if e.get("type") == "FactSet"] == [
        {
            "type": "FactSet",
            "facts": [
                {"title": "Expires", "value": "2026-11-28 08:05 UTC (in 6 days)"},
                {"title": "Seen", "value": "today 07:00 UTC (1 hour 5 minutes ago)"},
            ],
        }
    ]


LINKS = [
    (PORTAL, "Open in the Azure portal"),
    ("https://entra.microsoft.com/#view/x", "Open in Microsoft Entra"),
    ("https://learn.microsoft.com/x", "Open"),
    ("http://portal.azure.com/", None),
    ("javascript:alert(1)", None),
    ("https://portal.azure.com@evil.example/", None),
    ("https://portal.azure.com/\nx", None),
    ("https://portal.azure.com/é", None),
    ("https://[broken", None),
    ("https://portal.azure.com/" + "x" * 2_000, None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("link", "title"), LINKS)
def test_only_https_links_become_buttons(link: str | None, title: str | None) -> None:
    card = render_card(message(told(finding(link=link))))
    buttons = [e for e in elements(card) if str(e.get("type")).startswith("Action.")]
    assert buttons == ([{"type": "Action.OpenUrl", "title": title, "url": link}] if title else [])


def test_the_report_has_its_button() -> None:
    card = render_card(message(told(finding(link=None)), link="https://dawnwatch.example/"))
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open the report", "url": "https://dawnwatch.example/"}
    ]


def test_no_mention_can_arise_and_foreign_text_stays_out_of_markdown() -> None:
    card = render_card(everything("<at>everyone</at> **x**"))
    assert card["msteams"] == {"width": "Full", "entities": []}
    assert not [e for e in elements(card) if e.get("type") == "TextBlock"]
    facts = json.dumps([e for e in elements(card) if e.get("type") == "FactSet"])
    assert "everyone" not in facts
    assert "<at>" not in str(card["fallbackText"])


def test_a_subject_whose_name_shows_nothing_goes_by_its_id() -> None:
    text = words(
        render_card(message(told(finding(name="\u200b\u202e", subject_id="4711", kind=SubjectKind.APPLICATION))))
    )
    assert "Application 4711" in text


def test_a_card_of_nothing_is_not_good_news() -> None:
    card = render_card(Message("contoso", NOW, ()))
    assert faults(card) == []
    assert styles(card) == ["emphasis"]
    assert "Nothing new to tell" in words(card)


def test_the_envelope_is_the_workflows() -> None:
    card = render_card(everything())
    assert json.loads(render_payload(card)) == {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }
