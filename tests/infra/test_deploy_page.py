"""docs/deploy.md: its arithmetic follows from the schedules, its links and names are really there."""

import re

import pytest

from shared.app_settings import SCHEDULES
from tests.infra.foreseen import INFRA, MAIN
from tests.infra.test_alerts import turns

PAGE = (INFRA.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
TARGETS = (1, 50, 5_000)
DAYS = 30


def a_day(*names: str) -> int:
    usual = {schedule.name: str(schedule.usual) for schedule in SCHEDULES}
    return sum(len(set(turns(usual[name]))) for name in names or usual)


def row(start: str) -> list[int]:
    """The last three cells of a row, as whole numbers."""
    (line,) = (line for line in PAGE.splitlines() if line.startswith(f"| {start} |"))
    return [int(cell.strip().replace(",", "")) for cell in line.strip("|").split("|")[-3:]]


def test_the_timers_are_those_of_the_schedules() -> None:
    assert f"| timers | {a_day()} a day, however many targets |" in PAGE
    assert row("timers") == [a_day() * DAYS] * 3
    assert row("GB-seconds of timers") == [a_day() * DAYS * 2] * 3


def test_the_passes_are_those_that_the_timers_plan() -> None:
    checks = ("WORKSPACE_ACCESS", "APP_REGISTRATIONS", "SNAPSHOT_CURRENCY", "SNAPSHOT_CURRENCY_HOURLY")
    planned = a_day(*(f"{check}_SCHEDULE" for check in checks))
    with_health = planned + a_day("SERVICE_HEALTH_SCHEDULE")
    assert (
        f"| passes | {planned} a day and target ({with_health} with service health), and its morning report |" in PAGE
    )
    passes = [(planned + 1) * DAYS * targets for targets in TARGETS]
    assert row("passes") == passes
    assert row("GB-seconds of passes") == [passes[0] * 4 * 2, *(many * 4 * 2 // 8 for many in passes[1:])]


def test_every_output_that_the_page_asks_azd_for_is_there() -> None:
    assert set(re.findall(r"azd env get-value (\w+)", PAGE)) <= MAIN.outputs.keys()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#h][^)]*)\)", PAGE))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (INFRA.parent / "docs" / link.partition("#")[0]).exists()


def test_the_page_speaks_of_what_the_deployment_calls_things() -> None:
    for name in ("teams-webhook-url", "`dawnwatch`", "Log Analytics Data Reader", "Application.Read.All"):
        assert name in PAGE
    assert "teams-webhook-url" in MAIN.text
