"""What the monitor says of its own work as lines (pure): for people, and as JSON for machines.

Of an error that nobody expected they say its type and where it came from, never its message: that may quote anything.
"""

import json
import logging
from datetime import UTC, datetime

from shared.telemetry import error_of, fields_of
from shared.text import plain

_SHOWN = 300
_RUN_SHOWN = 8


def text_line(record: logging.LogRecord) -> str:
    """Spell a line for people: `2026-11-23 05:50:01Z planned: check=workspace-access targets=3`. Empty fields go."""
    loud = f"{record.levelname} " if record.levelno >= logging.WARNING else ""
    fields = [f"{name}={_word(name, value)}" for name, value in fields_of(record).items() if value != ""]
    said = f"{_at(record):%Y-%m-%d %H:%M:%S}Z {loud}{plain(record.getMessage(), _SHOWN)}"
    return " ".join([f"{said}:", *fields, *_places(record)]) if fields else said


def json_line(record: logging.LogRecord) -> str:
    """Spell a line as one JSON object, in ASCII: time, level, message, fields; error where there was one."""
    said: dict[str, object] = {
        "time": _at(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "message": record.getMessage(),
        "fields": fields_of(record),
    }
    return json.dumps(said | _error(record), default=str)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _word(name: str, value: object) -> str:
    shown = plain(str(value), _RUN_SHOWN + 1 if name == "run" else _SHOWN)
    return json.dumps(shown, ensure_ascii=False) if any(char in shown for char in ' "=') else shown


def _places(record: logging.LogRecord) -> list[str]:
    error = error_of(record)
    return [f"error={json.dumps(error)}"] if error else []


def _error(record: logging.LogRecord) -> dict[str, object]:
    error = error_of(record)
    return {"error": error} if error else {}
