"""The peak memory of one pass, measured in a fresh interpreter: `python -m bench.memory CONFIG NOW`."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

from bench import product
from bench.box import Box
from bench.table import Row, note
from shared.config import load_settings

BOUND_MB = 60


def compare_peaks(few: float | None, many: float | None) -> list[Row]:
    """Hold the peak of the pass over a large tenant against that over a small one."""
    what = "peak memory over 100,000 applications, beyond that over 1,000"
    if few is None or many is None:
        return [note(what, "skipped: this system does not tell")]
    row = Row(what, f"<= {BOUND_MB} MB", f"{many - few:.1f} MB", many - few <= BOUND_MB)
    return [row, note("  the two peaks", f"{many:.0f} MB and {few:.0f} MB")]


def peak_mb(box: Box) -> float | None:
    """The peak memory of the pass over all apps of a box; None where the system does not tell."""
    told = box.run_apart("bench.memory").strip()
    return float(told) / 2**20 if told else None


def _peak_bytes() -> int | None:
    """The most memory that this process has held.

    Linux is asked for VmHWM: its ru_maxrss is inherited, and would tell of the process that started this one.
    """
    for ask in (_by_proc, _by_resource):
        found = ask()
        if found is not None:
            return found
    return None


def _by_proc() -> int | None:
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), None)


def _by_resource() -> int | None:
    try:
        import resource
    except ImportError:  # Windows has none
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _main(config: str, now: str) -> None:
    asyncio.run(product.judge_all_apps(load_settings(Path(config), os.environ), datetime.fromisoformat(now)))
    peak = _peak_bytes()
    print("" if peak is None else peak)


if __name__ == "__main__":
    _main(*sys.argv[1:])
