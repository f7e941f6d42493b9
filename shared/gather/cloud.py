"""Where Azure is and who we are there: endpoints of each cloud, the credential, and the SDKs that sign and send."""

import asyncio
import os
import re
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from shared.config import CloudSettings, Limits
from shared.errors import GatherError
from shared.expectations import Target
from shared.gather.answers import NONSENSE_TRIES, TRANSIENT, UNBOUNDED, Answer, AttemptError, Patience, Service

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.identity.aio import DefaultAzureCredential
    from azure.mgmt.authorization.aio import AuthorizationManagementClient
    from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient
    from azure.monitor.query.aio import LogsQueryClient
    from msgraph.graph_request_adapter import GraphRequestAdapter

MAX_CALLS_IN_FLIGHT = 8

ENTRA = Service("Microsoft Entra ID", "Check the identity that the monitor signs in with.")
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


_AADSTS = re.compile(r"AADSTS\d{4,7}")


class TenantCredential:
    """A credential for one tenant, whose errors say what to do and quote nothing."""

    def __init__(self, inner: "DefaultAzureCredential", tenant_id: str) -> None:
        self._inner = inner
        self._tenant_id = tenant_id
        self._asking: defaultdict[tuple[str, ...], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get_token(self, *scopes: str, **kwargs: Any) -> "AccessToken":
        """Get a token for the tenant, asked for once however many wait for it.

        Raises:
            AttemptError: none is to be had.
        """
        async with self._asking[scopes]:
            return await self._get_token(*scopes, **kwargs)

    async def _get_token(self, *scopes: str, **kwargs: Any) -> "AccessToken":
        from aiohttp import ClientError
        from azure.core.exceptions import AzureError, ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        kwargs["tenant_id"] = self._tenant_id
        try:
            return await self._inner.get_token(*scopes, **kwargs)
        except CredentialUnavailableError:
            raise AttemptError("no identity to sign in with was found", tries=2, steps=_SIGN_IN) from None
        except ClientAuthenticationError as error:
            raise _token_refused(error) from None
        except (AzureError, ClientError, OSError, ValueError, KeyError) as error:
            why = f"no token could be got from {ENTRA.name} ({type(error).__name__})"
            raise AttemptError(why, tries=UNBOUNDED, steps=(ENTRA.grant,)) from None

    async def close(self) -> None:
        """Close what it signs in with."""
        await self._inner.close()

    async def __aenter__(self) -> Self:
        """Open nothing: the first token does."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what it signs in with."""
        await self.close()


_SIGN_IN = (
    "In Azure, switch on the app's managed identity.",
    "Elsewhere, run `az login`, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.",
)


def _token_refused(error: Any) -> AttemptError:
    response = error.response
    status = response.status_code if response is not None else None
    code = _AADSTS.search(str(error))
    said = " ".join(str(part) for part in (status, code.group() if code else None) if part)
    answer = Answer(status, {k.lower(): v for k, v in response.headers.items()}, b"") if status else None
    steps = ("Check the monitor's client id, its secret or certificate and their expiry, and the tenant id.",)
    why = f"{ENTRA.name} refused a token" + (f" ({said})" if said else "")
    return AttemptError(why, tries=UNBOUNDED if status in TRANSIENT else 1, answer=answer, steps=steps)


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
        raise _unanswered(error) from None
    raise AttemptError("the SDK gave no answer", tries=NONSENSE_TRIES)


def _unanswered(error: Exception) -> AttemptError:
    return AttemptError(
        f"no complete answer came ({type(error).__name__})",
        tries=UNBOUNDED,
        steps=("Check the network path, DNS, proxy and TLS trust from where the monitor runs.",),
    )


class Azure:
    """The services of one tenant, opened for one pass. `calls` counts what was asked of them."""

    def __init__(self, places: Endpoints, patience: Patience, progress: Progress) -> None:
        self.endpoints = places
        self.patience = patience
        self.progress = progress
        self.calls = 0
        self.authorization: AuthorizationManagementClient
        self.workspaces: LogAnalyticsManagementClient
        self.logs: LogsQueryClient
        self.graph: GraphRequestAdapter

    async def ask[T](self, service: Service, send: Callable[[], Awaitable[Answer]], read: Callable[[Answer], T]) -> T:
        """Ask one question of a service: see Patience.ask."""

        async def counted() -> Answer:
            self.calls += 1
            return await send()

        return await self.patience.ask(service, counted, read)

    async def ask_graph[T](self, url: str, read: Callable[[Answer], T]) -> T:
        """Get a Microsoft Graph URL, absolute or from the version on."""
        return await self.ask(GRAPH, lambda: self.send_graph(url), read)

    async def send_graph(self, url: str, body: bytes | None = None) -> Answer:
        """Send one request to Microsoft Graph: a GET, or with a body a POST. One attempt."""
        absolute = url if url.startswith("https://") else f"{self.endpoints.graph}/v1.0{url}"
        return await _send_graph(self.graph, absolute, body)


async def _send_graph(adapter: "GraphRequestAdapter", url: str, body: bytes | None) -> Answer:
    import httpx
    from kiota_abstractions.method import Method
    from kiota_abstractions.native_response_handler import NativeResponseHandler
    from kiota_abstractions.request_information import RequestInformation
    from kiota_http.middleware.options import ResponseHandlerOption

    request = RequestInformation()
    request.http_method = Method.GET if body is None else Method.POST
    request.url = url
    request.headers.try_add("Accept", "application/json")
    if body is not None:
        request.set_stream_content(body, "application/json")
    request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    try:
        response: Any = await adapter.send_primitive_async(request, "bytes", {})
    except httpx.HTTPError as error:
        raise _unanswered(error) from None
    del response.stream  # it points back at the response: together they would hold the page until the next collection
    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)


def refuse_strangers(service: Service, link: str, home: str) -> None:
    """Keep the token at home: the link to a next page must lead to where the page came from."""
    if urlsplit(link)[:2] != urlsplit(home)[:2]:
        raise GatherError(f"{service.name}: it answered with a next page at another address than its own")


def system_trust() -> ssl.SSLContext:
    """Trust what the system trusts (and SSL_CERT_FILE), and REQUESTS_CA_BUNDLE, which people behind a proxy set."""
    context = ssl.create_default_context()
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        context.load_verify_locations(cafile=bundle)
    return context


@asynccontextmanager
async def open_azure(
    cloud: CloudSettings, limits: Limits, target: Target, now: datetime, progress: Progress
) -> AsyncIterator[Azure]:
    """Open the services of a target's tenant with DefaultAzureCredential, and close them at the end."""
    import aiohttp
    import httpx
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.mgmt.authorization.aio import AuthorizationManagementClient
    from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient
    from azure.monitor.query.aio import LogsQueryClient

    places, trust = endpoints(cloud), system_trust()
    patience = Patience(limits.request_timeout_s, limits.patience_s, now, asyncio.Semaphore(MAX_CALLS_IN_FLIGHT))
    azure = Azure(places, patience, progress)
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(ssl=trust)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=True))
        web: dict[str, Any] = {"transport": AioHttpTransport(session=session, session_owner=False), "retry_total": 0}
        inner = default_credential(cloud, **web)
        credential: Any = await stack.enter_async_context(TenantCredential(inner, target.tenant_id))
        arm = {**web, "base_url": places.resource_manager, "credential_scopes": [places.scopes["resource_manager"]]}
        subscription_id = target.workspace_id.split("/")[2]
        azure.authorization = AuthorizationManagementClient(credential, subscription_id, **arm)
        azure.workspaces = LogAnalyticsManagementClient(credential, subscription_id, **arm)
        logs_scope = [places.scopes["log_analytics"]]
        azure.logs = LogsQueryClient(credential, endpoint=places.log_analytics, credential_scopes=logs_scope, **web)
        http = await stack.enter_async_context(httpx.AsyncClient(verify=trust, timeout=limits.request_timeout_s))
        azure.graph = _graph_adapter(credential, places, http)
        yield azure


def default_credential(cloud: CloudSettings, **web: Any) -> "DefaultAzureCredential":
    """Make azure-identity's default chain for a cloud; `web` are azure-core's transport options."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential(
        authority=endpoints(cloud).authority,
        disable_instance_discovery=cloud.name == "custom",
        additionally_allowed_tenants=["*"],
        **web,
    )


def _graph_adapter(credential: Any, places: Endpoints, http: Any) -> "GraphRequestAdapter":
    """Make msgraph-sdk's adapter, with its telemetry and none of its other middleware: retries are ours."""
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph.graph_request_adapter import GraphRequestAdapter, options
    from msgraph_core import GraphClientFactory
    from msgraph_core.middleware import GraphTelemetryHandler
    from msgraph_core.middleware.options import GraphTelemetryHandlerOption

    telemetry = GraphTelemetryHandler(options=options[GraphTelemetryHandlerOption.get_key()])
    # The SDK replaces the transports of the client that it is given by its own, which never close what they wrap.
    # So it gets a copy, and the client that was opened closes its connections itself.
    client = GraphClientFactory.create_with_custom_middleware([telemetry], client=copy(http))
    host = urlsplit(places.graph).hostname or ""
    scopes = [places.scopes["graph"]]
    provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=[host])
    adapter = GraphRequestAdapter(provider, client=client)
    adapter.base_url = f"{places.graph}/v1.0"
    return adapter
