"""The configuration of 5,000 targets: what loading it takes beside the TOML parser alone, and as a folder of files."""

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.table import Row, at_most, note
from shared.config import load_settings, source_version

TARGETS = 5_000
BOUND = 2.5
MOST_S = 1.0
ROUNDS = 5


def measure_config() -> list[Row]:
    """Time the processor, all of them in turn; each has been done once before the first round that counts."""
    texts = [_target(number) for number in range(TARGETS)]
    with TemporaryDirectory() as place:
        file, folder = Path(place) / "dawnwatch.toml", Path(place) / "conf.d"
        file.write_text("".join(texts), encoding="utf-8")
        folder.mkdir()
        for number, text in enumerate(texts):
            (folder / f"{number:04}.toml").write_text(text, encoding="utf-8")
        alone_s, one_s, many_s, version_s = _medians(
            lambda: tomllib.loads("".join(texts)),
            lambda: load_settings(file, {}),
            lambda: load_settings(folder, {}),
            lambda: source_version(folder, {}),
        )
    return [
        at_most(f"configuration of {TARGETS:,} targets: loading it against tomllib alone", one_s / alone_s, BOUND),
        _within("  as one file: processor time", one_s),
        _within(f"  as {TARGETS:,} files in a folder: processor time", many_s),
        note("  tomllib alone; asking whether that folder has changed", f"{alone_s:.2f} s; {version_s * 1e3:.0f} ms"),
    ]


def _within(what: str, seconds: float) -> Row:
    return Row(what, f"< {MOST_S:g} s", f"{seconds:.2f} s", seconds < MOST_S)


def _medians(*works: Callable[[], object]) -> list[float]:
    taken: list[list[float]] = [[] for _ in works]
    for number in range(ROUNDS + 1):
        for work, seconds in zip(works, taken, strict=True):
            begin = time.process_time()
            work()
            if number:
                seconds.append(time.process_time() - begin)
    return [median(seconds) for seconds in taken]


def _target(number: int) -> str:
    """A customer's tenant as a provider lists it: two profiles, the connection app, and who signs in."""
    guid = f"{number:08x}-0000-4000-8000-{number:012x}"
    workspace = (
        f"/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law-{number}"
    )
    return f"""[[target]]
name = "customer-{number:04}"
tenant_id = "{guid}"
workspace_id = "{workspace}"
profiles = ["tenant-attach", "update-reports"]

[[target.app]]
name = "ConfigMgrSvc_Customer{number:04}"
kind = "connection"

[target.identity]
client_id = "{guid}"
federated_by = "system"

"""
