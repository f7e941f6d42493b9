"""What an examination comes to (pure): points with verdicts, for the monitor as a whole and for each target."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.errors import GatherError


class Area(StrEnum):
    """What a point is about, in the order in which points are shown."""

    CONFIGURATION = "configuration"
    IDENTITY = "identity"
    PERMISSIONS = "permissions"
    WORKSPACE = "workspace"
    ENDPOINTS = "endpoints"
    CLOCK = "clock"
    CHANNELS = "channels"
    LEDGER = "ledger"
    SCHEDULES = "schedules"
    SETTINGS = "settings"
    VERSIONS = "versions"


class Verdict(StrEnum):
    """What is to be said of a point. `unknown`: it could not be told, and the detail says why."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What it all comes to: `wrong` where anything is a warning or failed, `unknown` where anything is."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was examined. `commands` put it right, each by itself."""

    area: Area
    what: str
    verdict: Verdict
    detail: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetDiagnosis:
    """The points of one target."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was examined: `points` of the monitor as a whole, then those of each target."""

    at: datetime
    points: tuple[Point, ...]
    targets: tuple[TargetDiagnosis, ...] = ()

    @property
    def counts(self) -> Counter[Verdict]:
        """How many points there are of each verdict."""
        return Counter(point.verdict for points in (self.points, *(t.points for t in self.targets)) for point in points)

    @property
    def outcome(self) -> Outcome:
        """What it comes to: as in a report, what could not be told goes first."""
        counts = self.counts
        if counts[Verdict.UNKNOWN]:
            return Outcome.UNKNOWN
        return Outcome.WRONG if counts[Verdict.FAILED] + counts[Verdict.WARNING] else Outcome.OK


_EXIT_STATUSES = {Outcome.OK: 0, Outcome.WRONG: 1, Outcome.UNKNOWN: 3}


def exit_status(diagnosis: Diagnosis) -> int:
    """0 where all is well, 1 where something is missing or wrong, 3 where anything could not be told."""
    return _EXIT_STATUSES[diagnosis.outcome]


def in_order(points: Iterable[Point]) -> tuple[Point, ...]:
    """Sort points by their areas; those of one area stay as they came."""
    places = {area: place for place, area in enumerate(Area)}
    return tuple(sorted(points, key=lambda point: places[point.area]))


def untold(area: Area, what: str, error: GatherError) -> Point:
    """Say of something that could not be read that it is unknown, why, and what to do."""
    return Point(area, what, Verdict.UNKNOWN, say_error(error))


def say_error(error: GatherError) -> str:
    """Say in sentences what a read ended in, and what to do."""
    return " ".join([f"{error.why[:1].upper()}{error.why[1:]}.", *error.steps])
