"""A server that answers whatever a test wants: what no well-meaning sandbox would say."""

import asyncio
import json
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from aiohttp import web

from shared.config import CloudSettings, Limits
from shared.config.settings import CloudName
from shared.expectations import Target
from shared.gather.cloud import Azure
from shared.gather.connections import open_azure

TENANT = "22222222-2222-4222-8222-222222222222"
WORKSPACE = f"/subscriptions/{TENANT}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law"
TARGET = Target(name="contoso", tenant_id=TENANT, workspace_id=WORKSPACE)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)

type Reply = tuple[int, dict[str, str], object]
type Script = Callable[[str, bytes], Reply]
"""From a path with its query, and a body, to a status, headers and what is sent as JSON."""


class Scripted:
    """Answers over TLS on loopback, after `takes_s`; `most_at_once` is how many calls were ever in flight."""

    def __init__(self, script: Script, takes_s: float = 0) -> None:
        self.script = script
        self.takes_s = takes_s
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.url = ""
        self.files = tempfile.TemporaryDirectory()
        self.ca_path = str(Path(self.files.name) / "ca.pem")
        self.started = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        assert self.started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join()
        self.files.cleanup()

    async def _serve(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        self.url = f"https://localhost:{runner.addresses[0][1]}"
        self.started.set()
        await self.ended.wait()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.path.endswith("/oauth2/v2.0/token"):
            return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": "a-token"})
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(request.raw_path)
        await asyncio.sleep(self.takes_s)
        self.at_once -= 1
        status, headers, content = self.script(request.raw_path, body)
        return web.Response(status=status, headers=headers, body=json.dumps(content), content_type="application/json")

    @asynccontextmanager
    async def open(self, limits: Limits | None = None) -> AsyncIterator[Azure]:
        """Open the SDKs towards it."""
        cloud = CloudSettings(
            name=CloudName.CUSTOM,
            authority=self.url,
            resource_manager=self.url,
            graph=self.url,
            log_analytics=self.url,
        )
        limits = limits or Limits(request_timeout_s=2, patience_s=3)
        async with open_azure(cloud, limits, TARGET, NOW, lambda pages, objects: None) as azure:
            yield azure
