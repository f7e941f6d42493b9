"""Reaching a server step by step: at which step it ends is told, and nothing is asked of who is only knocked at."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import httpx
import pytest

from sandbox import Fault, Sandbox
from shared.doctor.reach import Heard, ask, has_proxy, knock


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox("contoso") as running:
        yield running


@pytest.fixture
def trust(box: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=box.ca_path)


@pytest.fixture
async def client(trust: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=trust) as opened:
        yield opened


async def test_who_is_knocked_at_is_asked_nothing(box: Sandbox, trust: ssl.SSLContext) -> None:
    before = len(box.requests)
    assert await knock(box.webhook_url, trust) is None
    assert len(box.requests) == before
    assert box.teams_messages == []


async def test_a_name_that_nobody_has_ends_at_dns(trust: ssl.SSLContext) -> None:
    said = await knock("https://nowhere.invalid/workflows/1?sig=SECRET", trust)
    assert said is not None
    assert said.startswith("DNS knows no address of nowhere.invalid")
    assert "SECRET" not in said


async def test_a_port_that_nobody_listens_at_ends_at_the_connection(trust: ssl.SSLContext) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    said = await knock(f"https://127.0.0.1:{port}/?sig=SECRET", trust)
    assert said is not None
    assert said.startswith(f"no connection to 127.0.0.1, port {port} (ConnectionRefusedError)")


async def test_a_certificate_that_is_not_trusted_ends_at_tls(box: Sandbox) -> None:
    said = await knock(f"{box.url}/?sig=SECRET", ssl.create_default_context())
    assert said is not None
    assert said.startswith("no TLS with localhost (")
    assert "certificate" in said


async def test_a_server_that_speaks_no_tls_ends_there(trust: ssl.SSLContext) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n" * 100)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        said = await knock(f"https://127.0.0.1:{port}/", trust)
    assert said is not None
    assert said.startswith("no TLS with 127.0.0.1 (")


async def test_an_answer_is_heard_with_its_date(box: Sandbox, client: httpx.AsyncClient) -> None:
    box.faults.clear()
    heard = await ask(client, f"{box.url}/v1.0/organization")
    assert isinstance(heard, Heard)
    assert (heard.status, heard.is_page) == (401, False)
    assert heard.date is not None


@pytest.mark.parametrize("kind", ["reset", "hang"])
async def test_no_answer_is_none(box: Sandbox, client: httpx.AsyncClient, kind: str) -> None:
    box.faults.clear()
    box.faults.add(Fault(service="graph", kind=kind, times=1))
    assert await ask(client, f"{box.url}/v1.0/organization", step_s=0.3) is None


def test_a_proxy_is_seen_unless_it_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "localhost")
    assert has_proxy("graph.microsoft.com")
    assert not has_proxy("localhost")
    monkeypatch.delenv("https_proxy")
    assert not has_proxy("graph.microsoft.com")
