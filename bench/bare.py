"""The yardstick: httpx and `json.loads`, the least code that reads the same pages. No types, no retries, no checks."""

import json
from collections.abc import Sequence

import httpx

from bench.box import Box
from shared.gather.cloud import system_trust


async def read_pages(box: Box, urls: Sequence[str], link: str) -> int:
    """Sign in and read each collection to its end, one page after the other; how many objects there were.

    The client has the product's settings: the same trust, the same time-out, HTTP/1.1, one connection kept alive.
    """
    read = 0
    async with httpx.AsyncClient(verify=system_trust(), timeout=20) as http:
        http.headers["Authorization"] = f"Bearer {await _sign_in(http, box)}"
        for first in urls:
            url: str | None = first
            while url:
                page = json.loads((await http.get(url)).raise_for_status().content)
                read += len(page["value"])
                url = page.get(link)
    return read


async def _sign_in(http: httpx.AsyncClient, box: Box) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": box.environment["AZURE_CLIENT_ID"],
        "client_secret": box.environment["AZURE_CLIENT_SECRET"],
        "scope": f"{box.url}/.default",
    }
    answer = await http.post(f"{box.url}/{box.environment['AZURE_TENANT_ID']}/oauth2/v2.0/token", data=form)
    token: str = answer.raise_for_status().json()["access_token"]
    return token
