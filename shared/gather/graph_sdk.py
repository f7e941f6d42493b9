"""Microsoft Graph through msgraph-sdk's adapter: it signs, sends and redirects; the answers come as they are.

Imported when a pass first needs it.
"""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from shared.gather.answers import Answer, unanswered


class _Through(httpx.AsyncBaseTransport):
    """Sends through another client, which closes its connections: msgraph-core hides a client's own from its close."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True)


@asynccontextmanager
async def open_graph(
    credential: Any, graph: str, scopes: Sequence[str], trust: ssl.SSLContext
) -> AsyncIterator[GraphRequestAdapter]:
    """Open the adapter, its own retries switched off; each request is timed by who sends it."""
    no_retry = RetryHandlerOption(max_retries=0, should_retry=False)
    async with (
        httpx.AsyncClient(verify=trust, timeout=None) as inner,  # noqa: S113 - timed in Patience
        httpx.AsyncClient(transport=_Through(inner), timeout=None) as outer,  # noqa: S113 - timed in Patience
    ):
        client = GraphClientFactory.create_with_default_middleware(
            client=outer, options={**options, RetryHandlerOption.get_key(): no_retry}
        )
        host = urlsplit(graph).hostname or ""
        provider = AzureIdentityAuthenticationProvider(credential, scopes=list(scopes), allowed_hosts=[host])
        adapter = GraphRequestAdapter(provider, client=client)
        adapter.base_url = f"{graph}/v1.0"
        yield adapter


async def send(adapter: GraphRequestAdapter, url: str, body: bytes | None) -> Answer:
    """Send one request, a GET or with a body a POST, and take its answer before any model is made of it.

    Raises:
        AttemptError: no complete answer came.
    """
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
        raise unanswered(error) from None
    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)
