"""Microsoft's own Kusto parser (npm @kusto/language-service-next, through node)."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "node_modules/@kusto/language-service-next"
NODE = shutil.which("node")

NEEDED = [
    pytest.mark.skipif(NODE is None, reason="node is not installed: queries are not read by the Kusto parser"),
    pytest.mark.skipif(not PACKAGE.is_dir(), reason="@kusto/language-service-next is not installed (npm ci)"),
]


def errors(queries: Iterable[str], tables: Mapping[str, str]) -> list[list[str]]:
    """Read queries over tables, `(Column: type, ...)` each; the errors of each query."""
    given = json.dumps({"queries": list(queries), "tables": dict(tables)})
    ran = subprocess.run(
        [NODE or "node", HERE / "check.js"], input=given, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr[-300:]
    found: list[list[str]] = json.loads(ran.stdout)
    return found
