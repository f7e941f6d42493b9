"""Reaching a server step by step: its name, a connection, TLS, and where that is wanted one request without a token.

What comes of it is a sentence that can be shown: the host stands in it, a path or a query never.
"""

import asyncio
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from shared.text import plain

if TYPE_CHECKING:
    import httpx

STEP_S = 6.0
"""How long one step may take."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a server answered: `date` is what its clock said, `at_s` when that was, on the monotonic clock."""

    status: int
    is_page: bool
    date: datetime | None
    at_s: float


def has_proxy(host: str) -> bool:
    """Whether requests to a host go through a proxy: then only a request tells whether it is reached."""
    proxies = getproxies()
    return bool(proxies.get("https") or proxies.get("all")) and not proxy_bypass(host)


async def knock(url: str, trust: ssl.SSLContext, step_s: float = STEP_S) -> str | None:
    """Look up a host, connect and greet it, and hang up; return what went wrong. Nothing is asked of it."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(step_s):
            await loop.getaddrinfo(host, port)
    except (OSError, TimeoutError, UnicodeError):
        return f"DNS knows no address of {host}: check the name, and the DNS where the monitor runs"
    try:
        async with asyncio.timeout(step_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        return f"no connection to {host}, port {port} ({_kind(error)}): check firewalls and the network path"
    try:
        async with asyncio.timeout(step_s):
            await writer.start_tls(trust, server_hostname=host)
    except (OSError, TimeoutError) as error:
        return f"no TLS with {host} ({_kind(error)}): check proxies that break TLS, and SSL_CERT_FILE"
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()
    return None


def _kind(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return plain(error.verify_message, 100)
    return "it takes too long" if isinstance(error, TimeoutError) else type(error).__name__


async def ask(client: "httpx.AsyncClient", url: str, step_s: float = STEP_S) -> Heard | None:
    """Ask for a page without a token, and read none of it; None where no answer came."""
    import httpx

    started_s = time.monotonic()
    try:
        async with asyncio.timeout(2 * step_s), client.stream("GET", url, follow_redirects=False) as answer:
            ended_s = time.monotonic()
            kind = answer.headers.get("content-type", "")
            return Heard(answer.status_code, "html" in kind, _date(answer), (started_s + ended_s) / 2)
    except (httpx.HTTPError, OSError, TimeoutError):
        return None


def _date(answer: "httpx.Response") -> datetime | None:
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
