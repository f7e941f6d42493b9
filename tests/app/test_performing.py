"""Messages of the queue: a round each, told in a line; what is no longer wanted; what was given up."""

import json
from datetime import timedelta

import pytest

from shared.app.performing import give_up, perform
from shared.errors import LedgerError, MessageError
from shared.ledger.book import Book
from shared.model import Check
from shared.plan import ALL_TARGETS, REPORT, USEFUL_FOR, PassMessage, encode
from tests.app.operated import Operated
from tests.bad_morning import CHANGES, EIGHT, FIVE_TEN, FOUR, TWENTY_PAST_EIGHT

MOMENT = timedelta(seconds=1)


async def open_ids(operated: Operated) -> list[str]:
    async with operated.app.opened() as opened:
        return sorted(item.finding.id for item in await Book(opened.shell.store, "contoso").incidents() if item.is_open)


async def test_a_pass_is_told_with_its_coverage_and_its_cost(operated: Operated) -> None:
    await operated.look(Check.WORKSPACE_ACCESS)
    (line,) = operated.lines.of("pass ended")
    duration_s = line.pop("duration_s")
    assert isinstance(duration_s, float)
    assert duration_s > 0
    assert line == {
        "run": "r1",
        "target": "contoso",
        "check": "workspace-access",
        "outcome": "clear",
        "read": 3,
        "ignored": 0,
        "unread": 0,
        "calls": 5,
        "throttles": 0,
        "transitions": 0,
        "sent": 0,
        "failing": "",
        "attempt": 1,
    }


async def test_throttles_are_counted(operated: Operated) -> None:
    from sandbox import parse_fault

    operated.box.faults.add(parse_fault("graph:throttle:retry_after=0.1:times=2"))
    await operated.look(Check.APP_REGISTRATIONS)
    (line,) = operated.lines.of("pass ended")
    assert line["throttles"] == 2
    assert line["outcome"] == "clear"


async def test_what_it_finds_and_what_landed_are_lines_too(operated: Operated) -> None:
    for at in (FIVE_TEN, EIGHT):
        if at in CHANGES:
            CHANGES[at](operated.watched.tenant)
        operated.set_now(at)
        await operated.look(Check.WORKSPACE_ACCESS, Check.SNAPSHOT_CURRENCY)
    found = operated.lines.of("finding")
    assert {line["finding"] for line in found} == {"access.role_missing", "snapshot.late"}
    (first, *_) = found
    assert (first["severity"], first["subject"], first["silenced"]) == ("error", "MALogAnalyticsReader", False)
    snapshots = operated.lines.of("snapshot")
    assert {line["set"] for line in snapshots} == {"Desktop Analytics"}
    assert {line["day"] for line in snapshots} == {"2026-11-23"}
    assert not any("landed_at" in line for line in snapshots)


async def test_a_run_is_tied_to_its_deliveries(operated: Operated) -> None:
    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    delivered = operated.lines.of("delivered")
    assert {line["channel"] for line in delivered} == {"teams", "event_grid"}
    assert {line["run"] for line in delivered} == {"r1"}
    assert {line["transitions"] for line in delivered} == {event.content["id"] for event in operated.box.events}
    (line,) = operated.lines.of("pass ended")
    assert (line["outcome"], line["transitions"], line["sent"]) == ("findings", 1, 2)


async def test_a_message_twice_tells_nothing_twice(operated: Operated) -> None:
    import asyncio

    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.set_now(FIVE_TEN)
    message = PassMessage("contoso", "workspace-access", FIVE_TEN, "r1")
    await asyncio.gather(*(operated.perform(message, attempt=attempt) for attempt in (1, 2, 3)))
    assert len(operated.watched.cards) == 1
    assert len(operated.box.events) == 1


async def test_the_morning_report_goes_the_same_way(operated: Operated) -> None:
    operated.set_now(TWENTY_PAST_EIGHT)
    for _ in range(2):
        await operated.perform(PassMessage("contoso", REPORT, operated.at))
    assert [str(card["fallbackText"])[:23] for card in operated.watched.cards] == ["Dawnwatch, this morning"]
    assert [line["sent"] for line in operated.lines.of("reported")] == [1, 0]


async def test_the_one_report_for_all(operated: Operated) -> None:
    text = operated.config.read_text(encoding="utf-8")
    operated.config.write_text(f'{text}\n[report]\ncards = "all"\n', encoding="utf-8")
    operated.set_now(TWENTY_PAST_EIGHT)
    await operated.perform(PassMessage("contoso", REPORT, operated.at))
    await operated.perform(PassMessage(ALL_TARGETS, REPORT, operated.at))
    assert len(operated.watched.cards) == 1


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (PassMessage("stranger", "workspace-access", FOUR), "target gone"),
        (PassMessage("contoso", "workspace-access", FOUR - USEFUL_FOR - MOMENT), "message too old"),
        (PassMessage(ALL_TARGETS, REPORT, FOUR - USEFUL_FOR - MOMENT), "message too old"),
        (PassMessage(ALL_TARGETS, "workspace-access", FOUR), "target gone"),
    ],
)
async def test_what_is_no_longer_wanted_is_done_without_and_said(
    operated: Operated, message: PassMessage, line: str
) -> None:
    before = len(operated.box.requests)
    await operated.perform(message)
    assert [told["target"] for told in operated.lines.of(line)] == [message.target]
    assert len(operated.box.requests) == before


@pytest.mark.parametrize("age", [USEFUL_FOR, -timedelta(days=1)])
async def test_a_message_is_of_use_to_the_end_and_from_any_clock(operated: Operated, age: timedelta) -> None:
    await operated.perform(PassMessage("contoso", "workspace-access", operated.at - age))
    assert len(operated.lines.of("pass ended")) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Input data was truncated"),
        (b"nonsense", "JSON is malformed"),
        (b"\xff\xfe\x00", "JSON is malformed"),
        (b"[1]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `target`"),
        (b'{"target": "contoso", "check": "x", "planned_at": "2026-11-23T04:00:00Z"}', "there is no check"),
        (b'{"target": "contoso", "check": "workspace-access", "planned_at": "2026-11-23T04:00:00"}', "timezone"),
        (b'{"target": 1, "check": "workspace-access", "planned_at": "2026-11-23T04:00:00Z"}', "Expected `str`"),
    ],
)
async def test_a_message_that_is_not_ours_says_what_one_looks_like(operated: Operated, body: bytes, why: str) -> None:
    with pytest.raises(MessageError, match=why) as error:
        await perform(operated.app, body, attempt=1)
    assert '"target", "check" and "planned_at"' in str(error.value)
    await give_up(operated.app, body)
    (line,) = operated.lines.of("message poisoned")
    assert why in str(line["reason"])


async def test_unknown_keys_of_a_later_version_are_let_be(operated: Operated) -> None:
    body = json.loads(encode(PassMessage("contoso", "workspace-access", FOUR))) | {"later": 1}
    await perform(operated.app, json.dumps(body).encode(), attempt=1)
    assert len(operated.lines.of("pass ended")) == 1


async def test_a_message_that_was_given_up_is_a_finding_until_a_pass_succeeds(operated: Operated) -> None:
    message = PassMessage("contoso", "workspace-access", FOUR, "r1")
    await give_up(operated.app, encode(message).encode())
    assert await open_ids(operated) == ["monitor.gather_failed"]
    assert "given up by the queue" in str(operated.watched.cards[-1])
    (line,) = operated.lines.of("message poisoned")
    assert (line["target"], line["check"], line["run"]) == ("contoso", "workspace-access", "r1")
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    assert await open_ids(operated) == []


async def test_what_was_given_up_resolves_nothing(operated: Operated) -> None:
    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    operated.set_now(EIGHT)
    await give_up(operated.app, encode(PassMessage("contoso", "workspace-access", EIGHT)).encode())
    assert await open_ids(operated) == ["access.role_missing", "monitor.gather_failed"]


async def test_what_was_given_up_before_a_good_pass_is_no_trouble_any_more(operated: Operated) -> None:
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    await give_up(operated.app, encode(PassMessage("contoso", "workspace-access", FOUR)).encode())
    assert await open_ids(operated) == []
    assert len(operated.lines.of("message poisoned")) == 1
    assert operated.watched.cards == []


async def test_a_report_that_was_given_up_is_said_and_made_by_nobody(operated: Operated) -> None:
    await give_up(operated.app, encode(PassMessage("contoso", REPORT, FOUR)).encode())
    assert await open_ids(operated) == []
    assert [line["check"] for line in operated.lines.of("message poisoned")] == [REPORT]


async def test_a_ledger_that_cannot_be_opened_leaves_the_message_to_the_queue(operated: Operated) -> None:
    operated.watched.ledger.write_bytes(b"no ledger" * 1000)
    message = PassMessage("contoso", "workspace-access", FOUR)
    with pytest.raises(LedgerError):
        await operated.perform(message)
    with pytest.raises(LedgerError):
        await give_up(operated.app, encode(message).encode())
    assert operated.watched.ledger.read_bytes() == b"no ledger" * 1000
    operated.watched.ledger.unlink()
    await operated.perform(message)
    assert len(operated.lines.of("pass ended")) == 1
