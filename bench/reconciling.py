"""How long the decision on 10,000 findings takes with 10,000 in state, and what it holds on to."""

import gc
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.incident import State
from shared.model import Check, Finding, Remedy, Severity, Subject, SubjectKind
from shared.reconcile import reconcile
from shared.verdict import Policy

COUNT = 10_000
PASSES = 20
_START = datetime(2026, 11, 22, 8, tzinfo=UTC)


def time_passes(count: int) -> list[float]:
    """Return the seconds of processor time of each pass: it waits for nothing, and other work does not count."""
    state, seconds = State(), []
    for findings, now in _morning(count):
        gc.collect()  # what the making of the findings left behind is not the pass's
        begin = time.process_time()
        state = _one_pass(state, findings, now)
        seconds.append(time.process_time() - begin)
    return seconds


def trace_passes(count: int) -> list[tuple[int, int]]:
    """Return of each pass the peak of bytes beside what was there before, and the bytes that stay."""
    state, traced = State(), []
    gc.collect()
    tracemalloc.start()
    try:
        for findings, now in _morning(count):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            state = _one_pass(state, findings, now)
            gc.collect()
            stays, peak = tracemalloc.get_traced_memory()
            traced.append((peak - before, stays))
    finally:
        tracemalloc.stop()
    return traced


def _one_pass(state: State, findings: list[Finding], now: datetime) -> State:
    return reconcile(state, Check.APP_REGISTRATIONS, findings, now, Policy(), complete=True).state


def _morning(count: int) -> Iterator[tuple[list[Finding], datetime]]:
    """Yield passes of every kind, over and over: all new, no change, all worse, all better, all replaced by others.

    Three days lie between one round and the next, so that what ended becomes history.
    """
    for index in range(PASSES):
        round_, step = divmod(index, 5)
        severity = Severity.CRITICAL if step == 2 else Severity.ERROR
        first = count if step == 4 else 0
        now = _START + timedelta(days=3 * round_, hours=step)
        yield [a_finding(first + number, severity, now) for number in range(count)], now


def a_finding(number: int, severity: Severity, now: datetime) -> Finding:
    """Make a finding of its own for each number."""
    return replace(
        _PATTERN,
        severity=severity,
        subject=Subject(SubjectKind.APPLICATION, f"00000000-0000-4000-8000-{number:012}", f"App {number}"),
        detail=f"Seen at {now}.",
        evidence={"app_id": str(number), "key_ids": [str(number)]},
    )


_PATTERN = Finding(
    id="credential.expiring",
    family="credential.expiry",
    target="contoso",
    severity=Severity.ERROR,
    subject=Subject(SubjectKind.APPLICATION, ""),
    title="The last credential of an app ends soon",
    detail="",
    remedy=Remedy(("Renew it.",)),
)
