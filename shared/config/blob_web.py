"""The connections to a storage account that holds a configuration. When they are closed, nothing of them is left."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from aiohttp import AddrInfoType
    from azure.core.pipeline import PipelineResponse

_TURNS = 100


class _Sockets:
    """The sockets of a session.

    Connections that are given up are closed politely: TLS waits for its peer's goodbye, for which nobody stays here.
    """

    def __init__(self) -> None:
        self._made: list[socket.socket] = []

    def make(self, address: "AddrInfoType") -> socket.socket:
        """Make a socket: aiohttp's `socket_factory`."""
        family, kind, protocol, *_ = address
        made = socket.socket(family, kind, protocol)
        self._made.append(made)
        return made

    async def cut(self) -> None:
        """End what is still open, and let the loop see it."""
        for each in self._open():
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for _ in range(_TURNS):
            if not self._open():
                return
            await asyncio.sleep(0)

    def _open(self) -> list[socket.socket]:
        return [each for each in self._made if each.fileno() != -1]


@asynccontextmanager
async def open_web() -> AsyncIterator[Mapping[str, Any]]:
    """Open a session that trusts what every client here trusts; what it yields are azure-core's options."""
    import aiohttp
    from azure.core.pipeline.transport import AioHttpTransport

    from shared.gather.cloud import system_trust

    sockets, answers = _Sockets(), WeakSet[Any]()

    def keep(response: "PipelineResponse[Any, Any]") -> None:
        answers.add(response.http_response.internal_response)

    connector = aiohttp.TCPConnector(ssl=system_trust(), socket_factory=sockets.make)
    try:
        async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
            transport = AioHttpTransport(session=session, session_owner=False)
            yield {"transport": transport, "raw_response_hook": keep}
    finally:
        for answer in answers:
            answer.close()  # The SDK leaves open what it cannot make sense of.
        await sockets.cut()
