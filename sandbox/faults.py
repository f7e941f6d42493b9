"""Faults that can be switched on: which calls they hit, how, and how often."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from threading import Lock
from typing import get_args

type Service = str
SERVICES = ("graph", "arm", "logs", "entra", "teams", "event_grid")
KINDS = (
    "throttle",
    "status",
    "hang",
    "truncate",
    "html",
    "reset",
    "partial",
    "empty",
    "forbidden",
    "batch_throttle",
    "skew",
    "unreplicated",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A trouble with one service, for `times` calls (None: for ever) once `after` calls that match have gone by.

    `retry_after` is sent as it stands, so that "2.128" and dates can be tried. `status` goes with `status`, `html` and
    `empty`. `partial` is for logs, `batch_throttle` for graph (it hits the calls inside a batch), `unreplicated` for
    arm: role assignments are refused, because their principal is too new to be known. `skew` answers well, but by a
    clock that is `seconds` ahead.
    """

    service: Service
    kind: str
    path_contains: str = ""
    retry_after: str | None = None
    status: int | None = None
    times: int | None = None
    after: int = 0
    seconds: int = 0

    def __post_init__(self) -> None:
        if self.service not in SERVICES:
            msg = f"unknown service {self.service!r}; one of {', '.join(SERVICES)}"
            raise ValueError(msg)
        if self.kind not in KINDS:
            msg = f"unknown kind of fault {self.kind!r}; one of {', '.join(KINDS)}"
            raise ValueError(msg)
        bound = {"partial": "logs", "batch_throttle": "graph", "unreplicated": "arm"}.get(self.kind, self.service)
        if bound != self.service:
            msg = f"{self.kind} is a fault of {bound}, not of {self.service}"
            raise ValueError(msg)

    def hits(self, service: Service, path: str) -> bool:
        """Whether a call is one that it is for."""
        where = "/roleAssignments/" if self.kind == "unreplicated" else self.path_contains
        return self.service == service and where.lower() in path.lower()


def parse_fault(text: str) -> Fault:
    """Read `service:kind:key=value:…`, such as `graph:throttle:retry_after=2.128:times=2`.

    Raises:
        ValueError: it is not of that form; the message says why.
    """
    service, *rest = text.split(":")
    if not rest:
        msg = f"{text!r}: a fault is service:kind, then key=value parts"
        raise ValueError(msg)
    known = {field.name: int in get_args(field.type) or field.type is int for field in fields(Fault)}
    values: dict[str, str | int] = {}
    for part in rest[1:]:
        key, equals, value = part.partition("=")
        if not equals or key not in known or key in {"service", "kind"}:
            msg = f"{text!r}: {part!r} is none of path_contains=, retry_after=, status=, times=, after=, seconds="
            raise ValueError(msg)
        values[key] = _number(text, key, value) if known[key] else value
    return Fault(service=service, kind=rest[0], **values)  # type: ignore[arg-type]  # checked against the fields above


def _number(text: str, key: str, value: str) -> int:
    if not value.isdigit():
        msg = f"{text!r}: {key} is a whole number, not {value!r}"
        raise ValueError(msg)
    return int(value)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        self.seen += 1
        if self.seen <= self.fault.after or (self.fault.times is not None and self.struck >= self.fault.times):
            return False
        self.struck += 1
        return True


class Faults:
    """The faults that are switched on. Safe to change from any thread."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._armed = [_Armed(fault) for fault in faults]

    def add(self, *faults: Fault) -> None:
        """Switch on more."""
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._armed.clear()

    def strike(self, service: Service, path: str, *, inside_batch: bool = False) -> Fault | None:
        """The first fault that this call meets; it counts the call."""
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if (fault.kind == "batch_throttle") == inside_batch and fault.hits(service, path) and armed.strikes():
                    return fault
        return None
