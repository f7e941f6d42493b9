"""Microsoft Graph through msgraph-sdk's adapter: it signs and sends; the answers come as they are.

Imported when a pass first needs it.
"""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from typing import Any
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory
from msgraph_core.middleware import GraphTelemetryHandler
from msgraph_core.middleware.options import GraphTelemetryHandlerOption

from shared.gather.answers import Answer, unanswered

KEPT_FOR_S = 90.0
"""How long a connection that nobody uses is kept: the passes of the next target can have it."""


@asynccontextmanager
async def open_graph(trust: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    """Open connections with the SDK's telemetry and none of its other middleware: retries are Patience's."""
    telemetry = GraphTelemetryHandler(options=options[GraphTelemetryHandlerOption.get_key()])
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT_FOR_S)
    async with httpx.AsyncClient(verify=trust, timeout=None, limits=limits) as http:  # noqa: S113 - timed in Patience
        # The SDK replaces the transports of the client that it is given by its own, which never close what they wrap.
        # So it gets a copy, and the client that was opened closes its connections itself.
        yield GraphClientFactory.create_with_custom_middleware([telemetry], client=copy(http))


def make_adapter(client: httpx.AsyncClient, credential: Any, graph: str, scopes: Sequence[str]) -> GraphRequestAdapter:
    """Make the adapter that signs for a credential."""
    host = urlsplit(graph).hostname or ""
    provider = AzureIdentityAuthenticationProvider(credential, scopes=list(scopes), allowed_hosts=[host])
    adapter = GraphRequestAdapter(provider, client=client)
    adapter.base_url = f"{graph}/v1.0"
    return adapter


async def send(adapter: GraphRequestAdapter, url: str, body: bytes | None, method: Method | None = None) -> Answer:
    """Send one request and take its answer before any model is made of it. It is a GET, or with a body a POST.

    Raises:
        AttemptError: no complete answer came.
    """
    request = RequestInformation()
    request.http_method = method or (Method.GET if body is None else Method.POST)
    request.url = url
    request.headers.try_add("Accept", "application/json")
    if "$count=true" in url:  # the two together make what Graph calls an advanced query; either alone is refused
        request.headers.try_add("ConsistencyLevel", "eventual")
    if body is not None:
        request.set_stream_content(body, "application/json")
    request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    try:
        response: Any = await adapter.send_primitive_async(request, "bytes", {})
    except httpx.HTTPError as error:
        raise unanswered(error) from None
    del response.stream  # it points back at the response: together they would hold the page until the next collection
    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)
