"""The yardstick: httpx and `json.loads`, the least code that reads the same pages. No types, no retries, no checks."""

import json

import httpx

from shared.gather.cloud import system_trust


async def read_pages(token: str, urls: list[str], link: str) -> int:
    """Read each collection to its end, one page after the other; how many objects there were."""
    read = 0
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(verify=system_trust(), timeout=20, headers=headers) as http:
        for first in urls:
            url: str | None = first
            while url:
                page = json.loads((await http.get(url)).raise_for_status().content)
                read += len(page["value"])
                url = page.get(link)
    return read


def sign_in(url: str, environment: dict[str, str]) -> str:
    """Get one token for the box."""
    form = {
        "grant_type": "client_credentials",
        "client_id": environment["AZURE_CLIENT_ID"],
        "client_secret": environment["AZURE_CLIENT_SECRET"],
        "scope": f"{url}/.default",
    }
    address = f"{url}/{environment['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    token: str = httpx.post(address, data=form, verify=system_trust()).raise_for_status().json()["access_token"]
    return token
