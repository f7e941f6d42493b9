"""What is deployed: how large it is and how long its first start takes, beside what pip alone would have put there.

The start is a fresh interpreter that sees nothing but the package and cannot write: all that the app imports before its
first pass has ended, in processor time, for it waits for little else.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.table import Row, at_most, note
from tools.packaging.archive import write_folder, write_zip
from tools.packaging.build import Tree, build
from tools.packaging.contents import SITE_PACKAGES
from tools.packaging.errors import PackageError
from tools.packaging.imports import imports_of

ROOT = Path(__file__).parents[1]
ROUNDS = 7
SMALLER, QUICKER = 0.35, 0.6
_WHOLE, _TRIMMED, _COMPILED = "all that pip installs", "without what is left out", "compiled ahead, as it is deployed"
_START = """
import sys, time
started = time.process_time()
import function_app
indexed = time.process_time()
for statement in sys.stdin:
    exec(statement)
print(indexed - started, time.process_time() - started)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a package is, as a zip and unpacked."""

    files: int
    zip_mb: float
    unpacked_mb: float

    def __str__(self) -> str:
        """As the table shows it."""
        return f"{self.zip_mb:.1f} MB; {self.files:,} files, {self.unpacked_mb:.1f} MB unpacked"


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of processor time from the first line on: until the app is imported, and with all that it imports."""

    app_s: float
    all_s: float

    def __str__(self) -> str:
        """As the table shows it."""
        return f"{self.all_s:.2f} s, of which function_app {self.app_s:.2f} s"


def measure_package() -> list[Row]:
    """Build it three ways, weigh each, and start each in turn."""
    try:
        trees = {
            _WHOLE: build(ROOT, ROOT / "build" / "wheels", trimmed=False, compiled=False),
            _TRIMMED: build(ROOT, ROOT / "build" / "wheels", compiled=False),
            _COMPILED: build(ROOT, ROOT / "build" / "wheels"),
        }
    except PackageError as error:
        return [note("the package for Azure", f"not measured: {error}")]
    with TemporaryDirectory() as place:
        sizes = {name: _weigh(tree, Path(place) / "package.zip") for name, tree in trees.items()}
        starts = _race(trees, Path(place))
    return [
        at_most(
            "the package for Azure without what is left out: size unpacked, against the whole",
            sizes[_TRIMMED].unpacked_mb / sizes[_WHOLE].unpacked_mb,
            SMALLER,
        ),
        *(note(f"  {name}", str(size)) for name, size in sizes.items()),
        at_most(
            "its first start, all imports of the app: processor time against compiling them then",
            starts[_COMPILED].all_s / starts[_TRIMMED].all_s,
            QUICKER,
        ),
        *(note(f"  {name}", str(start)) for name, start in starts.items()),
    ]


def _weigh(tree: Tree, archive: Path) -> Size:
    write_zip(tree, archive)
    return Size(len(tree), archive.stat().st_size / 1e6, sum(map(len, tree.values())) / 1e6)


def _race(trees: Mapping[str, Tree], place: Path) -> dict[str, Start]:
    """Start each once a round, turn and turn about; the first round warms the disk's cache and is not counted."""
    folders = {name: place / str(number) for number, name in enumerate(trees)}
    for name, tree in trees.items():
        write_folder(tree, folders[name])
    statements = "\n".join(imports_of(trees[_COMPILED]))
    taken: dict[str, list[Start]] = {name: [] for name in trees}
    for number in range(ROUNDS + 1):
        for name, folder in folders.items():
            start = _start(folder, statements)
            if number:
                taken[name].append(start)
    return {
        name: Start(median(start.app_s for start in starts), median(start.all_s for start in starts))
        for name, starts in taken.items()
    }


def _start(folder: Path, statements: str) -> Start:
    """Start it in an interpreter that has Python's own library and the package, and keeps no bytecode."""
    code = f"import sys; sys.path[:0] = [{str(folder / SITE_PACKAGES)!r}, {str(folder)!r}]\n{_START}"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", "-B", "-c", code], input=statements, stdout=subprocess.PIPE, text=True, check=True
    )
    app_s, all_s = map(float, ran.stdout.split())
    return Start(app_s, all_s)
