"""Where the app's telemetry goes in a test: an address that takes it all, and keeps what was sent."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """The address, and the envelopes of Application Insights that came."""

    url: str
    envelopes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        places = ";".join(f"{kind}Endpoint={self.url}" for kind in ("Ingestion", "Live"))
        return f"InstrumentationKey=00000000-0000-0000-0000-000000000000;{places}"

    def messages(self) -> list[tuple[str, dict[str, str]]]:
        """The lines of the log: the message and the fields of each."""
        data = [envelope["data"] for envelope in self.envelopes]
        bodies = [found["baseData"] for found in data if found["baseType"] == "MessageData"]
        return [(body["message"], body.get("properties", {})) for body in bodies]


@contextmanager
def listen() -> Iterator[Listener]:
    """Listen on a free port of the loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_port}")
        server.listener = listener  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield listener
        finally:
            server.shutdown()
            serving.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        came = self._keep(body) if self.path.endswith("/track") else 0
        answer = json.dumps({"itemsReceived": came, "itemsAccepted": came, "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _keep(self, body: bytes) -> int:
        envelopes = json.loads(body)
        self.server.listener.envelopes.extend(envelopes)  # type: ignore[attr-defined]
        return len(envelopes)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
