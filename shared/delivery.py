"""From the outbox to the channels: claim, send, mark sent. At least once, never lost, no channel holding another.

    pending --claim--> being sent --taken--> removed
       ^                   |
       +--- not taken: wait, longer each time; after 24 h it is a finding of its own, told on the other channel

What is pending is read under the claim, so that nobody sends what another has just sent. A claim ends by itself after
two minutes, so that whoever was killed while sending only delays the others. What was sent and not yet marked is sent
again: an event then has the same id; a card in Teams is seen twice.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.errors import DeliveryError, StateConflictError
from shared.ledger.book import Book, Pending
from shared.ledger.codec import Codec
from shared.ledger.store import Change, Put, Remove, Row
from shared.model import Instant
from shared.notify.channel import Channel, Message
from shared.telemetry import tell, warn

CLAIM = timedelta(minutes=2)
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3600.0
FAILED_AFTER = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(minutes=10)
"""What was written so much later than now was written by a clock that has jumped back: nobody waits for that."""


class Progress(msgspec.Struct, frozen=True):
    """How delivery to one channel of one target is going, as it was written `at`."""

    claimed_until: Instant | None = None
    attempts: int = 0
    failing_since: Instant | None = None
    not_before: Instant | None = None
    reason: str | None = None
    at: Instant | None = None

    def waits(self, now: datetime) -> bool:
        """Whether somebody else is at it, or it is too early to try again."""
        if self.at is not None and now < self.at - CLOCKS_DIFFER:
            return False
        return any(until is not None and now < until for until in (self.claimed_until, self.not_before))


_CODEC = Codec(Progress, "record of a delivery")


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


async def deliver(book: Book, channels: Sequence[Channel], clock: Callable[[], datetime]) -> Delivered:
    """Deliver what a target has pending to each channel, side by side, several transitions as one message."""
    tries = (_to_channel(book, channel, clock) for channel in channels)
    came = await asyncio.gather(*tries, return_exceptions=True)
    broken = [error for error in came if isinstance(error, BaseException)]
    if broken:
        raise broken[0]  # the others were delivered to all the same
    done = [delivered for delivered in came if isinstance(delivered, Delivered)]
    return Delivered(sum(one.sent for one in done), tuple(failing for one in done for failing in one.failing))


async def _to_channel(book: Book, channel: Channel, clock: Callable[[], datetime]) -> Delivered:
    waiting, now = await book.pending(channel.name), clock()
    if not waiting:
        return Delivered()
    progress, version = await _read(book, channel.name)
    if progress.waits(now):
        return _failing(channel, progress, len(waiting))
    try:
        version = await _claim(book, channel.name, progress, now, version)
    except StateConflictError:
        return _failing(channel, progress, len(waiting))  # somebody else is at it
    return await _send(book, channel, progress, version, clock)


async def _send(
    book: Book, channel: Channel, progress: Progress, version: str, clock: Callable[[], datetime]
) -> Delivered:
    """Send what is pending now that it is claimed; the claim is taken anew before each message after the first."""
    pending = await book.pending(channel.name)
    sent = 0
    for batch in _batches(pending):
        try:
            if sent:
                version = await _claim(book, channel.name, progress, clock(), version)
            await channel.send(_message(book, batch, clock()))
        except DeliveryError as error:
            warn("not delivered", target=book.target, channel=channel.name, reason=str(error))
            progress = _after_failure(progress, error, clock())
            with contextlib.suppress(StateConflictError):  # the claim ran out, and somebody else has it
                await _write(book, channel.name, progress, version)
            return _failing(channel, progress, len(pending) - sent, sent)
        except StateConflictError:
            return _failing(channel, progress, len(pending) - sent, sent)  # as before: the rest is somebody else's
        sent += len(batch)
        _tell(book, channel, batch)
        await _mark_sent(book, channel.name, batch, version if sent == len(pending) else None)
        progress = Progress()
    if not pending:  # somebody else was quicker
        await _mark_sent(book, channel.name, (), version)
    return Delivered(sent)


def _tell(book: Book, channel: Channel, batch: Sequence[Pending]) -> None:
    ids = " ".join(item.row.key.rsplit("|", 1)[-1] for item in batch)
    tell("delivered", target=book.target, channel=channel.name, transitions=ids)


def _batches(pending: Sequence[Pending]) -> list[list[Pending]]:
    """Put what waits into messages: all transitions into one, which goes first, and each card into one of its own."""
    told = [item for item in pending if item.card is None]
    batches = [told] if told else []
    return [*batches, *([item] for item in pending if item.card is not None)]


def _message(book: Book, batch: Sequence[Pending], now: datetime) -> Message:
    transitions = tuple(item.transition for item in batch if item.transition is not None)
    return Message(book.target, now, transitions, card=batch[0].card)


def _after_failure(progress: Progress, error: DeliveryError, now: datetime) -> Progress:
    """Wait twice as long each time, an hour at most, with jitter; or as long as the channel asks for."""
    wait_s = min(FIRST_WAIT_S * 2 ** min(progress.attempts, 10), LONGEST_WAIT_S) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
    wait_s = max(wait_s, min(error.retry_after_s or 0, 24 * LONGEST_WAIT_S))
    return Progress(
        attempts=progress.attempts + 1,
        failing_since=min(progress.failing_since or now, now),
        not_before=now + timedelta(seconds=wait_s),
        reason=str(error),
        at=now,
    )


def _failing(channel: Channel, progress: Progress, waiting: int, sent: int = 0) -> Delivered:
    if progress.failing_since is None:
        return Delivered(sent)
    failing = Failing(channel.name, progress.failing_since, waiting, progress.reason or "no answer")
    return Delivered(sent, (failing,))


def _key(channel: str) -> str:
    return f"d|{channel}"


async def _read(book: Book, channel: str) -> tuple[Progress, str | None]:
    key = _key(channel)
    rows = [row for row in await book.store.read(book.target, key) if row.key == key]
    return (_decode(book, rows[0]), rows[0].version) if rows else (Progress(), None)


async def _claim(book: Book, channel: str, progress: Progress, now: datetime, version: str | None) -> str:
    return await _write(book, channel, msgspec.structs.replace(progress, claimed_until=now + CLAIM, at=now), version)


async def _write(book: Book, channel: str, progress: Progress, version: str | None) -> str:
    await book.store.write(book.target, [[Put(_key(channel), _CODEC.encode(progress), version)]])
    return (await _read(book, channel))[1] or ""


async def _mark_sent(book: Book, channel: str, batch: Sequence[Pending], release: str | None) -> None:
    """Mark it sent, and with the last of it give the claim back (`release`, its version): both or neither.

    Where the claim ran out, whoever took over may have marked a part: then mark what is left.
    """
    left = {item.row.key: item.row.version for item in batch}
    while left or release:
        groups: list[list[Change]] = [[Remove(key, version)] for key, version in left.items()] or [[]]
        groups[-1] += [Remove(_key(channel), release)] if release else []
        try:
            await book.store.write(book.target, groups)
        except StateConflictError:
            there = {item.row.key: item.row.version for item in await book.pending(channel)}
            left = {key: version for key, version in left.items() if there.get(key) == version}
            release = release if (await _read(book, channel))[1] == release else None
        else:
            return


async def read_progress(book: Book) -> dict[str, Progress]:
    """Read how delivery of a target goes, by channel, where there is anything to say of it.

    Raises:
        LedgerError: a row is damaged, and named.
    """
    return {row.key.removeprefix("d|"): _decode(book, row) for row in await book.store.read(book.target, "d|")}


def _decode(book: Book, row: Row) -> Progress:
    return _CODEC.decode(row.body, f"The ledger row {row.key!r} of {book.target!r}")
