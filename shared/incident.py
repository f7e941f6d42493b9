"""What the ledger remembers of one trouble: its finding, what people were told of it, and how it went.

Records that the ledger decodes are msgspec structs. They hold no cycles, so that the collector need not walk through
tens of thousands of them (`gc=False`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

from shared.model import Finding, Instant, Severity

HISTORY_AT_MOST = 200


class Reason(StrEnum):
    """Why a decision was taken: the transitions that can be told, and what is only written down."""

    OPENED = "opened"
    ESCALATED = "escalated"
    EASED = "eased"
    REMINDED = "reminded"
    RESOLVED = "resolved"
    FLAPPING = "flapping"
    SILENCED = "silenced"
    RETURNED = "returned"


class Moment(Struct, frozen=True, gc=False):
    """A line of an incident's history."""

    at: Instant
    reason: Reason
    severity: Severity
    finding_id: str


class Told(Struct, frozen=True, gc=False):
    """How bad people believe it is, and since when they were told so."""

    severity: Severity
    stage: int
    at: Instant


class Incident(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one trouble: an incident of a check, by its finding's fingerprint and `opened_at`.

    `finding` is as it was when something about it last mattered: its texts may be older than the last look. `gone_at`
    is when it was first not seen while its end is held back; `returns` counts how often it came back soon. `told` is
    None where people know of nothing open: never told, or told that it is over. A resolved one with `told` ended while
    it was silenced, and its end is still to be told.
    """

    check: str
    finding: Finding
    opened_at: Instant
    resolved_at: Instant | None = None
    gone_at: Instant | None = None
    told: Told | None = None
    returns: int = 0
    history: tuple[Moment, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.resolved_at is None

    @property
    def last_at(self) -> Instant:
        """When something was last written down of it."""
        return self.history[-1].at if self.history else self.opened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of one check of one target. `incidents` are the open ones, and those that ended lately."""

    passed_at: Instant | None = None
    good_at: Instant | None = None
    incidents: Mapping[str, Incident] = field(default_factory=dict)
