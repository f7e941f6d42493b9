"""Where the ledger is, in one word of the configuration: a file, a connection of the environment, or an address.

https://account.table.core.windows.net    the storage account there, by identity (of AZURE_CLIENT_ID, where that is set)
AzureWebJobsStorage                       a name: a connection of the environment, see shared/connection.py
dawnwatch.db, state/ledger                anything else, so with a dot or a slash: a file
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shared.connection import StorageService, ca_bundle, find_connection
from shared.errors import LedgerError
from shared.ledger.store import Store

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

FILE = "dawnwatch.db"
"""The ledger of the command line, beside its configuration."""

type Credentials = "Callable[[str | None], AsyncTokenCredential]"
"""Makes a credential for the identity of a client id, or for whoever we are."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def default_credentials(client_id: str | None) -> "AsyncTokenCredential":
    """Make azure-identity's default chain: the app's managed identity in Azure, `az login` and others elsewhere."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential(managed_identity_client_id=client_id, connection_verify=ca_bundle())


def open_store(
    where: str,
    environ: Mapping[str, str],
    *,
    beside: Path = Path(),
    credentials: Credentials = default_credentials,
) -> Store:
    """Choose the store that `where` names, to be opened with `async with`. A file is relative to `beside`.

    Raises:
        LedgerError: it names nothing that there is.
    """
    if where.lower().startswith(("https://", "http://")):
        return _by_identity(where, environ.get("AZURE_CLIENT_ID") or None, credentials)
    if _NAME.fullmatch(where):
        return _by_connection(where, environ, credentials)
    if not where.strip() or "\0" in where:
        raise LedgerError(f"The ledger is to be a file named {where!r}: name one, such as {FILE}.")
    from shared.ledger.sqlite import SqliteStore

    return SqliteStore(beside / where)


def file_of(where: str, beside: Path) -> Path | None:
    """Return the file that `where` names, or None where it names something else."""
    is_elsewhere = where.lower().startswith(("https://", "http://")) or _NAME.fullmatch(where)
    return None if is_elsewhere else beside / where


def _by_connection(name: str, environ: Mapping[str, str], credentials: Credentials) -> Store:
    connection = find_connection(name, StorageService.TABLE, environ)
    if connection is None:
        msg = (
            f"The ledger is to be at the connection {name!r}, which the environment does not know: set {name}, "
            f"{name}__tableServiceUri or {name}__accountName. If a file is meant, write ./{name} or {name}.db."
        )
        raise LedgerError(msg)
    if connection.text is None:
        return _by_identity(connection.endpoint, connection.client_id, credentials)
    from shared.ledger.account import ByConnectionString
    from shared.ledger.tables import TablesStore

    return TablesStore(ByConnectionString(connection.text, name))


def _by_identity(address: str, client_id: str | None, credentials: Credentials) -> Store:
    from shared.ledger.account import ByIdentity
    from shared.ledger.tables import TablesStore

    return TablesStore(ByIdentity(address, partial(credentials, client_id)))
