"""`findings`, `history`, `ledger` and `notify-test`, after a bad morning that a run wrote down."""

import argparse
import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.cli import findings, main
from tests.bad_morning import FIVE_TEN, FOUR, TWENTY_PAST_EIGHT, Watched, watching


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A ledger after the looks of 05:10 and 08:20: two troubles open, one over."""
    with (
        pytest.MonkeyPatch.context() as patch,
        watching(tmp_path_factory.mktemp("kept"), patch, FOUR) as watched,
    ):
        for at in (FIVE_TEN, TWENTY_PAST_EIGHT):
            watched.run(at=at)
        yield watched


@pytest.fixture
def called(kept: Watched, capsys: pytest.CaptureFixture[str]) -> "Called":
    capsys.readouterr()
    return Called(kept, capsys)


class Called:
    def __init__(self, kept: Watched, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = kept.folder
        self.capsys = capsys

    def __call__(self, *args: str) -> tuple[int, str, str]:
        status = main([*args, "--config", str(self.folder / "dawnwatch.toml")])
        streams = self.capsys.readouterr()
        return status, streams.out, streams.err


def test_findings_show_what_is_open_since_when_and_when_it_was_told(called: Called) -> None:
    _, out, err = called("findings")
    text = " ".join(out.split())
    assert err == ""
    for said in (
        "contoso workspace-access read everything 2026-11-23 08:20 UTC",
        "ERROR credential.expiring Desktop-Analytics-Connection",
        "The last credential of Desktop-Analytics-Connection ends in 6 days",
        "Open since 2026-11-23 05:10 UTC",
        "last told 2026-11-23 05:10 UTC",
        "Open: 2 error.",
    ):
        assert said in text
    assert "(over)" not in text
    assert "has no role" not in text


@pytest.mark.parametrize(("after_h", "status"), [(1, 1), (23, 1), (24, 3), (999, 3)])
def test_findings_are_unknown_where_nobody_has_looked_for_a_day(kept: Watched, after_h: int, status: int) -> None:
    at = TWENTY_PAST_EIGHT + timedelta(hours=after_h)
    given = {"config": kept.folder / "dawnwatch.toml", "ledger": None, "target": None, "since": None}
    args = argparse.Namespace(**given, all=False, format="table")
    assert findings.run(args, kept.environ, clock=lambda: at) == status


def test_all_findings_hold_what_is_over_and_json_stands_alone(called: Called) -> None:
    _, out, _ = called("findings", "--all", "--format", "json")
    report = json.loads(out)
    assert report["schema"] == "dawnwatch.findings/1"
    (target,) = report["targets"]
    over = [found for found in target["findings"] if found["resolved_at"]]
    assert [found["id"] for found in over] == ["access.role_missing"]
    assert (over[0]["opened_at"], over[0]["resolved_at"]) == ("2026-11-23T05:10:00Z", "2026-11-23T08:20:00Z")
    assert {check["check"] for check in target["checks"]} == {
        "workspace-access",
        "app-registrations",
        "snapshot-currency",
    }


def test_findings_since_leave_out_what_began_before(called: Called) -> None:
    _, out, _ = called("findings", "--since", "2026-11-23T06:00:00Z", "--format", "json")
    assert [found["id"] for found in json.loads(out)["targets"][0]["findings"]] == ["snapshot.late"]
    _, out, _ = called("findings", "--since", "2026-11-24T06:00:00Z", "--format", "json")
    assert json.loads(out)["targets"][0]["findings"] == []


def test_a_history_is_found_by_the_beginning_of_its_fingerprint(called: Called) -> None:
    _, out, _ = called("findings", "--all", "--format", "json")
    (found,) = [each for each in json.loads(out)["targets"][0]["findings"] if each["id"] == "access.role_missing"]
    status, out, _ = called("history", found["fingerprint"][:9].upper())
    assert status == 0
    assert [line.split() for line in out.splitlines()[-2:]] == [
        ["2026-11-23", "05:10", "UTC", "opened", "error", "access.role_missing"],
        ["2026-11-23", "08:20", "UTC", "resolved", "error", "access.role_missing"],
    ]


def test_a_fingerprint_that_is_none_or_nobodys_exits_2(called: Called) -> None:
    assert "is no fingerprint" in called("history", "xyz")[2]
    status, _, err = called("history", "0" * 32)
    assert (status, err.partition(":")[0]) == (2, f"No fingerprint in the ledger begins with {'0' * 32}")


def test_an_ambiguous_beginning_lists_the_candidates(called: Called, kept: Watched) -> None:
    with sqlite3.connect(kept.ledger) as ledger:
        keys = [key for (key,) in ledger.execute("SELECT key FROM rows WHERE key LIKE 'i|%'")]
    ledger.close()
    first = [key.split("|")[2][0] for key in keys]
    shared = [digit for digit in first if first.count(digit) > 1]
    status, _, err = called("history", shared[0]) if shared else (2, "", "write more of the one that is meant")
    assert status == 2
    assert "write more of the one that is meant" in err


def test_an_export_is_read_back_row_for_row(called: Called, kept: Watched, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy.jsonl", tmp_path / "other.db"
    status, out, err = called("ledger", "export", str(copy))
    assert (status, out) == (0, "")
    assert err.startswith("Exported ")
    assert called("ledger", "import", str(copy), "--into", str(other))[0] == 0
    assert _rows(other) == _rows(kept.ledger) != []
    assert json.loads(copy.read_text(encoding="utf-8").splitlines()[0]) == {
        "schema": "dawnwatch.ledger/1",
        "version": 1,
    }
    again = called("ledger", "import", str(copy), "--into", str(other))
    assert (again[0], again[2]) == (3, "The ledger is not empty: import into a new one. Nothing was changed.\n")


def _rows(path: Path) -> list[tuple[str, str, bytes]]:
    with sqlite3.connect(path) as ledger:
        rows = ledger.execute("SELECT target, key, body FROM rows ORDER BY target, key").fetchall()
    ledger.close()
    return rows


def test_an_export_never_writes_over_a_file(called: Called, kept: Watched) -> None:
    before = kept.ledger.read_bytes()
    status, _, err = called("ledger", "export", str(kept.ledger))
    assert (status, "is there already" in err) == (2, True)
    assert kept.ledger.read_bytes() == before


@pytest.mark.parametrize("command", [["findings"], ["history", "a"], ["ledger", "export"]])
def test_a_ledger_that_is_not_there_is_said_and_not_made(called: Called, command: list[str], tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    status, _, err = called(*command, "--ledger", str(missing))
    assert status == 3
    assert err == (
        f"There is no ledger {missing} yet: `dawnwatch run` makes it. --ledger or DAWNWATCH_LEDGER names another.\n"
    )
    assert not missing.exists()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "Line 1: this is no export"),
        ("hello\n", "Line 1: this is no export"),
        ('{"schema": "dawnwatch.report/1", "version": 1}\n', "Line 1: this is no export"),
        ('{"schema": "dawnwatch.ledger/1", "version": 2}\n', "Line 1: the export is of version 2"),
        ('HEAD{"target": "t"}\n', "Line 2: "),
        ('HEAD{"target": "t", "key": "k"}\n', "Line 2: a row has either a body or base64"),
        ('HEAD{"target": "t", "key": "k", "body": 1, "base64": "AA=="}\n', "Line 2: a row has either"),
        ('HEAD{"target": "t", "key": "a/b", "body": 1}\n', "Line 2: A ledger cannot keep the key"),
        ('HEAD{"target": "", "key": "k", "body": 1}\n', "Line 2: A ledger cannot keep the target"),
        ('HEAD{"target": "t", "key": "k", "body": 1}\n\n', "Line 3: "),
        ('HEAD{"target": "t", "key": "k", "body": 1}\n{"target": "t", "key": "k", "body": 2}\n', "is there twice"),
        ('HEAD{"target": "t", "key": "k", "body": {"a"\n', "Line 2: "),
    ],
)
def test_a_file_that_is_no_export_exits_2_and_names_the_line(
    called: Called, lines: str, said: str, tmp_path: Path
) -> None:
    file, ledger = tmp_path / "in.jsonl", tmp_path / "new.db"
    file.write_text(lines.replace("HEAD", '{"schema":"dawnwatch.ledger/1","version":1}\n'), encoding="utf-8")
    status, _, err = called("ledger", "import", str(file), "--into", str(ledger))
    assert status == 2
    assert said in err
    assert not ledger.exists()


def test_a_test_reaches_every_channel_and_says_what_came_back(called: Called, kept: Watched) -> None:
    cards, events = len(kept.cards), len(kept.box.events)
    status, _, err = called("notify-test")
    assert status == 0
    assert err.splitlines() == [
        "teams: taken. See that it has arrived.",
        "event_grid: taken. See that it has arrived.",
    ]
    assert "This is a test" in str(kept.cards[cards]["fallbackText"])
    assert kept.box.events[events].content["subject"] == "monitor.test/channel/test"


def test_a_channel_that_does_not_take_a_test_makes_the_status_3(
    called: Called, kept: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAWNWATCH_TEAMS_WEBHOOK_URL", f"{kept.box.url}/gone?sig=SECRET")
    status, _, err = called("notify-test")
    assert status == 3
    assert "teams: not taken. Teams answered 404" in err
    assert "event_grid: taken" in err
    assert "SECRET" not in err


def test_a_test_without_the_webhook_exits_2(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAWNWATCH_TEAMS_WEBHOOK_URL")
    status, _, err = called("notify-test")
    assert (status, "DAWNWATCH_TEAMS_WEBHOOK_URL: is missing" in err) == (2, True)
