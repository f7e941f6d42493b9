"""Ledger rows as entities of Table Storage: a body in parts of 64 KiB, changes in transactions that fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.errors import LedgerError
from shared.ledger.limits import MAX_GROUP_CHANGES, PART_BYTES
from shared.ledger.storage_errors import Place
from shared.ledger.store import Change, Put, Row

if TYPE_CHECKING:
    from azure.data.tables import TableEntity

# Groups go together up to here; one that is larger goes alone. Table Storage takes 4 MiB, but a request over 1 MiB
# holds up the event loop (aiohttp warns of it) and gains nothing.
_TOGETHER_BYTES = 1024 * 1024
_HEADERS_BYTES = 1000

type Operation = tuple[str, dict[str, Any], dict[str, Any]]


def to_entity(name: str, change: Change) -> dict[str, Any]:
    """Spell a change as an entity of partition `name`; a removal needs its keys alone."""
    keys = {"PartitionKey": name, "RowKey": change.key}
    if not isinstance(change, Put):
        return keys
    starts = range(0, len(change.body), PART_BYTES)
    parts = {f"part{at // PART_BYTES:02}": change.body[at : at + PART_BYTES] for at in starts}
    return keys | {"size": len(change.body)} | parts


def to_row(place: Place, entity: "TableEntity") -> Row:
    """Read a row.

    Raises:
        LedgerError: the entity is not one of ours, or is not whole.
    """
    size = entity.get("size")
    if not isinstance(size, int):
        raise corrupt(place, entity)
    parts = [entity.get(f"part{number:02}") for number in range(-(-size // PART_BYTES))]
    body = b"".join(part for part in parts if isinstance(part, bytes))
    etag = entity.metadata["etag"]
    if len(body) != size or not isinstance(etag, str):
        raise corrupt(place, entity)
    return Row(entity["RowKey"], body, etag)


def corrupt(place: Place, entity: Mapping[str, Any]) -> LedgerError:
    """Say which entity is none of ours."""
    where = f"partition {_cut(entity.get('PartitionKey'))}, row {_cut(entity.get('RowKey'))}"
    return LedgerError(
        f"{place} holds an entity that is no ledger row or is damaged: {where}. Nothing was overwritten. "
        "Remove it if it is not needed, or configure another storage account."
    )


def _cut(name: object) -> str:
    return repr(str(name)[:120])


def operation(name: str, change: Change) -> Operation:
    """Spell a change as an operation of a transaction, with the condition that it carries."""
    from azure.core import MatchConditions
    from azure.data.tables import UpdateMode

    entity = to_entity(name, change)
    if change.version is None:
        return "create", entity, {}
    condition: dict[str, Any] = {"etag": change.version, "match_condition": MatchConditions.IfNotModified}
    if isinstance(change, Put):
        return "update", entity, {"mode": UpdateMode.REPLACE, **condition}
    return "delete", entity, condition


def transactions(groups: Sequence[Sequence[Change]]) -> Iterator[list[Change]]:
    """Put whole groups together, in order, as far as a transaction holds; it may name a row only once."""
    batch: list[Change] = []
    for group in groups:
        if batch and not _fits([*batch, *group]):
            yield batch
            batch = []
        batch += group
    if batch:
        yield batch


def _fits(changes: Sequence[Change]) -> bool:
    return (
        len(changes) <= MAX_GROUP_CHANGES
        and len({change.key for change in changes}) == len(changes)
        and sum(_size(change) for change in changes) <= _TOGETHER_BYTES
    )


def _size(change: Change) -> int:
    """Estimate a change's part of a request, never too low: the body in base64, the key in the address and the JSON."""
    body = len(change.body) * 4 // 3 + 1000 if isinstance(change, Put) else 0
    return body + 4 * len(change.key) + _HEADERS_BYTES
