"""The last step to Event Grid (thin): CloudEvents go to a topic, once, through azure-eventgrid's own client."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import DeliveryError
from shared.model import Severity
from shared.notify.answers import BODY_READ_AT_MOST, Answer, no_answer, settle
from shared.notify.channel import Message
from shared.notify.cloud_events import batches, render_events, source_of
from shared.report import Json

if TYPE_CHECKING:
    from azure.core.credentials import AzureKeyCredential
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpResponse
    from azure.eventgrid.aio import EventGridPublisherClient

_SENDER = "give Dawnwatch's identity the role EventGrid Data Sender on the topic"
_ADVICE = {
    400: "the topic's input schema must be Cloud Event Schema v1.0",
    401: f"it does not accept this identity: {_SENDER}",
    403: f"it does not let this identity send: {_SENDER}, and look at the topic's network rules",
    404: "no such topic: check [notify.event_grid] topic",
    413: "the batch is larger than this topic takes",
}


class EventGridChannel:
    """Sends events to one topic.

    `workspace_ids` gives the events' source per target. `connection_verify` is a CA file for a topic of one's own.
    When a later batch fails, the next try repeats the earlier ones: their ids are the same.
    """

    name = "event_grid"

    def __init__(
        self,
        topic: str,
        credential: "AsyncTokenCredential | AzureKeyCredential",
        *,
        clock: Callable[[], datetime],
        min_severity: Severity = Severity.INFORMATIONAL,
        workspace_ids: Mapping[str, str] | None = None,
        timeout_s: float = 20,
        connection_verify: bool | str = True,
    ) -> None:
        self.min_severity = min_severity
        self._topic = topic
        self._credential = credential
        self._clock = clock
        self._workspace_ids = workspace_ids or {}
        self._timeout_s = timeout_s
        self._connection_verify = connection_verify

    async def send(self, message: Message) -> None:
        """Send the message as events, in as many batches as their size asks for.

        Raises:
            DeliveryError: Event Grid did not take one of the batches.
        """
        if not message.transitions:
            return
        source = source_of(message.target, self._workspace_ids.get(message.target))
        answers: list[Answer] = []
        async with self._client(answers) as client:
            for batch in batches(render_events(message, source)):
                await self._publish(client, batch, answers)
                settle("Event Grid", answers.pop(), self._clock(), _ADVICE)

    def _client(self, answers: list[Answer]) -> "EventGridPublisherClient":
        """Return a client that puts each answer into `answers`, and tries once.

        The client of a basic topic drops `connection_verify` and time-outs of its constructor, and logs a warning per
        event for each that `send` is given: so they go with the transport.
        """
        from azure.core.pipeline.transport import AioHttpTransport
        from azure.eventgrid.aio import EventGridPublisherClient

        transport = AioHttpTransport(
            connection_verify=self._connection_verify,
            connection_timeout=self._timeout_s,
            read_timeout=self._timeout_s,
        )
        return EventGridPublisherClient(
            self._topic,
            self._credential,
            transport=transport,
            retry_total=0,
            permit_redirects=False,
            raw_response_hook=lambda response: answers.append(_answer(response.http_response)),
        )

    async def _publish(self, client: "EventGridPublisherClient", batch: list[Json], answers: list[Answer]) -> None:
        """Publish once. azure-core's errors quote the body: the answer comes off the wire, their texts go nowhere."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            async with asyncio.timeout(self._timeout_s):
                await client.send(batch)
        except (AzureError, TimeoutError) as exc:
            if not answers and isinstance(exc, ClientAuthenticationError):
                raise DeliveryError(_no_token(exc), permanent=False) from None
            if not answers:
                raise no_answer("Event Grid", type(exc).__name__) from None


def _answer(response: "AsyncHttpResponse") -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code or 0, headers, response.body()[:BODY_READ_AT_MOST])


def _no_token(exc: Exception) -> str:
    return f"no token for Event Grid could be had ({type(exc).__name__}): check Dawnwatch's identity"
