"""Silences: what they match, until when, and what they never hide."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.catalogue import make_finding
from shared.checks.unread import unread_findings
from shared.expectations import Silence
from shared.facts import Unread
from shared.model import Check, CheckResult, Coverage, Finding, Outcome, Subject, SubjectKind, TargetReport
from shared.silence import apply_silences
from tests.builders import APP, NOON, a_target, only

LATER = NOON + timedelta(days=1)


def expiring() -> Finding:
    return make_finding(
        "credential.expiring",
        a_target(),
        Subject(SubjectKind.APPLICATION, APP, "Desktop-Analytics-Connection"),
        detail="Seen.",
        values={"what": "credential", "app": "Connection", "left": "6 days", "app_id": APP},
        evidence={"app_id": APP, "key_ids": ["Key-One", "key-two"]},
    )


@pytest.mark.parametrize(
    ("silence", "matches"),
    [
        (Silence("credential.expiring", LATER, "r"), True),
        (Silence("CREDENTIAL.*", LATER, "r"), True),
        (Silence("*", LATER, "r"), True),
        (Silence("credential.expired", LATER, "r"), False),
        (Silence("*", LATER, "r", target="cont*"), True),
        (Silence("*", LATER, "r", target="fabrikam"), False),
        (Silence("*", LATER, "r", subject="desktop-analytics-*"), True),
        (Silence("*", LATER, "r", subject=APP.upper()), True),
        (Silence("*", LATER, "r", subject="key-one"), True),
        (Silence("*", LATER, "r", subject="KEY-TWO"), True),
        (Silence("*", LATER, "r", subject="key-three"), False),
        (Silence("*", LATER, "r", target="contoso", subject="else"), False),
        (Silence("*", NOON + timedelta(seconds=1), "r"), True),
        (Silence("*", NOON, "r"), False),
        (Silence("*", NOON - timedelta(seconds=1), "r"), False),
    ],
)
def test_a_silence_in_force_marks_what_its_globs_match(silence: Silence, matches: bool) -> None:
    finding = only(apply_silences([expiring()], [silence], NOON))
    assert (finding.silenced is not None) is matches
    assert finding.counts is not matches


def test_the_silence_that_lasts_longest_is_the_one_named() -> None:
    silences = [Silence("*", LATER, "long"), Silence("*", NOON + timedelta(hours=1), "short")]
    finding = only(apply_silences([expiring()], silences, NOON))
    assert finding.silenced is not None
    assert (finding.silenced.until, finding.silenced.reason) == (LATER, "long")


def test_only_the_mark_differs() -> None:
    finding = expiring()
    assert replace(only(apply_silences([finding], [Silence("*", LATER, "r")], NOON)), silenced=None) == finding


def test_a_silenced_failed_read_never_makes_a_look_green() -> None:
    read = Unread(scope="s", what="Apps", why="403", hides="all", steps=())
    silenced = apply_silences(
        unread_findings(a_target(), Check.APP_REGISTRATIONS, [read]), [Silence("monitor.*", LATER, "known")], NOON
    )
    check = CheckResult(Check.APP_REGISTRATIONS, Outcome.UNKNOWN, NOON, Coverage(unread=1))
    assert only(silenced).silenced is not None
    assert TargetReport("contoso", (check,), silenced).outcome is Outcome.UNKNOWN
