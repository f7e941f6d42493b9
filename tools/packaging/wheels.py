"""The wheels that requirements.lock names: fetched once, known by their hashes, read without installing them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from tools.packaging.errors import PackageError
from tools.packaging.lock import Locked, write_lock
from tools.packaging.pip import pip


def fetch(locked: Sequence[Locked], folder: Path) -> list[Path]:
    """Make sure that each wheel is in the folder; the registry is asked only where one is missing.

    Raises:
        PackageError: one cannot be had, or is not what was locked.
    """
    there = _by_hash(folder)
    if missing := [one for one in locked if one.sha256 not in there]:
        with TemporaryDirectory() as place:
            names = Path(place) / "missing.txt"
            names.write_text(write_lock(missing), encoding="utf-8")
            pip("download", ["--no-deps", "--require-hashes", "--dest", str(folder), "-r", str(names)])
        there = _by_hash(folder)
    return [there[one.sha256] for one in locked]


def _by_hash(folder: Path) -> Mapping[str, Path]:
    return {hashlib.sha256(wheel.read_bytes()).hexdigest(): wheel for wheel in folder.glob("*.whl")}


def read(wheels: Sequence[Path]) -> Iterator[tuple[str, ZipFile]]:
    """Read what wheels would put into site-packages: each file's path, and the archive that it is in.

    Raises:
        PackageError: a wheel would put files elsewhere, or two have a file of the same name.
    """
    owners: dict[str, str] = {}
    for wheel in wheels:
        with ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith("/"):
                    continue
                if ".data/" in name:
                    raise PackageError(f"{wheel.name} puts {name} outside site-packages: read() must learn where to.")
                if owners.setdefault(name, wheel.name) != wheel.name:
                    raise PackageError(f"{wheel.name} and {owners[name]} both have {name}: only one can be deployed.")
                yield name, archive
