"""The doctor over HTTP."""

import json
from typing import Any

from shared.app.examining import doctor
from shared.app.http import HEADERS, Answer
from tests.app.operated import Operated


def said(answer: Answer) -> Any:
    assert answer.headers.items() >= HEADERS.items()
    return json.loads(answer.body)


async def test_it_examines_the_app_and_its_targets_and_posts_nothing(operated: Operated) -> None:
    answer = await doctor(operated.app, {})
    body = said(answer)
    assert (answer.status, body["schema"]) == (200, "dawnwatch.doctor/1")
    assert [target["name"] for target in body["targets"]] == ["contoso"]
    assert {point["verdict"] for point in body["targets"][0]["points"]} == {"ok"}
    assert (len(operated.watched.cards), len(operated.box.events)) == (0, 0)
    assert not any(secret in answer.body for secret in operated.box.secrets)


async def test_a_configuration_with_mistakes_is_what_is_wrong(operated: Operated) -> None:
    operated.config.write_text('[[target]]\nname = "contoso"\n', encoding="utf-8")
    answer = await doctor(operated.app, {})
    body = said(answer)
    assert (answer.status, body["outcome"]) == (200, "wrong")
    assert any("tenant_id" in point["detail"] for point in body["points"])


async def test_a_ledger_that_cannot_be_opened_is_what_is_wrong(operated: Operated) -> None:
    operated.watched.ledger.write_bytes(b"no ledger" * 1000)
    body = said(await doctor(operated.app, {"target": "contoso"}))
    assert [point["verdict"] for point in body["points"] if point["area"] == "ledger"] in (["failed"], ["unknown"])


async def test_a_target_that_there_is_not(operated: Operated) -> None:
    answer = await doctor(operated.app, {"target": "contoso,stranger"})
    assert (answer.status, said(answer)) == (404, {"error": "There is no target 'stranger'."})
