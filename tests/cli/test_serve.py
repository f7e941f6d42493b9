"""`dawnwatch serve` as a process: it watches by its timers, says what it does, and ends when it is asked to."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from sandbox.faults import parse_fault
from shared.app.serving import GRACE_S
from shared.cli import main
from tests.bad_morning import FIVE_TEN, Watched, watching
from tests.config_texts import a_target, write
from tests.watching import assert_no_secret

ROOT = Path(__file__).parents[2]
EVERY_SECOND = "* * * * * *"


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watching(tmp_path, monkeypatch, FIVE_TEN) as opened:
        yield opened


def started(watched: Watched, *args: str, **environ: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "shared.cli", "serve", "--config", "dawnwatch.toml", *args]
    return subprocess.Popen(
        command,
        cwd=watched.folder,
        env={**os.environ, **watched.environ, "PYTHONPATH": str(ROOT), **environ},
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(stream: IO[str], *wanted: str) -> list[str]:
    """Read lines until each text was seen in one."""
    lines, left = list[str](), set(wanted)
    while left:
        line = stream.readline()
        assert line, f"it ended before {left}: {lines[-3:]}"
        lines.append(line)
        left -= {text for text in left if text in line}
    return lines


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_watches_until_it_is_asked_to_end(watched: Watched, number: signal.Signals) -> None:
    with started(watched, "--log", "json", DELIVERY_SCHEDULE=EVERY_SECOND) as child:
        assert child.stderr is not None
        checks = [f'"check": "{check}", "outcome"' for check in ("workspace-access", "app-registrations")]
        lines = read_until(child.stderr, *checks, '"check": "snapshot-currency", "outcome"', "delivery ended")
        asked_at = time.monotonic()
        child.send_signal(number)
        lines += child.stderr.readlines()
        assert child.wait(30) == 0
    assert time.monotonic() - asked_at < 10
    said: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert all(sorted(line) == ["fields", "level", "message", "time"] for line in said)
    assert [line["message"] for line in said][:2] == ["notice", "serving"]
    assert said[-1]["message"] == "ended"
    assert {line["level"] for line in said} == {"info"}
    assert_no_secret(watched.box, *lines)
    with sqlite3.connect(watched.ledger) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_what_hangs_is_cut_off_after_its_grace(watched: Watched) -> None:
    watched.box.faults.add(parse_fault("arm:hang"))
    with started(watched, DAWNWATCH_LIMITS_REQUEST_TIMEOUT_S="60", DAWNWATCH_LIMITS_PATIENCE_S="60") as child:
        assert child.stderr is not None
        read_until(child.stderr, "check=app-registrations outcome")
        asked_at = time.monotonic()
        child.send_signal(signal.SIGTERM)
        rest = child.stderr.read()
        assert child.wait(30) == 0
    assert GRACE_S <= time.monotonic() - asked_at < 10
    assert "WARNING cut off: grace_s=8" in rest


def test_every_mistake_of_configuration_and_schedules_is_named_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, a_target("colour = 1") + "[notify.teams]")
    monkeypatch.setenv("DELIVERY_SCHEDULE", "*/5 * * * *")
    monkeypatch.setenv("SERVICE_HEALTH_SCHEDULE", "now and then, at most")
    assert main(["serve", "--config", str(path)]) == 2
    said = capsys.readouterr().err
    assert "colour: unknown key" in said
    assert "environment: SERVICE_HEALTH_SCHEDULE: " in said
    assert 'environment: DELIVERY_SCHEDULE: "*/5 * * * *" has 5 fields; write six fields' in said
    assert not (tmp_path / "dawnwatch.db").exists()


def test_a_file_that_is_no_ledger_is_told_at_the_start(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched.ledger.write_bytes(b"It is a diary.")
    assert main(["serve", "--config", str(watched.folder / "dawnwatch.toml")]) == 3
    assert "is not a ledger" in capsys.readouterr().err
    assert watched.ledger.read_bytes() == b"It is a diary."


@pytest.mark.parametrize("text", ["0", "257", "-1", "eight", "", "8.0", "٣", "9" * 5_000])
def test_what_is_no_number_of_workers_exits_2(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", f"--workers={text}"]) == 2
    assert "is no number from 1 to 256" in capsys.readouterr().err
