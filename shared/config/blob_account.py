"""The storage account that holds a configuration: signed in to by identity, and what it answers told as what it means.

no such blob, no right to it      -> ConfigError: it stays so until somebody does something
busy, down, silent, no sign-in    -> ConfigUnavailableError: the last good configuration still holds
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from shared.config.blob_address import BlobAddress
from shared.config.blob_web import open_web
from shared.errors import ConfigError, ConfigUnavailableError, Mistake
from shared.ledger.storage_errors import code_of, status_of

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.storage.blob.aio import ContainerClient

# The SDK's own retries, kept few and short; whoever opens the account sets the time that all of them have.
_WEB: Mapping[str, Any] = {
    "retry_total": 2,
    "initial_backoff": 1,
    "increment_base": 2,
    "random_jitter_range": 1,
    "connection_timeout": 5,
    "read_timeout": 10,
    "permit_redirects": False,
}
_SCOPE = "https://storage.azure.com/.default"

_MISTAKES = {
    401: "the sign-in was not accepted ({said}): check that the monitor's identity belongs to the account's tenant",
    403: "may not be read ({said}): grant the monitor's identity the role Storage Blob Data Reader on the container "
    "(which can take minutes to count), and let it through the storage account's firewall",
    404: "is not there ({said}): upload it, or check the address",
}
_ODD = "storage answered {said}: check the address"
_PASSING = {408: "took too long", 429: "is throttling", 503: "is busy"}
_FAILED = "failed on its side"
_SILENT = "could not be reached ({said}). Check the address, the network path, DNS, proxy and TLS trust."
_UNSIGNED = (
    "got no sign-in ({said}). Switch on the app's managed identity and check AZURE_CLIENT_ID; "
    "elsewhere, run `az login`."
)


class _NoTokenError(Exception):
    """No token is to be had. It is none of azure-core's errors, which the SDK would try again."""


class _StorageSignIn:
    """A credential that is asked for Storage's tokens alone, whatever a server may say that it wants."""

    def __init__(self, inner: "AsyncTokenCredential") -> None:
        self._inner = inner

    async def get_token(self, *_: str, **kwargs: Any) -> "AccessToken":
        from aiohttp import ClientError
        from azure.core.exceptions import AzureError

        try:
            return await self._inner.get_token(_SCOPE, **kwargs)
        except (AzureError, ClientError, OSError, ValueError, KeyError, TypeError) as error:
            raise _NoTokenError(type(error).__name__) from None

    async def close(self) -> None:
        await self._inner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _made(credential: "Callable[[], AsyncTokenCredential]") -> "AsyncTokenCredential":
    try:
        return credential()
    except ValueError as error:  # azure-identity's answer to a variable that it cannot make sense of
        raise _NoTokenError(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Opened:
    """A container, and how long it is waited for."""

    client: "ContainerClient"
    limit: asyncio.Timeout
    patience_s: float

    def go_on(self) -> None:
        """Wait for what comes next as long as for what has come."""
        if not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time() + self.patience_s)


@asynccontextmanager
async def open_container(
    address: BlobAddress, credential: "Callable[[], AsyncTokenCredential]", patience_s: float, web: Mapping[str, Any]
) -> AsyncIterator[Opened]:
    """Open a container: what is asked of it has `patience_s` to come, retries and sign-in included.

    Raises:
        ConfigError: something that was asked for is not there, or may not be read.
        ConfigUnavailableError: no answer came, or none that says anything of the configuration.
    """
    import aiohttp
    from azure.core.exceptions import AzureError
    from azure.storage.blob.aio import ContainerClient

    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)  # It would tell at length what is told here.
    place = f"The configuration at {address.url(address.path)}"
    try:
        async with asyncio.timeout(patience_s) as limit, AsyncExitStack() as opened:
            options = {**_WEB, **web, **await opened.enter_async_context(open_web())}
            sign_in: Any = await opened.enter_async_context(_StorageSignIn(_made(credential)))
            client = ContainerClient(address.account, address.container, sign_in, **options)
            yield Opened(await opened.enter_async_context(client), limit, patience_s)
    except TimeoutError:
        waited = f"{place} did not answer within {patience_s:g} s."
        raise ConfigUnavailableError(f"{waited} Check the network path and the storage account's health.") from None
    except (AzureError, aiohttp.ClientError, OSError, _NoTokenError) as error:
        raise _explained(place, address, error) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:  # the SDK lets these out
        said = f"gave no answer that can be read ({type(error).__name__})"
        raise ConfigUnavailableError(f"{place} {said}. Check that a storage account is there.") from None


def _explained(place: str, address: BlobAddress, error: Exception) -> ConfigError | ConfigUnavailableError:
    status = status_of(error)
    if isinstance(error, _NoTokenError):
        return ConfigUnavailableError(f"{place} {_UNSIGNED.format(said=error)}")
    if status is None or status < 300:
        return ConfigUnavailableError(f"{place} {_SILENT.format(said=type(error).__name__)}")
    said = " ".join(part for part in (str(status), code_of(error)) if part)
    if status in _PASSING or status >= 500:
        return ConfigUnavailableError(
            f"{place} {_PASSING.get(status, _FAILED)} ({said}). It may be right a minute later."
        )
    problem = _MISTAKES.get(status, _ODD).format(said=said)
    return ConfigError([Mistake(address.url(address.path), "", problem)])
