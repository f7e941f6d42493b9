"""The cloud's four endpoints: each is asked for something that needs no token; any answer is one."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.reach import Heard, ask, has_proxy, knock
from shared.gather.cloud import Endpoints

if TYPE_CHECKING:
    import httpx

_NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of asking one endpoint: its answer, or what went wrong."""

    name: str
    host: str
    heard: Heard | None
    trouble: str | None = None


def addresses(places: Endpoints) -> Mapping[str, str]:
    """What to ask of each endpoint. Without a token three of them refuse, and that is an answer."""
    return {
        "Microsoft Entra ID": f"{places.authority}/common/v2.0/.well-known/openid-configuration",
        "Microsoft Graph": f"{places.graph}/v1.0/organization",
        "Azure Resource Manager": f"{places.resource_manager}/subscriptions?api-version=2022-12-01",
        "the Log Analytics query API": f"{places.log_analytics}/v1/workspaces/{_NOBODY}/query",
    }


async def reach_endpoints(places: Endpoints, trust: ssl.SSLContext) -> Sequence[Reached]:
    """Ask each endpoint; where no answer comes, find out at which step it ends."""
    import httpx

    async with httpx.AsyncClient(verify=trust, timeout=None) as client:  # noqa: S113 - timed in reach.ask
        return await asyncio.gather(*(_reach(client, name, url, trust) for name, url in addresses(places).items()))


async def _reach(client: "httpx.AsyncClient", name: str, url: str, trust: ssl.SSLContext) -> Reached:
    host = urlsplit(url).hostname or ""
    heard = await ask(client, url)
    if heard is not None:
        return Reached(name, host, heard)
    if has_proxy(host):
        return Reached(
            name, host, None, f"no answer came from {host} through the proxy: check HTTPS_PROXY and NO_PROXY"
        )
    return Reached(name, host, None, await knock(url, trust) or f"{host} takes the connection, and does not answer")


def judge_endpoints(reached: Sequence[Reached]) -> Sequence[Point]:
    """Judge each endpoint: a point each."""
    return [_endpoint(one) for one in reached]


def _endpoint(one: Reached) -> Point:
    def point(verdict: Verdict, detail: str) -> Point:
        return Point(Area.ENDPOINTS, one.name, verdict, detail)

    if one.heard is None:
        return point(Verdict.FAILED, f"Not reached: {one.trouble}.")
    if one.heard.status >= 500:
        return point(Verdict.WARNING, f"{one.host} answers {one.heard.status}: it is in trouble, or a proxy before it.")
    if one.heard.is_page:
        return point(
            Verdict.WARNING, f"{one.host} answers with a web page: a proxy or a sign-in page stands before it?"
        )
    return point(Verdict.OK, f"{one.host} answers: DNS, TLS and HTTP are in order.")
