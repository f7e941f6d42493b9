"""The morning report on its way: made once, by one of several, kept until it is taken, and never lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from shared.config import ReportCards, ReportSettings, Settings
from shared.delivery import deliver
from shared.errors import DeliveryError
from shared.expectations import Target
from shared.ledger.book import Book, Outlet
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Put, Store
from shared.model import Severity
from shared.monitor import Pass
from shared.notify.channel import Message
from shared.plan import ALL_TARGETS
from shared.reconcile import reconcile
from shared.reporting import report_all, report_target
from shared.rounds import Shell
from shared.verdict import Policy
from tests.incidents import a_finding

MORNING = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
TARGETS = tuple(Target(name=name, tenant_id="t", workspace_id="/w") for name in ("contoso", "fabrikam"))


@dataclass
class Teams:
    """A channel that keeps what it is told, or refuses it."""

    name: str = "teams"
    min_severity: Severity = Severity.WARNING
    refuses: bool = False
    told: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if self.refuses:
            raise DeliveryError("Teams answered 503", permanent=False)
        self.told.append(message)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with SqliteStore(tmp_path / "dawnwatch.db") as opened:
        yield opened


async def look_at_nothing(*_: object) -> list[Pass]:
    pytest.fail("the morning report looks at nothing but the ledger")


def a_shell(store: Store, teams: Teams, at: datetime = MORNING, **report: object) -> Shell:
    settings = ReportSettings(**report)  # type: ignore[arg-type]  # a table of keys
    return Shell(Settings(targets=TARGETS, report=settings), store, [teams], lambda: at, look_at_nothing)


async def test_of_several_at_once_one_makes_it(store: Store) -> None:
    teams = Teams()
    await asyncio.gather(*(report_target(a_shell(store, teams), TARGETS[0]) for _ in range(5)))
    await report_target(a_shell(store, teams, MORNING + HOUR), TARGETS[0])
    assert [message.card is not None for message in teams.told] == [True]
    await report_target(a_shell(store, teams, MORNING + 24 * HOUR), TARGETS[0])
    assert len(teams.told) == 2
    await report_target(a_shell(store, teams, MORNING), TARGETS[0])  # the clock jumped back
    assert len(teams.told) == 2


async def test_it_waits_for_its_hour(store: Store) -> None:
    teams = Teams()
    await report_target(a_shell(store, teams, MORNING - timedelta(seconds=1)), TARGETS[0])
    assert teams.told == []


async def test_it_is_kept_until_it_is_taken(store: Store) -> None:
    teams = Teams(refuses=True)
    (failing,) = (await report_target(a_shell(store, teams), TARGETS[0])).failing
    assert (failing.channel, failing.waiting) == ("teams", 1)
    teams.refuses = False
    book, later = Book(store, "contoso"), MORNING + HOUR
    assert (await deliver(book, [teams], lambda: later)).sent == 1
    assert await book.pending("teams") == []
    assert teams.told[0].card is not None


async def test_transitions_and_a_report_are_two_messages(store: Store) -> None:
    teams = Teams(refuses=True)
    book = Book(store, "contoso")
    loaded = await book.load("app-registrations")
    finding = a_finding(Severity.CRITICAL)
    outcome = reconcile(loaded.state, "app-registrations", [finding], MORNING, Policy(), complete=True)
    await book.commit("app-registrations", loaded, outcome, [Outlet("teams", Severity.WARNING)])
    await report_target(a_shell(store, teams), TARGETS[0])
    teams.refuses = False
    await deliver(book, [teams], lambda: MORNING + HOUR)
    assert [(len(message.transitions), message.card is None) for message in teams.told] == [(1, True), (0, False)]
    assert "1 open finding" in str(teams.told[1].card)


@pytest.mark.parametrize("report_at", [time(8, 5), None])
async def test_what_is_older_than_the_ledger_keeps_goes_once_a_day_report_or_not(
    store: Store, report_at: time | None
) -> None:
    teams = Teams()
    await store.write("contoso", [[Put("r|2020-01-01", b"{}")], [Put("a|2020-01-01|set", b"{}")]])
    await report_target(a_shell(store, teams, report_at=report_at), TARGETS[0])
    assert [row.key for row in await store.read("contoso", "")] == ["r|2026-11-23"]
    assert len(teams.told) == (report_at is not None)


async def test_one_card_for_all_names_the_most_troubled_first(store: Store) -> None:
    teams = Teams()
    book = Book(store, "fabrikam")
    loaded = await book.load("app-registrations")
    outcome = reconcile(loaded.state, "app-registrations", [a_finding()], MORNING, Policy(), complete=True)
    await book.commit("app-registrations", loaded, outcome, [])
    shell = a_shell(store, teams, cards=ReportCards.ALL)
    for target in TARGETS:
        await report_target(shell, target)
    assert teams.told == []
    await asyncio.gather(*(report_all(shell, TARGETS) for _ in range(3)))
    (message,) = teams.told
    text = str(message.card)
    assert text.index("fabrikam") < text.index("contoso")
    assert await store.targets() == ["contoso", "fabrikam", ALL_TARGETS]


async def test_a_target_whose_ledger_is_damaged_is_on_the_card_as_unread(store: Store) -> None:
    teams = Teams()
    await store.write("contoso", [[Put("c|workspace-access", b"{")]])
    await report_all(a_shell(store, teams, cards=ReportCards.ALL), TARGETS)
    assert "not read since yesterday: its ledger" in str(teams.told[0].card)
