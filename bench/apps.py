"""100,000 applications: the pass that judges them all, against reading the same pages bare."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta

from bench import bare, product
from bench.box import ALL_APPS, Box
from bench.race import race
from bench.table import Row, at_most, note
from shared.gather.credentials import SERVICE_PRINCIPALS

APPLICATIONS = 100_000
BOUND = 1.25
LINK = "@odata.nextLink"


def measure_apps(box: Box) -> tuple[float, list[Row]]:
    """Measure the pass on what it asks for and on whole objects; its rate in objects a second, and the rows.

    Both sides sign in, then read the same addresses from the same server: one page of service principals and 101 of
    applications. The server has rendered every page before the first round that counts. What the product does beyond
    the yardstick (types, time-outs, retries, telemetry, the judgement) is in its time.
    """
    rate, selected = _compare(box, "what the pass asks for ($select)", product.SELECTED, rounds=7)
    _, whole = _compare(box, "whole objects", product.WHOLE, rounds=3)
    return rate, [*selected, *whole, *_with_findings(box)]


def _compare(box: Box, kind: str, applications: str, *, rounds: int) -> tuple[float, list[Row]]:
    settings = box.settings(ALL_APPS)
    urls = [f"{box.url}/v1.0{path}" for path in (SERVICE_PRINCIPALS, applications)]
    used_s, started = box.cpu_s(), time.perf_counter()
    taken = race(
        {
            "product": lambda: product.judge_all_apps(settings, box.now, applications),
            "bare": lambda: bare.read_pages(box, urls, LINK),
        },
        rounds,
    )
    share = (box.cpu_s() - used_s) / (time.perf_counter() - started)
    rate = APPLICATIONS / taken["product"]
    name = f"{APPLICATIONS:,} applications, {kind}"
    seconds = f"{taken['product']:.2f} s against {taken['bare']:.2f} s"
    return rate, [
        at_most(f"{name}: time against bare httpx and json.loads", taken["product"] / taken["bare"], BOUND),
        note("  the pass against the yardstick", f"{seconds}; {rate:,.0f} objects/s"),
        note("  the server's processor time in that", f"{share:.0%} of the wall clock"),
    ]


def _with_findings(box: Box) -> Iterator[Row]:
    """Let one app in 97 be about to lose its last secret: their owners are read too, which the yardstick never does."""
    settings = box.settings(ALL_APPS)
    asked, started = box.requests("graph"), time.perf_counter()
    done = asyncio.run(product.judge_all_apps(settings, box.now + timedelta(days=35)))
    seconds = time.perf_counter() - started
    asked = box.requests("graph") - asked
    apps = len({finding.subject.id for finding in done.findings if finding.id == "credential.expiring"})
    yield note(f"  $select again, with {apps:,} apps about to expire", f"{seconds:.2f} s, {asked} requests")
