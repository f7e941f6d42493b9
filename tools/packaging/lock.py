"""`make lock`: every library that is deployed, direct or not, as one file of one wheel: requirements.lock.

requirements.txt says what we chose; this says what came with it. The hash names the very file, so that the same lock is
the same package on any day.
"""

import platform
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tools.packaging.contents import PYTHON
from tools.packaging.errors import PackageError
from tools.packaging.pip import pip

ROOT = Path(__file__).parents[2]
HEAD = "# What is deployed, with all that it needs, for Linux on x86_64 and CPython 3.13: `make lock` writes it anew.\n"
_LINE = re.compile(r"([a-z0-9-]+)==([^ ]+) --hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """A library, its version, and the SHA-256 of the one wheel of it that is deployed."""

    name: str
    version: str
    sha256: str

    @property
    def line(self) -> str:
        """As pip reads it."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def read_lock(text: str) -> list[Locked]:
    """Read requirements.lock.

    Raises:
        PackageError: a line of it is nothing that `make lock` writes.
    """
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [(_LINE.fullmatch(line), line) for line in lines]
    if strange := [line for match, line in found if match is None]:
        raise PackageError(f"requirements.lock: {strange[0]!r} is not NAME==VERSION --hash=sha256:…; run `make lock`.")
    return [Locked(match[1], match[2], match[3]) for match, _ in found if match]


def write_lock(locked: Iterable[Locked]) -> str:
    """Print requirements.lock."""
    return HEAD + "".join(f"{one.line}\n" for one in sorted(locked))


class _Archive(msgspec.Struct):
    hashes: dict[str, str]


class _Download(msgspec.Struct):
    archive_info: _Archive


class _Metadata(msgspec.Struct):
    name: str
    version: str


class _Install(msgspec.Struct):
    metadata: _Metadata
    download_info: _Download


class _Report(msgspec.Struct):
    install: list[_Install]


def resolve(requirements: Path) -> Iterator[Locked]:
    """Ask pip for the newest set of libraries that goes together; of most it reads only what they say of themselves.

    Source: https://pip.pypa.io/en/stable/reference/installation-report/
    """
    if sys.version_info[:2] != PYTHON or platform.system() != "Linux":
        raise PackageError(
            "Run it with Python 3.13 on Linux: a library may need others elsewhere (pip asks this machine)."
        )
    printed = pip(
        "install", ["--dry-run", "--ignore-installed", "--target", "unused", "--report", "-", "-r", str(requirements)]
    )
    for one in msgspec.json.decode(printed, type=_Report).install:
        name = re.sub(r"[-_.]+", "-", one.metadata.name).lower()
        yield Locked(name, one.metadata.version, one.download_info.archive_info.hashes["sha256"])


def main() -> int:
    """Write requirements.lock."""
    try:
        text = write_lock(resolve(ROOT / "requirements.txt"))
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    (ROOT / "requirements.lock").write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
