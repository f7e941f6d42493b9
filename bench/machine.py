"""The machine that it was measured on, in a line."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Name the processor, its cores, the memory, the system and the Python; what cannot be told is left out."""
    cores = os.process_cpu_count() or 1
    parts = [_processor(), f"{cores} core{'s' if cores > 1 else ''}", _memory(), platform.system()]
    return ", ".join(
        part for part in (*parts, f"{platform.python_implementation()} {platform.python_version()}") if part
    )


def _processor() -> str:
    found = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return found[0] if found else platform.processor() or platform.machine()


def _memory() -> str:
    found = [line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return f"{int(found[0]) / 2**20:.0f} GB" if found else ""


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
