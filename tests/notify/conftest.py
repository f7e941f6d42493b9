"""What the tests of the channels share: a server that answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from aiohttp import web


@dataclass
class Receiver:
    """A channel's far end over loopback TLS: it keeps what it gets, and gives the answer that is set."""

    status: int = 202
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drops: bool = False
    hangs_s: float = 0
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    ca_file: Path = Path()

    async def answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((headers, await request.read()))
        await asyncio.sleep(self.hangs_s)
        if self.drops and request.transport is not None:
            request.transport.close()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def receiver(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[Receiver]:
    far_end = Receiver(ca_file=tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(far_end.ca_file)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(tls)
    app = web.Application(client_max_size=8_000_000)
    app.router.add_post("/{tail:.*}", far_end.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    far_end.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    yield far_end
    await runner.cleanup()
