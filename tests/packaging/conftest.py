"""The package, built twice from the same sources: here, and in another folder by a stricter umask."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.packaging.contents import PYTHON
from tools.packaging.errors import RegistryError
from tools.packaging.lock import Locked, read_lock
from tools.packaging.wheels import fetch

ROOT = Path(__file__).parents[2]
WHEELS = ROOT / "build" / "wheels"
SOURCES = ("function_app.py", "host.json", "requirements.txt", "requirements.lock", "LICENSE")
FOLDERS = ("functions", "shared", "tools", "config")
MORE = ("dawnwatch.toml",)


@dataclass(frozen=True, slots=True)
class Built:
    """What `make package` made in a folder, and what it said."""

    place: Path
    said: str

    @property
    def archive(self) -> Path:
        return self.place / "dist" / "dawnwatch.zip"

    @property
    def folder(self) -> Path:
        return self.place / "build" / "package"

    @property
    def tree(self) -> Mapping[str, bytes]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def locked() -> list[Locked]:
    return read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def wheels(locked: list[Locked]) -> list[Path]:
    """Every wheel that is locked; those that are not here yet are fetched."""
    try:
        return fetch(locked, WHEELS)
    except RegistryError as error:
        pytest.skip(f"the libraries cannot be fetched ({error})")


@pytest.fixture(scope="session")
def both(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    """Build it twice, side by side."""
    if sys.version_info[:2] != PYTHON:
        pytest.skip("the package is compiled by the Python that runs it in Azure: make .venv with Python 3.13")
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    _copy(there)
    builds = [_build(ROOT, here, umask=0o022), _build(there, there, umask=0o077)]
    first, second = (build.communicate(timeout=120)[0] for build in builds)
    assert [build.returncode for build in builds] == [0, 0], (first, second)
    return Built(here, first), Built(there, second)


@pytest.fixture(scope="session")
def built(both: tuple[Built, Built]) -> Built:
    return both[0]


def _copy(there: Path) -> None:
    """Copy the sources without their dates."""
    for name in (*SOURCES, *(name for name in MORE if (ROOT / name).exists())):
        shutil.copyfile(ROOT / name, there / name)
    for name in (name for name in FOLDERS if (ROOT / name).exists()):
        shutil.copytree(ROOT / name, there / name, copy_function=shutil.copyfile)


def _build(source: Path, out: Path, umask: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tools.packaging", "--out", str(out), "--wheels", str(WHEELS)],
        cwd=source,
        umask=umask if os.name == "posix" else -1,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
