"""What the monitor says of its own work: constant messages, whose values are fields. No URL with a query, no secret.

In Azure the worker's OpenTelemetry sends each field as a property of the line (docs/telemetry.md has queries);
elsewhere `spell_fields` puts them behind the message, as JSON.
"""

import json
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import datetime
from pathlib import Path
from traceback import extract_tb

from shared.text import plain

logger = logging.getLogger("dawnwatch")

type Value = str | int | float | bool | datetime | None

_LIMIT = 4_000
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_run: ContextVar[str] = ContextVar("run", default="")
_KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


@contextmanager
def part_of(run: str) -> Iterator[None]:
    """Tie every line that is told meanwhile to the run that a timer, or a person, began."""
    mark = _run.set(run)
    try:
        yield
    finally:
        _run.reset(mark)


def current_run() -> str:
    """Name the run that the work at hand is part of; nothing where it is part of none."""
    return _run.get()


def tell(message: str, /, *, level: int = logging.INFO, **fields: Value) -> None:
    """Tell a line: `message` is constant, `fields` are its values; those without one are left out."""
    logger.log(level, message, extra=_told({"run": current_run() or None, **fields}))


def warn(message: str, /, **fields: Value) -> None:
    """Tell a line that somebody should look at."""
    tell(message, level=logging.WARNING, **fields)


def tell_error(message: str, /, **fields: Value) -> None:
    """Tell a line of what keeps the work from being done."""
    tell(message, level=logging.ERROR, **fields)


def fail(message: str, error: BaseException, /, **fields: Value) -> None:
    """Tell a line of what nobody expected, with where it came from."""
    logger.error(message, exc_info=error, extra=_told({"run": current_run() or None, **fields}))


def _told(fields: dict[str, Value]) -> dict[str, str | int | float | bool]:
    return {name: _bounded(value) for name, value in fields.items() if value is not None}


def _bounded(value: str | float | datetime) -> str | int | float | bool:
    """Spell an instant, and cut a text short that others may have written."""
    if isinstance(value, datetime):
        return value.isoformat()
    return plain(value, _LIMIT) if isinstance(value, str) else value


def run_of(trace_parent: str | None) -> str:
    """Name a run after the trace that it began in, so that both are found together; any name where there is none.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header
    """
    found = _TRACE.fullmatch(trace_parent or "")
    return found[1] if found else uuid.uuid4().hex


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Read the fields of a line."""
    return {name: value for name, value in record.__dict__.items() if name not in _KNOWN}


def error_of(record: logging.LogRecord) -> str:
    """Name the type of a line's error and where it came from, never its text: that may quote anything."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return ""
    frames = extract_tb(error.__traceback__)
    places = [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames]
    return f"{type(error).__name__} at {' > '.join(places) or 'no place of ours'}"


def without_text(record: logging.LogRecord) -> logging.LogRecord:
    """Give a line whose error is a field like the others, without its text: a filter, for what leaves the machine."""
    if not record.exc_info:
        return record
    safe = copy(record)
    safe.__dict__["error"] = error_of(record)
    safe.exc_info = safe.exc_text = None
    return safe


def spell_fields(record: logging.LogRecord) -> logging.LogRecord:
    """Give a line whose fields stand behind its message: a filter, for where nothing carries them apart."""
    spelt = copy(without_text(record))
    fields = fields_of(spelt)
    if fields and not spelt.args:
        spelt.msg = f"{spelt.msg} {json.dumps(fields, default=str)}"
    return spelt
