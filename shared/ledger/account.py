"""Which storage account the ledger is kept in, and as whom: by connection string, or by an identity of Microsoft Entra.

The SDK's client is made when the ledger is opened, and closed with it; nothing here is imported before.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from shared.connection import ca_bundle
from shared.errors import LedgerError
from shared.ledger.storage_errors import refuse_long_waits

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableClient

# azure-core's own retries, kept few and short; whoever asks sets the time that all of them have (see asking()).
_WEB: Mapping[str, Any] = {
    "retry_total": 3,
    "retry_backoff_max": 4,
    "connection_timeout": 10,
    "read_timeout": 30,
    "raw_response_hook": refuse_long_waits,
}


def _options(web: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_WEB, "connection_verify": ca_bundle(), **web}


class Account(Protocol):
    """A storage account that can be connected to."""

    async def connect(self, table: str, opened: AsyncExitStack) -> "TableClient":
        """Make a client for a table; `opened` closes it.

        Raises:
            LedgerError: the account is not named in a way that can be understood.
        """
        ...


@dataclass(frozen=True, slots=True)
class ByConnectionString:
    """An account with its key or a shared access signature. `web` are azure-core's transport options."""

    text: str = field(repr=False)
    name: str = "the connection string"
    web: Mapping[str, Any] = field(default_factory=dict)

    async def connect(self, table: str, opened: AsyncExitStack) -> "TableClient":
        """Make a client from the connection string."""
        from azure.data.tables.aio import TableClient

        try:
            client = TableClient.from_connection_string(self.text, table, **_options(self.web))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            msg = f"The ledger's storage account: {self.name} holds no connection string of a storage account."
            raise LedgerError(msg) from None
        return await opened.enter_async_context(client)


@dataclass(frozen=True, slots=True)
class ByIdentity:
    """An account at `endpoint`, signed in to with what `credential` makes; it is closed with the ledger."""

    endpoint: str
    credential: "Callable[[], AsyncTokenCredential]" = field(repr=False)
    web: Mapping[str, Any] = field(default_factory=dict)

    async def connect(self, table: str, opened: AsyncExitStack) -> "TableClient":
        """Make a client that signs in for itself."""
        from azure.data.tables.aio import TableClient

        address = urlsplit(self.endpoint)
        if address.scheme != "https" or not address.hostname or address.query or address.username:
            msg = (
                "The ledger's storage account must be named as https://ACCOUNT.table.core.windows.net, without a query."
            )
            raise LedgerError(msg)
        credential = await opened.enter_async_context(self.credential())
        client = TableClient(self.endpoint, table, credential=credential, **_options(self.web))
        return await opened.enter_async_context(client)


def place_of(client: "TableClient") -> str:
    """Name a table and its account in a message, without the signature that its address may carry."""
    address = urlsplit(client.url)
    return f"The ledger (table {client.table_name!r} at {address.scheme}://{address.netloc}{address.path})"
