"""Azure Resource Manager as lists: every page asked for by the management SDKs, read as typed records here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct

from shared.gather.answers import reader
from shared.gather.cloud import ARM, Azure, follow, raw

_JSON = "application/json"


class Listing[T](Struct, frozen=True, rename="camel"):
    """One page of a collection."""

    value: list[T]
    next_link: str | None = None


type Operation = Callable[..., Awaitable[object]]
"""One request of a management client, which takes the hooks of `raw`."""


def pages[T](
    azure: Azure, listing: Callable[..., Any], decoder: msgspec.json.Decoder[Listing[T]]
) -> AsyncIterator[list[T]]:
    """Stream a collection to its end. `listing` is the SDK's list operation, taking only keyword arguments.

    Raises:
        GatherError: a page could not be read. What came before it is then not the whole.
    """
    return _pages(azure, lambda link: _next_page(listing, link), decoder)


def _next_page(listing: Callable[..., Any], link: str | None) -> Operation:
    async def operation(**hook: Any) -> None:
        # No await between making the pager and its request: operations of one client share its api-version.
        await anext(listing(**hook).by_page(link))

    return operation


async def _pages[T](
    azure: Azure, turn_to: Callable[[str | None], Operation], decoder: msgspec.json.Decoder[Listing[T]]
) -> AsyncIterator[list[T]]:
    link: str | None = None
    seen: set[str] = set()
    while True:
        page = await azure.ask(ARM, lambda: raw(turn_to(link)), reader(ARM, decoder))  # noqa: B023 - awaited
        azure.progress(1, len(page.value))
        yield page.value
        link = page.next_link
        if not link:
            return
        follow(ARM, link, azure.endpoints.resource_manager, seen)


async def all_of[T](azure: Azure, listing: Callable[..., Any], decoder: msgspec.json.Decoder[Listing[T]]) -> list[T]:
    """Read a whole collection."""
    return [item async for page in pages(azure, listing, decoder) for item in page]


async def all_at[T](azure: Azure, path: str, api_version: str, decoder: msgspec.json.Decoder[Listing[T]]) -> list[T]:
    """Read a whole collection for which none of the SDKs here has an operation.

    A management client sends any request of ours as it sends its own: signed, and to its own endpoint.

    Raises:
        GatherError: a page could not be read.
    """
    from azure.core.rest import HttpRequest

    def turn_to(link: str | None) -> Operation:
        request = HttpRequest("GET", link or f"{path}?api-version={api_version}", headers={"Accept": _JSON})
        return lambda **hook: azure.workspaces.send_request(request, **hook)

    return [item async for page in _pages(azure, turn_to, decoder) for item in page]
