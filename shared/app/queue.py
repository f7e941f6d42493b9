"""The queue between a timer and the passes that it planned: Azure Storage's, which the Functions host scales out on.

Messages are base64, as the host expects them unless host.json says otherwise. Whatever cannot be put there is an error:
the timer has failed then, says so, and plans again; a message that is there twice does no harm.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from shared.connection import Connection, ca_bundle
from shared.errors import QueueError
from shared.gather.answers import together
from shared.plan import PassMessage, encode

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

    from shared.ledger.open import Credentials

PASSES = "dawnwatch-passes"
POISON = f"{PASSES}-poison"
"""Where the host puts a message that has failed `maxDequeueCount` times."""

AT_ONCE = 32
PATIENCE_S = 480.0

_RETRIES = {"retry_total": 3, "initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1}
"""Storage has names of its own for these, and would wait for a minute."""
_WEB: Mapping[str, Any] = {**_RETRIES, "connection_timeout": 10, "read_timeout": 30}
_STEPS = (
    "Check the connection, the storage account's health and network rules, and that the app's identity has the role "
    "Storage Queue Data Contributor."
)


class PassQueue(Protocol):
    """Where planned passes wait."""

    async def put(self, messages: Sequence[PassMessage]) -> None:
        """Put messages there; a failure may leave some of them there.

        Raises:
            QueueError: not all of them are there.
        """
        ...

    async def poisoned(self) -> int:
        """Count the messages that were given up, about.

        Raises:
            QueueError: nobody can tell.
        """
        ...


class StorageQueue:
    """The queue in a storage account; it is made where it is not there yet. `web` are azure-core's options."""

    def __init__(
        self, connection: Connection, credentials: "Credentials", web: Mapping[str, Any] | None = None
    ) -> None:
        self._connection = connection
        self._credentials = credentials
        self._web = {**_WEB, "connection_verify": ca_bundle(), **(web or {})}
        self._stack = AsyncExitStack()
        self._clients: dict[str, QueueClient] = {}

    async def __aenter__(self) -> Self:
        """Open nothing: the first message does."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._stack.aclose()
        self._clients.clear()

    async def put(self, messages: Sequence[PassMessage]) -> None:
        """Put messages there, many at once."""
        left = iter(messages)

        async def send_some(client: "QueueClient") -> None:
            for message in left:
                await client.send_message(encode(message))

        from azure.core.exceptions import ResourceNotFoundError

        async with _asking(PASSES):
            client = await self._client(PASSES)
            try:
                await together(*(send_some(client) for _ in range(min(AT_ONCE, len(messages)))))
            except ResourceNotFoundError:  # somebody has removed the queue: the next turn makes it anew
                self._clients.clear()
                raise

    async def poisoned(self) -> int:
        """Count what was given up; a queue that is not there holds nothing."""
        from azure.core.exceptions import ResourceNotFoundError

        async with _asking(POISON):
            try:
                properties = await (await self._client(POISON, make=False)).get_queue_properties()
            except ResourceNotFoundError:
                return 0
        return properties.approximate_message_count or 0

    async def _client(self, name: str, *, make: bool = True) -> "QueueClient":
        from azure.core.exceptions import ResourceExistsError

        if name not in self._clients:
            client = await self._stack.enter_async_context(await self._connect(name))
            if make:
                with suppress(ResourceExistsError):
                    await client.create_queue()
            self._clients[name] = client
        return self._clients[name]

    async def _connect(self, name: str) -> "QueueClient":
        from azure.storage.queue import TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueClient

        options = {**self._web, "message_encode_policy": TextBase64EncodePolicy()}
        if self._connection.text is not None:
            return QueueClient.from_connection_string(self._connection.text, name, **options)
        credential = await self._stack.enter_async_context(self._credentials(self._connection.client_id))
        return QueueClient(self._connection.endpoint, name, credential=credential, **options)


@asynccontextmanager
async def _asking(queue: str) -> AsyncIterator[None]:
    """Ask a queue something: whatever goes wrong, or takes too long, is a QueueError that quotes no answer."""
    from aiohttp import ClientError
    from azure.core.exceptions import AzureError

    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    except (AzureError, ClientError, OSError, TimeoutError, ValueError) as error:
        status = getattr(error, "status_code", None)
        came = f"it answered {status}" if status else f"no answer of use came ({type(error).__name__})"
        raise QueueError(f"The queue {queue!r} could not be used: {came}. {_STEPS}") from None
