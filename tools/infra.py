"""`make infra`: every Bicep file compiled, linted and formatted, the snapshots compared, checkov over what they hold.

`--write` formats the files and writes the snapshots instead. `--quick` leaves checkov out, and says so and is content
where there is no compiler: that is what `make check` does.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools import checkov
from tools.bicep import HOW_TO_INSTALL, INFRA, MADE_WITH, PARAMETERS, ROOT, SNAPSHOTS, Bicep, find

_FILES = ("infra/**/*.bicep", "infra/**/*.bicepparam")
_COPY = ROOT / "build" / "infra" / "formatted"


def main(argv: Sequence[str] | None = None, look_for: Callable[[], Bicep | None] = find) -> int:
    """Check, or write; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="make infra", description=__doc__)
    parser.add_argument("--write", action="store_true", help="format the files and write the snapshots")
    parser.add_argument("--quick", action="store_true", help="without checkov, and content without a compiler")
    args = parser.parse_args(argv)
    bicep = look_for()
    if bicep is None:
        print(f"infra: not checked. {HOW_TO_INSTALL}" if args.quick else HOW_TO_INSTALL)
        return 0 if args.quick else 1
    if args.write:
        return _report("written", list(write(bicep)))
    wrong = [line for check in CHECKS for line in check(bicep)]
    if wrong and (version := bicep.version()) != MADE_WITH:
        wrong.append(f"This is Bicep {version}; the files were made with {MADE_WITH}, and the difference may be that.")
    if not args.quick and not wrong:
        wrong = list(checkov.check())
    return _report("right", wrong)


def _report(word: str, wrong: Sequence[str]) -> int:
    print(*(wrong or [f"infra: {word}"]), sep="\n", file=sys.stderr if wrong else sys.stdout)
    return 1 if wrong else 0


def lint(bicep: Bicep) -> Iterator[str]:
    """Whatever the compiler or its linter says is wrong: every rule is an error, and a warning is no less."""
    for files in _FILES:
        ran = bicep.run("lint", "--pattern", files)
        if ran.said or not ran.ok:
            yield ran.said


def unformatted(bicep: Bicep) -> Iterator[str]:
    """Name the files that `bicep format` would write otherwise, by formatting copies of them."""
    shutil.rmtree(_COPY, ignore_errors=True)
    shutil.copytree(INFRA, _COPY)
    folder = _COPY.relative_to(ROOT).as_posix()
    for files in _FILES:
        ran = bicep.run("format", "--pattern", files.replace("infra", folder, 1))
        if not ran.ok:
            yield ran.said
    for copy in sorted(_COPY.rglob("*.bicep*")):
        if copy.read_bytes() != (INFRA / copy.relative_to(_COPY)).read_bytes():
            yield f"infra/{copy.relative_to(_COPY).as_posix()}: not formatted; `make infra ARGS=--write` does it"


def outdated(bicep: Bicep) -> Iterator[str]:
    """What a deployment would be, where the committed snapshot says otherwise."""
    for parameters in PARAMETERS:
        ran = bicep.snapshot(parameters, "validate")
        if not ran.ok:
            yield ran.said
            yield f"{parameters.stem}.snapshot.json: not what would be there; `make infra ARGS=--write`, and commit it"


CHECKS: tuple[Callable[[Bicep], Iterator[str]], ...] = (lint, unformatted, outdated)


def write(bicep: Bicep) -> Iterator[str]:
    """Format every file and write both snapshots; what went wrong comes back."""
    tasks = [bicep.run("format", "--pattern", files) for files in _FILES]
    tasks += [bicep.snapshot(parameters, "overwrite") for parameters in PARAMETERS]
    wrong = [ran.said for ran in tasks if not ran.ok]
    if not wrong:
        for snapshot in SNAPSHOTS:
            _settle(snapshot)
    yield from wrong


def _settle(snapshot: Path) -> None:
    """Put the outputs in order: the compiler writes them in another one each time."""
    said = json.loads(snapshot.read_text(encoding="utf-8"))
    said["outputs"] = dict(sorted(said["outputs"].items()))
    snapshot.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
