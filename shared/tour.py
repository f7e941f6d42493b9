"""All targets, eight at once: a round of each and its morning report. What befalls one never stops the others."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import DawnwatchError
from shared.expectations import Target
from shared.gather.cloud import Progress
from shared.ledger.book import Book
from shared.model import Check, Finding
from shared.monitor import TARGETS_AT_ONCE
from shared.reporting import report_all, report_target
from shared.rounds import Round, Shell, make_round
from shared.telemetry import fail


@dataclass(frozen=True, slots=True)
class Stop:
    """One target of a tour: its round and what is open after it, or what kept it from being made."""

    target: str
    made: Round | None = None
    open: tuple[Finding, ...] = ()
    trouble: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything was read, written down and delivered."""
        return self.trouble is None and self.made is not None and self.made.is_complete

    @property
    def has_findings(self) -> bool:
        """Whether anything at or above warning is open, and not silenced."""
        return any(finding.counts for finding in self.open)


@dataclass(frozen=True, slots=True)
class Tour:
    """A round of every target, and what became of the one report for all, where there is one."""

    stops: tuple[Stop, ...]
    trouble: str | None = None

    @property
    def status(self) -> int:
        """The exit status: 3 where anything was not read, delivered or written down, else 1 for findings, else 0."""
        if self.trouble is not None or not all(stop.is_complete for stop in self.stops):
            return 3
        return 1 if any(stop.has_findings for stop in self.stops) else 0


async def make_tour(shell: Shell, targets: Sequence[Target], checks: Sequence[Check], progress: Progress) -> Tour:
    """Make a round of each target, then the report for all of them."""
    at_once = asyncio.Semaphore(TARGETS_AT_ONCE)

    async def one(target: Target) -> Stop:
        async with at_once:
            return await _make_stop(shell, target, checks, progress)

    made = await asyncio.gather(*(one(target) for target in targets), return_exceptions=True)
    stops = [_stop(target, came) for target, came in zip(targets, made, strict=True)]
    return Tour(tuple(stops), await _report_all(shell, targets))


async def _make_stop(shell: Shell, target: Target, checks: Sequence[Check], progress: Progress) -> Stop:
    made = await make_round(shell, target, checks, progress)
    reported = await report_target(shell, target)
    if reported.failing:
        made = Round(made.target, made.passes, made.transitions, reported)
    incidents = await Book(shell.store, target.name).incidents()
    return Stop(target.name, made, tuple(incident.finding for incident in incidents if incident.is_open))


def _stop(target: Target, came: Stop | BaseException) -> Stop:
    """Say what kept a round from being made. What is no trouble of ours, being cancelled, goes on."""
    if isinstance(came, Stop):
        return came
    if isinstance(came, DawnwatchError):
        return Stop(target.name, trouble=str(came))
    if not isinstance(came, Exception):
        raise came
    fail("round failed", came, target=target.name)
    return Stop(target.name, trouble=f"the round itself failed ({type(came).__name__}); the log has the cause")


async def _report_all(shell: Shell, targets: Sequence[Target]) -> str | None:
    try:
        delivered = await report_all(shell, targets)
    except DawnwatchError as error:
        return str(error)
    return "; ".join(failing.reason for failing in delivered.failing) or None
