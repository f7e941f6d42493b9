"""The services behind the one endpoint: which one a call is for, its answer on the wire, and the faults that strike."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from sandbox.arm import Arm
from sandbox.channels import EventGrid, Teams
from sandbox.entra import Entra
from sandbox.faults import Fault
from sandbox.graph import Graph
from sandbox.graph_call import throttled
from sandbox.logs import Logs
from sandbox.web import Answer, Call, RefusedError
from sandbox.world import Request, World

_HIDDEN_IN_LOG = re.compile(r"(?<=[?&])(sig|\$skiptoken)=[^&]*", re.IGNORECASE)
_HTML = b"<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body>Our services are busy</body></html>"


class _Service(Protocol):
    def answer(self, call: Call) -> Answer: ...

    def refuse(self, refusal: RefusedError) -> Answer: ...


class Services:
    """Routes calls to services, and lets faults strike."""

    def __init__(self, world: World, stopping: asyncio.Event) -> None:
        self.world = world
        self.stopping = stopping
        self.logs = Logs(world)
        self.by_name: Mapping[str, _Service] = {
            "entra": Entra(world),
            "graph": Graph(world),
            "arm": Arm(world),
            "logs": self.logs,
            "teams": Teams(world),
            "event_grid": EventGrid(world),
        }

    def close(self) -> None:
        """Let go of what they hold."""
        self.logs.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or let a fault have it."""
        call = await _call(request)
        if self.world.latency_s:
            await asyncio.sleep(self.world.latency_s)
        service = _service_of(call.path)
        fault = self.world.faults.strike(service, call.path)
        if fault is not None and fault.kind in {"hang", "reset"}:
            self._note(service, request, 0)
            if fault.kind == "hang":
                await self.stopping.wait()
            return _reset(request)
        given = await self._given(service, call, fault)
        if fault is not None and fault.kind == "skew":
            given = _ahead(given, fault.seconds)
        self._note(service, request, given.status)
        return await _send(request, given, cut=fault is not None and fault.kind == "truncate")

    async def _given(self, service: str, call: Call, fault: Fault | None) -> Answer:
        serving = self.by_name[service]
        try:
            if fault is not None and (struck := _struck(fault)) is not None:
                return struck
            if service == "logs":
                partial = fault is not None and fault.kind == "partial"
                return await asyncio.to_thread(self.logs.answer, call, partial=partial)
            return serving.answer(call)
        except RefusedError as refusal:
            return serving.refuse(refusal)

    def _note(self, service: str, request: web.BaseRequest, status: int) -> None:
        path = _HIDDEN_IN_LOG.sub(r"\1=…", request.raw_path)
        self.world.requests.append(Request(service, request.method, path, status))


def _struck(fault: Fault) -> Answer | None:
    """What a fault answers with, where it is an answer of its own.

    Raises:
        RefusedError: it is an error in the service's own shape.
    """
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    if fault.kind == "throttle":
        raise throttled(fault.retry_after)
    if fault.kind == "forbidden":
        codes = {
            "graph": "Authorization_RequestDenied",
            "arm": "AuthorizationFailed",
            "logs": "InsufficientAccessError",
        }
        raise RefusedError(
            403, codes.get(fault.service, "Forbidden"), "Insufficient privileges to complete the operation."
        )
    if fault.kind == "unreplicated":
        raise RefusedError(400, "PrincipalNotFound", "The principal does not exist in the directory.")
    if fault.kind == "status":
        code = {500: "InternalServerError", 502: "BadGateway", 503: "ServiceUnavailable"}.get(
            fault.status or 503, "Error"
        )
        raise RefusedError(fault.status or 503, code, "The service is temporarily unavailable.", headers=headers)
    if fault.kind == "html":
        return Answer(fault.status or 200, (_HTML,), headers, "text/html; charset=utf-8")
    if fault.kind == "empty":
        return Answer(fault.status or (204 if fault.service == "logs" else 200), (), headers)
    return None


def _ahead(given: Answer, seconds: int) -> Answer:
    """The same answer from a clock that is ahead."""
    date = formatdate(time.time() + seconds, usegmt=True)
    return replace(given, headers={**given.headers, "Date": date})


def _service_of(path: str) -> str:
    lowered = path.lower()
    for start, service in (
        ("/v1.0/", "graph"),
        ("/v1/workspaces/", "logs"),
        ("/workflows/", "teams"),
        ("/api/events", "event_grid"),
        ("/subscriptions", "arm"),
        ("/tenants", "arm"),
        ("/providers/", "arm"),
    ):
        if lowered.startswith(start):
            return service
    return "entra"


async def _call(request: web.BaseRequest) -> Call:
    path, _, query = request.raw_path.partition("?")
    return Call(
        method=request.method,
        path="/" + unquote(path).lstrip("/"),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers={key.lower(): value for key, value in request.headers.items()},
        body=await request.content.read(),
        origin=f"https://{request.host}",
    )


async def _send(request: web.BaseRequest, given: Answer, *, cut: bool) -> web.StreamResponse:
    response = web.StreamResponse(status=given.status, headers=dict(given.headers))
    body = given.body
    if body or given.status not in {202, 204}:
        response.headers["Content-Type"] = given.content_type
    if given.status != 204:
        response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2] if cut else body)
    if cut and request.transport is not None:
        request.transport.close()
        return response
    await response.write_eof()
    return response


def _reset(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
