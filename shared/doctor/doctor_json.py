"""From a diagnosis to what a machine reads: `dawnwatch.doctor/1`."""

import json
from collections.abc import Iterable

from shared.doctor.diagnosis import Diagnosis, Point
from shared.report import Json, rfc3339
from shared.version import VERSION

SCHEMA = "dawnwatch.doctor/1"


def doctor_json(diagnosis: Diagnosis) -> str:
    """The whole diagnosis in ASCII, so that no terminal obeys it and no console garbles it."""
    body = {
        "schema": SCHEMA,
        "at": rfc3339(diagnosis.at),
        "version": VERSION,
        "outcome": diagnosis.outcome,
        "points": _points(diagnosis.points),
        "targets": [{"name": target.name, "points": _points(target.points)} for target in diagnosis.targets],
    }
    return json.dumps(body, indent=2, allow_nan=False)


def _points(points: Iterable[Point]) -> list[Json]:
    return [
        {
            "area": point.area.value,
            "what": point.what,
            "verdict": point.verdict.value,
            "detail": point.detail,
            "commands": list(point.commands),
        }
        for point in points
    ]
