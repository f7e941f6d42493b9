"""Lines on their way to Application Insights, taken by an ingestion endpoint of the test's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingestion import QUIET, Ingestion

ROOT = Path(__file__).parents[2]
CODE = """
import asyncio, logging, os
from shared.app.exporting import send_lines
from shared.telemetry import fail, part_of, tell, warn

send_lines(os.environ)
with part_of("r1"):
    tell("pass ended", target="contoso", calls=5, duration_s=1.5)
    warn("not delivered", reason="Teams answered 503", title="x" * 9000)
try:
    raise ValueError("https://hook.example/?sig=hush")
except ValueError as error:
    fail("pass failed", error, target="contoso")
logging.getLogger("httpx").info("POST https://hook.example/?sig=hush")
import httpx
print(httpx.AsyncClient.send.__module__, flush=True)
"""


def run(**environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=QUIET | environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_lines_arrive_with_their_fields_and_nothing_else_does(ingestion: Ingestion) -> None:
    ran = run(APPLICATIONINSIGHTS_CONNECTION_STRING=ingestion.connection_string, PYTHON_ENABLE_OPENTELEMETRY="true")
    assert [envelope["data"]["baseType"] for envelope in ingestion.envelopes] == ["MessageData"] * 3
    told = {line["message"]: line for line in ingestion.lines}
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
    assert "hush" not in json.dumps(ingestion.envelopes)
    assert ran.stdout.strip() == "httpx._client"  # the client is as its makers left it: no call is recorded


@pytest.mark.parametrize(
    "environ",
    [
        {"APPLICATIONINSIGHTS_CONNECTION_STRING": "nonsense", "PYTHON_ENABLE_OPENTELEMETRY": "true"},
        {},
        {"APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=x"},
        {"PYTHON_ENABLE_OPENTELEMETRY": "1"},
    ],
)
def test_elsewhere_the_fields_are_in_the_text(environ: dict[str, str]) -> None:
    ran = run(**environ)
    assert 'not delivered {"run": "r1", "reason": "Teams answered 503"' in ran.stderr
    assert '"error": "ValueError at ' in ran.stderr
    assert "hush" not in ran.stderr
