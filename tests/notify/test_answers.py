"""The table that all channels share: what an answer means, and how long the other side asks to wait."""

from datetime import UTC, datetime

import pytest

from shared.errors import DeliveryError
from shared.notify.answers import Answer, Verdict, settle, verdict_of, verdict_of_status
from shared.retry_after import retry_after_s

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DELIVERED, RETRY, PERMANENT = Verdict.DELIVERED, Verdict.RETRY, Verdict.PERMANENT

STATUSES = [
    (200, DELIVERED),
    (201, DELIVERED),
    (202, DELIVERED),
    (204, DELIVERED),
    (301, PERMANENT),
    (302, PERMANENT),
    (400, PERMANENT),
    (401, PERMANENT),
    (403, PERMANENT),
    (404, PERMANENT),
    (408, RETRY),
    (409, PERMANENT),
    (410, PERMANENT),
    (413, PERMANENT),
    (425, RETRY),
    (429, RETRY),
    (500, RETRY),
    (502, RETRY),
    (503, RETRY),
    (504, RETRY),
    (599, RETRY),
]

BODIES = [
    ("nothing", b"", {}, DELIVERED),
    ("the one of old connectors", b"1", {}, DELIVERED),
    ("a run id", b'{"run": "0858"}', {"content-type": "application/json"}, DELIVERED),
    ("no error", b'{"error": null}', {}, DELIVERED),
    ("a web page by its type", b"Sign in", {"content-type": "text/html; charset=utf-8"}, RETRY),
    ("a web page by its look", b"\n<!DOCTYPE html><title>Sign in</title>", {}, RETRY),
    ("an error in JSON", b'{"error": {"code": "Busy"}}', {}, RETRY),
    ("a throttled delivery", b"Webhook message delivery failed with error: HTTP error 429 with ContextId", {}, RETRY),
    ("a refused delivery", b"Webhook message delivery failed with error: HTTP error 413 with ContextId", {}, PERMANENT),
    ("a failure that names success", b"failed with error: HTTP error 200", {}, RETRY),
]

WAITS = [
    ("12", 12.0),
    ("2.128", 2.128),
    ("0", 0.0),
    ("-5", None),
    ("Sun, 22 Nov 2026 08:02:00 GMT", 120.0),
    ("Sun, 22 Nov 2026 08:02:00 -0000", 120.0),
    ("Sun, 22 Nov 2026 07:00:00 GMT", 0.0),
    ("", None),
    ("soon", None),
    ("nan", None),
    ("inf", None),
    ("Sun, 99 Nov 2026 08:02:00 GMT", None),
]


@pytest.mark.parametrize(("status", "verdict"), STATUSES)
def test_each_status_has_its_verdict(status: int, verdict: Verdict) -> None:
    assert verdict_of_status(status) is verdict


@pytest.mark.parametrize(("body", "headers", "verdict"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_good_status_is_believed_only_with_a_good_body(
    body: bytes, headers: dict[str, str], verdict: Verdict
) -> None:
    assert verdict_of(Answer(200, headers, body)) is verdict
    assert verdict_of(Answer(202, headers, body)) is verdict


@pytest.mark.parametrize(("value", "seconds"), WAITS)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


def test_no_retry_after_is_no_wait() -> None:
    assert retry_after_s({}, NOW) is None


def test_a_refusal_says_who_what_and_what_to_do_and_quotes_no_body() -> None:
    answer = Answer(404, {}, b"the signature sig=s3cret")
    with pytest.raises(DeliveryError) as refused:
        settle("Teams", answer, NOW, {404: "make a new workflow"})
    assert str(refused.value) == "Teams answered 404 (Not Found): the same again is of no use; make a new workflow"
    assert refused.value.permanent


def test_a_throttled_message_carries_the_wait() -> None:
    with pytest.raises(DeliveryError) as refused:
        settle("Teams", Answer(429, {"retry-after": "2.5"}), NOW, {})
    assert (refused.value.permanent, refused.value.retry_after_s) == (False, 2.5)
