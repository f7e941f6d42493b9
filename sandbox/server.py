"""The box itself: one server on loopback TLS for all services, in a thread of its own."""

import asyncio
import contextlib
import ssl
import tempfile
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from aiohttp import web

from sandbox.channels import WORKFLOW
from sandbox.faults import Fault, Faults, parse_fault
from sandbox.loading import load_tenant
from sandbox.services import Services
from sandbox.tenant import Tenant
from sandbox.world import Event, Request, TeamsMessage, World

_START_TIMEOUT_S = 30


class Sandbox:
    """A tenant in a box, or several. Use it as a context manager, from sync or async code.

    `tenants` are tenants, data files, or names of the box's own. `now` is where its clock stands: it moves only by
    `set_now`. Without it the clock stands at the tenants' own now. No answer comes sooner than after `latency_s`.
    """

    def __init__(
        self,
        tenants: Tenant | Path | str | Iterable[Tenant | Path | str],
        *,
        now: datetime | None = None,
        port: int = 0,
        faults: Iterable[Fault] = (),
        latency_s: float = 0,
    ) -> None:
        given = [tenants] if isinstance(tenants, Tenant | Path | str) else list(tenants)
        self._tenants = [each if isinstance(each, Tenant) else load_tenant(each) for each in given]
        own = [parse_fault(text) for tenant in self._tenants for text in tenant.faults]
        self.faults = Faults([*own, *faults])
        self._world = World(self._tenants, now, self.faults, latency_s)
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._files: tempfile.TemporaryDirectory[str] | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None

    # --- its life ---

    def __enter__(self) -> Self:
        self._files = tempfile.TemporaryDirectory(prefix="dawnwatch-sandbox-")
        self._thread = threading.Thread(target=self._run, name="dawnwatch-sandbox", daemon=True)
        self._thread.start()
        self._started.wait(_START_TIMEOUT_S)
        if self._failure is not None:
            self.close()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove its files."""
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # it has stopped by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._files is not None:
            self._files.cleanup()
            self._files = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as exc:  # noqa: BLE001  # it is raised again in the thread that waits for the start
            self._failure = exc
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        services = Services(self._world, self._stopping)
        server = web.Server(services.handle, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self._port, ssl_context=self._tls())
            await site.start()
            self._port = runner.addresses[0][1]
            self._world.origins = tuple(f"https://{host}:{self._port}" for host in ("localhost", "127.0.0.1"))
            self._started.set()
            await self._stopping.wait()
        finally:
            await _hang_up(server)
            await runner.cleanup()
            services.close()

    def _tls(self) -> ssl.SSLContext:
        authority = trustme.CA(organization_name="Dawnwatch sandbox")
        authority.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        return context

    # --- where it is ---

    @property
    def url(self) -> str:
        """Its one endpoint."""
        return f"https://localhost:{self._port}"

    @property
    def ca_path(self) -> str:
        """The certificate authority to trust, as a PEM file."""
        if self._files is None:
            message = "the sandbox is not running"
            raise RuntimeError(message)
        return str(Path(self._files.name) / "ca.pem")

    @property
    def administrator(self) -> dict[str, str]:
        """What changes in `environment` for who administers the first tenant; nothing where it has nobody."""
        who = self._tenants[0].administrator
        return {"AZURE_CLIENT_ID": who.client_id, "AZURE_CLIENT_SECRET": who.client_secret} if who else {}

    @property
    def environment(self) -> dict[str, str]:
        """What a client process needs in its environment to watch the first tenant."""
        tenant = self._tenants[0]
        return {
            "AZURE_TENANT_ID": tenant.tenant_id,
            "AZURE_CLIENT_ID": tenant.monitor.client_id,
            "AZURE_CLIENT_SECRET": tenant.monitor.client_secret,
            "SSL_CERT_FILE": self.ca_path,
            "REQUESTS_CA_BUNDLE": self.ca_path,
            "DAWNWATCH_TEAMS_WEBHOOK_URL": self.webhook_url,
        }

    @property
    def webhook_url(self) -> str:
        """The Teams workflow's URL. Its signature is a secret."""
        signature = self._world.workflow_signature
        return f"{self.url}{WORKFLOW}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={signature}"

    @property
    def topic_url(self) -> str:
        """The Event Grid topic's endpoint."""
        return f"{self.url}/api/events"

    @property
    def topic_key(self) -> str:
        """The Event Grid topic's access key."""
        return self._world.topic_key

    def cloud_toml(self) -> str:
        """The `[cloud]` section of a configuration that points at the box."""
        keys = ("authority", "resource_manager", "graph", "log_analytics")
        return "\n".join(["[cloud]", 'name = "custom"', *(f'{key} = "{self.url}"' for key in keys)]) + "\n"

    def targets_toml(self) -> str:
        """A bare `[[target]]` for each tenant, to add expectations to."""
        return "".join(
            f'\n[[target]]\nname = "{tenant.name}"\ntenant_id = "{tenant.tenant_id}"\n'
            f'workspace_id = "{tenant.workspace.id}"\n'
            for tenant in self._tenants
        )

    # --- what is in it ---

    @property
    def now(self) -> datetime:
        """Where its clock stands."""
        return self._world.now

    def set_now(self, now: datetime) -> None:
        """Set its clock: rows that arrive later are not there yet."""
        if now.tzinfo is None:
            message = "the clock needs an aware instant"
            raise ValueError(message)
        self._world.now = now

    def tenant(self, name: str | None = None) -> Tenant:
        """A tenant by its name, or the only one; what is changed in it shows at once."""
        for tenant in self._tenants:
            if name is None or tenant.name == name:
                return tenant
        raise KeyError(name)

    @property
    def requests(self) -> list[Request]:
        """Every call that came in, in order, without secrets."""
        return list(self._world.requests)

    @property
    def teams_messages(self) -> list[TeamsMessage]:
        """What the Teams workflow took, parsed."""
        return list(self._world.teams)

    @property
    def events(self) -> list[Event]:
        """The CloudEvents that the topic took."""
        return list(self._world.events)

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret string in it, for a test to look for where none may be."""
        return self._world.secrets


async def _hang_up(server: web.Server) -> None:
    """Drop the connections that clients keep open: waiting for their good-byes would take half a minute."""
    for connection in server.connections:
        if connection.transport is not None:
            connection.transport.abort()
    await asyncio.sleep(0.01)
