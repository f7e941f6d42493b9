"""Rounds one after another and at once, with channels that fail and clocks that jump: each thing is told once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from shared.config import Settings
from shared.delivery import read_progress
from shared.errors import DeliveryError, LedgerError
from shared.facts import KnownDays
from shared.gather.cloud import Progress
from shared.ledger.account import ByConnectionString
from shared.ledger.book import Book
from shared.ledger.deliveries import Waiting, waiting_for
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Put, Store
from shared.ledger.tables import TablesStore
from shared.model import Check, Coverage, Finding, Severity
from shared.monitor import Pass
from shared.notify.channel import Message
from shared.rounds import Round, Shell, make_round
from tests.azurite import Azurite
from tests.incidents import CHECK, DAY, HOUR, START, a_finding
from tests.killing import SETTINGS, TARGET

MINUTE = timedelta(minutes=1)


@dataclass
class Heard:
    """A channel that keeps what it is told, or raises what it is set to."""

    name: str
    error: Exception | None = None
    cards: list[list[str]] = field(default_factory=list)
    tries: int = 0
    slow_s: float = 0
    min_severity: Severity = Severity.INFORMATIONAL

    async def send(self, message: Message) -> None:
        self.tries += 1
        await asyncio.sleep(self.slow_s)
        if self.error:
            raise self.error
        self.cards.append([f"{t.kind} {t.finding.subject.id}" for t in message.transitions])


class Tenant:
    """One target: what is wrong with it, its ledger, its two channels and the clock."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.book = Book(store, TARGET.name)
        self.now = START
        self.wrong: tuple[str, ...] = ()
        self.teams, self.events = Heard("teams"), Heard("event_grid")

    async def round(self, *wrong: str, after: timedelta = HOUR, store: Store | None = None) -> Round:
        self.wrong = wrong
        self.now += after
        shell = Shell(SETTINGS, store or self.store, (self.teams, self.events), lambda: self.now, self._run)
        return await make_round(shell, TARGET, (CHECK,), lambda pages, read: None)

    async def _run(
        self,
        settings: Settings,
        target: object,
        checks: Sequence[Check],
        now: datetime,
        progress: Progress,
        days: KnownDays,
    ) -> list[Pass]:
        findings: tuple[Finding, ...] = tuple(a_finding(app=app) for app in self.wrong)
        return [Pass(check, Coverage(read=1), findings) for check in checks]


@pytest_asyncio.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[Tenant]:
    async with SqliteStore(tmp_path / "dawnwatch.db") as store:
        yield Tenant(store)


@pytest.fixture(params=["sqlite", "tables"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    if request.param == "sqlite":
        return lambda: SqliteStore(tmp_path / "dawnwatch.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    name = f"t{uuid4().hex}"
    return lambda: TablesStore(ByConnectionString(azurite.connection_string), name)


def down(retry_after_s: float | None = None, *, permanent: bool = False) -> DeliveryError:
    return DeliveryError("it answered 503", permanent=permanent, retry_after_s=retry_after_s)


async def test_two_rounds_at_once_tell_each_channel_once(reopen: Callable[[], Store]) -> None:
    async with reopen() as one, reopen() as two:
        tenant = Tenant(one)
        known: list[str] = []
        for number in range(8):
            wrong = (*known, f"new-{number}")
            later = HOUR + number * DAY / 10
            await asyncio.gather(tenant.round(*wrong, after=later), tenant.round(*wrong, after=MINUTE / 60, store=two))
            for channel in (tenant.teams, tenant.events):
                assert channel.cards[number:] == [[f"opened new-{number}"]]
            known = list(wrong)


async def test_one_who_comes_just_after_another_has_sent_sends_nothing(tenant: Tenant) -> None:
    """Both know what is pending before either has claimed it."""
    tenant.teams.error = tenant.events.error = down()
    await tenant.round("a")
    tenant.teams.error = tenant.events.error = None
    await asyncio.gather(*(tenant.round("a", after=HOUR / 2) for _ in range(5)))
    assert tenant.teams.cards == tenant.events.cards == [["opened a"]]


async def test_several_transitions_of_a_round_are_one_card(tenant: Tenant) -> None:
    await tenant.round("a", "b", "c")
    await tenant.round("c", "d")
    assert [sorted(card) for card in tenant.teams.cards] == [
        ["opened a", "opened b", "opened c"],
        ["opened d", "resolved a", "resolved b"],
    ]
    assert tenant.events.cards == tenant.teams.cards


async def test_a_clock_that_jumps_back_a_day_brings_up_nothing_again(tenant: Tenant) -> None:
    await tenant.round("stays", "ends", after=DAY)
    await tenant.round("stays")
    told = list(tenant.teams.cards)
    tenant.now -= DAY
    for wrong in (("stays", "ends"), (), ("stays",), ("ends",)):
        made = await tenant.round(*wrong)
        assert made.transitions == ()
    assert tenant.teams.cards == told
    assert {item.finding.subject.id for item in await tenant.book.incidents() if item.is_open} == {"stays"}
    made = await tenant.round("stays", "new")
    assert tenant.teams.cards[len(told) :] == [["opened new"]]
    await tenant.round("new", after=DAY)
    assert tenant.teams.cards[-1] == ["resolved stays"]


async def test_a_clock_that_jumps_back_a_day_does_not_keep_a_message_waiting(tenant: Tenant) -> None:
    tenant.teams.error = down(retry_after_s=3600)
    await tenant.round("a")
    tenant.teams.error = None
    await tenant.round("a", after=-DAY)
    assert tenant.teams.cards == [["opened a"]]


async def test_a_channel_that_is_down_for_a_day_is_told_of_on_the_other(tenant: Tenant) -> None:
    tenant.teams.error = down()
    await tenant.round("a")
    for hour in range(1, 30):
        made = await tenant.round("a", *(["b"] if hour > 2 else []))
        assert not made.is_complete
    assert tenant.events.cards == [["opened a"], ["opened b"], ["opened teams"]]
    (waiting,) = await waiting_for(tenant.book)
    assert waiting == Waiting("contoso", "teams", 2, START + HOUR, "it answered 503")
    tenant.teams.error = None
    made = await tenant.round("b", after=2 * HOUR)
    assert made.is_complete
    assert [sorted(card) for card in tenant.teams.cards] == [["opened a", "opened b", "resolved a"]]
    assert tenant.events.cards[3:] == [["resolved a"], ["resolved teams"]]
    assert await waiting_for(tenant.book) == ()
    assert await read_progress(tenant.book) == {}


async def test_what_befell_both_channels_is_told_on_each_when_it_is_back(tenant: Tenant) -> None:
    tenant.teams.error = tenant.events.error = down()
    await tenant.round("a")
    for _ in range(27):
        await tenant.round("a")
    tenant.events.error = None
    await tenant.round("a", after=2 * HOUR)
    assert [sorted(card) for card in tenant.events.cards] == [["opened a", "opened teams"]]
    tenant.teams.error = None
    await tenant.round("a", after=2 * HOUR)
    assert [sorted(card) for card in tenant.teams.cards] == [["opened a", "opened event_grid", "resolved event_grid"]]
    assert tenant.events.cards[1:] == [["resolved teams"]]


async def test_the_wait_grows_from_round_to_round_up_to_an_hour(tenant: Tenant) -> None:
    tenant.teams.error = down()
    await tenant.round("a")
    tries_at = [0]
    for minute in range(1, 400):
        before = tenant.teams.tries
        await tenant.round("a", after=MINUTE)
        tries_at += [minute] * (tenant.teams.tries - before)
    waits = [later - sooner for sooner, later in pairwise(tries_at)]
    assert len(waits) > 8
    assert waits[0] <= 2
    assert all(1.2 < b / a < 4 for a, b in pairwise(waits[1:6]))
    assert all(48 <= wait <= 73 for wait in waits[7:])


async def test_a_channel_that_is_down_for_months_still_breaks_nothing(tenant: Tenant) -> None:
    """Two to the power of the tries is soon more than a number holds."""
    going = b'{"v": 1, "body": {"attempts": 1100, "failing_since": "2026-08-01T00:00:00Z"}}'
    await tenant.store.write(TARGET.name, [[Put("d|teams", going)]])
    tenant.teams.error = down()
    assert not (await tenant.round("a")).is_complete
    assert (await read_progress(tenant.book))["teams"].attempts == 1101
    tenant.teams.error = None
    assert (await tenant.round("a", after=2 * HOUR)).is_complete


@pytest.mark.parametrize("body", [b"", b"\xff", b'{"v": 1, "body": {"attempts": "x"}}', b'{"v": 9, "body": {}}'])
async def test_a_damaged_record_of_a_delivery_is_named(tenant: Tenant, body: bytes) -> None:
    await tenant.store.write(TARGET.name, [[Put("d|teams", body)]])
    with pytest.raises(LedgerError, match=r"'d.teams' of 'contoso'"):
        await tenant.round("a")


@pytest.mark.parametrize("permanent", [False, True])
async def test_retry_after_holds_from_round_to_round(tenant: Tenant, permanent: bool) -> None:
    tenant.teams.error = down(3 * 3600, permanent=permanent)
    await tenant.round("a")
    tenant.teams.error = None
    for _ in range(2):
        await tenant.round("a", "b", after=HOUR * 1.4)
    assert (tenant.teams.tries, tenant.teams.cards) == (1, [])
    await tenant.round("a", "b", after=HOUR)
    assert [sorted(card) for card in tenant.teams.cards] == [["opened a", "opened b"]]
    assert tenant.events.cards == [["opened a"], ["opened b"]]


async def test_a_channel_that_breaks_does_not_keep_the_other_from_being_told(tenant: Tenant) -> None:
    tenant.teams.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await tenant.round("a")
    assert tenant.events.cards == [["opened a"]]
    tenant.teams.error = None
    await tenant.round("a")
    assert (tenant.teams.cards, tenant.events.cards) == ([["opened a"]], [["opened a"]])


async def test_a_slow_channel_keeps_nobody_waiting(tenant: Tenant) -> None:
    tenant.teams.slow_s = tenant.events.slow_s = 0.3
    begin = asyncio.get_running_loop().time()
    await tenant.round("a")
    assert asyncio.get_running_loop().time() - begin < 0.55
