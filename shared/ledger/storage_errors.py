"""What Azure Storage answers, as a LedgerError. azure-core's texts quote bodies and signed addresses: none get out.

status and error code  ->  what it means, and what to do        no answer  ->  the kind of error alone
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.errors import LedgerError

if TYPE_CHECKING:
    from azure.core.async_paging import AsyncItemPaged
    from azure.core.pipeline import PipelineResponse
    from azure.data.tables import TableEntity

MAX_WAIT_S = 10.0
"""How long a server may ask to be left alone before the request is given up."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked: its name in messages, and how long a request may take, retries included."""

    name: str
    patience_s: float

    def __str__(self) -> str:
        """Name it."""
        return self.name


class _ComeBackLaterError(Exception):
    def __init__(self, status: int, after_s: float) -> None:
        self.status_code = status
        self.after_s = after_s
        super().__init__(status)


def refuse_long_waits(response: "PipelineResponse[Any, Any]") -> None:
    """Give up where the server asks for a long wait; azure-core would sleep through it, were it an hour."""
    from azure.core.pipeline.policies import RetryPolicy

    after_s = RetryPolicy().get_retry_after(response) or 0
    if response.http_response.status_code >= 400 and after_s > MAX_WAIT_S:
        response.http_response.internal_response.close()
        raise _ComeBackLaterError(response.http_response.status_code, after_s)


_CODE = re.compile(r"[A-Za-z]{1,64}")
_LOST = frozenset(
    {"EntityAlreadyExists", "UpdateConditionNotSatisfied", "ConditionNotMet", "ResourceNotFound", "EntityNotFound"}
)
_ROLE = "Give the monitor's identity the role Storage Table Data Contributor on the storage account (or check the key)."
_MEANINGS = {
    401: ("did not accept the sign-in", "Check that the monitor's identity belongs to the storage account's tenant."),
    403: ("refused", _ROLE),
    404: ("does not know the table", "Check the address of the storage account, and whether the table was removed."),
    409: ("cannot be used now", "If the table is being deleted, wait a minute, or configure another account."),
    413: ("found the change too large", "This is a mistake in Dawnwatch: please report it."),
    429: ("is throttling", "It is tried again by the next pass."),
    503: ("is busy", "It is tried again by the next pass."),
}
_FAILED = ("failed on its side", "It is tried again by the next pass.")
_SAID = ("answered", "Check the address of the storage account.")
_SILENT = ("could not be reached", "Check the address, the network path, DNS, proxy and TLS trust.")
_NO_TOKEN = (
    "got no sign-in",
    "Switch on the app's managed identity, or run `az login`; check its client id, or the account's key.",
)
_NONSENSE = (
    "gave no answer that can be read",
    "Check the connection: its address, and that a storage account is there.",
)


@asynccontextmanager
async def asking(place: Place) -> AsyncIterator[None]:
    """Ask `place` something: whatever goes wrong, or takes too long, is a LedgerError that names it."""
    from aiohttp import ClientError
    from azure.core.exceptions import AzureError

    try:
        async with asyncio.timeout(place.patience_s):
            yield
    except TimeoutError:
        waited = f"{place} did not answer within {place.patience_s:g} s."
        raise LedgerError(f"{waited} Check the network path and the storage account's health.") from None
    except (AzureError, ClientError, OSError, _ComeBackLaterError) as error:
        raise LedgerError(_explain(place, error)) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:  # azure-data-tables lets these out
        raise LedgerError(f"{place} {_NONSENSE[0]} ({type(error).__name__}). {_NONSENSE[1]}") from None


def _explain(place: Place, error: Exception) -> str:
    from azure.core.exceptions import ClientAuthenticationError

    status = status_of(error)
    if status is None:
        what, to_do = _NO_TOKEN if isinstance(error, ClientAuthenticationError) else _SILENT
        return f"{place} {what} ({type(error).__name__}). {to_do}"
    what, to_do = _MEANINGS.get(status, _FAILED if status >= 500 else _SAID if status >= 400 else _NONSENSE)
    said = " ".join(part for part in (str(status), code_of(error)) if part)
    if isinstance(error, _ComeBackLaterError):
        said += f", come back in {error.after_s:g} s"
    return f"{place} {what} ({said}). {to_do}"


def status_of(error: Exception) -> int | None:
    """Look up the HTTP status of an SDK's error; None where no answer came."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def code_of(error: Exception) -> str:
    """Look up the error code of an SDK's error; nothing where there is none, or none that may be shown."""
    code: Any = getattr(error, "error_code", "")
    text = str(getattr(code, "value", code) or "")
    return text if _CODE.fullmatch(text) else ""


def is_lost_race(error: Exception) -> bool:
    """Whether a change was refused because a row is not as it was read."""
    return status_of(error) in {404, 409, 412} and code_of(error) in _LOST


def is_missing(error: Exception) -> bool:
    """Whether the row is not there, in a table that is."""
    return status_of(error) == 404 and code_of(error) in {"ResourceNotFound", "EntityNotFound"}


async def pages(place: Place, found: "AsyncItemPaged[TableEntity]") -> "AsyncGenerator[list[TableEntity]]":
    """Read page by page; each may take as long as a request may. Servers may send empty ones in between."""
    iterator = found.by_page()
    while True:
        async with asking(place):
            try:
                page = [entity async for entity in await anext(iterator)]
            except StopAsyncIteration:
                return
        yield page


async def first_page(place: Place, found: "AsyncItemPaged[TableEntity]") -> "list[TableEntity]":
    """Read the first page that holds anything; an empty list where none does."""
    iterator = pages(place, found)
    try:
        async for page in iterator:
            if page:
                return page
        return []
    finally:
        await iterator.aclose()
