"""The last step to Teams (thin): a card goes to a workflow's webhook, once."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

import httpx

from shared.errors import DeliveryError
from shared.model import Severity
from shared.notify.answers import BODY_READ_AT_MOST, Answer, no_answer, settle
from shared.notify.card import render_card, render_payload
from shared.notify.channel import Message
from shared.notify.pace import Pace

_PER_SECOND = 4  # Source: Create incoming webhooks with Workflows, "four requests per second"
_NEW_WEBHOOK = "copy the webhook's URL from the workflow again into DAWNWATCH_TEAMS_WEBHOOK_URL"
_NO_URL = f"Teams' webhook is no URL that can be called: {_NEW_WEBHOOK}"
_ADVICE = {
    400: "look at the workflow's run history: the card or its target channel was not taken",
    401: f"the URL has lost its signature, or it has changed: {_NEW_WEBHOOK}",
    403: f"the workflow is off, or its owner may no longer post: let somebody else own it, then {_NEW_WEBHOOK}",
    404: f"the workflow is gone: make a new one, then {_NEW_WEBHOOK}",
    410: f"the workflow is gone: make a new one, then {_NEW_WEBHOOK}",
    413: "the message is larger than this webhook takes",
}


class TeamsChannel:
    """Sends cards to one webhook, at most four in a second.

    The URL is a secret: it stands in no error and no log. `timeout_s` bounds a whole request.
    """

    name = "teams"

    def __init__(
        self,
        webhook_url: str,
        *,
        client: httpx.AsyncClient,
        clock: Callable[[], datetime],
        min_severity: Severity = Severity.WARNING,
        timeout_s: float = 20,
    ) -> None:
        self.min_severity = min_severity
        self._webhook_url = webhook_url
        self._client = client
        self._clock = clock
        self._timeout_s = timeout_s
        self._pace = Pace(_PER_SECOND)
        logging.getLogger("httpx").addFilter(_is_no_request_line)

    async def send(self, message: Message) -> None:
        """Send the message as one card.

        Raises:
            DeliveryError: Teams did not take it.
        """
        if message.card is None and not message.transitions:
            return
        payload = render_payload(render_card(message) if message.card is None else dict(message.card))
        await self._pace.turn()
        settle("Teams", await self._post(payload), self._clock(), _ADVICE)

    async def _post(self, payload: bytes) -> Answer:
        """Post once. httpx's errors can name the URL: only the name of their class goes on."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._answer(self._request(payload))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise DeliveryError(_NO_URL, permanent=True) from None
        except (httpx.HTTPError, TimeoutError) as exc:
            raise no_answer("Teams", type(exc).__name__) from None

    def _request(self, payload: bytes) -> httpx.Request:
        """A workflow refuses whatever comes with an Authorization header: the signature in its URL is all it wants."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = self._client.build_request(
            "POST", self._webhook_url, content=payload, headers=headers, timeout=self._timeout_s
        )
        request.headers.pop("Authorization", None)
        return request

    async def _answer(self, request: httpx.Request) -> Answer:
        response = await self._client.send(request, auth=httpx.Auth(), follow_redirects=False, stream=True)
        body = b""
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= BODY_READ_AT_MOST:
                    break
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, body[:BODY_READ_AT_MOST])


def _is_no_request_line(record: logging.LogRecord) -> bool:
    """Httpx logs each request's whole URL at INFO, signature and all."""
    return record.levelno >= logging.WARNING
