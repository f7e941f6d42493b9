"""The versions: of Dawnwatch, Python, the packages that it stands on, and the Functions host's extensions."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.surroundings import is_app
from shared.version import VERSION
from shared.wording import say_list

OLDEST = (3, 13)
HOUSE = Path(__file__).parents[2]
"""Where host.json and requirements.txt are, in the package as in the source; an installed wheel has neither."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)$", re.MULTILINE)


def judge_versions(environ: Mapping[str, str], house: Path = HOUSE) -> Iterable[Point]:
    """Judge what is installed by what is pinned; `house` is the folder of the app."""
    yield Point(Area.VERSIONS, "Dawnwatch", Verdict.OK, VERSION)
    yield judge_python(sys.version_info[:3])
    yield judge_packages(pins(house), installed)
    yield from _bundle(house)
    yield from _host(environ)


def judge_python(version: tuple[int, ...]) -> Point:
    """Judge Python's own version."""
    said = ".".join(map(str, version))
    if version < OLDEST:
        detail = f"{said}: it needs {'.'.join(map(str, OLDEST))} or newer."
        return Point(Area.VERSIONS, "Python", Verdict.FAILED, detail)
    return Point(Area.VERSIONS, "Python", Verdict.OK, said)


def pins(house: Path) -> Mapping[str, str]:
    """Read what is pinned: in requirements.txt, or in what the installed package says that it needs."""
    file = house / "requirements.txt"
    if file.is_file():
        return dict(_PIN.findall(file.read_text(encoding="utf-8")))
    try:
        needed = metadata.requires("dawnwatch") or []
    except metadata.PackageNotFoundError:
        return {}
    return dict(_PIN.findall("\n".join(line for line in needed if ";" not in line)))


def installed(package: str) -> str | None:
    """Look up the version of a package; None where it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def judge_packages(pinned: Mapping[str, str], look_up: Callable[[str], str | None]) -> Point:
    """Judge the SDKs and other packages, all in one point."""
    what = "packages"
    if not pinned:
        return Point(Area.VERSIONS, what, Verdict.UNKNOWN, "There is no list of what should be installed.")
    found = {package: look_up(package) for package in pinned}
    missing = [package for package, version in found.items() if version is None]
    other = [
        f"{package} {found[package]} (tested with {pin})"
        for package, pin in pinned.items()
        if _differs(found[package], pin)
    ]
    if missing:
        return Point(Area.VERSIONS, what, Verdict.FAILED, f"Not installed: {say_list(missing)}.")
    if other:
        return Point(Area.VERSIONS, what, Verdict.WARNING, f"Other versions than tested: {say_list(other)}.")
    said = ", ".join(f"{package} {version}" for package, version in sorted(found.items()))
    return Point(Area.VERSIONS, what, Verdict.OK, f"All as pinned: {said}.")


def _differs(version: str | None, pin: str) -> bool:
    return version is not None and version != pin


def _bundle(house: Path) -> Iterator[Point]:
    """Judge the extension bundle, which brings the triggers: this app is made for version 4."""
    file = house / "host.json"
    if not file.is_file():
        return
    what = "extension bundle"
    try:
        version = str(json.loads(file.read_text(encoding="utf-8"))["extensionBundle"]["version"])
    except (ValueError, KeyError, TypeError):
        yield Point(Area.VERSIONS, what, Verdict.FAILED, "host.json names none: timers and queues do not start.")
        return
    if not version.startswith("[4."):
        yield Point(
            Area.VERSIONS, what, Verdict.WARNING, f"host.json asks for {version[:40]}: it was made for [4.*, 5.0.0)."
        )
        return
    yield Point(Area.VERSIONS, what, Verdict.OK, version[:40])


def _host(environ: Mapping[str, str]) -> Iterator[Point]:
    """Judge the version of the Functions host, where the environment names one."""
    version = environ.get("FUNCTIONS_EXTENSION_VERSION", "")
    if not is_app(environ) or not version:
        return
    verdict = Verdict.OK if version == "~4" else Verdict.WARNING
    yield Point(
        Area.VERSIONS, "Functions host", verdict, version[:40] if verdict is Verdict.OK else f"{version[:40]}: set ~4."
    )
