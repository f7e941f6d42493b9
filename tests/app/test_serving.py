"""What `dawnwatch serve` does on a whole bad morning: real SDKs over TLS, a ledger in a file, the box's clock."""

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.faults import parse_fault
from shared.app.memory_queue import TRIES, MemoryQueue
from shared.app.opened import App, Opened, Places
from shared.app.performing import GIVEN_UP
from shared.app.serving import WORK, Service, serve
from shared.app_settings import SCHEDULES
from shared.errors import LedgerError
from shared.formats.log_lines import json_line
from shared.model import Check
from shared.telemetry import current_run, fields_of
from tests.app.conftest import Morning
from tests.app.driven import serving, until
from tests.bad_morning import FOUR, Watched, watching
from tests.told import by_the_page
from tests.watching import assert_no_secret


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watching(tmp_path, monkeypatch, FOUR) as opened:
        yield opened


def test_every_timer_has_its_work() -> None:
    assert list(WORK) == [setting.name for setting in SCHEDULES]


def test_a_bad_morning_is_told_by_the_schedules_alone(morning: Morning) -> None:
    assert list(morning.cards) == [
        "Dawnwatch: contoso: MALogAnalyticsReader has no role on law-contoso (1 error)",
        "Dawnwatch: contoso: The Desktop Analytics snapshot is later than usual (1 warning)",
        "Dawnwatch: contoso: the snapshots in law-contoso could not be read (1 error)",
        "Dawnwatch: contoso: Can be read again: the snapshots in law-contoso could not be read (1 over)",
        "Dawnwatch: contoso: The last credential of Desktop-Analytics-Connection ends in 6 days 1 hour (1 error)",
        "Dawnwatch: contoso: The Desktop Analytics snapshot is late (1 error)",
        "Dawnwatch, this morning: contoso: 3 open findings",
        "Dawnwatch: contoso: Over: MALogAnalyticsReader has no role on law-contoso (1 over)",
        "Dawnwatch: contoso: Over: The Desktop Analytics snapshot is late (1 over)",
    ]
    assert len(morning.events) == len(set(morning.events)) == 8


def test_each_timer_plans_when_it_is_time_and_each_pass_is_part_of_its_run(morning: Morning) -> None:
    planned = morning.told("planned")
    quarters = 4 * 5 + 2  # from 04:15 to 09:30
    assert Counter(line.fields["check"] for line in planned) == {
        "workspace-access": 1 + 5,
        "app-registrations": 1 + 1,
        "snapshot-currency": 1 + quarters,
        "service-health": 1 + 5,
        "morning-report": 1,
    }
    assert not any(line.fields["past_due"] for line in planned)
    runs = {line.fields["run"] for line in planned}
    assert len(runs) == len(planned)
    assert {line.fields["run"] for line in morning.told("pass ended", "finding", "snapshot", "reported")} < runs
    assert morning.told("not done", "still waiting") == []


def test_every_line_has_only_fields_that_the_page_gives_it(morning: Morning) -> None:
    page = by_the_page()
    strange = {
        (line.message, name)
        for line in morning.lines
        for name in line.fields
        if name != "run" and name not in page[line.message].fields
    }
    assert strange == set()
    assert {type(value) for line in morning.lines for value in line.fields.values()} == {str, int, float, bool}


def test_no_line_says_a_secret(morning: Morning) -> None:
    assert len(morning.secrets) > 3
    assert not any(secret in text for line in morning.lines for text in line.spelt for secret in morning.secrets)


async def test_what_a_machine_slept_through_is_planned_once_and_said_to_be_past_due(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dawnwatch")
    async with serving(watched) as driven:
        await driven.jump(FOUR + timedelta(hours=4, minutes=4))
    planned = [(fields["check"], fields["past_due"]) for fields in told(caplog, "planned")]
    assert sorted(planned[-4:]) == [
        ("app-registrations", True),
        ("service-health", True),
        ("snapshot-currency", True),
        ("workspace-access", True),
    ]
    assert len(planned) == len(Check) + 4
    assert watched.cards


async def test_a_ledger_that_cannot_be_read_is_tried_again_and_given_up_and_stops_nobody_else(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    add_twin(watched)
    caplog.set_level(logging.INFO, "dawnwatch")
    async with serving(watched) as driven:
        await driven.go_on_until(FOUR + timedelta(minutes=1))
        damage(watched.ledger, "contoso")
        caplog.clear()
        await driven.go_on_until(FOUR + timedelta(minutes=16))
        assert await driven.queue.poisoned() == 1
        failures = [(fields["by"], fields["attempt"], fields["target"]) for fields in told(caplog, "not done")]
        assert failures == [*(("passes", attempt, "contoso") for attempt in range(1, TRIES + 1)), last_of("contoso")]
        assert {fields["target"] for fields in told(caplog, "pass ended")} == {"twin"}
        mend(watched.ledger, "contoso")
        await driven.go_on_until(FOUR + timedelta(minutes=31))
        assert await driven.queue.poisoned() == 0


def last_of(target: str) -> tuple[str, int, str]:
    return "passes_poison", TRIES, target


class Failing(App):
    """An app that cannot be opened as often as a message is tried. The first time of each run is its plan's."""

    def __init__(self, watched: Watched, queue: MemoryQueue) -> None:
        places = Places(watched.folder / "dawnwatch.toml", "dawnwatch.db", watched.folder)
        super().__init__(places, watched.environ, clock=lambda: watched.box.now, queue=queue)
        self.times = Counter[str]()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        self.times[current_run()] += 1
        if 1 < self.times[current_run()] <= 1 + TRIES:
            raise LedgerError("The ledger is away.")
        async with super().opened() as opened:
            yield opened


async def test_what_is_given_up_is_a_finding_of_its_target(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dawnwatch")
    queue, stopping = MemoryQueue(retry_after_s=0), asyncio.Event()
    app = Failing(watched, queue)
    served = asyncio.ensure_future(serve(Service(app, queue, (), lambda: watched.box.now, 1), stopping))
    await until(lambda: len(told(caplog, "message poisoned")) == 3 and not queue.under_way)
    stopping.set()
    assert await asyncio.wait_for(served, 30) == 0
    await app.close()
    assert await queue.poisoned() == 0
    assert len(told(caplog, "not done")) == 3 * TRIES
    assert len(watched.box.events) == 3
    assert all(
        "could not be read" in str(event.content) and GIVEN_UP in str(event.content) for event in watched.box.events
    )
    assert all("could not be read" in str(card["fallbackText"]) for card in watched.cards)


async def test_a_channel_that_comes_back_is_told_by_the_timer(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dawnwatch")
    watched.box.faults.add(parse_fault("teams:status:status=503"))
    async with serving(watched) as driven:
        await driven.go_on_until(FOUR + timedelta(hours=2))
        assert watched.cards == []
        watched.box.faults.clear()
        await driven.go_on_until(FOUR + timedelta(hours=2, minutes=35))
    assert [str(card["fallbackText"]) for card in watched.cards] == [
        "Dawnwatch: contoso: MALogAnalyticsReader has no role on law-contoso (1 error)"
    ]
    assert told(caplog, "not delivered")
    assert told(caplog, "delivery ended")[-1]["waiting"] == 0
    assert_no_secret(watched.box, *(f"{record.getMessage()} {fields_of(record)}" for record in caplog.records))


async def test_what_nobody_expected_is_told_with_its_place_and_stops_nothing(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> datetime:
        raise LookupError("sig=secret")

    queue, stopping = MemoryQueue(), asyncio.Event()
    places = Places(watched.folder / "dawnwatch.toml", "dawnwatch.db", watched.folder)
    app = App(places, watched.environ, clock=broken, queue=queue)
    stopping.set()
    try:
        assert await asyncio.wait_for(serve(Service(app, queue, (), broken, 1), stopping), 30) == 0
    finally:
        await app.close()
    failures = [record for record in caplog.records if record.getMessage() == "not done"]
    assert [fields_of(record)["reason"] for record in failures] == ["LookupError"] * len(Check)
    assert {record.levelname for record in failures} == {"ERROR"}
    lines = [json_line(record) for record in failures]
    assert all("app/planning.py:" in line and "secret" not in line for line in lines)


async def test_what_waits_when_it_is_time_to_stop_is_counted(watched: Watched) -> None:
    queue, stopping = MemoryQueue(), asyncio.Event()
    app = App(Places(watched.folder / "dawnwatch.toml", "dawnwatch.db", watched.folder), watched.environ, queue=queue)
    stopping.set()
    try:
        assert await asyncio.wait_for(serve(Service(app, queue, (), lambda: FOUR, 0), stopping), 30) == 3
    finally:
        await app.close()


def told(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, object]]:
    return [fields_of(record) for record in caplog.records if record.getMessage() == message]


def add_twin(watched: Watched) -> None:
    path = watched.folder / "dawnwatch.toml"
    text = path.read_text(encoding="utf-8")
    twin = text[text.index("[[target]]") : text.index("[notify.teams]")].replace('"contoso"', '"twin"', 1)
    path.write_text(text + twin, encoding="utf-8")


def damage(path: Path, target: str) -> None:
    with sqlite3.connect(path) as ledger:
        ledger.execute(
            "UPDATE rows SET body = CAST('{' || CAST(body AS TEXT) AS BLOB) WHERE target = ? AND key LIKE 'c|%'",
            (target,),
        )
    ledger.close()


def mend(path: Path, target: str) -> None:
    with sqlite3.connect(path) as ledger:
        ledger.execute(
            "UPDATE rows SET body = CAST(substr(CAST(body AS TEXT), 2) AS BLOB) WHERE target = ? AND key LIKE 'c|%'",
            (target,),
        )
    ledger.close()
