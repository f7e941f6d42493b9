"""requirements.lock: all that requirements.txt needs on Azure's Linux and Python, and nothing else."""

import re
from collections.abc import Iterable
from email.parser import BytesParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.packaging.conftest import ROOT
from tools.packaging.errors import PackageError
from tools.packaging.lock import Locked, read_lock, write_lock

AZURE = {
    "implementation_name": "cpython",
    "implementation_version": "3.13.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}
LINE = f"rich==15.0.0 --hash=sha256:{'0' * 64}"


def test_every_pin_is_locked_as_it_is_pinned(locked: list[Locked]) -> None:
    versions = {one.name: one.version for one in locked}
    pins = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split())
    assert {name: versions.get(name) for name in pins} == pins, "run `make lock`"


def test_all_that_is_needed_is_locked_in_a_version_that_will_do_and_nothing_else_is(
    locked: list[Locked], wheels: list[Path]
) -> None:
    versions = {one.name: one.version for one in locked}
    needs = {one.name: list(_needs(wheel)) for one, wheel in zip(locked, wheels, strict=True)}
    wanted = [Requirement(line) for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split()]
    seen: set[tuple[str, str]] = set()
    while wanted:
        need = wanted.pop()
        name = _plain(need.name)
        assert need.specifier.contains(versions.get(name, "none"), prereleases=True), f"{need}: run `make lock`"
        for extra in {"", *need.extras} - {extra for of, extra in seen if of == name}:
            seen.add((name, extra))
            wanted += _in(needs[name], extra)
    assert {name for name, _ in seen} == set(versions), "run `make lock`"


def _needs(wheel: Path) -> Iterable[Requirement]:
    with ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        said = BytesParser().parsebytes(archive.read(metadata))
    return map(Requirement, said.get_all("Requires-Dist", []))


def _in(needs: Iterable[Requirement], extra: str) -> list[Requirement]:
    return [need for need in needs if need.marker is None or need.marker.evaluate(AZURE | {"extra": extra})]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_names_no_place_but_files_by_their_hashes(locked: list[Locked]) -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert text == write_lock(locked)


@pytest.mark.parametrize(
    "line", ["rich", "rich==15.0.0", "rich>=15 --hash=sha256:00", f"{LINE} --hash=sha256:{'1' * 64}", "-r others.txt"]
)
def test_a_line_that_the_lock_never_has_is_named(line: str) -> None:
    with pytest.raises(PackageError, match=re.escape(repr(line))):
        read_lock(f"# a comment\n\n{LINE}\n{line}\n")
