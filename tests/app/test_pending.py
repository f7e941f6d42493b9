"""What is still pending is delivered later, and how much is left is said."""

from datetime import timedelta

import pytest

from sandbox import parse_fault
from shared.app import pending
from shared.app.pending import deliver_pending
from shared.errors import LedgerError
from shared.ledger.book import Book
from shared.ledger.store import Put
from shared.model import Check
from tests.app.operated import Operated
from tests.bad_morning import CHANGES, FIVE_TEN

HOUR = timedelta(hours=1)


async def bad_morning(operated: Operated) -> None:
    """A role is lost while Teams does not answer: the event goes out, the card waits."""
    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.box.faults.add(parse_fault("teams:status:status=503"))
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    assert (len(operated.watched.cards), len(operated.box.events)) == (0, 1)


async def test_what_waits_goes_out_once_the_channel_takes_it(operated: Operated) -> None:
    await bad_morning(operated)
    operated.set_now(FIVE_TEN + HOUR)
    await deliver_pending(operated.app, run="r2", past_due=False)
    operated.box.faults.clear()
    operated.set_now(FIVE_TEN + 3 * HOUR)
    await deliver_pending(operated.app, run="r3", past_due=True)
    await deliver_pending(operated.app, run="r4", past_due=False)
    assert (len(operated.watched.cards), len(operated.box.events)) == (1, 1)
    lines = operated.lines.of("delivery ended")
    assert [(line["sent"], line["waiting"], line["oldest_s"]) for line in lines] == [(0, 1, 3600), (1, 0, 0), (0, 0, 0)]
    assert [line["past_due"] for line in lines] == [False, True, False]
    assert [line["run"] for line in operated.lines.of("delivered")] == ["r1", "r3"]
    assert [line["run"] for line in operated.lines.of("not delivered")] == ["r1", "r2"]


async def test_a_channel_that_fails_for_a_day_is_told_on_the_other(operated: Operated) -> None:
    await bad_morning(operated)
    operated.set_now(FIVE_TEN + 25 * HOUR)
    await deliver_pending(operated.app, run="r2", past_due=False)
    assert [event.type for event in operated.box.events][1:] == ["dawnwatch.finding.opened"]
    assert "monitor.delivery_failed" in str(operated.box.events[-1].content)


async def test_a_turn_that_has_taken_long_leaves_the_rest_to_the_next(
    operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bad_morning(operated)
    operated.box.faults.clear()
    operated.set_now(FIVE_TEN + HOUR)
    monkeypatch.setattr(pending, "BUDGET_S", -1.0)
    await deliver_pending(operated.app, run="r2", past_due=False)
    monkeypatch.undo()
    assert operated.lines.of("delivery ended")[-1]["waiting"] == 1


async def test_the_poison_queue_is_counted(operated: Operated) -> None:
    operated.queue.given_up = 3
    await deliver_pending(operated.app, run="r1", past_due=False)
    assert [line["poison_messages"] for line in operated.lines.of("delivery ended")] == [3]


async def test_a_targets_damaged_rows_fail_the_turn_once_the_others_are_seen_to(operated: Operated) -> None:
    await bad_morning(operated)
    async with operated.app.opened() as opened:
        stranger = Book(opened.shell.store, "a-target-that-is-gone")
        row = Put("o|teams|2026-11-23T05:10:00.000000Z|x", b"{")
        await stranger.store.write(stranger.target, [[row]])
    operated.box.faults.clear()
    operated.set_now(FIVE_TEN + 3 * HOUR)
    with pytest.raises(LedgerError, match="a-target-that-is-gone"):
        await deliver_pending(operated.app, run="r2", past_due=False)
    assert len(operated.watched.cards) == 1
    assert [line["sent"] for line in operated.lines.of("delivery ended")] == [1]
    assert [line["target"] for line in operated.lines.of("ledger unreadable")] == ["a-target-that-is-gone"]
