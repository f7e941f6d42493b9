"""The command as people call it: help, usage, interruptions, pipes."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pytest

from shared.cli import main
from shared.cli.command import UsageError
from shared.cli.program import guarded
from shared.errors import ConfigError, GatherError, Mistake
from tests.config_texts import a_target, write

ROOT = Path(__file__).parents[2]


def dawnwatch(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.cli", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8", timeout=60)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "usage: dawnwatch"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["check", "--frob"], "unrecognized arguments: --frob"),
        (["check", "--only", "everything"], "choose from"),
        (["check", "--format", "xml"], "choose from"),
        (["check", "--at", "2026-11-22T08:05:00"], "write it as 2026-11-22T08:05:00Z"),
        (["check", "--config", "/nowhere/x.toml"], "there is no such file"),
        (["config"], "required: COMMAND"),
        (["config", "check", "--config", "/nowhere/x.toml"], "there is no such file"),
    ],
)
def test_bad_usage_exits_2_and_says_why_on_stderr(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert said in streams.err


@pytest.mark.parametrize("args", [["--help"], ["init", "--help"], ["check", "--help"], ["config", "check", "--help"]])
def test_help_exits_0(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    assert "usage: dawnwatch" in capsys.readouterr().out


def test_the_help_lists_the_exit_statuses_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    text = capsys.readouterr().out
    assert "3  something could not be read" in text
    assert "dawnwatch check --format json" in text


def test_an_unknown_target_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, a_target())
    assert main(["check", "--config", str(path), "--target", "tailspin"]) == 2
    assert "The targets: contoso" in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from shared.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'rich', 'azure', 'msgraph', 'httpx', 'tomllib'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_who_leaves_is_no_error(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(a_target(name=f"t-{number}") for number in range(2_000)))
    command = [sys.executable, "-m", "shared.cli", "config", "check", "--config", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 141


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (UsageError("no such thing"), 2, "no such thing"),
        (ConfigError([Mistake("f", "a.b", "is missing"), Mistake("f", "", "x")]), 2, "f: a.b: is missing\nf: x"),
        (GatherError("the server\x1b[2J said no"), 3, "the server said no"),
        (OSError(28, "No space left on device"), 3, "The report could not be written: No space left on device"),
    ],
)
def test_what_stops_a_command_is_said_in_a_line_and_never_looks_like_findings(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
        raise error

    monkeypatch.setattr(sys, "stdout", StringIO())  # Its own file number stays pytest's.
    assert guarded(argparse.Namespace(run=run)) == status
    assert capsys.readouterr().err == said + "\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_that_cannot_be_written_is_status_3(tmp_path: Path) -> None:
    path = write(tmp_path, a_target())
    command = [sys.executable, "-m", "shared.cli", "config", "check", "--config", str(path)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "The report could not be written: No space left on device\n")


def test_the_module_runs_as_the_command_does() -> None:
    assert dawnwatch("check", "--at", "now").returncode == 2
