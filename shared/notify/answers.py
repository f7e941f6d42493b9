"""What comes back from a channel, judged by one table for all of them: delivered, try again, or never so.

| what comes back | verdict | why |
| --- | --- | --- |
| 2xx | delivered | taken; asking again would post it twice |
| 408, 425, 429, 5xx | retry | the other side is busy or broken, and may not be for long |
| any other 3xx, 4xx | permanent | address, rights or message are wrong; no redirect is followed: the URL is a secret |
| nothing (refused, reset, timed out, bad certificate) | retry | networks come back; at least once, so perhaps twice |
| 2xx with a web page | retry | a proxy's or portal's sign-in page answered, not the channel: nobody has got it |
| 2xx with an error text | the status in the text's, else retry | old webhooks answer 200 "…failed… HTTP error 429" |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from shared.errors import DeliveryError
from shared.retry_after import retry_after_s

BODY_READ_AT_MOST = 4096  # bytes of an answer that are looked at; none of them is ever quoted

_RETRIED = frozenset({408, 425, 429})
_WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_ERROR_TEXT = re.compile(rb'"error"\s*:\s*[^n\s]|\bfailed\b|\bHTTP error\b', re.IGNORECASE)
_STATUS_IN_TEXT = re.compile(rb"HTTP error (?:code )?:?\s*(\d{3})\b", re.IGNORECASE)


class Verdict(StrEnum):
    """What an answer means for the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as far as it is judged: header names in lower case, the first bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def verdict_of_status(status: int) -> Verdict:
    """Judge by the status alone."""
    if 200 <= status <= 299:
        return Verdict.DELIVERED
    return Verdict.RETRY if status in _RETRIED or status >= 500 else Verdict.PERMANENT


def verdict_of(answer: Answer) -> Verdict:
    """Judge by the status, and where that is good, by what the body says."""
    verdict = verdict_of_status(answer.status)
    if verdict is not Verdict.DELIVERED:
        return verdict
    if "text/html" in answer.headers.get("content-type", "").lower() or _WEB_PAGE.match(answer.body):
        return Verdict.RETRY
    if not _ERROR_TEXT.search(answer.body):
        return Verdict.DELIVERED
    named = _STATUS_IN_TEXT.search(answer.body)
    inner = verdict_of_status(int(named[1])) if named else Verdict.RETRY
    return Verdict.RETRY if inner is Verdict.DELIVERED else inner


def settle(channel: str, answer: Answer, now: datetime, advice: Mapping[int, str]) -> None:
    """Return when the answer means delivered; `advice` says per status what to do.

    Raises:
        DeliveryError: it means anything else.
    """
    verdict = verdict_of(answer)
    if verdict is Verdict.DELIVERED:
        return
    permanent = verdict is Verdict.PERMANENT
    after_s = None if permanent else retry_after_s(answer.headers, now)
    said = f"{channel} answered {_named(answer)}: {_what_next(permanent, after_s, advice.get(answer.status))}"
    raise DeliveryError(said, permanent=permanent, retry_after_s=after_s)


def no_answer(channel: str, kind: str) -> DeliveryError:
    """Return the error for a request that got no answer; `kind` is the failure's class name, never its text."""
    return DeliveryError(f"{channel} did not answer ({kind}): it can be tried again", permanent=False)


def _named(answer: Answer) -> str:
    phrase = next((status.phrase for status in HTTPStatus if status == answer.status), "no known status")
    odd = ", but not as the channel does" if verdict_of_status(answer.status) is Verdict.DELIVERED else ""
    return f"{answer.status} ({phrase}){odd}"


def _what_next(permanent: bool, after_s: float | None, advice: str | None) -> str:
    if permanent:
        return f"the same again is of no use; {advice or 'check the address and the rights of this channel'}"
    return "it can be tried again" if after_s is None else f"it asks to be tried again in {after_s:g} s"
