"""What the code tells of its own work, and what docs/telemetry.md says of that: messages, levels, fields."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "telemetry.md"
TELLERS = {"tell": "information", "warn": "warning", "tell_error": "error", "fail": "error"}
LEVELS = {"info": "information", "warning": "warning", "error": "error", "exception": "error"}


@dataclass
class Said:
    """One message: at which levels, with which fields."""

    levels: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


def by_the_code() -> dict[str, Said]:
    """Every message that a call in shared/ tells."""
    found: dict[str, Said] = {}
    for path in sorted((ROOT / "shared").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tellers = _imported_tellers(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and path.name != "telemetry.py":
                for message, level, fields in _read(node, tellers):
                    said = found.setdefault(message, Said())
                    said.levels.add(level)
                    said.fields |= fields
    return found


def _imported_tellers(tree: ast.Module) -> set[str]:
    imports = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "shared.telemetry"
    ]
    return {alias.name for node in imports for alias in node.names} & TELLERS.keys()


def _read(call: ast.Call, tellers: set[str]) -> Iterator[tuple[str, str, set[str]]]:
    match call.func:
        case ast.Name(name) if name in tellers:
            yield _constant(call.args[0]), TELLERS[name], {str(keyword.arg) for keyword in call.keywords}
        case ast.Attribute(ast.Name("logger"), name) if name in LEVELS:
            extra = [keyword.value for keyword in call.keywords if keyword.arg == "extra"]
            keys = [key for given in extra for key in _keys(given)]
            yield _constant(call.args[0]), LEVELS[name], set(keys)


def _keys(given: ast.expr) -> list[str]:
    assert isinstance(given, ast.Dict)
    return [_constant(key) for key in given.keys if key is not None]


def _constant(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), "messages and fields are constants"
    return str(node.value)


def by_the_page() -> dict[str, Said]:
    """Every message in the tables of the page."""
    found: dict[str, Said] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 4:
            fields = re.sub(r"\([^()]*\)", "", cells[3])
            assert cells[0] not in found
            found[cells[0].strip("`")] = Said(set(cells[1].split(", ")), set(re.findall(r"`(\w+)`", fields)))
    return found
