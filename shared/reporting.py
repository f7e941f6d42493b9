"""The morning report on its way: from the ledger to a card that is to be delivered, once a day; and the day's tidying.

Of several that come upon the hour at once, one writes `r|<day>`, and the card with it: so it is made once, and never
lost. Without a report, the same row says that what is older than the ledger keeps was removed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta

from shared.config import ReportCards
from shared.delivery import Delivered, deliver
from shared.errors import LedgerError, StateConflictError
from shared.expectations import Target
from shared.ledger.book import Book
from shared.ledger.snapshots import landings
from shared.model import Check
from shared.monitor import TARGETS_AT_ONCE
from shared.morning import Morning, is_due, make_morning, most_troubled_first
from shared.notify.card_morning import render_morning
from shared.notify.channel import Card
from shared.plan import ALL_TARGETS, checks_of
from shared.rounds import Shell

TAKES_CARDS = "teams"
MIDNIGHT = time(0)


async def report_target(shell: Shell, target: Target) -> Delivered:
    """Make and deliver the morning report of one target, where it is due, and tidy its ledger, once a day.

    Raises:
        LedgerError: the ledger could not be read or written.
    """
    book, now = Book(shell.store, target.name), shell.clock()
    report = shell.settings.report
    if not is_due(report.report_at or MIDNIGHT, now) or await book.was_reported(now.date()):
        return Delivered()
    cards: Mapping[str, Card] = {}
    if report.cards is ReportCards.TARGET and _is_told(shell):
        cards = _cards(render_morning([await morning_of(book, target, now)], now))
    if not await book.report(now, cards):
        return Delivered()
    await _tidy(book, now)
    return await deliver(book, shell.channels, shell.clock) if cards else Delivered()


async def report_all(shell: Shell, targets: Sequence[Target]) -> Delivered:
    """Make the one morning report of all targets, where the settings ask for that and it is due; deliver what waits.

    Raises:
        LedgerError: the ledger could not be read or written.
    """
    book, now = Book(shell.store, ALL_TARGETS), shell.clock()
    report = shell.settings.report
    wanted = report.cards is ReportCards.ALL and _is_told(shell) and is_due(report.report_at, now)
    if wanted and not await book.was_reported(now.date()):
        mornings = most_troubled_first(await _mornings(shell, targets, now))
        if await book.report(now, _cards(render_morning(mornings, now))):
            await _tidy(book, now)
    return await deliver(book, shell.channels, shell.clock)


async def _mornings(shell: Shell, targets: Sequence[Target], now: datetime) -> list[Morning]:
    at_once = asyncio.Semaphore(TARGETS_AT_ONCE)

    async def one(target: Target) -> Morning:
        async with at_once:
            try:
                return await morning_of(Book(shell.store, target.name), target, now)
            except LedgerError:  # the round of this target has said so; the others' report goes on
                return Morning(target=target.name, unread=("its ledger",))

    return await asyncio.gather(*(one(target) for target in targets))


async def morning_of(book: Book, target: Target, now: datetime) -> Morning:
    """Read from the ledger what there is to say of a target this morning."""
    passes = await book.passes()
    return make_morning(
        target.name,
        await book.incidents(),
        await book.history(since=(now - timedelta(days=1)).date()),
        {check.value: passes.get(check, (None, None))[1] for check in checks_of(target, tuple(Check))},
        await landings(book, target, now),
        now,
    )


def _is_told(shell: Shell) -> bool:
    """Whether the report is wanted, and there is a channel for cards."""
    return shell.settings.report.report_at is not None and any(outlet.name == TAKES_CARDS for outlet in shell.outlets)


def _cards(card: Card) -> Mapping[str, Card]:
    return {TAKES_CARDS: card}


async def _tidy(book: Book, now: datetime) -> None:
    """Remove what is older than the ledger keeps; where somebody else is at it, tomorrow is early enough."""
    with suppress(StateConflictError):
        await book.prune(now)
