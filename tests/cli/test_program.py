"""The command as people call it: help, usage, interruptions, pipes."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.cli import main
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


@pytest.mark.parametrize("args", [["--help"], ["check", "--help"], ["config", "check", "--help"]])
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
        "heavy = {'rich', 'azure', 'msgraph', 'msgspec', 'httpx', 'tomllib'} & set(sys.modules)\n"
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


def test_the_module_runs_as_the_command_does() -> None:
    assert dawnwatch("check", "--at", "now").returncode == 2
