"""`dawnwatch.report/1` as a JSON schema: strict, so that a key too many is a mistake as much as one too few."""

from collections.abc import Mapping

from shared.catalogue import CATALOGUE

INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
OUTCOME = {"enum": ["clear", "findings", "unknown"]}
TEXT = {"type": "string", "minLength": 1}


def an_object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Mapping[str, object]) -> dict[str, object]:
    return {"anyOf": [schema, {"type": "null"}]}


def a_list(schema: object) -> dict[str, object]:
    return {"type": "array", "items": schema}


COUNT = {"type": "integer", "minimum": 0}
FINGERPRINT = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
FINDING = an_object(
    id={"enum": sorted(CATALOGUE)},
    fingerprint=FINGERPRINT,
    severity={"enum": ["critical", "error", "warning", "informational"]},
    subject=an_object(kind=TEXT, id=TEXT, name=_or_null(TEXT), parent=_or_null(TEXT)),
    title=TEXT,
    detail=TEXT,
    due_at=_or_null(INSTANT),
    evidence={"type": "object"},
    explained_by=a_list(FINGERPRINT),
    silenced=_or_null(an_object(until=INSTANT, reason=TEXT)),
    remedy=an_object(
        steps={"type": "array", "items": TEXT, "minItems": 1},
        link=_or_null({"type": "string", "pattern": "^https://"}),
    ),
)
CHECK = an_object(
    check={"enum": ["workspace-access", "app-registrations", "snapshot-currency", "service-health"]},
    outcome=OUTCOME,
    observed_at=INSTANT,
    coverage=an_object(read=COUNT, ignored=COUNT, unread=_or_null(COUNT)),
)
REPORT = an_object(
    schema={"const": "dawnwatch.report/1"},
    at=INSTANT,
    outcome=OUTCOME,
    notices=a_list(TEXT),
    targets=a_list(an_object(name=TEXT, checks=a_list(CHECK), findings=a_list(FINDING))),
)
