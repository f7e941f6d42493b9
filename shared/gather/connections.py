"""What the passes of one process share: sockets, trust, and the tokens of each identity.

Clients are made for each pass. A warm pass finds its connections open and its tokens there: it costs the calls that it
makes, and little more.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from shared.config import CloudSettings, Limits
from shared.errors import GatherError
from shared.expectations import Target
from shared.gather.answers import Answer, AttemptError, Patience, Service
from shared.gather.cloud import Azure, Progress, default_credential, endpoints, system_trust
from shared.gather.identities import Identities
from shared.gather.sign_in import ENTRA, claims_of, note_request, note_response

if TYPE_CHECKING:
    import httpx

MAX_CALLS_IN_FLIGHT = 8
"""How many calls the passes of one target have under way at once."""

_SET_UP = (
    "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the other variables that the monitor signs in with.",
    "Check that the files named by SSL_CERT_FILE and REQUESTS_CA_BUNDLE are there.",
)


_SIGN_IN = Service(ENTRA, "")


@dataclass(frozen=True, slots=True)
class _Opened:
    """The connections: for the azure-* SDKs `web`, azure-core's transport options; for msgraph-sdk `graph`."""

    identities: Identities
    web: Mapping[str, Any]
    graph: "httpx.AsyncClient"


class Connections:
    """Connections to one cloud, opened on the event loop of the pass that first needs them."""

    def __init__(self, cloud: CloudSettings, environ: Mapping[str, str] = os.environ) -> None:
        self._cloud = cloud
        self._places = endpoints(cloud)
        self._environ = environ
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._opened: _Opened | None = None

    async def __aenter__(self) -> Self:
        """Open nothing: the first pass does."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._stack.aclose()
        self._opened = None

    async def azure(self, limits: Limits, target: Target, now: datetime, progress: Progress) -> Azure:
        """Make the services of a target's tenant.

        Raises:
            GatherError: nobody can sign in to it, or the connections cannot be set up.
        """
        opened = await self._open()
        credential = opened.identities.credential(target.identity, target.tenant_id)
        azure = Azure(self._places, _patience(limits, now), progress)
        self._equip(azure, opened, credential, target.workspace_id.split("/")[2])
        return azure

    async def home_tenant(self, limits: Limits, now: datetime) -> str:
        """Sign in as the process's own identity without naming a tenant, and say which one it signed in to.

        Raises:
            GatherError: nobody is signed in.
        """
        credential = (await self._open()).identities.credential(None, "")

        async def sign_in() -> Answer:
            token = await credential.get_token(self._places.scopes["resource_manager"])
            return Answer(200, {}, token.token.encode())

        return await _patience(limits, now).ask(_SIGN_IN, sign_in, _read_tenant)

    def _equip(self, azure: Azure, opened: _Opened, credential: Any, subscription_id: str) -> None:
        from azure.mgmt.authorization.aio import AuthorizationManagementClient
        from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient
        from azure.monitor.query.aio import LogsQueryClient

        from shared.gather.graph_sdk import make_adapter

        places, web = self._places, opened.web
        azure.credential = credential
        arm = {**web, "base_url": places.resource_manager, "credential_scopes": [places.scopes["resource_manager"]]}
        azure.authorization = AuthorizationManagementClient(credential, subscription_id, **arm)
        azure.workspaces = LogAnalyticsManagementClient(credential, subscription_id, **arm)
        logs_scope = [places.scopes["log_analytics"]]
        azure.logs = LogsQueryClient(credential, endpoint=places.log_analytics, credential_scopes=logs_scope, **web)
        azure.graph = make_adapter(opened.graph, credential, places.graph, [places.scopes["graph"]])

    async def _open(self) -> _Opened:
        async with self._opening:
            if self._opened is None:
                try:
                    self._opened = await self._set_up()
                except (OSError, ValueError) as error:
                    await self._stack.aclose()
                    why = f"Azure's services could not be set up ({type(error).__name__})"
                    raise GatherError(why, steps=_SET_UP) from error
            return self._opened

    async def _set_up(self) -> _Opened:
        import aiohttp
        from azure.core.pipeline.transport import AioHttpTransport

        from shared.gather.graph_sdk import open_graph

        quieten()
        trust = system_trust()
        # No limit of its own: each target's passes have one, and one target's hanging calls hold up no other's.
        connector = aiohttp.TCPConnector(ssl=trust, limit=0)
        session = await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=True))
        web: dict[str, Any] = {"transport": AioHttpTransport(session=session, session_owner=False), "retry_total": 0}
        heard = {"raw_request_hook": note_request, "raw_response_hook": note_response, **web}
        own: Any = await self._stack.enter_async_context(default_credential(self._cloud, **heard))
        identities = Identities(self._cloud, self._places.authority, own, self._environ, heard)
        return _Opened(identities, web, await self._stack.enter_async_context(open_graph(trust)))


def _patience(limits: Limits, now: datetime) -> Patience:
    return Patience(limits.request_timeout_s, limits.patience_s, now, asyncio.Semaphore(MAX_CALLS_IN_FLIGHT))


def _read_tenant(answer: Answer) -> str:
    tenant = claims_of(answer.body.decode()).tenant_id
    if tenant is None:
        raise AttemptError("its token does not say of which tenant it is", steps=("Name the tenant.",))
    return tenant


@asynccontextmanager
async def open_azure(
    cloud: CloudSettings, limits: Limits, target: Target, now: datetime, progress: Progress
) -> AsyncIterator[Azure]:
    """Open the services of a target's tenant by themselves, and close them at the end.

    Raises:
        GatherError: nobody can sign in to it, or the connections cannot be set up.
    """
    async with Connections(cloud) as connections:
        yield await connections.azure(limits, target, now, progress)


def quieten() -> None:
    """Keep the SDKs' own logs out of ours: they quote bodies and URLs. What went wrong is said by the findings.

    That telemetry does not get through is nobody's finding: the exporter may say so.
    """
    for name in ("azure", "httpx", "httpcore", "msal"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("azure.monitor").setLevel(logging.WARNING)
