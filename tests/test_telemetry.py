"""What the monitor says of its own work: constant messages, fields, the run that ties them; and never a secret."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from logging.handlers import BufferingHandler
from pathlib import Path

import pytest

from sandbox.faults import parse_fault
from shared.app.memory_queue import MemoryQueue
from shared.app.opened import App, Places
from shared.app.performing import perform
from shared.formats.log_lines import json_line
from shared.plan import PassMessage, encode
from shared.telemetry import current_run, fail, fields_of, logger, part_of, run_of, spell_fields, tell, warn
from tests.bad_morning import FIVE_TEN, Watched, watching
from tests.watching import assert_no_secret

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    """What is told meanwhile."""
    caplog.set_level(logging.INFO, "dawnwatch")
    kept = BufferingHandler(1_000)
    logger.addHandler(kept)
    yield kept.buffer
    logger.removeHandler(kept)


def test_a_line_has_its_fields_and_none_that_has_no_value(lines: list[logging.LogRecord]) -> None:
    tell("planned", check="service-health", targets=0, past_due=False, due_at=None)
    warn("not delivered", channel="teams", failing="")
    fail("not done", LookupError(), by="passes", attempt=2)
    assert [(line.levelname, line.getMessage(), fields_of(line)) for line in lines] == [
        ("INFO", "planned", {"check": "service-health", "targets": 0, "past_due": False}),
        ("WARNING", "not delivered", {"channel": "teams", "failing": ""}),
        ("ERROR", "not done", {"by": "passes", "attempt": 2}),
    ]
    assert lines[2].exc_info is not None


def test_an_instant_is_spelt_as_iso_8601(lines: list[logging.LogRecord]) -> None:
    tell("finding", due_at=datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert fields_of(lines[0]) == {"due_at": "2026-11-23T08:00:00+00:00"}


def test_a_line_is_part_of_the_innermost_run(lines: list[logging.LogRecord]) -> None:
    tell("before")
    with part_of("outer"):
        tell("outer")
        with part_of("inner"):
            tell("inner")
        tell("outer again")
        with part_of(""):
            tell("none")
    tell("after")
    assert [fields_of(line).get("run") for line in lines] == [None, "outer", "inner", "outer", None, None]
    assert current_run() == ""


async def test_runs_side_by_side_are_not_mixed(lines: list[logging.LogRecord]) -> None:
    async def one(run: str) -> None:
        with part_of(run):
            await asyncio.sleep(0)
            tell(run)
            await asyncio.gather(*(_told_later(run) for _ in range(2)))

    await asyncio.gather(*(one(f"run {number}") for number in range(5)))
    assert len(lines) == 15
    assert all(fields_of(line)["run"] == line.getMessage() for line in lines)


async def _told_later(run: str) -> None:
    await asyncio.sleep(0)
    tell(run)


def test_a_run_that_fails_ends_too() -> None:
    with pytest.raises(LookupError), part_of("broken"):
        raise LookupError
    assert current_run() == ""


def test_a_run_is_named_after_its_trace() -> None:
    assert run_of(f"00-{TRACE}-b7ad6b7169203331-01") == TRACE


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "00",
        f"00-{TRACE.upper()}-b7ad6b7169203331-01",
        f"00-{TRACE}-b7ad6b7169203331-01-more",
        f"x00-{TRACE}-b7ad6b7169203331-01",
        f"00-{TRACE[:-1]}-b7ad6b7169203331-01",
    ],
)
def test_a_run_without_a_trace_has_a_name_of_its_own(parent: str | None) -> None:
    names = {run_of(parent) for _ in range(3)}
    assert len(names) == 3
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)


def test_fields_are_spelt_behind_the_message_where_nothing_carries_them(lines: list[logging.LogRecord]) -> None:
    tell("snapshot", set="Desktop Analytics 100%", day="2026-11-23")
    tell("ended")
    assert [spell_fields(line).getMessage() for line in lines] == [
        'snapshot {"set": "Desktop Analytics 100%", "day": "2026-11-23"}',
        "ended",
    ]


def test_a_line_of_somebody_else_keeps_its_own_words() -> None:
    record = logging.LogRecord("other", logging.INFO, "o.py", 1, "%d of %d", (1, 2), None)
    record.__dict__["target"] = "contoso"
    assert spell_fields(record).getMessage() == "1 of 2"


def test_of_an_error_only_its_type_and_place_are_spelt(lines: list[logging.LogRecord]) -> None:
    try:
        raise ValueError("a secret")
    except ValueError as error:
        fail("pass failed", error, target="contoso")
    spelt = spell_fields(lines[0])
    assert '"error": "ValueError at tests/test_telemetry.py:' in spelt.getMessage()
    assert "secret" not in logging.Formatter().format(spelt)
    assert lines[0].exc_info  # whoever else hears the line has it as it was told


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watching(tmp_path, monkeypatch, FIVE_TEN) as opened:
        yield opened


FAULTS = ("teams:status:status=401", "teams:html:status=502", "teams:reset", "event_grid:status:status=401", "")


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_line_says_a_secret_whatever_a_channel_answers(
    watched: Watched, fault: str, lines: list[logging.LogRecord]
) -> None:
    """Without a fault, the webhook's own address is wrong."""
    watched.tenant.unassign_roles("MALogAnalyticsReader")
    webhook = watched.environ["DAWNWATCH_TEAMS_WEBHOOK_URL"]
    nowhere = {"DAWNWATCH_TEAMS_WEBHOOK_URL": webhook.replace(watched.box.url, "https://localhost:1")}
    if fault:
        watched.box.faults.add(parse_fault(fault))
    places = Places(watched.folder / "dawnwatch.toml", "dawnwatch.db", watched.folder)
    environ = watched.environ if fault else {**watched.environ, **nowhere}
    app = App(places, environ, clock=lambda: FIVE_TEN, queue=MemoryQueue())
    try:
        await perform(app, encode(PassMessage("contoso", "workspace-access", FIVE_TEN, "r1")).encode(), attempt=1)
    finally:
        await app.close()
    told = {line.getMessage() for line in lines}
    assert {"pass ended", "finding", "delivered", "not delivered"} <= told
    spelt = [json_line(line) for line in lines]
    assert_no_secret(watched.box, *spelt)
    assert all('"run": "r1"' in line for line in spelt)
    assert not any("sig=" in line or "invoke?" in line for line in spelt)
