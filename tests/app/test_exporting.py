"""Lines on their way to Application Insights, taken by an ingestion endpoint of the test's own."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CODE = """
import asyncio, logging, os
from shared.app.exporting import send_lines
from shared.telemetry import part_of, tell, warn

send_lines(os.environ)
with part_of("r1"):
    tell("pass ended", target="contoso", calls=5, duration_s=1.5)
    warn("not delivered", reason="Teams answered 503", title="x" * 9000)
try:
    raise ValueError("https://hook.example/?sig=hush")
except ValueError:
    logging.getLogger("shared.monitor").exception("pass failed", extra={"target": "contoso"})
logging.getLogger("httpx").info("POST https://hook.example/?sig=hush")
import httpx
print(httpx.AsyncClient.send.__module__, flush=True)
"""


class Ingestion(BaseHTTPRequestHandler):
    """Takes what the exporter sends."""

    taken: list[tuple[str, list[dict[str, Any]]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.taken.append((self.path, json.loads(body)))
        count = len(self.taken[-1][1])
        answer = json.dumps({"itemsReceived": count, "itemsAccepted": count, "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def ingestion() -> Iterator[tuple[type[Ingestion], str]]:
    handler = type("Handler", (Ingestion,), {"taken": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        key = "InstrumentationKey=00000000-0000-0000-0000-000000000001"
        yield handler, f"{key};IngestionEndpoint=http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def run(**environ: str) -> "subprocess.CompletedProcess[str]":
    quiet = {"APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true", "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true"}
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=quiet | environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_lines_arrive_with_their_fields_and_nothing_else_does(ingestion: tuple[type[Ingestion], str]) -> None:
    handler, connection = ingestion
    ran = run(APPLICATIONINSIGHTS_CONNECTION_STRING=connection, PYTHON_ENABLE_OPENTELEMETRY="true")
    items = [item for path, batch in handler.taken for item in batch if path.startswith("/v2")]
    assert [item["data"]["baseType"] for item in items] == ["MessageData"] * 3
    told = {item["data"]["baseData"]["message"]: item["data"]["baseData"] for item in items}
    properties = told["pass ended"]["properties"]
    assert {key: properties[key] for key in ("run", "target", "calls", "duration_s")} == {
        "run": "r1",
        "target": "contoso",
        "calls": "5",
        "duration_s": "1.5",
    }
    assert told["not delivered"]["severityLevel"] == 2
    assert len(told["not delivered"]["properties"]["title"]) < 5000
    assert told["pass failed"]["severityLevel"] == 3
    assert told["pass failed"]["properties"]["error"].startswith("ValueError at ")
    assert "hush" not in json.dumps(items)
    assert ran.stdout.strip() == "httpx._client"  # the client is as its makers left it: no call is recorded


@pytest.mark.parametrize(
    "environ",
    [{}, {"APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=x"}, {"PYTHON_ENABLE_OPENTELEMETRY": "1"}],
)
def test_elsewhere_the_fields_are_in_the_text(environ: dict[str, str]) -> None:
    ran = run(**environ)
    assert 'not delivered {"run": "r1", "reason": "Teams answered 503"' in ran.stderr
