"""The image of `dawnwatch serve`: its Dockerfile is clean, and what it installs is what runs, and runs by itself."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LINES = DOCKERFILE.replace("\\\n", " ").splitlines()
HADOLINT = shutil.which("hadolint", path=Path(sys.executable).parent) or shutil.which("hadolint")


def said(instruction: str) -> list[str]:
    return [line.removeprefix(f"{instruction} ").strip() for line in LINES if line.startswith(f"{instruction} ")]


def copied() -> list[str]:
    """What the image is made of."""
    return [source for line in said("COPY") if "--from" not in line for source in line.split()[:-1]]


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed: it has no package for this machine")
def test_the_linter_finds_nothing() -> None:
    ran = subprocess.run(
        [HADOLINT or "", "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "")


def test_only_what_is_copied_is_let_through_to_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(rule[1:] for rule in rules if rule.startswith("!")) == sorted(map(os.path.normpath, copied()))
    assert rules[-1] == "**/__pycache__"
    assert all((ROOT / source).exists() for source in copied())


def test_it_runs_as_nobody_in_particular_and_starts_the_command() -> None:
    assert said("USER") == ["10001:10001"]
    assert [json.loads(line) for line in (*said("ENTRYPOINT"), *said("CMD"))] == [["dawnwatch"], ["serve"]]
    (version,) = {line.split()[0] for line in said("FROM")}
    assert version == f"python:{(ROOT / '.python-version').read_text(encoding='utf-8').strip()}-slim"


def test_the_docs_mount_what_the_image_reads_and_writes() -> None:
    compose = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    places = dict(re.findall(r"(DAWNWATCH_\w+)=(\S+)", DOCKERFILE))
    (volume,) = said("VOLUME")
    assert f":{Path(places['DAWNWATCH_CONFIG']).parent.as_posix()}:ro " in compose
    assert f":{volume}\n" in compose
    assert Path(places["DAWNWATCH_LEDGER"]).is_relative_to(volume)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what the image's build sees."""
    context = tmp_path_factory.mktemp("context")
    for source in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, context / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, context)
    build = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    ran = subprocess.run([sys.executable, "-c", build], cwd=context, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
    (built,) = (context / "dist").glob("*.whl")
    return built


def test_its_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "shared").rglob("*") if path.is_file()}
    assert held == {name for name in ours if not fnmatch(name, "*/__pycache__/*")}


def test_its_wheel_runs_by_itself(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "site")
    code = "import sys, shared, shared.cli; print(shared.__file__); sys.exit(shared.cli.main(['serve']))"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "DELIVERY_SCHEDULE": "never"}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert Path(ran.stdout.strip()).is_relative_to(tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[0].startswith("dawnwatch.toml: there is no such file; ")
    assert 'environment: DELIVERY_SCHEDULE: "never" has 1 field; write six fields' in ran.stderr
