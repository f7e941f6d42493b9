"""`dawnwatch.doctor/1` as a JSON schema: strict, so that a key too many is a mistake as much as one too few."""

from tests.report_schema import INSTANT, TEXT, a_list, an_object

POINT = an_object(
    area={
        "enum": [
            "configuration",
            "identity",
            "permissions",
            "workspace",
            "endpoints",
            "clock",
            "channels",
            "ledger",
            "schedules",
            "settings",
            "versions",
        ]
    },
    what=TEXT,
    verdict={"enum": ["ok", "warning", "failed", "unknown"]},
    detail=TEXT,
    commands=a_list(TEXT),
)
DOCTOR = an_object(
    schema={"const": "dawnwatch.doctor/1"},
    at=INSTANT,
    version=TEXT,
    outcome={"enum": ["ok", "wrong", "unknown"]},
    points=a_list(POINT),
    targets=a_list(an_object(name=TEXT, points=a_list(POINT))),
)
