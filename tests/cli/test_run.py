"""`dawnwatch run` on a whole bad morning, with the real SDKs over TLS, a ledger in a file, and the box's clock."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.cli import main
from shared.cli.command import UsageError
from shared.cli.run import interval_s
from shared.errors import ConfigError, LedgerError
from shared.formats.ledger_words import failing_lines
from shared.ledger.deliveries import Waiting
from tests.bad_morning import (
    EIGHT,
    FIVE_TEN,
    FOUR,
    HALF_PAST_NINE,
    LANDED,
    QUARTER_PAST_SEVEN,
    TWENTY_PAST_EIGHT,
    Watched,
    watching,
)
from tests.config_texts import a_target, write

ROOT = Path(__file__).parents[2]
LOOKS = (FOUR, FIVE_TEN, QUARTER_PAST_SEVEN, EIGHT, TWENTY_PAST_EIGHT, LANDED, HALF_PAST_NINE)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watching(tmp_path, monkeypatch, FOUR) as opened:
        yield opened


def test_a_bad_morning_is_told_once_gets_worse_is_over_and_reported_once(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[list[str]] = []
    statuses: list[int] = []
    for at in LOOKS:
        before = len(watched.cards)
        statuses.append(watched.run(at=at))
        watched.run(at=at + timedelta(seconds=30))
        told.append([str(card["fallbackText"]) for card in watched.cards[before:]])
    assert statuses == [0, 1, 1, 1, 1, 1, 1]
    assert told == [
        [],
        ["Dawnwatch: contoso: The last credential of Desktop-Analytics-Connection ends in 6 days 4 hours (2 errors)"],
        ["Dawnwatch: contoso: The Desktop Analytics snapshot is later than usual (1 warning)"],
        ["Dawnwatch: contoso: The Desktop Analytics snapshot is late (1 error)"],
        [
            "Dawnwatch: contoso: Over: MALogAnalyticsReader has no role on law-contoso (1 over)",
            "Dawnwatch, this morning: contoso: 2 open findings",
        ],
        ["Dawnwatch: contoso: Over: The Desktop Analytics snapshot is late (1 over)"],
        ["Dawnwatch: contoso: The last credential of Desktop-Analytics-Connection ends in 6 days (1 error)"],
    ]
    ids = [event.content["id"] for event in watched.box.events]
    assert len(ids) == len(set(ids)) == 7
    said = capsys.readouterr()
    assert said.out == ""
    assert "2026-11-23 08:00 UTC contoso: 1 escalated; open: 3 error" in said.err
    assert "2026-11-23 09:30 UTC contoso: 1 escalated; open: 1 error" in said.err
    assert not any(secret in said.err for secret in watched.box.secrets)


def test_the_report_of_the_next_day_says_what_landed(watched: Watched) -> None:
    for day in (0, 1):
        watched.run(at=HALF_PAST_NINE + timedelta(days=day))
    reports = [card for card in watched.cards if "this morning" in str(card["fallbackText"])]
    assert len(reports) == 2
    assert "landed today 09:05 UTC (25 minutes ago)" in str(reports[0])


def test_a_channel_that_fails_is_said_and_makes_the_status_3(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.environ = {**watched.environ, "DAWNWATCH_TEAMS_WEBHOOK_URL": f"{watched.box.url}/gone?sig=S"}
    assert watched.run(at=FIVE_TEN) == 3
    said = capsys.readouterr().err
    assert "contoso: 2 opened; open: 2 error; not delivered to teams" in said
    assert "Not delivered to teams since 2026-11-23 05:10 UTC: 2 messages of 1 target wait. Teams answered 404" in said
    assert len(watched.box.events) == 2
    assert main(["findings", "--config", str(watched.folder / "dawnwatch.toml")]) == 3
    assert "Not delivered to teams" in capsys.readouterr().err


def test_a_damaged_row_stops_its_target_alone_and_is_left_as_it_is(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    path = watched.folder / "dawnwatch.toml"
    text = path.read_text(encoding="utf-8")
    twin = text[text.index("[[target]]") : text.index("[notify.teams]")].replace('"contoso"', '"twin"', 1)
    path.write_text(text + twin, encoding="utf-8")
    watched.run(at=FOUR)
    with sqlite3.connect(watched.ledger) as ledger:
        ledger.execute("UPDATE rows SET body = ? WHERE target = 'contoso' AND key LIKE 'c|%'", (b"{",))
    ledger.close()
    capsys.readouterr()
    assert watched.run(at=EIGHT) == 3
    said = capsys.readouterr().err
    assert "contoso: not done: The ledger row 'c|" in said
    assert "twin: 1 opened" in said
    with sqlite3.connect(watched.ledger) as ledger:
        bodies = ledger.execute("SELECT body FROM rows WHERE target = 'contoso' AND key LIKE 'c|%'").fetchall()
    ledger.close()
    assert {body for (body,) in bodies} == {b"{"}


def test_what_could_not_be_read_is_unknown_and_resolves_nothing(watched: Watched) -> None:
    assert watched.run(at=FIVE_TEN) == 1
    environ, watched.environ = watched.environ, dict(watched.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_CLIENT_SECRET", "wrong")
        assert watched.run(at=QUARTER_PAST_SEVEN) == 3
    watched.environ = environ
    assert not any("Over" in str(card["fallbackText"]) for card in watched.cards)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"It is a diary.", "is not a ledger"), (b"SQLite format 3\x00" + b"\x00" * 200, "another program's database")],
)
def test_a_file_that_is_no_ledger_is_left_as_it_is(watched: Watched, content: bytes, said: str) -> None:
    watched.ledger.write_bytes(content)
    with pytest.raises(LedgerError, match=said):
        watched.run(at=EIGHT)
    assert watched.ledger.read_bytes() == content


def test_a_channel_without_its_secret_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAWNWATCH_TEAMS_WEBHOOK_URL", raising=False)
    path = write(tmp_path, a_target() + "[notify.teams]")
    assert main(["run", "--config", str(path)]) == 2
    assert not (tmp_path / "dawnwatch.db").exists()


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600)])
def test_an_interval_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert interval_s(text) == seconds


@pytest.mark.parametrize("text", ["5", "0s", "5 m", "-1m", "25h", "1d", "", "٣m"])
def test_what_is_no_interval_exits_2(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", f"--every={text}"]) == 2
    assert "is no interval from 1s to 24h" in capsys.readouterr().err


def test_a_channel_that_fails_for_many_targets_is_said_once() -> None:
    waiting = [Waiting(f"t{number}", "teams", 2, EIGHT, "it said no") for number in range(5_000)]
    assert list(failing_lines([*waiting, Waiting("t", "event_grid", 1)])) == [
        "Not delivered to teams since 2026-11-23 08:00 UTC: 10,000 messages of 5,000 targets wait. it said no"
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_goes_on_ends_cleanly_when_asked_to(watched: Watched, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "shared.cli", "run", "--every", "1s", "--config", "dawnwatch.toml"]
    environ = {**os.environ, **watched.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=watched.folder, env=environ, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        rounds = 0
        for line in child.stderr:
            rounds += " contoso: " in line
            if rounds == 2:
                break
        started = time.monotonic()
        child.send_signal(number)
        rest = child.stderr.read()
        assert child.wait(30) == 0
    assert "Asked to stop: ended." in rest
    assert time.monotonic() - started < 10
    with sqlite3.connect(watched.ledger) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger.close()


def test_errors_of_usage_are_errors_of_usage(watched: Watched) -> None:
    with pytest.raises(UsageError):
        watched.run(at=EIGHT, target=["nobody"])
    (watched.folder / "dawnwatch.toml").write_text("[limit]", encoding="utf-8")
    with pytest.raises(ConfigError):
        watched.run(at=EIGHT)
