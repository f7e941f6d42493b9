"""Timers, and whoever asks by HTTP, put passes on the queue; the morning report goes the same way, once a day."""

import time
from collections.abc import Sequence
from datetime import datetime

from shared.app.opened import App, Opened
from shared.config import ReportCards
from shared.expectations import Target
from shared.ledger.book import Book
from shared.model import Check
from shared.morning import is_due
from shared.plan import ALL_TARGETS, PassMessage, plan_checks, plan_reports
from shared.reporting import MIDNIGHT
from shared.telemetry import part_of, tell


async def plan(app: App, check: Check, *, run: str, past_due: bool) -> None:
    """Plan a check of every target.

    Raises:
        DawnwatchError: it could not be planned; the timer's next turn plans it again.
    """
    started_s = time.perf_counter()
    with part_of(run):
        async with app.opened() as opened:
            messages = plan_checks(opened.settings.targets, [check], opened.shell.clock(), run)
            await opened.queue.put(messages)
        took_s = round(time.perf_counter() - started_s, 3)
        tell("planned", check=check.value, targets=len(messages), past_due=past_due, duration_s=took_s)


async def plan_some(opened: Opened, targets: Sequence[Target], checks: Sequence[Check], run: str) -> list[PassMessage]:
    """Plan what somebody asked for; what was planned.

    Raises:
        QueueError: not all of it was.
    """
    messages = plan_checks(targets, checks, opened.shell.clock(), run)
    with part_of(run):
        await opened.queue.put(messages)
        tell("asked for", checks=" ".join(checks), targets=len(targets), messages=len(messages))
    return messages


async def plan_morning(app: App, *, run: str, past_due: bool) -> None:
    """Plan the morning reports where they are due, once a day; each target's ledger is tidied with its own.

    Raises:
        DawnwatchError: they could not be planned; the timer's next turn plans them again.
    """
    started_s = time.perf_counter()
    with part_of(run):
        async with app.opened() as opened:
            book, now = Book(opened.shell.store, ALL_TARGETS), opened.shell.clock()
            if not _is_due(opened, now) or await book.was_planned(now.date()):
                return
            messages = plan_reports(_reported(opened), now, run)
            await opened.queue.put(messages)
            await book.note_planned(now.date())
        took_s = round(time.perf_counter() - started_s, 3)
        tell("planned", check="morning-report", targets=len(messages), past_due=past_due, duration_s=took_s)


def _is_due(opened: Opened, now: datetime) -> bool:
    return is_due(opened.settings.report.report_at or MIDNIGHT, now)


def _reported(opened: Opened) -> list[str]:
    """Name whose report is to be made: the one for all goes first, for it is the one that is waited for."""
    names = [target.name for target in opened.settings.targets]
    return [ALL_TARGETS, *names] if opened.settings.report.cards is ReportCards.ALL else names
