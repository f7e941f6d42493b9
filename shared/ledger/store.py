"""Where the ledger is kept: rows by target, changed all at once or not at all. Two implementations, one contract.

    a row's life         put(version=None)  ->  put(version=v)  ->  remove(version=v)
                         "is not there yet"     "is as I read it"   "is as I read it"

A change that finds a row otherwise than it was read raises StateConflictError and leaves everything as it was: whoever
lost the race reads again and decides again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

SCHEMA_VERSION = 1
PENDING = "o|"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: `version` changes whenever the row does."""

    key: str
    body: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Put:
    """Write a row: one that is not there yet (`version` None), or one that is still as it was read."""

    key: str
    body: bytes
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a row that is still as it was read."""

    key: str
    version: str


type Change = Put | Remove


class Store(Protocol):
    """Rows in partitions (a target each). Keys are printable ASCII without slashes, `#`, `?`, `%`.

    Every method raises LedgerError where the store cannot be reached, is not a ledger, or is of a newer version, and
    where a name, a body or a group is larger than every store takes (see limits.py). A store is opened once.
    """

    async def __aenter__(self) -> Self:
        """Open it, and make it where it is not there yet."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    async def read(self, target: str, prefix: str, until: str | None = None, *, since: str | None = None) -> list[Row]:
        """Read the rows of a target whose keys start with `prefix`, in key order, as text.

        Only those are read that sort before `until` and not before `since`.
        """
        ...

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        """Apply changes in order; each group entirely or not at all, and as many groups at once as the store can.

        A group changes a row once. One that was refused may still have been applied, where its answer was lost.

        Raises:
            StateConflictError: a row is not as a change expects it. The groups before it may have been applied.
        """
        ...

    async def with_pending(self) -> list[str]:
        """Name the targets that may have rows to deliver (keys with the prefix PENDING), without reading the others.

        It never leaves out one that has. A target may be named for a while after its last such row is gone.
        """
        ...

    async def targets(self) -> list[str]:
        """Name every target that has rows."""
        ...
