"""What the Functions host waits for at a cold start: a fresh worker process that has found every function."""

from statistics import median

from bench.table import Row, at_most, note
from tests.worker.messages import MISSING, PROTOS
from tests.worker.worker import APP, Worker

BOUND = 1.3
ROUNDS = 25
ONE_TIMER = APP / "tests" / "worker" / "apps" / "one_timer"


def measure_cold_index() -> list[Row]:
    """Time fresh processes with our app and with the least app there is, turn and turn about; the first warms the disk.

    The process is the worker library under a thin shell; Azure's own shell, which loads gRPC too, takes longer around
    either app.
    """
    what = "worker from process start to all functions indexed, against an app of one timer"
    if not (PROTOS / ".ready").exists():
        return [note(what, f"not measured: {MISSING}")]
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(ROUNDS + 1):
        for is_ours in (True, False) if number % 2 else (False, True):
            with Worker(app=APP if is_ours else ONE_TIMER) as worker:
                pass
            if number:
                taken[is_ours].append(worker.indexed_s)
    ours, least = median(taken[True]), median(taken[False])
    return [at_most(what, ours / least, BOUND), note("  the two", f"{ours * 1e3:.0f} ms and {least * 1e3:.0f} ms")]
