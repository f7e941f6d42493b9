"""Retry-After, error codes and dates, as servers write them; and how long an ask goes on."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from shared.errors import GatherError
from shared.facts import Credential
from shared.gather.answers import (
    Answer,
    AttemptError,
    Patience,
    Service,
    decode,
    error_code,
    reader,
)
from shared.retry_after import LONGEST_WAIT_S, retry_after_s

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SERVICE = Service("the service", "Grant it.")
WEDNESDAY = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("2.128", 2.128),
        (" 3 ", 3),
        ("Sun, 22 Nov 2026 08:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 10:00:30 +0200", 30),
        ("Sun, 22 Nov 2026 08:00:30 -0000", 30),
        ("9" * 400, LONGEST_WAIT_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("+5", None),
        ("1e3", None),
        ("1_000", None),
        ("²", None),
        ("nan", None),
        ("inf", None),
        ("Sun, 99 Nov 2026 08:00:30 GMT", None),
    ],
)
def test_when_to_come_back_is_read_however_it_is_written(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


def test_a_date_to_come_back_at_is_measured_by_the_servers_own_clock() -> None:
    headers = {"retry-after": "Wed, 21 Oct 2015 07:28:20 GMT", "date": WEDNESDAY}
    assert retry_after_s(headers, NOW) == 20
    assert retry_after_s({}, NOW) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":{"code":"AuthorizationFailed","message":"secret"}}', "AuthorizationFailed"),
        (b'{"error":{"code":"BadArgumentError","innererror":{"innererror":{"code":"SEM0100"}}}}', "SEM0100"),
        (b'{"error":{"code":"","innererror":null}}', None),
        (b'{"code":"Top"}', "Top"),
        (b'{"error":{"code":"<b>https://host/?sig=secret</b>"}}', None),
        (b'{"error":"invalid_client"}', None),
        (b"<html>", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_an_error_is_named_by_its_innermost_code_and_never_quoted(body: bytes, code: str | None) -> None:
    assert error_code(Answer(400, {}, body)) == code


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"\n<!DOCTYPE html>", "HTML instead of JSON"),
        (b'{"startDateTime":7}', "JSON of another shape"),
        (b"[]", "JSON of another shape"),
        (b'{"startDateTime":"2026', "half an answer"),
        (b"\xff\xfe", "half an answer"),
    ],
)
def test_nonsense_is_told_apart(body: bytes, why: str) -> None:
    with pytest.raises(AttemptError, match=why):
        reader(SERVICE, msgspec.json.Decoder(Credential))(Answer(200, {}, body))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("9999-12-31T23:59:59.9999999Z", datetime.max.replace(tzinfo=UTC)),
        ("2026-12-01T00:00:00.1234567Z", datetime(2026, 12, 1, 0, 0, 0, 123456, UTC)),
        ("2026-12-01T00:00:00Z", datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_an_end_that_means_never_is_read(text: str, instant: datetime) -> None:
    body = f'{{"endDateTime":"{text}","startDateTime":"9999-12-31T23:59:59.9999999Z"}}'.encode()
    ends_at = decode(body, msgspec.json.Decoder(Credential)).ends_at
    assert ends_at is not None
    assert abs((ends_at - instant).total_seconds()) < 0.001


class Server:
    """Answers in the order given, the last one for ever, each after a while."""

    def __init__(self, *answers: Answer, takes_s: float = 0) -> None:
        self.answers: Sequence[Answer] = answers
        self.takes_s = takes_s
        self.asked_at: list[float] = []

    async def send(self) -> Answer:
        self.asked_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes_s)
        return self.answers[min(len(self.asked_at), len(self.answers)) - 1]


GOOD = Answer(200, {}, b"{}")


def _patience(patience_s: float = 1, request_timeout_s: float = 0.2, places: int = 8) -> Patience:
    return Patience(request_timeout_s, patience_s, NOW, asyncio.Semaphore(places))


async def _ask(server: Server, patience: Patience) -> Credential:
    return await patience.ask(SERVICE, server.send, reader(SERVICE, msgspec.json.Decoder(Credential)))


async def test_a_fractional_retry_after_is_waited_for_and_no_longer() -> None:
    server = Server(Answer(429, {"retry-after": "0.128"}, b""), GOOD)
    await _ask(server, _patience())
    assert 0.128 <= server.asked_at[1] - server.asked_at[0] < 0.3


async def test_a_server_that_says_come_back_at_once_is_not_hammered() -> None:
    server = Server(Answer(503, {"retry-after": "0"}, b""))
    with pytest.raises(GatherError, match=r"given up after [23] attempts"):
        await _ask(server, _patience())


async def test_a_wait_beyond_patience_ends_at_once_and_names_the_time() -> None:
    server = Server(Answer(429, {"retry-after": "3600"}, b""))
    with pytest.raises(GatherError, match="it asks to come back in 3600 s, at 2026-11-22 09:00:00 UTC") as told:
        await _ask(server, _patience())
    assert len(server.asked_at) == 1
    assert told.value.again_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


async def test_a_wait_without_end_is_told_too() -> None:
    with pytest.raises(GatherError, match="it asks to come back in") as told:
        await _ask(Server(Answer(429, {"retry-after": "9" * 400}, b"")), _patience())
    assert told.value.again_at is not None


async def test_each_request_has_its_time_out_and_all_of_them_their_patience() -> None:
    server = Server(GOOD, takes_s=60)
    started = asyncio.get_running_loop().time()
    with pytest.raises(GatherError, match=r"did not answer in time \(0.2 s\) \(given up after 2 attempts\)"):
        await _ask(server, _patience())
    assert asyncio.get_running_loop().time() - started < 1.1


async def test_waiting_for_a_place_uses_up_no_patience() -> None:
    patience = _patience(patience_s=0.3, places=1)
    slow = [Server(GOOD, takes_s=0.15) for _ in range(4)]
    await asyncio.gather(*(_ask(server, patience) for server in slow))
    assert [len(server.asked_at) for server in slow] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("status", "why", "step"),
    [
        (401, "did not accept the token", "Check that the monitor's identity"),
        (403, "it refused", "Grant it."),
        (404, "it answered 404", None),
        (400, "it answered 400", None),
        (302, "it answered 302", None),
    ],
)
async def test_a_refusal_is_final(status: int, why: str, step: str | None) -> None:
    server = Server(Answer(status, {"retry-after": "1"}, b""))
    with pytest.raises(GatherError, match=why) as told:
        await _ask(server, _patience())
    assert len(server.asked_at) == 1
    assert told.value.again_at is None
    assert [text.startswith(step or "?") for text in told.value.steps] == [True] * len(told.value.steps)


async def test_what_came_before_counts_where_patience_cuts_the_last_attempt_short() -> None:
    asked = 0

    async def send() -> Answer:
        nonlocal asked
        asked += 1
        if asked > 1:
            await asyncio.sleep(60)
        return Answer(503, {}, b"{}")

    patience = Patience(request_timeout_s=30, patience_s=1, now=NOW, in_flight=asyncio.Semaphore(1))
    with pytest.raises(GatherError, match=r"it failed on its side \(503\) \(given up after 2 attempts\)"):
        await patience.ask(SERVICE, send, reader(SERVICE, msgspec.json.Decoder()))
    assert asked == 2
