"""Where an app's telemetry goes in a test: an ingestion endpoint of Application Insights that keeps what was sent."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

QUIET = {"APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true", "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true"}
"""Keeps the exporter from telling Microsoft how it is, and from asking it what to send."""


@dataclass
class Ingestion:
    """The endpoint, and the envelopes that came."""

    url: str
    envelopes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        return f"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={self.url}"

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log among them: `message`, `severityLevel` and `properties` of each."""
        data = [envelope["data"] for envelope in self.envelopes]
        return [found["baseData"] for found in data if found["baseType"] == "MessageData"]


@contextmanager
def take_in() -> Iterator[Ingestion]:
    """Listen on a free port of the loopback."""
    taken = Ingestion("")
    handler = type("Handler", (_Handler,), {"taken": taken})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        taken.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield taken
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def ingestion() -> Iterator[Ingestion]:
    with take_in() as taken:
        yield taken


class _Handler(BaseHTTPRequestHandler):
    taken: Ingestion

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        envelopes = json.loads(body) if self.path.startswith("/v2") else []
        self.taken.envelopes += envelopes
        answer = {"itemsReceived": len(envelopes), "itemsAccepted": len(envelopes), "errors": []}
        self.send_response(200)
        self.send_header("Content-Length", str(len(json.dumps(answer))))
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""
