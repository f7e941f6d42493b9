"""Both channels against a real server over TLS: one contract, each row of the table, no secret anywhere."""

import json
import logging
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Self

import httpx
import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError

from shared.errors import DeliveryError
from shared.model import Severity
from shared.notify.answers import Verdict
from shared.notify.card import render_card, render_payload
from shared.notify.channel import Channel
from shared.notify.cloud_events import BATCH_AT_MOST
from shared.notify.event_grid import EventGridChannel
from shared.notify.teams import TeamsChannel
from tests.notify.conftest import Receiver
from tests.notify.examples import NOW, everything, finding, message, told
from tests.notify.test_answers import BODIES, STATUSES

SECRET = "s1gnature-of-the-webhook"  # also the topic's key
ECHO = f'{{"message": "refused {SECRET}"}}'.encode()

type Make = Callable[[Receiver], Channel]


@pytest.fixture
async def client(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    trust = ssl.create_default_context(cafile=str(receiver.ca_file))
    async with httpx.AsyncClient(verify=trust, headers={"Authorization": "Bearer never"}) as opened:
        yield opened


@pytest.fixture(params=["teams", "event_grid"])
def make(request: pytest.FixtureRequest, client: httpx.AsyncClient) -> Make:
    def teams(receiver: Receiver, timeout_s: float = 20) -> Channel:
        url = f"{receiver.url}/workflows/1/invoke?api-version=1&sig={SECRET}"
        return TeamsChannel(url, client=client, clock=lambda: NOW, timeout_s=timeout_s)

    return teams if request.param == "teams" else event_grid


def event_grid(receiver: Receiver, timeout_s: float = 20) -> Channel:
    return EventGridChannel(
        f"{receiver.url}/api/events",
        AzureKeyCredential(SECRET),
        clock=lambda: NOW,
        timeout_s=timeout_s,
        connection_verify=str(receiver.ca_file),
        workspace_ids={"contoso": "/subscriptions/s/workspaces/w"},
    )


async def verdict(channel: Channel) -> tuple[Verdict, DeliveryError | None]:
    try:
        await channel.send(message(told(finding())))
    except DeliveryError as refused:
        return (Verdict.PERMANENT if refused.permanent else Verdict.RETRY), refused
    return Verdict.DELIVERED, None


@pytest.mark.parametrize(("status", "expected"), STATUSES)
async def test_each_status_means_the_same_on_every_channel_and_is_asked_once(
    make: Make, receiver: Receiver, status: int, expected: Verdict, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.status = status
    receiver.body = b"" if status in (204, 304) else ECHO
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"} if status in (301, 302) else {}
    came, refused = await verdict(make(receiver))
    assert came is expected
    assert len(receiver.requests) == 1
    assert SECRET not in f"{refused!r}{caplog.text}"


@pytest.mark.parametrize(("body", "headers", "expected"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_a_good_status_is_believed_only_with_a_good_body(
    make: Make, receiver: Receiver, body: bytes, headers: dict[str, str], expected: Verdict
) -> None:
    receiver.status, receiver.body, receiver.headers = 200, body, headers
    assert (await verdict(make(receiver)))[0] is expected


@pytest.mark.parametrize(("value", "seconds"), [("7", 7), ("2.128", 2.128), ("Sun, 22 Nov 2026 08:06:00 GMT", 60)])
async def test_retry_after_is_handed_on(make: Make, receiver: Receiver, value: str, seconds: float) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": value, "Date": "Sun, 22 Nov 2026 08:05:00 GMT"}
    _, refused = await verdict(make(receiver))
    assert refused is not None
    assert refused.retry_after_s == seconds


async def test_a_dropped_connection_is_tried_again_later(make: Make, receiver: Receiver) -> None:
    receiver.drops = True
    came, refused = await verdict(make(receiver))
    assert came is Verdict.RETRY
    assert len(receiver.requests) == 1
    assert SECRET not in f"{refused!r}"


async def test_a_server_that_hangs_is_given_up(client: httpx.AsyncClient, receiver: Receiver) -> None:
    receiver.hangs_s = 1.5
    teams = TeamsChannel(f"{receiver.url}/?sig={SECRET}", client=client, clock=lambda: NOW, timeout_s=0.3)
    for channel in (teams, event_grid(receiver, timeout_s=0.3)):
        started = time.monotonic()
        assert (await verdict(channel))[0] is Verdict.RETRY
        assert time.monotonic() - started < 10


async def test_a_server_that_is_not_there_is_tried_again_later(make: Make, receiver: Receiver) -> None:
    receiver.url = "https://127.0.0.1:9"
    came, refused = await verdict(make(receiver))
    assert came is Verdict.RETRY
    assert SECRET not in f"{refused!r}"


async def test_a_certificate_of_somebody_else_is_never_trusted(receiver: Receiver) -> None:
    async with httpx.AsyncClient() as wary:
        teams = TeamsChannel(f"{receiver.url}/?sig={SECRET}", client=wary, clock=lambda: NOW)
        assert (await verdict(teams))[0] is Verdict.RETRY
    topic = EventGridChannel(f"{receiver.url}/api/events", AzureKeyCredential(SECRET), clock=lambda: NOW)
    assert (await verdict(topic))[0] is Verdict.RETRY
    assert receiver.requests == []


async def test_a_message_of_nothing_is_not_sent(make: Make, receiver: Receiver) -> None:
    await make(receiver).send(message())
    assert receiver.requests == []


@pytest.mark.parametrize("url", ["not a url", "https://", "ftp://x/y"])
async def test_an_address_that_is_no_url_is_permanent_and_not_quoted(client: httpx.AsyncClient, url: str) -> None:
    came, refused = await verdict(TeamsChannel(url, client=client, clock=lambda: NOW))
    assert came is Verdict.PERMANENT
    assert url not in str(refused)


async def test_teams_gets_the_card_in_its_envelope_without_authorization(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    url = f"{receiver.url}/?sig={SECRET}".replace("https://", "https://user:pass@")
    await TeamsChannel(url, client=client, clock=lambda: NOW).send(everything("Grüße \U0001d54f"))
    ((headers, body),) = receiver.requests
    assert body == render_payload(render_card(everything("Grüße \U0001d54f")))
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert "authorization" not in headers


async def test_teams_gets_at_most_four_messages_a_second(client: httpx.AsyncClient, receiver: Receiver) -> None:
    teams = TeamsChannel(f"{receiver.url}/?sig={SECRET}", client=client, clock=lambda: NOW)
    started = time.monotonic()
    for _ in range(5):
        await teams.send(message(told(finding())))
    assert time.monotonic() - started >= 1


class NoToken:
    """A credential whose error quotes what it should not."""

    async def get_token(self, *scopes: str, **options: object) -> AccessToken:
        said = f"no token for client secret {SECRET}"
        raise ClientAuthenticationError(said)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_details: object) -> None: ...


async def test_no_token_for_event_grid_is_tried_again_later_and_quotes_nothing(receiver: Receiver) -> None:
    topic = EventGridChannel(
        f"{receiver.url}/api/events", NoToken(), clock=lambda: NOW, connection_verify=str(receiver.ca_file)
    )
    came, refused = await verdict(topic)
    assert came is Verdict.RETRY
    assert str(refused) == (
        "no token for Event Grid could be had (ClientAuthenticationError): check Dawnwatch's identity"
    )
    assert receiver.requests == []


def test_importing_the_channels_loads_no_azure_sdk() -> None:
    script = (
        "import sys, shared.notify.event_grid, shared.notify.teams; print([m for m in sys.modules if m[:5] == 'azure'])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_event_grid_gets_cloud_events_with_stable_ids(receiver: Receiver) -> None:
    channel = event_grid(receiver)
    receiver.status = 200
    await channel.send(everything())
    await channel.send(everything())
    first, again = (json.loads(body) for _, body in receiver.requests)
    assert [event["id"] for event in first] == [event["id"] for event in again]
    assert [event["id"] for event in first] == [transition.id for transition in everything().transitions]
    assert {event["source"] for event in first} == {"/subscriptions/s/workspaces/w"}
    assert receiver.requests[0][0]["content-type"] == "application/cloudevents-batch+json; charset=utf-8"


async def test_event_grid_gets_batches_under_a_megabyte(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.status = 200
    many = [told(finding(subject_id=str(i)), at=NOW - timedelta(microseconds=i)) for i in range(3_000)]
    await event_grid(receiver, timeout_s=20).send(message(*many))
    assert len(receiver.requests) > 1
    assert all(len(body) <= 1_048_576 for _, body in receiver.requests)
    assert sum(len(json.loads(body)) for _, body in receiver.requests) == 3_000
    assert BATCH_AT_MOST < 1_048_576
    assert caplog.text == ""


def test_each_channel_has_its_name_and_severity(make: Make, receiver: Receiver) -> None:
    channel = make(receiver)
    assert (channel.name, channel.min_severity) in {
        ("teams", Severity.WARNING),
        ("event_grid", Severity.INFORMATIONAL),
    }
