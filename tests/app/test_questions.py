"""The queries of docs/telemetry.md, asked of what was told on a bad morning: each has an answer, and the right one."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb_kql
import pytest

from tests.app.conftest import Line, Morning
from tests.bad_morning import FOUR, HALF_PAST_NINE

PAGE = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text(encoding="utf-8")
QUESTIONS = dict(re.findall(r"^([^\n`]+?)(?: \([^\n]*\))?:\n\n```kusto\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))
COLUMNS = {"TimeGenerated": "TIMESTAMP", "Message": "VARCHAR", "Properties": "JSON"}

type Answer = list[tuple[object, ...]]
type Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(morning: Morning) -> Ask:
    """Ask one of the page's questions, as it stood at 09:30."""
    connection = duckdb_kql.connect()
    connection.execute(f"CREATE TABLE AppTraces ({', '.join(map(' '.join, COLUMNS.items()))})")
    for line in morning.lines:
        connection.execute("INSERT INTO AppTraces VALUES (?, ?, ?)", row(line))

    def asked(question: str, run: str = "", now: datetime = HALF_PAST_NINE) -> Answer:
        query = re.sub(r'this_run = "\w+"', f'this_run = "{run}"', QUESTIONS[question])
        sql = duckdb_kql.to_sql(query, {"AppTraces": [*COLUMNS]}, allow_write=False, query_now=now)
        answer: Answer = connection.execute(str(sql), sql.parameters or None).fetchall()
        return answer

    return asked


def row(line: Line) -> list[object]:
    """A line as Azure keeps it: each field is a property, as text."""
    properties = {name: str(value) for name, value in line.fields.items()}
    return [plain(line.at), line.message, json.dumps(properties)]


def plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def test_every_question_is_asked_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert len(QUESTIONS) == PAGE.count("```kusto")
    assert [question for question in QUESTIONS if f'"{question}"' not in here] == []


def test_one_run_from_the_timer_to_delivery(ask: Ask, morning: Morning) -> None:
    (found,) = [line for line in morning.told("finding") if line.fields["finding"] == "monitor.gather_failed"]
    rows = ask("One run, from the timer to delivery", run=str(found.fields["run"]))
    assert [(said, check or channel) for _, said, _, check, _, _, channel in rows] == [
        ("planned", "snapshot-currency"),
        ("delivered", "teams"),
        ("delivered", "event_grid"),
        ("pass ended", "snapshot-currency"),
        ("finding", "snapshot-currency"),
    ]


def test_what_could_not_be_read(ask: Ask) -> None:
    at = plain(FOUR + timedelta(hours=3, minutes=15))
    assert ask("What could not be read, and how often, since yesterday") == [("contoso", "snapshot-currency", 1, at)]


def test_which_checks_stand_still(ask: Ask) -> None:
    question = "Which checks have not ended for hours, and so are neither green nor red"
    assert ask(question) == []
    later = ask(question, now=HALF_PAST_NINE + timedelta(hours=6))
    assert [check for _, check, _ in later] == ["app-registrations"]


def test_the_slowest_targets(ask: Ask) -> None:
    rows = ask("The slowest targets, and whether it is calls that they take")
    assert {(target, check, passes) for target, check, passes, *_ in rows} == {
        ("contoso", "snapshot-currency", 23),
        ("contoso", "workspace-access", 6),
        ("contoso", "app-registrations", 2),
    }
    assert [row[4] for row in rows] == sorted((row[4] for row in rows), reverse=True)  # type: ignore[type-var]


def test_throttles_by_the_hour(ask: Ask, morning: Morning) -> None:
    rows = ask("How often Azure's services refused a call for haste, by the hour")
    calls = [
        sum(line.fields["calls"] for line in morning.told("pass ended") if line.at.hour == hour)  # type: ignore[misc]
        for hour in range(4, 10)
    ]
    expected = [(hour, 2 if hour == 7 else 0, calls[hour - 4]) for hour in range(4, 10)]
    assert [(at.hour, throttles, made) for at, throttles, made, _ in rows] == expected  # type: ignore[attr-defined]
    assert rows[3][3] == pytest.approx(100 * 2 / calls[3], abs=0.01)


def test_which_deliveries_fail(ask: Ask, morning: Morning) -> None:
    (row,) = ask("Which deliveries fail, and what the channel says")
    assert row[:2] == ("teams", "Teams answered 503 (Service Unavailable): it can be tried again")
    assert row[2] == len(morning.told("not delivered"))
    assert row[4] == 1


def test_what_waits(ask: Ask) -> None:
    rows = ask("What waits to be delivered, and for how long")
    assert [waiting for _, waiting, *_ in rows] == [0, 1, 1, 0, 0, 0]
    assert {poisoned for *_, poisoned in rows} == {0}


def test_late_timers(ask: Ask) -> None:
    assert ask("Whether timers came late") == [
        ("app-registrations", 2, 0),
        ("morning-report", 1, 0),
        ("service-health", 6, 0),
        ("snapshot-currency", 23, 0),
        ("workspace-access", 6, 0),
    ]


def test_when_snapshots_landed(ask: Ask) -> None:
    assert ask("When each snapshot landed, day by day") == [
        ("contoso", "Desktop Analytics", "2026-11-23", plain(FOUR + timedelta(hours=5, minutes=5)))
    ]
