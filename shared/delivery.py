"""From the outbox to the channels: claim, send, mark sent. At least once, never lost, no channel holding another.

    pending --claim--> being sent --taken--> removed
       ^                   |
       +--- not taken: wait, longer each time; after 24 h it is a finding of its own, told on the other channel

A claim ends by itself after two minutes, so that whoever was killed while sending only delays the others. What was sent
and not yet marked is sent again: an event then has the same id; a card in Teams is seen twice.
"""

import contextlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.errors import DeliveryError, LedgerError, StateConflictError
from shared.ledger.book import Book, Pending
from shared.ledger.store import Put, Remove, Row
from shared.notify.channel import Channel, Message

CLAIM = timedelta(minutes=2)
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3600.0
FAILED_AFTER = timedelta(hours=24)


class Progress(msgspec.Struct, frozen=True):
    """How delivery to one channel of one target is going."""

    claimed_until: datetime | None = None
    attempts: int = 0
    failing_since: datetime | None = None
    not_before: datetime | None = None
    reason: str | None = None


_decoder = msgspec.json.Decoder(Progress)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of delivering: how many transitions went out, and which channels did not take theirs."""

    sent: int = 0
    failing: tuple["Failing", ...] = ()


@dataclass(frozen=True, slots=True)
class Failing:
    """A channel that does not take messages: since when, how many wait, and what it last answered."""

    channel: str
    since: datetime
    waiting: int
    reason: str

    def has_failed(self, now: datetime) -> bool:
        """Whether it has failed for so long that people must hear of it elsewhere."""
        return now >= self.since + FAILED_AFTER


async def deliver(book: Book, channels: Sequence[Channel], clock: Callable[[], datetime]) -> Delivered:
    """Deliver what a target has pending to each channel, several transitions as one message."""
    sent, failing = 0, []
    for channel in channels:
        pending = await book.pending(channel.name)
        if not pending:
            continue
        count, trouble = await _to_channel(book, channel, pending, clock)
        sent += count
        failing += [trouble] if trouble else []
    return Delivered(sent, tuple(failing))


async def _to_channel(
    book: Book, channel: Channel, pending: Sequence[Pending], clock: Callable[[], datetime]
) -> tuple[int, Failing | None]:
    key, now = f"d|{channel.name}", clock()
    progress, version = await _read(book, key)
    if _is_claimed(progress, now) or _waits(progress.not_before, now):
        return 0, _failing(channel, progress, pending)
    try:
        version = await _write(book, key, replace_claim(progress, now + CLAIM), version)
    except StateConflictError:
        return 0, _failing(channel, progress, pending)  # somebody else is at it
    pending = await book.pending(channel.name)  # again: somebody may have delivered it before the claim was ours
    return await _send(book, channel, pending, _Claim(key, version, progress, now), clock)


@dataclass(frozen=True, slots=True)
class _Claim:
    """That we are at it: the row that says so, and how delivery went before."""

    key: str
    version: str
    progress: Progress
    at: datetime


async def _send(
    book: Book, channel: Channel, pending: Sequence[Pending], claim: _Claim, clock: Callable[[], datetime]
) -> tuple[int, Failing | None]:
    """Send what is pending, message by message, each marked as sent at once; then give the claim back."""
    sent = 0
    for batch in _batches(pending):
        try:
            await channel.send(_message(book, batch, claim.at))
        except DeliveryError as error:
            progress = _after_failure(claim.progress, error, clock())
            with contextlib.suppress(StateConflictError):  # the claim ran out, and somebody else has it
                await _write(book, claim.key, progress, claim.version)
            return sent, _failing(channel, progress, pending[sent:])
        sent += len(batch)
        await _apply(book, [Remove(item.row.key, item.row.version) for item in batch])
    await _apply(book, [Remove(claim.key, claim.version)])
    return sent, None


def _batches(pending: Sequence[Pending]) -> list[list[Pending]]:
    """Put what waits into messages: all transitions into one, which goes first, and each card into one of its own."""
    told = [item for item in pending if item.card is None]
    batches = [told] if told else []
    return [*batches, *([item] for item in pending if item.card is not None)]


def _message(book: Book, batch: Sequence[Pending], now: datetime) -> Message:
    transitions = tuple(item.transition for item in batch if item.transition is not None)
    return Message(book.target, now, transitions, card=batch[0].card)


def _is_claimed(progress: Progress, now: datetime) -> bool:
    """Whether somebody is at it. A claim for longer than one lasts was made before the clock was set back."""
    return progress.claimed_until is not None and now < progress.claimed_until <= now + CLAIM


def _waits(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def replace_claim(progress: Progress, until: datetime | None) -> Progress:
    """Take a claim, or give it back."""
    return msgspec.structs.replace(progress, claimed_until=until)


def _after_failure(progress: Progress, error: DeliveryError, now: datetime) -> Progress:
    """Wait twice as long each time, an hour at most, with jitter; or as long as the channel asks for."""
    wait_s = min(FIRST_WAIT_S * 2 ** min(progress.attempts, 10), LONGEST_WAIT_S) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
    wait_s = max(wait_s, min(error.retry_after_s or 0, 24 * LONGEST_WAIT_S))
    return Progress(
        attempts=progress.attempts + 1,
        failing_since=progress.failing_since or now,
        not_before=now + timedelta(seconds=wait_s),
        reason=str(error),
    )


def _failing(channel: Channel, progress: Progress, pending: Sequence[Pending]) -> Failing | None:
    return _trouble(channel.name, progress, len(pending))


async def _read(book: Book, key: str) -> tuple[Progress, str | None]:
    rows = [row for row in await book.store.read(book.target, key) if row.key == key]
    return (_decode(book, rows[0]), rows[0].version) if rows else (Progress(), None)


async def _write(book: Book, key: str, progress: Progress, version: str | None) -> str:
    await book.store.write(book.target, [[Put(key, msgspec.json.encode(progress), version)]])
    return (await _read(book, key))[1] or ""


async def _apply(book: Book, removals: Sequence[Remove]) -> None:
    """Mark as sent, or give the claim back. Where it ran out meanwhile, whoever took over has done so already."""
    with contextlib.suppress(StateConflictError):
        await book.store.write(book.target, [[removal] for removal in removals])


async def read_progress(book: Book) -> dict[str, Progress]:
    """Read how delivery of a target goes, by channel, where there is anything to say of it."""
    return {row.key.removeprefix("d|"): _decode(book, row) for row in await book.store.read(book.target, "d|")}


def _trouble(channel: str, progress: Progress, waiting: int) -> Failing | None:
    if progress.failing_since is None:
        return None
    return Failing(channel, progress.failing_since, waiting, progress.reason or "no answer")


def _decode(book: Book, row: Row) -> Progress:
    try:
        return _decoder.decode(row.body)
    except msgspec.DecodeError as error:
        msg = f"The ledger row {row.key!r} of {book.target!r} says nothing of a delivery: {error}. Nothing was changed."
        raise LedgerError(msg) from error
