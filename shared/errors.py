"""What can go wrong, as one tree. Each error says what was tried, on what, what came back, and what to do.

DawnwatchError
├── ConfigError        a configuration with mistakes: all of them, each with file and key
├── ScheduleError      a timer's schedule that is none
├── ConfigUnavailableError   a configuration whose storage does not answer now: the last good one still holds
├── GatherError        something in Azure could not be read
├── DeliveryError      a channel did not take a message
├── MessageError       a message of the queue is not one of ours
├── QueueError         what was planned could not be put on the queue
└── LedgerError        the ledger could not be read or written
    └── StateConflictError   somebody else wrote first: read again, decide again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class DawnwatchError(Exception):
    """The root: everything that Dawnwatch raises on purpose."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a configuration: the file, the key path in it, what is wrong and what would be right."""

    file: str
    key: str
    problem: str

    def __str__(self) -> str:
        """Render as `file: key: problem`."""
        return f"{self.file}: {self.key}: {self.problem}" if self.key else f"{self.file}: {self.problem}"


class ConfigError(DawnwatchError):
    """The configuration has mistakes; `mistakes` lists every one."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class ScheduleError(DawnwatchError):
    """A timer's schedule cannot be read; the message says which field is wrong, and what would be right."""


class ConfigUnavailableError(DawnwatchError):
    """A configuration could not be fetched, which says nothing of what stands in it; the message says what to do."""


class GatherError(DawnwatchError):
    """A read was given up: `why` says what came back, `steps` what to do, `again_at` when the server said to come back.

    `status` and `code` are the answer's HTTP status and error code, where there was an answer.
    """

    def __init__(
        self,
        why: str,
        *,
        status: int | None = None,
        code: str | None = None,
        steps: Sequence[str] = (),
        again_at: datetime | None = None,
    ) -> None:
        self.why = why
        self.status = status
        self.code = code
        self.steps = tuple(steps)
        self.again_at = again_at
        super().__init__(why)


class DeliveryError(DawnwatchError):
    """A channel did not take a message: `permanent` where sending the same again is of no use."""

    def __init__(self, message: str, *, permanent: bool, retry_after_s: float | None = None) -> None:
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        super().__init__(message)


class MessageError(DawnwatchError):
    """A message of the queue is none of ours: what is wrong with it, and what one looks like."""


class QueueError(DawnwatchError):
    """The queue could not be read or written: what was planned is planned again by the next timer."""


class LedgerError(DawnwatchError):
    """The ledger could not be read or written; the message names it, and says what to do. Nothing was overwritten."""


class StateConflictError(LedgerError):
    """A row is not as it was read: somebody else wrote first. Read again and decide again."""
