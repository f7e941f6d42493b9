"""Microsoft Graph as lists and batches: pages streamed to the end, batches of twenty, each part judged by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec
from msgspec import Struct

from shared.gather.answers import NONSENSE_TRIES, UNBOUNDED, Answer, AttemptError, reader, together
from shared.gather.cloud import GRAPH, Azure, follow
from shared.retry_after import retry_after_s

BATCH_SIZE = 20
TURNS_TO_SEND = 3


class Page[T](Struct, frozen=True):
    """One page of a collection."""

    value: list[T]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


async def pages[T](azure: Azure, url: str, decoder: msgspec.json.Decoder[Page[T]]) -> AsyncIterator[list[T]]:
    """Stream a collection page by page to its end; the next page is on its way while this one is looked at.

    Raises:
        GatherError: a page could not be read. What came before it is then not the whole.
    """
    read = reader(GRAPH, decoder)
    seen = {url}
    coming = asyncio.create_task(azure.ask_graph(url, read))
    try:
        while True:
            page = await coming
            azure.progress(1, len(page.value))
            link = page.next_link
            if link:
                follow(GRAPH, link, azure.endpoints.graph, seen)
                coming = asyncio.create_task(azure.ask_graph(link, read))
                await _let_it_send()
            yield page.value
            if not link:
                return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _let_it_send() -> None:
    """Give the loop the turns that a request takes to get on its way: who judges a page does not let it have any."""
    for _ in range(TURNS_TO_SEND):
        await asyncio.sleep(0)


async def all_of[T](azure: Azure, url: str, decoder: msgspec.json.Decoder[Page[T]]) -> list[T]:
    """Read a whole collection that is known to be short."""
    return [item async for page in pages(azure, url, decoder) for item in page]


class _BatchItem(Struct, frozen=True):
    id: str
    status: int
    headers: dict[str, str | int | float | None] | None = None
    body: msgspec.Raw = msgspec.Raw(b"")


class _BatchBody(Struct, frozen=True):
    responses: list[_BatchItem]


_batch_decoder = msgspec.json.Decoder(_BatchBody)


async def batch[T](azure: Azure, urls: Sequence[str], read: Callable[[Answer], T]) -> list[T]:
    """Get each URL (from the version on), twenty to a call, and read each part; in the order given.

    Raises:
        GatherError: any of them could not be read.
    """
    chunks = [urls[start : start + BATCH_SIZE] for start in range(0, len(urls), BATCH_SIZE)]
    answered = await together(*(_batch_of_twenty(azure, chunk, read) for chunk in chunks))
    return [part for chunk in answered for part in chunk]


async def batch_lists[T](
    azure: Azure, urls: Sequence[str], decoder: msgspec.json.Decoder[Page[T]]
) -> list[list[T] | None]:
    """Read a collection from each URL, twenty to a call; the few that have more than one page are read on.

    None stands for one whose object is not there (404).
    """
    read_page = reader(GRAPH, decoder)

    def read(answer: Answer) -> Page[T] | None:
        return None if answer.status == 404 else read_page(answer)

    found = await batch(azure, urls, read)
    return [None if page is None else await _to_the_end(azure, page, decoder) for page in found]


async def _to_the_end[T](azure: Azure, page: Page[T], decoder: msgspec.json.Decoder[Page[T]]) -> list[T]:
    if not page.next_link:
        return page.value
    follow(GRAPH, page.next_link, azure.endpoints.graph, set())
    return page.value + await all_of(azure, page.next_link, decoder)


async def _batch_of_twenty[T](azure: Azure, urls: Sequence[str], read_part: Callable[[Answer], T]) -> list[T]:
    """Ask until every part is answered: parts that are throttled inside a good batch are asked again by themselves."""
    read_batch = reader(GRAPH, _batch_decoder)
    found: dict[int, T] = {}

    def body() -> bytes:
        asked = (index for index in range(len(urls)) if index not in found)
        return msgspec.json.encode({"requests": [{"id": str(i), "method": "GET", "url": urls[i]} for i in asked]})

    def read(answer: Answer) -> None:
        trouble: AttemptError | None = None
        for index, part in _parts(read_batch(answer)).items():
            if not 0 <= index < len(urls):
                continue
            azure.note(part)
            try:
                found[index] = read_part(part)
            except AttemptError as error:
                trouble = _worse(trouble, error, azure.patience.now)
        if trouble is None and len(found) < len(urls):
            trouble = AttemptError("it left out parts of a batch", tries=NONSENSE_TRIES)
        if trouble is not None:
            raise trouble

    await azure.ask(GRAPH, lambda: azure.send_graph("/$batch", body()), read)
    azure.progress(1, len(urls))
    return [found[index] for index in range(len(urls))]


def _parts(body: _BatchBody) -> Mapping[int, Answer]:
    return {
        int(item.id): Answer(
            item.status, {k.lower(): str(v) for k, v in (item.headers or {}).items()}, bytes(item.body)
        )
        for item in body.responses
        if item.id.isdecimal()
    }


def _worse(one: AttemptError | None, other: AttemptError, now: datetime) -> AttemptError:
    """Choose what a batch's next attempt goes by: a refusal ends it; of throttles, the longest wait counts."""
    if one is None or other.tries < one.tries:
        return other
    if one.tries < UNBOUNDED:
        return one
    return max((one, other), key=lambda error: retry_after_s(error.answer.headers, now) or 0 if error.answer else 0)


def quoted(text: str) -> str:
    """Quote text for an OData filter, percent-encoded for a URL."""
    return quote("'" + text.replace("'", "''") + "'", safe="")
