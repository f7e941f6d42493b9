"""Whether a table is a ledger: one row of it says so, written when the table was still empty. Any other is let be."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.errors import LedgerError
from shared.ledger.entities import corrupt
from shared.ledger.storage_errors import Place, asking, first_page, is_missing, status_of
from shared.ledger.store import SCHEMA_VERSION

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

_ROW: dict[str, Any] = {"PartitionKey": "~ledger", "RowKey": "schema"}
_PROGRAM = "dawnwatch"


async def claim(table: "TableClient", place: Place) -> None:
    """Make sure that the table is a ledger of this version; make it one where it is new or empty.

    Raises:
        LedgerError: it is somebody else's, or of a newer version.
    """
    schema = await read_schema(table, place)
    if schema is None:
        await _create(table, place)
        schema = await read_schema(table, place) or {}
    check_schema(schema, place)


def check_schema(schema: dict[str, Any], place: Place) -> None:
    """Make sure that the row is a ledger's, and of a version that is known.

    Raises:
        LedgerError: it is not.
    """
    version = schema.get("version")
    if schema.get("program") != _PROGRAM or not isinstance(version, int):
        raise corrupt(place, _ROW | schema)
    if version > SCHEMA_VERSION:
        msg = (
            f"{place} was written by a newer Dawnwatch (partition '~ledger', row 'schema': schema {version}; this one "
            f"knows {SCHEMA_VERSION}). Update Dawnwatch."
        )
        raise LedgerError(msg)


async def read_schema(table: "TableClient", place: Place) -> dict[str, Any] | None:
    """Read the row; None where the table or the row is not there."""
    from azure.core.exceptions import HttpResponseError

    async with asking(place):
        try:
            return dict(await table.get_entity(_ROW["PartitionKey"], _ROW["RowKey"]))
        except HttpResponseError as error:
            if is_missing(error) or _has_no_table(error):
                return None
            raise


async def _create(table: "TableClient", place: Place) -> None:
    """Make the table where there is none, and the row where it is empty; somebody else may be as quick."""
    from azure.core.exceptions import ResourceExistsError

    async with asking(place):
        with suppress(ResourceExistsError):
            await table.create_table()
    strangers = await first_page(place, table.list_entities(results_per_page=1, select=["PartitionKey", "RowKey"]))
    if strangers and await read_schema(table, place) is None:
        msg = f"{corrupt(place, strangers[0])} The table is not empty, and has no row that makes it a ledger."
        raise LedgerError(msg)
    async with asking(place):
        with suppress(ResourceExistsError):
            await table.create_entity(_ROW | {"program": _PROGRAM, "version": SCHEMA_VERSION})


def _has_no_table(error: Exception) -> bool:
    code = getattr(error, "error_code", None)
    return status_of(error) == 404 and getattr(code, "value", code) == "TableNotFound"
