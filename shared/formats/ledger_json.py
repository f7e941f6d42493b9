"""From the ledger to what a machine reads: `dawnwatch.findings/1`."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.incident import Incident
from shared.ledger.deliveries import Waiting
from shared.ledger.overview import Overview, told_at
from shared.model import worst_of
from shared.report import Json, finding_json, rfc3339
from shared.version import VERSION

SCHEMA = "dawnwatch.findings/1"
STATUS_SCHEMA = "dawnwatch.status/1"


def overviews_json(overviews: Iterable[Overview], now: datetime) -> str:
    """All that is known of the targets, in ASCII."""
    body = {"schema": SCHEMA, "at": rfc3339(now), "targets": [_overview(overview) for overview in overviews]}
    return json.dumps(body, indent=2, allow_nan=False)


def status_json(overviews: Sequence[Overview], now: datetime, following: str | None) -> str:
    """How the targets stand: `dawnwatch.status/1`; `following` is where the next of them are, where there are more."""
    outcomes = [overview.outcome(now) for overview in overviews]
    body = {
        "schema": STATUS_SCHEMA,
        "at": rfc3339(now),
        "version": VERSION,
        "outcome": worst_of(outcomes).value,
        "targets": [
            {"outcome": outcome.value, **_overview(overview)}
            for overview, outcome in zip(overviews, outcomes, strict=True)
        ],
        "next": following,
    }
    return json.dumps(body, indent=2, allow_nan=False)


def _overview(overview: Overview) -> Json:
    checks = [
        {"check": name, "passed_at": _instant(passed.passed_at), "read_everything_at": _instant(passed.good_at)}
        for name, passed in overview.checks.items()
    ]
    return {
        "name": overview.target,
        "checks": checks,
        "findings": [_incident(incident) for incident in overview.incidents],
        "deliveries": [_waiting(waiting) for waiting in overview.waiting],
    }


def _incident(incident: Incident) -> Json:
    return {
        **finding_json(incident.finding),
        "opened_at": rfc3339(incident.opened_at),
        "told_at": _instant(told_at(incident)),
        "resolved_at": _instant(incident.resolved_at),
    }


def _waiting(waiting: Waiting) -> Json:
    return {
        "channel": waiting.channel,
        "waiting": waiting.count,
        "failing_since": _instant(waiting.since),
        "reason": waiting.reason,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
