"""checkov over what would be there: it reads no template of the newer kind, but it does read resources.

The compiler's templates name their resources, which checkov takes for none at all. So it gets the resources of the
snapshots, with the values that they would have. What it objects to and is accepted stands in infra/checkov.toml.
"""

import json
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tools.bicep import INFRA, ROOT, SNAPSHOTS

VERSION = "3.3.30"
_VENV = ROOT / ".venv-checkov"
_GIVEN = ROOT / "build" / "infra" / "checkov"
_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule that a deployment breaks. `deployment` is the name of its parameter file."""

    rule: str
    deployment: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A rule that may be broken: in every deployment, or in `only` one, and why."""

    rule: str
    reason: str
    only: str | None = None

    def covers(self, objection: Objection) -> bool:
        """Whether it is about that objection."""
        return self.rule == objection.rule and self.only in (None, objection.deployment)


def load_accepted(path: Path = INFRA / "checkov.toml") -> tuple[Accepted, ...]:
    """Read what is accepted."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["accepted"]
    return tuple(Accepted(**row) for row in rows)


class Summary(msgspec.Struct):
    """How much it read."""

    resource_count: int
    parsing_errors: int


class Check(msgspec.Struct):
    """One rule that one resource breaks."""

    check_id: str
    check_name: str
    file_path: str


class Results(msgspec.Struct):
    """What it objects to."""

    failed_checks: list[Check]


class Report(msgspec.Struct):
    """What it prints as JSON."""

    summary: Summary
    results: Results


def check() -> Iterator[str]:
    """Run it; say what it objects to that is not accepted, and what is accepted that it does not object to."""
    report = _run()
    if report.summary.parsing_errors or not report.summary.resource_count:
        yield f"checkov could not read what it was given: {report.summary}"
        return
    failed = report.results.failed_checks
    objections = {Objection(one.check_id, Path(one.file_path).stem) for one in failed}
    yield from judge(objections, load_accepted(), {one.check_id: one.check_name for one in failed})


def judge(objections: Iterable[Objection], accepted: Iterable[Accepted], names: Mapping[str, str]) -> Iterator[str]:
    """Compare objections with what is accepted, both ways."""
    found, known = sorted(objections, key=lambda one: (one.rule, one.deployment)), tuple(accepted)
    for one in found:
        if not any(row.covers(one) for row in known):
            name = names.get(one.rule, "a rule")
            yield f"{one.deployment}: {one.rule}: {name} (mend it, or accept it in infra/checkov.toml)"
    for row in known:
        if not any(row.covers(one) for one in found):
            yield f"infra/checkov.toml: {row.rule} is accepted and broken nowhere: take it out"


def _run() -> Report:
    _give()
    options = ("--framework", "arm", "--skip-download", "--compact", "--quiet", "--output", "json")
    command = [_python(), "-m", "checkov.main", "--directory", str(_GIVEN), *options]
    ran = subprocess.run(command, capture_output=True, check=False, timeout=600)  # noqa: S603
    try:
        return msgspec.json.decode(ran.stdout, type=Report)
    except msgspec.DecodeError:
        sys.exit(f"checkov said nothing that can be read: {ran.stderr.decode(errors='replace')[-500:]}")


def _give() -> None:
    """Write the resources of each snapshot as a template of the older kind, whose resources are a list."""
    _GIVEN.mkdir(parents=True, exist_ok=True)
    for snapshot in SNAPSHOTS:
        resources = json.loads(snapshot.read_text(encoding="utf-8"))["predictedResources"]
        template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
        (_GIVEN / f"{snapshot.name.partition('.')[0]}.json").write_text(json.dumps(template), encoding="utf-8")


def _python() -> str:
    """Its own virtual environment: it is too large, and pins too much, for the one of the project."""
    python = _VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (_VENV / f".ready-{VERSION}").exists():
        print(f"infra: installing checkov {VERSION} into {_VENV.name}, once", flush=True)
        venv.create(_VENV, with_pip=True, clear=True)
        pip = (str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check")
        subprocess.run([*pip, f"checkov=={VERSION}"], check=True, timeout=1200)  # noqa: S603
        (_VENV / f".ready-{VERSION}").touch()
    return str(python)
