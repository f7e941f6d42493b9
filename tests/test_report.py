"""A finding as the JSON contract has it."""

import json
from datetime import UTC, datetime, timedelta, timezone

from shared.model import Silenced
from shared.report import finding_json, instant
from tests.notify.examples import NOW, PORTAL, finding


def test_a_finding_has_every_key_of_the_contract() -> None:
    late = finding(explained_by=["f"], silenced=Silenced(NOW, "renewal booked"))
    assert finding_json(late) == {
        "id": "snapshot.late",
        "fingerprint": late.fingerprint,
        "severity": "error",
        "subject": {"kind": "snapshot", "id": "desktop-analytics", "name": "Desktop Analytics", "parent": None},
        "title": "The Desktop Analytics snapshot is late",
        "detail": "The newest snapshot is of 21 November.",
        "due_at": "2026-11-22T08:00:00Z",
        "evidence": {"newest": "2026-11-21T06:41:00Z"},
        "explained_by": ["f"],
        "silenced": {"until": "2026-11-22T08:05:00Z", "reason": "renewal booked"},
        "remedy": {"steps": ["Wait another 24 hours.", "Look at service health."], "link": PORTAL},
    }
    json.dumps(finding_json(late))


def test_what_is_not_there_is_null() -> None:
    bare = finding_json(finding(due_at=None, link=None))
    assert (bare["due_at"], bare["silenced"]) == (None, None)


def test_instants_are_utc_with_z() -> None:
    assert instant(datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-21T23:00:00Z"
    assert instant(datetime(2026, 11, 22, 1, 0, 0, 1500, tzinfo=UTC)) == "2026-11-22T01:00:00.001500Z"
