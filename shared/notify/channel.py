"""Where transitions leave: what every channel takes, and which transitions are for which channel (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from shared.errors import DeliveryError
from shared.model import Finding, Severity, Transition, TransitionKind

type Card = Mapping[str, object]
"""An Adaptive Card that is ready to be sent."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one pass has to tell of one target, or a `card` that is ready: only Teams takes one, and nothing beside it.

    `also_open` are findings told before and still open: they are not told again, but named where they explain another.
    `link` leads to the whole report, where there is one to open.
    """

    target: str
    at: datetime
    transitions: tuple[Transition, ...]
    link: str | None = None
    also_open: tuple[Finding, ...] = ()
    card: Card | None = None


class Channel(Protocol):
    """A way to people or to machines.

    `send` returns when the message was taken, and raises DeliveryError when it was not: `permanent` where the same
    again is of no use, `retry_after_s` where the other side named a time. It sends once: trying again is the ledger's
    business. A message with no transitions and no card is not sent at all.
    """

    @property
    def name(self) -> str:
        """The channel's name in the ledger and in messages."""

    @property
    def min_severity(self) -> Severity:
        """What is less severe than this is not told here."""

    async def send(self, message: Message) -> None:
        """Send once, or raise DeliveryError."""


@dataclass(frozen=True, slots=True)
class MisconfiguredChannel:
    """A channel that nobody can be told on: what is meant for it waits, and the other channel hears of that.

    `reason` says what is missing, and what to do; no secret.
    """

    name: str
    min_severity: Severity
    reason: str

    async def send(self, message: Message) -> None:
        """Send nothing.

        Raises:
            DeliveryError: always.
        """
        raise DeliveryError(self.reason, permanent=False)


def for_channel(message: Message, min_severity: Severity) -> Message:
    """Return the message with only those transitions that a channel of `min_severity` tells."""
    return replace(message, transitions=tuple(t for t in message.transitions if is_told(t, min_severity)))


def is_told(transition: Transition, min_severity: Severity) -> bool:
    """Whether a channel tells the transition: never a silenced one; an eased one also if it was told before."""
    if transition.finding.silenced is not None:
        return False
    rank = transition.finding.severity.rank
    return rank - (transition.kind is TransitionKind.EASED) <= min_severity.rank
