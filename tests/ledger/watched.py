"""A transport that notes each request, and lets a test do something just before one is sent."""

from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from azure.core.pipeline.transport import AioHttpTransport, AsyncHttpTransport

type Before = Callable[[str], Awaitable[None]]


async def nothing(_: str) -> None:
    pass


class Watched(AsyncHttpTransport[Any, Any]):
    """`asked` has a word for each request: list, look, touch, redate, remove, commit, or the method and path."""

    def __init__(self, before: Before = nothing) -> None:
        self._inner: AsyncHttpTransport[Any, Any] = AioHttpTransport()
        self.asked: list[str] = []
        self.before = before

    async def send(self, request: Any, **config: Any) -> Any:
        word = _word(request.method, unquote(urlsplit(request.url).path), unquote(request.url), request.headers)
        self.asked.append(word)
        await self.before(word)
        return await self._inner.send(request, **config)

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _word(method: str, path: str, url: str, headers: Any) -> str:
    if path.endswith("$batch"):
        return "commit"
    if method == "GET" and "'~pending'" in url:
        return "list"
    if method == "GET" and "'o|'" in url:
        return "look"
    if "'~pending'" in path:
        return "remove" if method == "DELETE" else "redate" if "If-Match" in headers else "touch"
    return f"{method} {path}"
