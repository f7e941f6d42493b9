"""A message of the queue: one round of one target and check, or its morning report. Messages given up are findings."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime

from shared.app.opened import App, Opened
from shared.config import Settings
from shared.delivery import Delivered
from shared.errors import GatherError, MessageError
from shared.expectations import Target
from shared.facts import KnownDays
from shared.gather.cloud import Progress
from shared.ledger.book import Book
from shared.ledger.snapshots import landed
from shared.model import Check, Finding
from shared.monitor import Pass, failed_pass
from shared.plan import ALL_TARGETS, REPORT, PassMessage, decode, timeliness
from shared.reporting import report_all, report_target
from shared.rounds import Round, make_round
from shared.silence import apply_silences
from shared.telemetry import part_of, tell, warn

GIVEN_UP = (
    "the pass was given up by the queue: it failed as often as the queue lets it try, before it could write down what "
    "it found"
)
_GIVEN_UP_STEPS = (
    "Look in the log for the failures of the function passes, by the run that this finding's line names.",
    "Check that the ledger's storage account can be reached and written to.",
)


async def perform(app: App, body: bytes, *, attempt: int) -> None:
    """Do what a message asks for. One that is too old, or for a target that is gone, is done without, and said so.

    Raises:
        MessageError: it is not one of ours.
        DawnwatchError: it could not be done; the queue gives it again.
    """
    message = decode(body)
    with part_of(message.run):
        async with app.opened() as opened:
            target = opened.target(message.target)
            if not _is_wanted(message, target, opened.shell.clock()):
                return
            if message.check == REPORT:
                await _report(opened, target)
            elif target is not None:
                await _look(opened, target, Check(message.check), attempt)


def _is_wanted(message: PassMessage, target: Target | None, now: datetime) -> bool:
    """Whether there is anything to be done; where there is not, that is said."""
    timely = timeliness(message, now)
    if not timely.is_useful:
        warn("message too old", target=message.target, check=message.check, age_s=timely.age_s)
        return False
    if target is None and (message.target, message.check) != (ALL_TARGETS, REPORT):
        warn("target gone", target=message.target, check=message.check)
        return False
    return True


async def _report(opened: Opened, target: Target | None) -> None:
    """Make the morning report of a target, or the one for all of them."""
    if target is None:
        delivered = await report_all(opened.shell, opened.settings.targets)
    else:
        delivered = await report_target(opened.shell, target)
    name = ALL_TARGETS if target is None else target.name
    tell("reported", target=name, sent=delivered.sent, failing=_failing(delivered))


async def _look(opened: Opened, target: Target, check: Check, attempt: int) -> None:
    made = await make_round(opened.shell, target, [check], lambda pages, objects: None)
    now = opened.shell.clock()
    for done in made.passes:
        findings = apply_silences(done.findings, opened.settings.silences, now)
        _tell_pass(made, done, findings, attempt)
        for finding in findings:
            _tell_finding(done, finding)
        if done.snapshots is not None:
            for landing, day in landed(done.snapshots, now):
                tell("snapshot", target=target.name, set=landing.name, day=f"{day}", landed_at=landing.at)


def _tell_pass(made: Round, done: Pass, findings: Sequence[Finding], attempt: int) -> None:
    coverage, cost = done.coverage, done.cost
    tell(
        "pass ended",
        target=made.target,
        check=done.check.value,
        outcome=done.outcome(findings).value,
        read=coverage.read,
        ignored=coverage.ignored,
        unread="unknown" if coverage.unread is None else coverage.unread,
        calls=cost.calls,
        throttles=cost.throttles,
        duration_s=round(cost.duration_s, 3),
        transitions=len(made.transitions),
        sent=made.delivered.sent,
        failing=_failing(made.delivered),
        attempt=attempt,
    )


def _tell_finding(done: Pass, finding: Finding) -> None:
    tell(
        "finding",
        target=finding.target,
        check=done.check.value,
        finding=finding.id,
        severity=finding.severity.value,
        subject=finding.subject.label,
        title=finding.title,
        due_at=finding.due_at,
        fingerprint=finding.fingerprint,
        silenced=finding.silenced is not None,
    )


def _failing(delivered: Delivered) -> str:
    return " ".join(sorted({failing.channel for failing in delivered.failing}))


async def give_up(app: App, body: bytes) -> None:
    """Say of a message that was given up what was not looked at: a finding of its target, until a pass succeeds.

    Raises:
        DawnwatchError: it could not be written down; the queue gives it again.
    """
    try:
        message = decode(body)
    except MessageError as error:
        warn("message poisoned", reason=str(error))
        return
    with part_of(message.run):
        async with app.opened() as opened:
            target = opened.target(message.target)
            if not _is_wanted(message, target, opened.shell.clock()):
                return
            if target is not None and message.check != REPORT and not await _was_read_since(opened, message):
                shell = replace(opened.shell, run=_given_up)
                await make_round(shell, target, [Check(message.check)], lambda pages, objects: None)
        warn("message poisoned", target=message.target, check=message.check, reason=GIVEN_UP)


async def _was_read_since(opened: Opened, message: PassMessage) -> bool:
    """Whether a later pass has read everything already: what was given up before it hides nothing any more."""
    passes = await Book(opened.shell.store, message.target).passes()
    good_at = passes.get(message.check, (None, None))[1]
    return good_at is not None and good_at > message.planned_at


async def _given_up(
    settings: Settings, target: Target, checks: Sequence[Check], now: datetime, progress: Progress, days: KnownDays
) -> list[Pass]:
    return [failed_pass(target, check, GatherError(GIVEN_UP, steps=_GIVEN_UP_STEPS)) for check in checks]
