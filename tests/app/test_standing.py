"""How things stand, and asking for a look, over HTTP."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.app.http import HEADERS, Answer, health
from shared.app.standing import request_check, status
from shared.model import Check
from shared.version import VERSION
from tests.app.operated import Operated
from tests.bad_morning import CHANGES, EIGHT, FIVE_TEN, FOUR

ALL = (Check.WORKSPACE_ACCESS, Check.APP_REGISTRATIONS, Check.SNAPSHOT_CURRENCY)


def said(answer: Answer) -> Any:
    assert answer.headers.items() >= HEADERS.items()
    return json.loads(answer.body)


def more_targets(operated: Operated, *names: str) -> None:
    text = operated.config.read_text(encoding="utf-8")
    twin = text[text.index("[[target]]") : text.index("[notify.teams]")]
    twins = "".join(twin.replace('"contoso"', f'"{name}"', 1) for name in names)
    operated.config.write_text(text + twins, encoding="utf-8")


def test_health_says_that_it_is_alive_and_nothing_else() -> None:
    answer = health()
    assert answer.status == 200
    assert said(answer) == {"status": "alive", "version": VERSION}


async def test_a_target_that_nobody_has_looked_at_is_unknown(operated: Operated) -> None:
    body = said(await status(operated.app, {}))
    assert (body["schema"], body["outcome"], body["next"]) == ("dawnwatch.status/1", "unknown", None)
    (target,) = body["targets"]
    assert {check["read_everything_at"] for check in target["checks"]} == {None}


async def test_open_findings_and_good_passes_and_what_is_pending(operated: Operated) -> None:
    await operated.look(*ALL)
    assert said(await status(operated.app, {}))["outcome"] == "clear"
    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.set_now(FIVE_TEN)
    await operated.look(Check.WORKSPACE_ACCESS)
    (target,) = said(await status(operated.app, {"target": "contoso"}))["targets"]
    assert target["outcome"] == "findings"
    assert [finding["id"] for finding in target["findings"]] == ["access.role_missing", "credential.superseded"]
    passed = {check["check"]: check["read_everything_at"] for check in target["checks"]}
    assert passed["workspace-access"] == "2026-11-23T05:10:00Z"
    assert passed["snapshot-currency"] == "2026-11-23T04:00:00Z"
    assert target["deliveries"] == []


async def test_what_was_read_more_than_a_day_ago_is_unknown_again(operated: Operated) -> None:
    await operated.look(*ALL)
    operated.set_now(FOUR + timedelta(days=1))
    assert said(await status(operated.app, {}))["outcome"] == "unknown"


async def test_pages_lead_from_one_to_the_next(operated: Operated) -> None:
    more_targets(operated, "a", "b", "c", "d")
    names, query = list[str](), {"limit": "2"}
    while True:
        body = said(await status(operated.app, query))
        names += [target["name"] for target in body["targets"]]
        if body["next"] is None:
            break
        query = {key: values[0] for key, values in parse_qs(urlsplit(body["next"]).query).items()}
    assert names == ["a", "b", "c", "contoso", "d"]


async def test_the_key_that_came_with_a_request_is_in_no_answer(operated: Operated) -> None:
    more_targets(operated, "a", "b")
    answer = await status(operated.app, {"limit": "1", "code": "hush"})
    assert said(answer)["next"] == "/api/status?limit=1&after=a"
    assert "hush" not in answer.body


@pytest.mark.parametrize(
    ("query", "code", "why"),
    [
        ({"limit": "9" * 5000}, 400, "limit must be a number from 1 to 100"),
        ({"target": "stranger"}, 404, "There is no target 'stranger'"),
        ({"target": "contoso,\x1b[31m"}, 404, "There is no target"),
        ({"limit": "0"}, 400, "limit must be a number from 1 to 100"),
        ({"limit": "101"}, 400, "limit must be"),
        ({"limit": "\N{SUPERSCRIPT TWO}"}, 400, "limit must be"),
    ],
)
async def test_what_cannot_be_asked_for(operated: Operated, query: dict[str, str], code: int, why: str) -> None:
    answer = await status(operated.app, query)
    assert answer.status == code
    assert why in said(answer)["error"]
    assert "\x1b" not in answer.body


@pytest.mark.parametrize(
    ("body", "planned", "where"),
    [
        (b"", ["app-registrations", "snapshot-currency", "workspace-access"], "/api/status"),
        (b"{}", ["app-registrations", "snapshot-currency", "workspace-access"], "/api/status"),
        (b'{"check": "snapshot-currency"}', ["snapshot-currency"], "/api/status"),
        (b'{"target": "contoso", "check": "workspace-access"}', ["workspace-access"], "/api/status?target=contoso"),
    ],
)
async def test_a_look_is_planned_and_it_is_said_where_to_look(
    operated: Operated, body: bytes, planned: list[str], where: str
) -> None:
    answer = await request_check(operated.app, body, "r1")
    assert answer.status == 202
    assert answer.headers["Location"] == where
    assert said(answer) == {"schema": "dawnwatch.planned/1", "run": "r1", "planned": len(planned), "status": where}
    assert sorted(message.check for message in operated.queue.waiting) == planned
    await operated.work_off()
    assert len(operated.lines.of("pass ended")) == len(planned)


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (b"[]", 400, "The body must be JSON such as"),
        (b"\xff", 400, "The body must be JSON such as"),
        (b'{"targets": "contoso"}', 400, "unknown field"),
        (b'{"check": "everything"}', 400, "the checks are workspace-access, app-registrations"),
        (b'{"target": "stranger"}', 404, "There is no target 'stranger'"),
        (b" " * 20_000, 413, "larger than 16,384 bytes"),
    ],
)
async def test_what_cannot_be_planned(operated: Operated, body: bytes, code: int, why: str) -> None:
    answer = await request_check(operated.app, body, "r1")
    assert answer.status == code
    assert why in said(answer)["error"]
    assert operated.queue.waiting == []


async def test_an_outsider_learns_nothing_of_what_is_broken(operated: Operated) -> None:
    operated.queue.refuses = True
    answer = await request_check(operated.app, b"", "r1")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert "queue" not in answer.body
    assert "queue" in str(operated.lines.of("not answered"))
    operated.config.write_text("[[target]]\nname = 'hush'\n", encoding="utf-8")
    answer = await status(operated.app, {})
    assert answer.status == 503
    assert "hush" not in answer.body
    assert "/api/doctor" in answer.body


async def test_status_needs_nothing_but_the_ledger(operated: Operated) -> None:
    operated.set_now(EIGHT)
    before = len(operated.box.requests)
    await status(operated.app, {})
    assert len(operated.box.requests) == before
