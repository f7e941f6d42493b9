"""Azure Resource Manager as lists: every page asked for by the management SDKs, read as typed records here."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from msgspec import Struct

from shared.gather.answers import reader
from shared.gather.cloud import ARM, Azure, follow, raw


class Listing[T](Struct, frozen=True, rename="camel"):
    """One page of a collection."""

    value: list[T]
    next_link: str | None = None


async def pages[T](
    azure: Azure, listing: Callable[..., Any], decoder: msgspec.json.Decoder[Listing[T]]
) -> AsyncIterator[list[T]]:
    """Stream a collection to its end. `listing` is the SDK's list operation, taking only keyword arguments.

    Raises:
        GatherError: a page could not be read. What came before it is then not the whole.
    """
    link: str | None = None
    seen: set[str] = set()
    while True:
        page = await azure.ask(ARM, lambda: raw(_next_page(listing, link)), reader(ARM, decoder))  # noqa: B023 - awaited
        azure.progress(1, len(page.value))
        yield page.value
        link = page.next_link
        if not link:
            return
        follow(ARM, link, azure.endpoints.resource_manager, seen)


def _next_page(listing: Callable[..., Any], link: str | None) -> Callable[..., Any]:
    async def operation(**hook: Any) -> None:
        # No await between making the pager and its request: operations of one client share its api-version.
        await anext(listing(**hook).by_page(link))

    return operation


async def all_of[T](azure: Azure, listing: Callable[..., Any], decoder: msgspec.json.Decoder[Listing[T]]) -> list[T]:
    """Read a whole collection."""
    return [item async for page in pages(azure, listing, decoder) for item in page]
