"""Between a timer and a pass: what is to be done, as one small message for each target and check (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from shared.errors import MessageError
from shared.expectations import Target
from shared.model import Check, Instant
from shared.text import plain

REPORT = "morning-report"
"""What a message names in the place of a check where the morning report is to be made."""

ALL_TARGETS = "~report"
"""The target of the one report for all of them. No target is called so."""

USEFUL_FOR = timedelta(hours=6)
"""A message that waited for longer is done without: what it asks for was planned again meanwhile, or soon will be."""

_WORK = frozenset({*(check.value for check in Check), REPORT})
_SHOWN = 200


class PassMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What waits on the queue: a check of a target, or its morning report; `run` ties what comes of it to its plan."""

    target: str
    check: str
    planned_at: Instant
    run: str = ""


def checks_of(target: Target, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Choose the checks that make sense of a target: service health is read only where a service is named."""
    return tuple(check for check in checks if check is not Check.SERVICE_HEALTH or target.services)


def plan_checks(targets: Iterable[Target], checks: Sequence[Check], now: datetime, run: str) -> list[PassMessage]:
    """Plan checks of targets, a message for each that makes sense."""
    return [
        PassMessage(target.name, check.value, now, run) for target in targets for check in checks_of(target, checks)
    ]


def plan_reports(targets: Iterable[str], now: datetime, run: str) -> list[PassMessage]:
    """Plan the morning reports of targets."""
    return [PassMessage(target, REPORT, now, run) for target in targets]


def encode(message: PassMessage) -> str:
    """Spell a message as JSON."""
    return msgspec.json.encode(message).decode()


def decode(body: bytes) -> PassMessage:
    """Read a message.

    Raises:
        MessageError: it is not one of ours.
    """
    try:
        message = msgspec.json.decode(body, type=PassMessage)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MessageError(_stranger(body, str(error))) from None
    if message.check not in _WORK:
        raise MessageError(_stranger(body, f"there is no check {message.check!r}"))
    return message


def _stranger(body: bytes, why: str) -> str:
    shown = plain(body[:_SHOWN].decode("utf-8", "replace"), _SHOWN)
    return (
        f"This is no message of a planned pass ({plain(why, _SHOWN)}): {shown}. "
        'One has "target", "check" and "planned_at".'
    )


@dataclass(frozen=True, slots=True)
class Timely:
    """Whether a message is still of use; `age_s` is how long it waited."""

    is_useful: bool
    age_s: float


def timeliness(message: PassMessage, now: datetime) -> Timely:
    """Say how long a message waited, and whether that was too long. A clock that is ahead makes no message old."""
    age = now.astimezone(UTC) - message.planned_at
    return Timely(age <= USEFUL_FOR, age.total_seconds())
