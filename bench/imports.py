"""What the Functions host waits for at a cold start: importing `function_app`."""

import subprocess
import sys
from statistics import median

from bench.table import Row, at_most, note

BOUND = 1.5
ROUNDS = 15
_TIMED = "import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
_LOADED = "import function_app, sys; print(*sys.modules)"
_AZURE = ("azure.", "msgraph", "msal", "kiota")


def measure_imports() -> list[Row]:
    """Time both imports in fresh interpreters, turn and turn about; the first two warm the disk's cache."""
    taken: dict[str, list[float]] = {"azure.functions": [], "function_app": []}
    for number in range(ROUNDS + 1):
        for module, seconds in taken.items():
            found = float(_python(_TIMED.format(module=module)))
            if number:
                seconds.append(found)
    alone, whole = (median(seconds) for seconds in taken.values())
    strangers = sorted(filter(_is_stranger, _python(_LOADED).split()))
    loaded = ", ".join(strangers[:3]) or "none"
    return [
        at_most("import function_app: time against azure.functions alone", whole / alone, BOUND),
        note("  the two imports", f"{whole * 1e3:.0f} ms and {alone * 1e3:.0f} ms"),
        Row("Azure SDKs but azure-functions that it loads", "none", loaded, not strangers),
    ]


def _is_stranger(module: str) -> bool:
    return module.startswith(_AZURE) and not f"{module}.".startswith("azure.functions.")


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603
