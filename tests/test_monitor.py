"""The one shell: whatever goes wrong in a pass ends in a finding, and nowhere else."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.config import Limits, Settings
from shared.expectations import SnapshotExpectation, Target
from shared.gather.answers import Patience
from shared.gather.cloud import CLOUDS, Azure
from shared.model import Check, Outcome
from shared.monitor import Pass, run_pass
from tests.builders import a_target
from tests.watching import DESKTOP_ANALYTICS, HURRIED, Watching, ids

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TARGET = a_target(snapshots=(SnapshotExpectation(name="s", tables=("T",)),))


class Broken:
    """A client of which everything raises, or waits for ever."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        if self.error is not None:
            raise self.error

        async def wait(*args: object, **more: object) -> None:
            await asyncio.sleep(60)

        return self if name == "workspaces" else wait


def _azure(error: BaseException | None) -> Azure:
    azure = Azure(CLOUDS["public"], Patience(60, 60, NOW, asyncio.Semaphore(8)), lambda pages, objects: None)
    azure.workspaces = cast("Any", Broken(error))
    return azure


async def _run(error: BaseException | None, target: Target = TARGET, *, pass_timeout_s: float = 5) -> Pass:
    settings = Settings(targets=(target,), limits=Limits(pass_timeout_s=pass_timeout_s))
    return await run_pass(_azure(error), settings, target, Check.SNAPSHOT_CURRENCY, NOW)


async def test_a_bug_in_a_check_is_a_finding_that_says_where(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        done = await _run(ZeroDivisionError("with a secret in it"))
    (finding,) = done.findings
    assert finding.id == "monitor.gather_failed"
    assert "the check itself failed: ZeroDivisionError in gather/workspace.py:" in finding.detail
    assert "secret" not in finding.detail
    assert done.coverage.unread is None


async def test_a_pass_that_takes_too_long_is_given_up() -> None:
    done = await _run(None, pass_timeout_s=0.1)
    (finding,) = done.findings
    assert "it took longer than 0.1 s in all" in finding.detail
    assert "pass_timeout_s" in " ".join(finding.remedy.steps)


async def test_cancellation_passes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        await _run(asyncio.CancelledError())
    task = asyncio.create_task(_run(None))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_one_targets_failure_leaves_the_others(watching: Watching) -> None:
    watch = watching(limits=HURRIED)
    stranger = watch.config.partition("[[target]]")[2].replace('"contoso"', '"stranger"')
    tenant_id = watch.tenant.tenant_id
    watch.expected += "[[target]]" + stranger.replace(tenant_id, "00000000-0000-4000-8000-00000000dead")
    first, second = watch.report(Check.WORKSPACE_ACCESS, Check.SNAPSHOT_CURRENCY).targets
    assert (first.name, first.outcome, ids(first)) == ("contoso", Outcome.CLEAR, [])
    assert (second.name, second.outcome, ids(second)) == ("stranger", Outcome.UNKNOWN, ["monitor.gather_failed"] * 2)
    assert "AADSTS90002" in second.findings[0].detail


def test_one_checks_failure_leaves_the_others(watching: Watching) -> None:
    watch = watching(expected=DESKTOP_ANALYTICS)
    watch.break_down("logs:forbidden")
    report = watch.look()
    assert [result.outcome for result in report.checks] == [Outcome.CLEAR, Outcome.CLEAR, Outcome.UNKNOWN]
    assert report.outcome is Outcome.UNKNOWN


def test_a_silenced_failure_is_still_unknown(watching: Watching) -> None:
    silence = '[[silence]]\nid = "*"\nuntil = 2027-01-01T00:00:00Z\nreason = "holidays"\n'
    watch = watching(expected=DESKTOP_ANALYTICS + silence)
    watch.break_down("logs:forbidden")
    report = watch.look(Check.SNAPSHOT_CURRENCY)
    assert report.findings[0].silenced is not None
    assert report.outcome is Outcome.UNKNOWN
