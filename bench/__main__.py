"""`make bench`: each bound of speed and memory, measured in one run, as one table. Exit status 1: one is missed."""

import sys
from collections.abc import Iterator

from bench.access import ASSIGNMENTS, measure_access
from bench.apps import APPLICATIONS, measure_apps
from bench.box import open_box
from bench.config import measure_config
from bench.fanout import measure_fanout
from bench.imports import measure_imports
from bench.ledger import measure_ledger
from bench.machine import machine
from bench.memory import compare_peaks, peak_mb
from bench.models import measure_models
from bench.package import measure_package
from bench.queries import measure_queries
from bench.table import Row, lines
from bench.warm import measure_warm
from bench.worker import measure_cold_index


def main() -> int:
    """Measure, print, judge. Rows are told as they come in, for it takes a while; the table is printed at the end."""
    print(machine(), flush=True)
    rows: list[Row] = []
    for row in _measure():
        rows.append(row)
        print(f"  {row.what.strip()}: {row.measured}", file=sys.stderr, flush=True)
    print("", *lines(rows), sep="\n")
    return 1 if any(row.is_met is False for row in rows) else 0


def _measure() -> Iterator[Row]:
    yield from measure_imports()
    yield from measure_cold_index()
    yield from measure_config()
    yield from measure_package()
    yield from measure_ledger()
    with open_box(role_assignments=ASSIGNMENTS) as box:
        yield from measure_queries(box)
        yield from measure_access(box)
    with open_box(applications=1_000) as box:
        few_mb = peak_mb(box)
    with open_box(applications=APPLICATIONS) as box:
        yield from compare_peaks(few_mb, peak_mb(box))
        rate, rows = measure_apps(box)
        yield from rows
        yield from measure_models(box, rate)
    yield from measure_warm()
    yield from measure_fanout()


if __name__ == "__main__":
    sys.exit(main())
