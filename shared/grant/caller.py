"""Who runs the command: their sign-in, and the services of the tenant that they are signed in to."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from shared.config import CloudSettings, Limits
from shared.errors import GatherError
from shared.gather.answers import Answer, Patience, Service, unanswered
from shared.gather.cloud import Azure, default_credential, endpoints, system_trust
from shared.gather.connections import MAX_CALLS_IN_FLIGHT, quieten
from shared.gather.sign_in import ENTRA, TenantCredential, claims_of, note_request, note_response

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.mgmt.core import AsyncARMPipelineClient

CLI_TIMEOUT_S = 15
_SPARE_S = 300
_NOWHERE = "00000000-0000-0000-0000-000000000000"  # role assignments name their own scope, and no subscription

_LOG_IN = "Run `az login`; for another tenant, `az login --tenant <tenant id>`."
SIGN_IN = Service(ENTRA, _LOG_IN)
DIRECTORY = Service("Microsoft Graph", "Sign in as somebody who may read the directory's service principals.")
RESOURCES = Service(
    "Azure Resource Manager",
    "Check the subscription (`az account show`), or sign in as somebody who may read the resource.",
)


@contextmanager
def advising(service: Service) -> Iterator[None]:
    """Advise whoever runs the command, and not the monitor, where a service refuses."""
    try:
        yield
    except GatherError as error:
        steps = (service.grant,) if error.status in {401, 403} else error.steps
        raise GatherError(error.why, status=error.status, code=error.code, steps=steps) from error


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is signed in: to which tenant, under which name, and what they can ask there."""

    tenant_id: str
    name: str
    azure: Azure
    resources: "AsyncARMPipelineClient[Any, Any]"

    async def get_resource(self, resource_id: str, api_version: str) -> Answer:
        """Get a resource of any type, as it is. One attempt."""
        from aiohttp import ClientError
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        address = f"{self.azure.endpoints.resource_manager}{resource_id}"
        try:
            response = await self.resources.send_request(
                HttpRequest("GET", address, params={"api-version": api_version})
            )
            await response.read()
        except (AzureError, ClientError, OSError) as error:
            raise unanswered(error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.content)


class CallersCredential:
    """Tokens of the tenant that somebody is signed in to, kept until they end: the Azure CLI takes a second for each.

    No tenant is asked for: of a managed identity, and in Cloud Shell, the Azure CLI takes none.
    """

    def __init__(self, chain: "AsyncTokenCredential") -> None:
        self._chain = chain
        self._kept: dict[tuple[str, ...], AccessToken] = {}

    async def get_token(self, *scopes: str, **_: object) -> "AccessToken":
        """Get a token that is good for a while."""
        kept = self._kept.get(scopes)
        if kept is None or kept.expires_on < time.time() + _SPARE_S:
            kept = self._kept[scopes] = await self._chain.get_token(*scopes)
        return kept

    async def close(self) -> None:
        """Close what it signs in with."""
        await self._chain.close()

    async def __aenter__(self) -> Self:
        """Open nothing: the first token does."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what it signs in with."""
        await self.close()


def callers_chain(cloud: CloudSettings, **web: Any) -> "AsyncTokenCredential":
    """Sign in as whoever ran `az login`, or else as azure-identity's default chain does.

    The Azure CLI knows no custom cloud: there the chain is in its usual order.
    """
    from azure.identity.aio import AzureCliCredential, ChainedTokenCredential

    usual = default_credential(cloud, process_timeout=CLI_TIMEOUT_S, **web)
    if cloud.name == "custom":
        return usual
    return ChainedTokenCredential(AzureCliCredential(process_timeout=CLI_TIMEOUT_S), usual)


@asynccontextmanager
async def open_caller(cloud: CloudSettings, limits: Limits, now: datetime) -> AsyncIterator[Caller]:
    """Sign in as whoever runs the command, and open the services.

    Raises:
        GatherError: nobody is signed in, or the connections cannot be set up.
    """
    async with AsyncExitStack() as stack:
        try:
            web, trust = await _open_web(stack)
        except (OSError, ValueError) as error:
            steps = ("Check that the files named by SSL_CERT_FILE and REQUESTS_CA_BUNDLE are there.",)
            why = f"Azure's services could not be set up ({type(error).__name__})"
            raise GatherError(why, steps=steps) from error
        heard = {"raw_request_hook": note_request, "raw_response_hook": note_response, **web}
        chain = CallersCredential(callers_chain(cloud, **heard))
        credential = await stack.enter_async_context(TenantCredential(chain, ""))
        patience = Patience(limits.request_timeout_s, limits.patience_s, now, asyncio.Semaphore(MAX_CALLS_IN_FLIGHT))
        azure = Azure(endpoints(cloud), patience, lambda pages, read: None)
        tenant_id, name = await _signed_in(azure, credential)
        yield Caller(tenant_id, name, azure, await _equip(stack, azure, credential, web, trust))


async def _open_web(stack: AsyncExitStack) -> tuple[dict[str, Any], Any]:
    import aiohttp
    from azure.core.pipeline.transport import AioHttpTransport

    quieten()
    trust = system_trust()
    connector = aiohttp.TCPConnector(ssl=trust, limit=0)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=True))
    return {"transport": AioHttpTransport(session=session, session_owner=False), "retry_total": 0}, trust


async def _signed_in(azure: Azure, credential: TenantCredential) -> tuple[str, str]:
    """Ask for a first token: whose tenant it is for, and who it says it was given to."""
    scope = azure.endpoints.scopes["resource_manager"]

    async def send() -> Answer:
        return Answer(200, {}, (await credential.get_token(scope)).token.encode())

    try:
        claims = claims_of(await azure.ask(SIGN_IN, send, lambda answer: answer.body.decode()))
    except GatherError as error:  # what it advises is meant for the monitor
        raise GatherError(error.why, steps=(_LOG_IN,), again_at=error.again_at) from error
    if claims.tenant_id is None:
        raise GatherError(f"{ENTRA} gave a token that does not say whose tenant it is for", steps=(_LOG_IN,))
    return claims.tenant_id, claims.name or "somebody"


async def _equip(
    stack: AsyncExitStack, azure: Azure, credential: Any, web: dict[str, Any], trust: Any
) -> "AsyncARMPipelineClient[Any, Any]":
    from azure.mgmt.authorization.aio import AuthorizationManagementClient
    from azure.mgmt.core import AsyncARMPipelineClient
    from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

    from shared.gather.graph_sdk import make_adapter, open_graph

    places = azure.endpoints
    scope = places.scopes["resource_manager"]
    arm = {**web, "base_url": places.resource_manager, "credential_scopes": [scope]}
    azure.authorization = AuthorizationManagementClient(credential, _NOWHERE, **arm)
    http = await stack.enter_async_context(open_graph(trust))
    azure.graph = make_adapter(http, credential, places.graph, [places.scopes["graph"]])
    policies = [AsyncARMChallengeAuthenticationPolicy(credential, scope)]
    return AsyncARMPipelineClient(places.resource_manager, policies=policies, transport=web["transport"])
