"""A storage account as the environment of a Functions app names it: a connection string, or an address and an identity.

    NAME                                        a connection string
    NAME__tableServiceUri, NAME__queueServiceUri    the address of a service, signed in to by identity
    NAME__accountName                           or the account's name alone
    NAME__clientId                              of which user-assigned identity, where that is set

Source: https://learn.microsoft.com/azure/azure-functions/functions-reference#connections
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

STORAGE = "AzureWebJobsStorage"
"""The connection that every Functions app has."""

# The key that every storage emulator has: https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_EMULATOR = (
    f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={_EMULATOR_KEY};"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)


class StorageService(StrEnum):
    """The services of a storage account that are used."""

    TABLE = "table"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a service of a storage account is, and as whom: `text` is a connection string, else `endpoint` is set."""

    name: str
    text: str | None = field(default=None, repr=False)
    endpoint: str = ""
    client_id: str | None = None


def ca_bundle() -> bool | str:
    """Say what azure-core's own connections trust: REQUESTS_CA_BUNDLE's authorities where it is set, else the system's.

    It is their option `connection_verify`, which reads the variable for none of the asynchronous clients.
    """
    return os.environ.get("REQUESTS_CA_BUNDLE") or True


def find_connection(name: str, service: StorageService, environ: Mapping[str, str]) -> Connection | None:
    """Look a connection up; None where the environment does not know it."""
    if text := environ.get(name):
        is_emulator = text.strip().rstrip(";") == "UseDevelopmentStorage=true"
        return Connection(name, text=_EMULATOR if is_emulator else text)
    endpoint, account = environ.get(f"{name}__{service}ServiceUri"), environ.get(f"{name}__accountName")
    if not endpoint and not account:
        return None
    endpoint = endpoint or f"https://{account}.{service}.core.windows.net"
    return Connection(name, endpoint=endpoint.rstrip("/"), client_id=environ.get(f"{name}__clientId"))
