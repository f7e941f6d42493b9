from typing import Any

import pytest

from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

EVENTS = "/api/events?api-version=2018-01-01"


def test_the_workflow_takes_a_card(contoso: SignedIn) -> None:
    del contoso.http.headers["Authorization"]
    card = sample("teams-adaptivecard-message")
    assert contoso.http.post(contoso.box.webhook_url, json=card).status_code == 202
    assert [(message.content, message.failed) for message in contoso.box.teams_messages] == [(card, None)]


@pytest.mark.parametrize("content", [{"text": "x" * 29_000}, {"attachments": []}, ["x"]])
def test_what_teams_could_not_show_is_taken_and_fails_later(contoso: SignedIn, content: Any) -> None:
    del contoso.http.headers["Authorization"]
    assert contoso.http.post(contoso.box.webhook_url, json=content).status_code == 202
    assert contoso.box.teams_messages[0].failed


def test_the_workflow_refuses_a_wrong_signature_and_a_token(contoso: SignedIn) -> None:
    official = sample("teams-workflow-401")
    given = contoso.http.post(contoso.box.webhook_url, json={"text": "x"})
    assert (given.status_code, given.json()) == (401, official)
    del contoso.http.headers["Authorization"]
    given = contoso.http.post(contoso.box.webhook_url[:-3] + "zzz", json={"text": "x"})
    assert (given.status_code, given.json()) == (401, official)
    assert contoso.box.teams_messages == []


def test_the_topic_takes_events_by_token_and_by_key(contoso: SignedIn) -> None:
    event = sample("eventgrid-cloudevent")
    assert contoso.http.post(EVENTS, json=[event]).status_code == 200
    del contoso.http.headers["Authorization"]
    assert contoso.http.post(EVENTS, json=[event], headers={"aeg-sas-key": contoso.box.topic_key}).status_code == 200
    assert [taken.content for taken in contoso.box.events] == [event, event]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"id": ""}, 400), ({"source": None}, 400), ({"specversion": "0.3"}, 400), ({"data": "x" * 1_100_000}, 413)],
)
def test_the_topic_takes_all_of_a_batch_or_nothing(contoso: SignedIn, change: dict[str, Any], status: int) -> None:
    event = sample("eventgrid-cloudevent")
    given = contoso.http.post(EVENTS, json=[event, event | change])
    assert given.status_code == status
    assert not differences(sample("eventgrid-topic-error"), given.json())
    assert contoso.box.events == []


def test_the_topic_refuses_who_may_not_send(contoso: SignedIn) -> None:
    assert contoso.http.post(EVENTS, json=[], headers={"aeg-sas-key": "wrong"}).status_code == 401
    contoso.tenant.monitor.sends_events = False
    assert contoso.http.post(EVENTS, json=[]).status_code == 403
