"""What one real read came to: it worked, it was refused, or nobody could tell. "Has" a right means that it works."""

from collections.abc import Awaitable
from dataclasses import dataclass

from shared.errors import GatherError

REFUSED = 403


@dataclass(frozen=True, slots=True)
class Attempt[T]:
    """A read: what it brought, or the error that it ended in."""

    brought: T | None = None
    error: GatherError | None = None

    @property
    def worked(self) -> bool:
        """Whether it was answered."""
        return self.error is None

    @property
    def refused(self) -> bool:
        """Whether the answer was that the monitor may not."""
        return self.error is not None and self.error.status == REFUSED


async def attempt[T](read: Awaitable[T]) -> Attempt[T]:
    """Read, and keep how it ended."""
    try:
        return Attempt(brought=await read)
    except GatherError as error:
        return Attempt(error=error)
