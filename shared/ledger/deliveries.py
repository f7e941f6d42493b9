"""What still waits to be delivered, and to whom: read from the ledger for people, without sending anything."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from shared.delivery import Progress, read_progress
from shared.ledger.book import Book
from shared.ledger.store import PENDING, Store


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a channel has still to be told of a target; `since` and `reason` where it does not take it."""

    target: str
    channel: str
    count: int
    since: datetime | None = None
    reason: str | None = None


async def waiting_for(book: Book) -> tuple[Waiting, ...]:
    """Read what is still to be delivered of a target, by channel, without decoding it."""
    counts = Counter(row.key.split("|")[1] for row in await book.store.read(book.target, PENDING))
    if not counts:
        return ()
    going = await read_progress(book)
    return tuple(_waiting(book, name, count, going.get(name, Progress())) for name, count in sorted(counts.items()))


def _waiting(book: Book, channel: str, count: int, progress: Progress) -> Waiting:
    return Waiting(book.target, channel, count, progress.failing_since, progress.reason)


async def waiting_everywhere(store: Store) -> tuple[Waiting, ...]:
    """Read what is still to be delivered of every target that has something pending."""
    found: list[Waiting] = []
    for target in await store.with_pending():
        found += await waiting_for(Book(store, target))
    return tuple(found)
