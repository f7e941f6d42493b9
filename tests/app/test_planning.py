"""Planning: a message for each target and check that makes sense, and the morning reports once a day."""

import pytest

from shared.app.planning import plan, plan_morning
from shared.errors import ConfigError, QueueError
from shared.model import Check
from shared.plan import ALL_TARGETS, REPORT
from tests.app.operated import Operated
from tests.bad_morning import EIGHT, HALF_PAST_NINE, TWENTY_PAST_EIGHT


async def test_a_timer_plans_its_check_for_every_target(operated: Operated) -> None:
    await plan(operated.app, Check.WORKSPACE_ACCESS, run="r1", past_due=False)
    (message,) = operated.queue.waiting
    assert (message.target, message.check, message.planned_at, message.run) == (
        "contoso",
        "workspace-access",
        operated.at,
        "r1",
    )
    (line,) = operated.lines.of("planned")
    assert (line["check"], line["targets"], line["past_due"], line["run"]) == ("workspace-access", 1, False, "r1")


async def test_a_timer_that_is_late_says_so(operated: Operated) -> None:
    await plan(operated.app, Check.SNAPSHOT_CURRENCY, run="r1", past_due=True)
    assert [line["past_due"] for line in operated.lines.of("planned")] == [True]


async def test_service_health_is_planned_only_where_a_service_is_named(operated: Operated) -> None:
    await plan(operated.app, Check.SERVICE_HEALTH, run="r1", past_due=False)
    named = "service" in operated.config.read_text(encoding="utf-8")
    assert bool(operated.queue.waiting) is named


@pytest.mark.parametrize("cards", ["target", "all"])
async def test_the_morning_reports_are_planned_once_a_day_when_they_are_due(operated: Operated, cards: str) -> None:
    text = operated.config.read_text(encoding="utf-8")
    operated.config.write_text(f'{text}\n[report]\ncards = "{cards}"\n', encoding="utf-8")
    expected = ["contoso"] if cards == "target" else [ALL_TARGETS, "contoso"]
    for at, planned in ((EIGHT, []), (TWENTY_PAST_EIGHT, expected), (HALF_PAST_NINE, [])):
        operated.set_now(at)
        operated.queue.waiting.clear()
        await plan_morning(operated.app, run="r1", past_due=False)
        assert [message.target for message in operated.queue.waiting] == planned
        assert {message.check for message in operated.queue.waiting} <= {REPORT}


async def test_reports_that_could_not_be_planned_are_planned_again(operated: Operated) -> None:
    operated.set_now(TWENTY_PAST_EIGHT)
    operated.queue.refuses = True
    with pytest.raises(QueueError):
        await plan_morning(operated.app, run="r1", past_due=False)
    operated.queue.refuses = False
    await plan_morning(operated.app, run="r2", past_due=False)
    assert len(operated.queue.waiting) == 1


async def test_a_configuration_with_mistakes_is_told_by_every_turn(operated: Operated) -> None:
    operated.config.write_text('[[target]]\nname = "X"\n', encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"target\[0\]\.name: must be 1 to 40 of a-z"):
            await plan(operated.app, Check.WORKSPACE_ACCESS, run="r1", past_due=False)
    assert len(operated.lines.of("not configured")) == 2
    assert operated.queue.waiting == []
