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
    r"""Rows in partitions (a target each). Keys are ASCII without `/`, `\`, `#` and `?`; they sort as text.

    Every method raises LedgerError where the store cannot be reached, is not a ledger, or is of a newer version.
    """

    async def __aenter__(self) -> Self:
        """Open it, and make it where it is not there yet."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    async def read(self, target: str, prefix: str, until: str | None = None) -> list[Row]:
        """Read the rows whose keys start with `prefix` (and, given `until`, sort before it), in key order."""
        ...

    async def write(self, target: str, groups: Sequence[Sequence[Change]]) -> None:
        """Apply changes in order; each group entirely or not at all, and as many groups at once as the store can.

        Raises:
            StateConflictError: a row is not as a change expects it. The groups before it may have been applied.
        """
        ...

    async def with_pending(self) -> list[str]:
        """Name the targets that may have rows to deliver (keys with the prefix `o|`), without reading the others."""
        ...

    async def targets(self) -> list[str]:
        """Name every target that has rows."""
        ...
