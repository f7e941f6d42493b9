"""A warm pass of one healthy target, against the calls that it makes: the same requests, bare, in the same order.

The requests are taken off the wire of one pass; those that were under way together are sent together. The box takes
50 ms a call, as a service across a region does.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx

from bench.box import PROFILES, Box, open_box
from bench.table import Row, at_most, note
from shared.config import Settings
from shared.gather.cloud import system_trust
from shared.gather.connections import Connections
from shared.model import Check
from shared.monitor import run_passes

BOUND = 1.3
LATENCY_MS = 50
ROUNDS = 15
CHECKS = (Check.WORKSPACE_ACCESS, Check.APP_REGISTRATIONS, Check.SNAPSHOT_CURRENCY)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request as it went out, and when it was under way."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    started_s: float
    ended_s: float


def measure_warm() -> Iterator[Row]:
    """Race warm passes of each check against their own calls."""
    with open_box(latency_ms=LATENCY_MS) as box:
        settings = box.settings(PROFILES)
        for check in CHECKS:
            yield from asyncio.run(_measure(box, settings, check))


async def _measure(box: Box, settings: Settings, check: Check) -> list[Row]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=90)
    async with (
        Connections(settings.cloud) as connections,
        httpx.AsyncClient(verify=system_trust(), limits=limits) as http,
    ):
        await _look(connections, box, settings, check)
        waves = _waves(await _record(connections, box, settings, check))
        await _send(http, waves)
        passes, calls = list[float](), list[float]()
        for _ in range(ROUNDS):
            for taken, work in ((passes, _look(connections, box, settings, check)), (calls, _send(http, waves))):
                started_s = time.perf_counter()
                await work
                taken.append(time.perf_counter() - started_s)
    whole, alone = median(passes), median(calls)
    return [
        at_most(f"warm pass of {check}: time against its calls alone, {LATENCY_MS} ms each", whole / alone, BOUND),
        note("  the two", f"{whole * 1e3:.0f} ms and {alone * 1e3:.0f} ms; {sum(map(len, waves))} calls"),
    ]


async def _look(connections: Connections, box: Box, settings: Settings, check: Check) -> None:
    (done,) = await run_passes(
        connections, settings, settings.targets[0], [check], box.now, lambda pages, objects: None
    )
    if done.unread or done.findings:
        raise RuntimeError(f"the target is not healthy: {[*done.unread, *done.findings]}")


async def _send(http: httpx.AsyncClient, waves: list[list[_Sent]]) -> None:
    """Send what was sent, bare, and read the answers whole."""
    for wave in waves:
        answers = await asyncio.gather(
            *(http.request(sent.method, sent.url, headers=sent.headers, content=sent.body) for sent in wave)
        )
        for answer in answers:
            answer.raise_for_status()


def _waves(sent: list[_Sent]) -> list[list[_Sent]]:
    """Put together what was under way together: the next wave begins with what was sent once one had ended."""
    waves: list[list[_Sent]] = []
    ends_s = float("-inf")
    for each in sorted(sent, key=lambda one: one.started_s):
        if each.started_s >= ends_s:
            waves.append([])
            ends_s = each.ended_s
        waves[-1].append(each)
        ends_s = min(ends_s, each.ended_s)
    return waves


async def _record(connections: Connections, box: Box, settings: Settings, check: Check) -> list[_Sent]:
    """Take the requests of one pass off the transports of both kinds of SDK."""
    sent: list[_Sent] = []
    opened = await connections._open()  # noqa: SLF001 - there is no public way to look at what goes out
    transport: Any = opened.web["transport"]
    graph: Any = opened.graph._transport  # noqa: SLF001 - as above
    send, handle = transport.send, graph.handle_async_request

    async def azure(request: Any, **more: Any) -> Any:
        started_s = time.perf_counter()
        answer = await send(request, **more)
        sent.append(_sent(request.method, request.url, request.headers, _body(request), started_s))
        return answer

    async def msgraph(request: httpx.Request) -> httpx.Response:
        started_s = time.perf_counter()
        answer: httpx.Response = await handle(request)
        sent.append(_sent(request.method, str(request.url), request.headers, request.content, started_s))
        return answer

    transport.send, graph.handle_async_request = azure, msgraph
    try:
        await _look(connections, box, settings, check)
    finally:
        transport.send, graph.handle_async_request = send, handle
    return sent


def _body(request: Any) -> bytes:
    """Read the body of either kind of request that azure-core knows."""
    body = getattr(request, "content", None) or getattr(request, "body", None) or b""
    return body if isinstance(body, bytes) else str(body).encode()


def _sent(method: str, url: str, headers: Mapping[str, str], body: bytes, started_s: float) -> _Sent:
    return _Sent(method, url, dict(headers), body, started_s, time.perf_counter())
