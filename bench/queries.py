"""How many log queries a full look at one workspace costs."""

import asyncio

from bench.box import PROFILES, Box
from bench.table import Row
from shared.model import Check
from shared.monitor import look


def measure_queries(box: Box) -> list[Row]:
    """Look once with every check and count what came in at the log query API."""
    settings = box.settings(PROFILES)
    before = box.requests("logs")
    report = asyncio.run(look(settings, settings.targets, tuple(Check), box.now, lambda pages, read: None))
    queries = box.requests("logs") - before
    tables = sum(len(expected.tables) for target in settings.targets for expected in target.snapshots)
    what = f"log queries of one look at a workspace ({tables} tables, {len(report.targets[0].checks)} checks)"
    return [Row(what, "1", str(queries), queries == 1)]
