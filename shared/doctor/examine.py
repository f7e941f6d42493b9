"""The examination as a whole: the monitor itself and its targets side by side, each within a time of its own."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from shared.config import Limits, Settings
from shared.doctor.app_settings import judge_settings
from shared.doctor.channels import examine_channels
from shared.doctor.clock import judge_clock
from shared.doctor.diagnosis import Area, Diagnosis, Point, TargetDiagnosis, Verdict, in_order
from shared.doctor.endpoints import judge_endpoints, reach_endpoints
from shared.doctor.ledger import examine_ledger, where_is_ledger
from shared.doctor.schedules import judge_schedules
from shared.doctor.target import examine_target
from shared.doctor.versions import judge_versions
from shared.errors import ConfigError
from shared.expectations import Target
from shared.gather.cloud import endpoints, system_trust
from shared.gather.connections import Connections, quieten
from shared.monitor import TARGETS_AT_ONCE

TARGET_S = 20.0
"""How long the examination of one target may take, and that of the monitor itself beside them."""

MOST_TARGETS = 50
"""How many targets one HTTP call examines, unless they are named: eight at once, they take two minutes at most."""

_REQUEST_S, _PATIENCE_S = 10.0, 12.0


@dataclass(frozen=True, slots=True)
class Where:
    """Where the ledger is, as `shared.ledger.open` takes it: a file is relative to `beside`."""

    ledger: str
    beside: Path = Path()


async def examine(
    settings: Settings,
    targets: Sequence[Target],
    environ: Mapping[str, str],
    now: datetime,
    *,
    where: Where | None = None,
    post: bool = False,
    at_most: int | None = None,
) -> Diagnosis:
    """Examine the monitor and these targets. Nothing is posted or written, but with `post` a test to each channel.

    `now` is the time by this machine's clock, which is held against the servers'. Of more than `at_most` targets the
    rest is said to be unknown.
    """
    chosen = targets if at_most is None else targets[:at_most]
    about_monitor = _examine_monitor(settings, environ, now, where or Where(where_is_ledger(environ)), post=post)
    points, diagnoses = await asyncio.gather(about_monitor, _examine_targets(settings, chosen, environ, now))
    points += [*judge_schedules(settings, targets, environ, now), *judge_settings(targets, environ)]
    points += [*_left_out(targets[len(chosen) :]), *judge_versions(environ)]
    return Diagnosis(now, in_order(points), tuple(diagnoses))


def misconfigured(error: ConfigError, environ: Mapping[str, str], now: datetime) -> Diagnosis:
    """Say what can be said where the configuration has mistakes: those, and what does not depend on it."""
    mistakes = [Point(Area.CONFIGURATION, each.key or each.file, Verdict.FAILED, str(each)) for each in error.mistakes]
    return Diagnosis(now, in_order([*mistakes, *judge_settings((), environ), *judge_versions(environ)]))


def _left_out(targets: Sequence[Target]) -> Sequence[Point]:
    if not targets:
        return ()
    detail = f"{len(targets)} more were not examined, from {targets[0].name} on: name them, some at a time."
    return (Point(Area.CONFIGURATION, "targets", Verdict.UNKNOWN, detail),)


async def _examine_monitor(
    settings: Settings, environ: Mapping[str, str], now: datetime, where: Where, *, post: bool
) -> list[Point]:
    """Examine what all targets share. Each part has its own time, so that one that hangs takes no other along."""
    quieten()
    try:
        trust = system_trust()
    except OSError as error:
        detail = (
            f"What to trust could not be read ({type(error).__name__}): check SSL_CERT_FILE and REQUESTS_CA_BUNDLE."
        )
        return [Point(Area.ENDPOINTS, "TLS trust", Verdict.FAILED, detail)]
    parts = await asyncio.gather(
        _bounded(Area.ENDPOINTS, _examine_endpoints(settings, trust, now)),
        _bounded(Area.CHANNELS, examine_channels(settings, environ, trust, now, post=post)),
        _bounded(Area.LEDGER, _examine_ledger(where, environ)),
    )
    return [point for part in parts for point in part]


async def _bounded(area: Area, part: Awaitable[Sequence[Point]]) -> Sequence[Point]:
    try:
        async with asyncio.timeout(TARGET_S):
            return await part
    except TimeoutError:
        return [Point(area, f"the {area}", Verdict.UNKNOWN, f"It took longer than {TARGET_S:g} s.")]


async def _examine_endpoints(settings: Settings, trust: ssl.SSLContext, now: datetime) -> Sequence[Point]:
    started_s = time.monotonic()
    reached = await reach_endpoints(endpoints(settings.cloud), trust)
    skews = {
        one.name: one.heard.date - (now + timedelta(seconds=one.heard.at_s - started_s))
        for one in reached
        if one.heard is not None and one.heard.date is not None
    }
    return [*judge_endpoints(reached), judge_clock(skews)]


async def _examine_ledger(where: Where, environ: Mapping[str, str]) -> Sequence[Point]:
    return [await examine_ledger(where.ledger, environ, where.beside)]


async def _examine_targets(
    settings: Settings, targets: Sequence[Target], environ: Mapping[str, str], now: datetime
) -> list[TargetDiagnosis]:
    at_once = asyncio.Semaphore(TARGETS_AT_ONCE)
    limits = _hurried(settings.limits)
    async with Connections(settings.cloud, environ) as connections:

        async def one(target: Target) -> TargetDiagnosis:
            async with at_once:
                points = await examine_target(connections, limits, target, now, TARGET_S)
                return TargetDiagnosis(target.name, in_order(points))

        return await asyncio.gather(*(one(target) for target in targets))


def _hurried(limits: Limits) -> Limits:
    """Wait no longer than a target's examination may take, nor than the configuration says."""
    return replace(
        limits,
        request_timeout_s=min(limits.request_timeout_s, _REQUEST_S),
        patience_s=min(limits.patience_s, _PATIENCE_S),
    )
