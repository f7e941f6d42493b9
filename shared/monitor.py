"""The one shell, and the way a datum takes: gather, check, diagnose, report. Read this first.

A pass is one check of one target. Whatever goes wrong in it ends in a finding that says so: this is the one place that
catches everything, and nothing that it catches is ever taken for "clear".
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from traceback import walk_tb

from shared.checks.app_registrations import check_app_registrations
from shared.checks.credentials import check_credentials
from shared.checks.service_health import check_service_health, unread_services
from shared.checks.snapshot_currency import check_snapshot_currency
from shared.checks.unread import unread_findings
from shared.checks.validity import make_quiet
from shared.checks.workspace_access import check_workspace_access
from shared.config import Settings
from shared.diagnose import diagnose
from shared.errors import GatherError
from shared.expectations import CredentialScope, Target
from shared.facts import CredentialPool, KnownDays, SnapshotFacts, Unread
from shared.gather.cloud import Azure, Progress
from shared.gather.connections import Connections
from shared.ignored import make_ignored
from shared.model import Check, CheckResult, Coverage, Finding, Outcome, Report, TargetReport
from shared.plan import checks_of
from shared.profiles.rotated import load_rotated
from shared.silence import apply_silences
from shared.telemetry import fail

TARGETS_AT_ONCE = 8
NO_DAYS: KnownDays = {}
HOUSE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cost:
    """What a pass took: calls to Azure's services, how many of them were throttled, and how long it went on."""

    calls: int = 0
    throttles: int = 0
    duration_s: float = 0


@dataclass(frozen=True, slots=True)
class Pass:
    """What one check of one target came to, before it is seen beside the others. `snapshots` are for the ledger."""

    check: Check
    coverage: Coverage
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...] = ()
    snapshots: SnapshotFacts | None = None
    cost: Cost = Cost()

    def outcome(self, findings: Iterable[Finding]) -> Outcome:
        """What it came to: unknown where anything was not read, else what those of `findings` that are its own say."""
        if self.unread:
            return Outcome.UNKNOWN
        own = {finding.fingerprint for finding in self.findings}
        counts = any(finding.counts and finding.fingerprint in own for finding in findings)
        return Outcome.FINDINGS if counts else Outcome.CLEAR


async def look(
    settings: Settings, targets: Sequence[Target], checks: Sequence[Check], now: datetime, progress: Progress
) -> Report:
    """Look once at each target. `progress` is told of (pages, objects) as they are read."""
    at_once = asyncio.Semaphore(TARGETS_AT_ONCE)

    async with Connections(settings.cloud) as connections:

        async def one(target: Target) -> TargetReport:
            async with at_once:
                return await _look_at(connections, settings, target, checks, now, progress)

        reports = await asyncio.gather(*(one(target) for target in targets))
    return Report(at=now, notices=settings.notices, targets=tuple(reports))


async def _look_at(
    connections: Connections,
    settings: Settings,
    target: Target,
    checks: Sequence[Check],
    now: datetime,
    progress: Progress,
) -> TargetReport:
    """Run each check of one target, and see their findings together: causes, silences, the worst first."""
    passes = await run_passes(connections, settings, target, checks_of(target, checks), now, progress)
    findings = diagnose(target, [finding for done in passes for finding in done.findings])
    findings = apply_silences(findings, settings.silences, now)
    results = tuple(CheckResult(done.check, done.outcome(findings), now, done.coverage) for done in passes)
    return TargetReport(name=target.name, checks=results, findings=tuple(findings))


async def run_passes(
    connections: Connections,
    settings: Settings,
    target: Target,
    checks: Sequence[Check],
    now: datetime,
    progress: Progress,
    days: KnownDays = NO_DAYS,
) -> list[Pass]:
    """Run checks of one target side by side, over the same connections and tokens. Raises nothing but cancellation.

    `days` are the snapshots that earlier passes read: with enough of them, fewer are asked for.
    """
    try:
        azure = await connections.azure(settings.limits, target, now, progress)
    except GatherError as error:
        return [failed_pass(target, check, error) for check in checks]
    return await asyncio.gather(*(run_pass(azure.counting(), settings, target, check, now, days) for check in checks))


async def run_pass(
    azure: Azure, settings: Settings, target: Target, check: Check, now: datetime, days: KnownDays = NO_DAYS
) -> Pass:
    """Run one check of one target: whatever fails in it becomes a finding."""
    started_s = time.perf_counter()
    done = await _bounded(azure, settings, target, check, now, days)
    return replace(done, cost=Cost(azure.calls, azure.throttles, time.perf_counter() - started_s))


async def _bounded(
    azure: Azure, settings: Settings, target: Target, check: Check, now: datetime, days: KnownDays
) -> Pass:
    limit_s = settings.limits.pass_timeout_s
    try:
        async with asyncio.timeout(limit_s):
            return await PASSES[check](azure, settings, target, now, days)
    except GatherError as error:
        return failed_pass(target, check, error)
    except TimeoutError:
        return failed_pass(target, check, GatherError(f"it took longer than {limit_s:g} s in all", steps=_SLOW))
    except Exception as error:  # noqa: BLE001 - the pass boundary: it leads to a finding
        fail("pass failed", error, target=target.name, check=check.value)
        why = f"the check itself failed: {type(error).__name__} in {_place(error)}"
        return failed_pass(target, check, GatherError(why, steps=_BROKEN))


def _place(error: Exception) -> str:
    """Where in our own code it happened: file and line, and nothing of what was at hand there."""
    places = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    own = [f"{path.parent.name}/{path.name}:{line}" for path, line in places if path.is_relative_to(HOUSE)]
    return own[-1] if own else "a library"


def failed_pass(target: Target, check: Check, error: GatherError) -> Pass:
    """Say that a check read nothing at all, and why."""
    what, hides = _SCOPES[check]
    unread = _unread("all", what.format(target=target), hides, error)
    return _end(target, check, Coverage(unread=None), (), (unread,))


_SLOW = ("Raise pass_timeout_s under [limits], or give the target fewer apps to read.",)
_BROKEN = ("Report it with the place that it names; the log of this pass has the cause.",)
_SCOPES: Mapping[Check, tuple[str, str]] = {
    Check.WORKSPACE_ACCESS: (
        "who may read the workspace {target.workspace_name}",
        "whether the expected principals hold their roles",
    ),
    Check.APP_REGISTRATIONS: (
        "the app registrations of {target.name}",
        "whether apps exist, may do what they must, and when their credentials end",
    ),
    Check.SNAPSHOT_CURRENCY: (
        "the snapshots in {target.workspace_name}",
        "whether today's data arrived, and whether it is whole",
    ),
    Check.SERVICE_HEALTH: (
        "the service health of {target.name}",
        "whether Microsoft reports an incident on a service that the data depends on",
    ),
}


def _end(
    target: Target, check: Check, coverage: Coverage, findings: Sequence[Finding], unread: Sequence[Unread]
) -> Pass:
    told = unread_findings(target, check, unread)
    return Pass(check=check, coverage=coverage, findings=(*findings, *told), unread=tuple(unread))


async def _workspace_access(azure: Azure, settings: Settings, target: Target, now: datetime, days: KnownDays) -> Pass:
    from shared.gather.access import gather_workspace_access

    facts = await gather_workspace_access(azure, target, now)
    coverage = Coverage(read=facts.read, unread=len(facts.unread))
    findings = check_workspace_access(target, facts, now)
    return _end(target, Check.WORKSPACE_ACCESS, coverage, findings, facts.unread)


async def _snapshot_currency(azure: Azure, settings: Settings, target: Target, now: datetime, days: KnownDays) -> Pass:
    from shared.gather.snapshots import gather_snapshots

    facts = await gather_snapshots(azure, target, now, days)
    coverage = Coverage(read=facts.read, unread=len(facts.unread))
    findings = check_snapshot_currency(target, facts, now)
    return replace(_end(target, Check.SNAPSHOT_CURRENCY, coverage, findings, facts.unread), snapshots=facts)


async def _app_registrations(azure: Azure, settings: Settings, target: Target, now: datetime, days: KnownDays) -> Pass:
    from shared.gather.entra import gather_app_registrations

    facts = await gather_app_registrations(azure, target, now)
    findings = check_app_registrations(target, settings.targets, facts, now)
    coverage = Coverage(read=facts.read, unread=len(facts.unread))
    unread = facts.unread
    if target.credentials is CredentialScope.ALL:
        listed = frozenset(
            held.app_id for app in facts.apps for held in (app.registration, app.service_principal) if held
        )
        coverage, more, failed = await _all_credentials(azure, target, listed, now)
        findings, unread = (*findings, *more), (*unread, *failed)
    return _end(target, Check.APP_REGISTRATIONS, coverage, findings, unread)


async def _all_credentials(
    azure: Azure, target: Target, listed: frozenset[str], now: datetime
) -> tuple[Coverage, list[Finding], list[Unread]]:
    """Judge every app's credentials as they stream by; who owns an app is asked only of those with a finding."""
    from shared.gather.credentials import Sieve, Tally, complete_pools, stream_pools

    judge = partial(check_credentials, target, now=now)
    sieve = Sieve(
        is_ignored=make_ignored(target.ignore_apps, load_rotated()),
        is_quiet=make_quiet(now, target.expiry_days[0]),
        listed=listed,
    )
    tally, suspects, failed = Tally(), list[CredentialPool](), list[Unread]()
    try:
        async for pools in stream_pools(azure, sieve, tally):
            suspects += [pool for pool in pools if judge(pool)]
    except GatherError as error:
        failed.append(_unread("credentials", "the credentials of every app", "credentials that end soon", error))
    suspects, unread = await complete_pools(azure, suspects)
    failed += unread
    coverage = Coverage(read=tally.read, ignored=tally.ignored, unread=None if failed else 0)
    return coverage, [finding for pool in suspects for finding in judge(pool)], failed


def _unread(scope: str, what: str, hides: str, error: GatherError) -> Unread:
    return Unread(scope=scope, what=what, why=error.why, hides=hides, steps=error.steps, again_at=error.again_at)


async def _service_health(azure: Azure, settings: Settings, target: Target, now: datetime, days: KnownDays) -> Pass:
    from shared.gather.service_health import gather_service_health

    facts = await gather_service_health(azure, target, now)
    unread = unread_services(facts)
    coverage = Coverage(read=len(facts.services), unread=len(unread))
    return _end(target, Check.SERVICE_HEALTH, coverage, check_service_health(target, facts, now), unread)


PASSES: Mapping[Check, Callable[[Azure, Settings, Target, datetime, KnownDays], Awaitable[Pass]]] = {
    Check.WORKSPACE_ACCESS: _workspace_access,
    Check.APP_REGISTRATIONS: _app_registrations,
    Check.SNAPSHOT_CURRENCY: _snapshot_currency,
    Check.SERVICE_HEALTH: _service_health,
}
