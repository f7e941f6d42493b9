"""The lines of `dawnwatch serve`: short for people, whole for machines, inert for both."""

import json
import logging
from io import StringIO

import pytest

from shared.cli.log import log_to
from shared.formats.log_lines import json_line, text_line
from shared.telemetry import fail, part_of, tell, warn

AT_S = 1_795_413_001.25  # 2026-11-23 05:50:01.250 UTC


def a_record(
    message: str, level: int = logging.INFO, error: Exception | None = None, **fields: object
) -> logging.LogRecord:
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("dawnwatch", level, "telemetry.py", 1, message, (), raised)
    record.created = AT_S
    record.__dict__.update(fields)
    return record


def an_error() -> Exception:
    try:
        int("sig=secret")
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("record", "line"),
    [
        pytest.param(a_record("ended", waiting=0), "2026-11-23 05:50:01Z ended: waiting=0", id="a message and a field"),
        pytest.param(a_record("ended"), "2026-11-23 05:50:01Z ended", id="a message alone"),
        pytest.param(
            a_record("not delivered", logging.WARNING, channel="teams", reason='it said "no"', failing=""),
            '2026-11-23 05:50:01Z WARNING not delivered: channel=teams reason="it said \\"no\\""',
            id="loud; words in quotes; nothing of what is empty",
        ),
        pytest.param(
            a_record("planned", run="0123456789abcdef", past_due=False),
            "2026-11-23 05:50:01Z planned: run=01234567… past_due=False",
            id="the beginning of a run",
        ),
        pytest.param(
            a_record("finding", title="\x1b[2Jrun\nme ☃"),
            '2026-11-23 05:50:01Z finding: title="run me ☃"',
            id="what a terminal would obey is gone",
        ),
    ],
)
def test_people_read_a_short_line(record: logging.LogRecord, line: str) -> None:
    assert text_line(record) == line


def test_a_machine_reads_one_object_in_ascii() -> None:
    line = json_line(a_record("finding", logging.WARNING, title="\x1b[2Jnot\nobeyed ☃", silenced=False, unread=None))
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-11-23T05:50:01.250Z",
        "level": "warning",
        "message": "finding",
        "fields": {"title": "\x1b[2Jnot\nobeyed ☃", "silenced": False, "unread": None},
    }


@pytest.mark.parametrize("spell", [text_line, json_line])
def test_of_an_error_its_type_and_place_are_told_and_never_its_message(spell: object) -> None:
    assert callable(spell)
    line = spell(a_record("pass failed", logging.ERROR, an_error(), target="contoso"))
    assert "ValueError at formats/test_log_lines.py:" in line
    assert "secret" not in line


def test_only_our_own_lines_are_written_and_only_meanwhile() -> None:
    stream, before = StringIO(), logging.getLogger("dawnwatch").level
    with log_to(stream, "json"), part_of("r1"):
        tell("planned", targets=3, check=None)
        warn("not delivered", channel="teams")
        fail("not done", an_error(), by="passes")
        logging.getLogger("shared.monitor").warning("a stray line")
        logging.getLogger("azure").warning("GET https://example.com/?sig=secret")
    tell("planned", targets=4)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [
        ("info", "planned"),
        ("warning", "not delivered"),
        ("error", "not done"),
    ]
    assert [line["fields"] for line in lines] == [
        {"run": "r1", "targets": 3},
        {"run": "r1", "channel": "teams"},
        {"run": "r1", "by": "passes"},
    ]
    assert logging.getLogger("dawnwatch").level == before
