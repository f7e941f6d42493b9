"""A round of one target: look, see what has become of each finding, write it down, tell it. What `dawnwatch run` does.

Whatever is cut off half-way is done again by the next round: what was written is known, what was not is decided anew.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.catalogue import make_finding
from shared.config import Settings
from shared.delivery import FAILED_AFTER, Delivered, deliver
from shared.diagnose import diagnose
from shared.errors import StateConflictError
from shared.expectations import Target
from shared.facts import KnownDays
from shared.gather.cloud import Progress
from shared.ledger.book import Book, Outlet
from shared.ledger.deliveries import Waiting, waiting_for
from shared.ledger.snapshots import recall, remember
from shared.ledger.store import Store
from shared.model import Check, Finding, Subject, SubjectKind, Transition
from shared.monitor import Pass
from shared.notify.channel import Channel
from shared.plan import checks_of
from shared.reconcile import reconcile
from shared.silence import apply_silences
from shared.telemetry import tell
from shared.verdict import Policy
from shared.wording import say_instant

DELIVERY = "delivery"
"""The check that watches the channels: its incidents are the ledger's own."""

TRIES = 8
"""How often a round decides again after losing a race; each loss means that somebody else got on."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to: the passes, what was delivered, and which transitions are new."""

    target: str
    passes: tuple[Pass, ...]
    transitions: tuple[Transition, ...]
    delivered: Delivered

    @property
    def is_complete(self) -> bool:
        """Whether everything was read, and every channel takes what it is told."""
        return not any(done.unread for done in self.passes) and not self.delivered.failing


type Run = Callable[[Settings, Target, Sequence[Check], datetime, Progress, KnownDays], Awaitable[Sequence[Pass]]]
"""What looks at a target: runs checks of it, side by side. `partial(run_passes, connections)`, but for tests."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What a round needs of the world: settings, the ledger, the channels, a clock, and what looks at a target."""

    settings: Settings
    store: Store
    channels: Sequence[Channel]
    clock: Callable[[], datetime]
    run: Run

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """The channels as the ledger knows them."""
        return tuple(Outlet(channel.name, channel.min_severity) for channel in self.channels)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What a pass changed, and whether channels have failed lately, so that they must be watched."""

    transitions: tuple[Transition, ...]
    channels_failed: bool


async def make_round(shell: Shell, target: Target, checks: Sequence[Check], progress: Progress) -> Round:
    """Run checks of one target, and see all of it through to the channels.

    Raises:
        LedgerError: the ledger could not be read or written. Nothing of it was overwritten.
    """
    book, now = Book(shell.store, target.name), shell.clock()
    days = await recall(book, target, now)
    passes = await shell.run(shell.settings, target, checks_of(target, checks), now, progress, days)
    recorded: list[_Recorded] = []
    for done in passes:
        beside = [finding for other in passes if other is not done for finding in other.findings]
        recorded.append(await _record(shell, book, target, done, beside, now))
        await remember(book, done.snapshots)
    delivered = await deliver(book, shell.channels, shell.clock)
    if delivered.waited or any(one.channels_failed for one in recorded):
        await watch_channels(shell, book, target)
    transitions = tuple(transition for one in recorded for transition in one.transitions)
    return Round(target.name, tuple(passes), transitions, delivered)


async def _record(
    shell: Shell, book: Book, target: Target, done: Pass, beside: Sequence[Finding], now: datetime
) -> _Recorded:
    """Decide what a pass changes and write it; after a lost race read again and decide again."""
    for _ in range(TRIES):
        try:
            return await _decide(shell, book, target, done, beside, now)
        except StateConflictError:
            tell("state conflict", target=target.name, check=done.check.value)
    return await _decide(shell, book, target, done, beside, now)


async def _decide(
    shell: Shell, book: Book, target: Target, done: Pass, beside: Sequence[Finding], now: datetime
) -> _Recorded:
    """Decide with what is open in the other checks: likely causes, and troubles that are told there already."""
    check, loaded = done.check.value, await book.load(done.check.value)
    elsewhere = [incident.finding for incident in loaded.elsewhere if incident.is_open]
    findings = _own(done, diagnose(target, [*done.findings, *beside, *elsewhere]), elsewhere)
    findings = apply_silences(findings, shell.settings.silences, now)
    outcome = reconcile(loaded.state, check, findings, now, Policy(), complete=not done.unread)
    await book.commit(check, loaded, outcome, shell.outlets)
    return _Recorded(outcome.transitions, any(incident.check == DELIVERY for incident in loaded.elsewhere))


def _own(done: Pass, findings: Sequence[Finding], elsewhere: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep what this pass found; a trouble that another check has open already is told there."""
    told = {finding.fingerprint for finding in elsewhere}
    mine = {finding.fingerprint for finding in done.findings} - told
    return tuple(finding for finding in findings if finding.fingerprint in mine)


# --- the channels, watched ---


async def watch_channels(shell: Shell, book: Book, target: Target) -> None:
    """Tell the other channels of one that has failed for a day, and of its recovery."""
    try:
        await _watch(shell, book, target)
    except StateConflictError:
        tell("state conflict", target=target.name, check=DELIVERY)  # somebody else watches too


async def _watch(shell: Shell, book: Book, target: Target) -> None:
    """Decide on what the ledger says now, read after its state: whoever is slower loses the race."""
    now = shell.clock()
    loaded = await book.load(DELIVERY)
    findings = [_failed_channel(target, waiting, since) for waiting, since in await _failed(shell, book, now)]
    if not findings and not loaded.state.incidents:
        return
    outcome = reconcile(loaded.state, DELIVERY, findings, now, Policy(), complete=True)
    await book.commit(DELIVERY, loaded, outcome, shell.outlets)
    if outcome.transitions:
        await deliver(book, shell.channels, shell.clock)


async def _failed(shell: Shell, book: Book, now: datetime) -> list[tuple[Waiting, datetime]]:
    """Read which channels have failed for so long that people must hear of it elsewhere."""
    names = {channel.name for channel in shell.channels}
    waiting = [found for found in await waiting_for(book) if found.channel in names]
    return [(found, found.since) for found in waiting if found.since and now >= found.since + FAILED_AFTER]


def _failed_channel(target: Target, waiting: Waiting, since: datetime) -> Finding:
    return make_finding(
        "monitor.delivery_failed",
        target,
        Subject(SubjectKind.CHANNEL, waiting.channel, waiting.channel),
        detail=f"Since {say_instant(since)}: {waiting.reason}. {waiting.count} transitions wait for it.",
        evidence={"channel": waiting.channel, "waiting": waiting.count, "reason": waiting.reason},
    )
