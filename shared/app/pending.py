"""What is still pending, target by target, under a clock: what one turn does not reach, the next one does."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.app.opened import App, Opened
from shared.delivery import deliver
from shared.errors import LedgerError
from shared.ledger.book import Book, pending_since
from shared.ledger.store import PENDING
from shared.monitor import TARGETS_AT_ONCE
from shared.rounds import watch_channels
from shared.telemetry import part_of, tell, warn

BUDGET_S = 420.0
"""How long one turn goes on to begin with another target: the host ends a function after ten minutes."""


@dataclass(frozen=True, slots=True)
class Left:
    """What came of one target: how many messages went out, how many wait, since when."""

    sent: int = 0
    waiting: int = 0
    since: datetime | None = None


async def deliver_pending(app: App, *, run: str, past_due: bool) -> None:
    """Deliver what is pending of every target that has something, and say how much is left.

    Raises:
        DawnwatchError: the ledger or the queue cannot be reached; or a target's rows cannot be read, once all others
            were seen to.
    """
    started_s = time.perf_counter()
    with part_of(run):
        async with app.opened() as opened:
            came = await _everywhere(opened, started_s + BUDGET_S)
            left = [one for one in came.values() if isinstance(one, Left)]
            oldest = min((one.since for one in left if one.since), default=None)
            tell(
                "delivery ended",
                sent=sum(one.sent for one in left),
                waiting=sum(one.waiting for one in left),
                oldest_s=(opened.shell.clock() - oldest).total_seconds() if oldest else 0,
                poison_messages=await opened.queue.poisoned(),
                past_due=past_due,
                duration_s=round(time.perf_counter() - started_s, 3),
            )
        _raise_first(came)


async def _everywhere(opened: Opened, until_s: float) -> dict[str, Left | BaseException]:
    at_once = asyncio.Semaphore(TARGETS_AT_ONCE)

    async def one(target: str) -> Left:
        async with at_once:
            return await _of_target(opened, target, send=time.perf_counter() < until_s)

    targets = await opened.shell.store.with_pending()
    came = await asyncio.gather(*(one(target) for target in targets), return_exceptions=True)
    return dict(zip(targets, came, strict=True))


def _raise_first(came: Mapping[str, Left | BaseException]) -> None:
    """Say of each target what kept it from being seen to, and let the first of it fail the turn."""
    broken = [(target, error) for target, error in came.items() if isinstance(error, BaseException)]
    for target, error in broken:
        if isinstance(error, LedgerError):
            warn("ledger unreadable", target=target, reason=str(error))
    if broken:
        raise broken[0][1]


async def _of_target(opened: Opened, name: str, *, send: bool) -> Left:
    """Deliver what a target has pending; the channels of one that the configuration knows are watched, too."""
    book, shell = Book(opened.shell.store, name), opened.shell
    sent = (await deliver(book, shell.channels, shell.clock)).sent if send else 0
    target = opened.target(name)
    if target is not None:
        await watch_channels(shell, book, target)
    rows = await shell.store.read(name, PENDING)
    return Left(sent, len(rows), min(map(pending_since, rows), default=None))
