"""Where Azure is and who we are there: endpoints of each cloud, the credential, and the SDKs that sign and send."""

import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.config import CloudSettings
from shared.errors import GatherError
from shared.gather.answers import NONSENSE_TRIES, Answer, AttemptError, Patience, Service, unanswered

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.identity.aio import DefaultAzureCredential
    from azure.mgmt.authorization.aio import AuthorizationManagementClient
    from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient
    from azure.monitor.query.aio import LogsQueryClient
    from msgraph.graph_request_adapter import GraphRequestAdapter

GRAPH = Service(
    "Microsoft Graph",
    "Grant the monitor's identity the application permission Application.Read.All, with admin consent.",
)
ARM = Service("Azure Resource Manager", "Give the monitor's identity the role Reader on the workspace.")
LOGS = Service(
    "the Log Analytics query API",
    "Give the monitor's identity the role Log Analytics Data Reader (or Log Analytics Reader) on the workspace; "
    "a new role assignment can take an hour to count.",
)

type Progress = Callable[[int, int], None]
"""Told of each answer: (pages, objects) read since it was last called."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of one cloud, and the scope that a token for each service is asked for."""

    authority: str
    resource_manager: str
    graph: str
    log_analytics: str
    scopes: Mapping[str, str]


def _endpoints(authority: str, resource_manager: str, graph: str, logs: str, logs_audience: str) -> Endpoints:
    audiences = {"resource_manager": resource_manager, "graph": graph, "log_analytics": logs_audience}
    scopes = {service: f"{audience}/.default" for service, audience in audiences.items()}
    return Endpoints(authority, resource_manager, graph, logs, scopes)


CLOUDS: Mapping[str, Endpoints] = {
    "public": _endpoints(
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "https://api.loganalytics.azure.com",
        "https://api.loganalytics.io",
    ),
    "usgov": _endpoints(
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "https://api.loganalytics.us",
        "https://api.loganalytics.us",
    ),
    "china": _endpoints(
        "https://login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://api.loganalytics.azure.cn",
        "https://api.loganalytics.azure.cn",
    ),
}


def endpoints(cloud: CloudSettings) -> Endpoints:
    """Look up a cloud's endpoints, or take a custom cloud's as configured.

    Source: the national cloud pages of Microsoft Graph, Azure Resource Manager and the Azure Monitor query API.
    """
    if cloud.name != "custom":
        known = CLOUDS[cloud.name]
        return Endpoints(
            known.authority, known.resource_manager, known.graph, known.log_analytics, {**known.scopes, **cloud.scopes}
        )
    addresses = (cloud.authority, cloud.resource_manager, cloud.graph, cloud.log_analytics)
    authority, resource_manager, graph, logs = (str(address).rstrip("/") for address in addresses)
    custom = _endpoints(authority, resource_manager, graph, logs, logs)
    return Endpoints(authority, resource_manager, graph, logs, {**custom.scopes, **cloud.scopes})


class _RawAnswer(Exception):  # noqa: N818 - it is an answer that travels as an exception, not an error
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def _keep(response: Any) -> None:
    http = response.http_response
    body = http.content if hasattr(http, "content") and not callable(http.content) else http.body()
    raise _RawAnswer(Answer(http.status_code, {name.lower(): value for name, value in http.headers.items()}, body))


async def raw(operation: Callable[..., Awaitable[object]]) -> Answer:
    """Run an Azure SDK operation for its raw answer, before the SDK makes models or errors of it.

    The operation gets the SDK's own `raw_response_hook`, which is called once the answer is complete; leaving from
    there is the one public way past a deserialiser that is slow and lets bare JSONDecodeErrors out.
    """
    from aiohttp import ClientError
    from azure.core.exceptions import AzureError

    try:
        await operation(raw_response_hook=_keep)
    except _RawAnswer as kept:
        return kept.answer
    except (AzureError, ClientError, OSError) as error:
        raise unanswered(error) from None
    raise AttemptError("the SDK gave no answer", tries=NONSENSE_TRIES)


class Azure:
    """The services of one tenant, made for one pass. `calls` counts what was asked of them, `throttles` the 429s."""

    def __init__(self, places: Endpoints, patience: Patience, progress: Progress) -> None:
        self.endpoints = places
        self.patience = patience
        self.progress = progress
        self.calls = 0
        self.throttles = 0
        self.credential: AsyncTokenCredential
        self.authorization: AuthorizationManagementClient
        self.workspaces: LogAnalyticsManagementClient
        self.logs: LogsQueryClient
        self.graph: GraphRequestAdapter

    async def ask[T](self, service: Service, send: Callable[[], Awaitable[Answer]], read: Callable[[Answer], T]) -> T:
        """Ask one question of a service: see Patience.ask."""

        async def counted() -> Answer:
            self.calls += 1
            answer = await send()
            self.note(answer)
            return answer

        return await self.patience.ask(service, counted, read)

    def note(self, answer: Answer) -> None:
        """Count an answer that says "too fast": one of its own, or a part of a batch."""
        self.throttles += answer.status == 429

    def counting(self) -> "Azure":
        """Make another of the same services, that counts for itself."""
        other = copy(self)
        other.calls = other.throttles = 0
        return other

    async def ask_graph[T](self, url: str, read: Callable[[Answer], T]) -> T:
        """Get a Microsoft Graph URL, absolute or from the version on."""
        return await self.ask(GRAPH, lambda: self.send_graph(url), read)

    async def send_graph(self, url: str, body: bytes | None = None) -> Answer:
        """Send one request to Microsoft Graph: a GET, or with a body a POST. One attempt."""
        absolute = url if url.startswith("https://") else f"{self.endpoints.graph}/v1.0{url}"
        from shared.gather.graph_sdk import send

        return await send(self.graph, absolute, body)


def follow(service: Service, link: str, home: str, seen: set[str]) -> None:
    """Agree to follow the link to a next page: it leads to where the page came from, and to no page in `seen`.

    Raises:
        GatherError: it does not. The token stays at home, and nobody goes round in circles.
    """
    if _origin(link) != _origin(home):
        raise GatherError(f"{service.name}: it answered with a next page at another address than its own")
    if link in seen:
        raise GatherError(f"{service.name}: its pages go round in a circle")
    seen.add(link)


def _origin(url: str) -> tuple[str, str | None, int]:
    """Raise no error for nonsense: an address that cannot be read is nobody's home."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or 443
    except ValueError:
        return "", None, 0


def system_trust() -> ssl.SSLContext:
    """Trust what the system trusts (and SSL_CERT_FILE), and REQUESTS_CA_BUNDLE, which people behind a proxy set."""
    context = ssl.create_default_context()
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        context.load_verify_locations(cafile=bundle)
    return context


def default_credential(cloud: CloudSettings, **web: Any) -> "DefaultAzureCredential":
    """Make azure-identity's default chain for a cloud; `web` are azure-core's transport options."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential(
        authority=endpoints(cloud).authority,
        disable_instance_discovery=cloud.name == "custom",
        additionally_allowed_tenants=["*"],
        **web,
    )
