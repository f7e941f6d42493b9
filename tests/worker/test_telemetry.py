"""Lines of the real worker on their way to Application Insights: their fields, and the trace that ties them."""

import time
from typing import Any

from tests.ingestion import QUIET, Ingestion
from tests.watching import assert_no_secret
from tests.worker.boxed import READER, Boxed
from tests.worker.conftest import StartWorker
from tests.worker.test_passes import done_once, drain
from tests.worker.triggers import timer

RUN = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{RUN}-b7ad6b7169203331-01"
PLANNED = {"run": RUN, "check": "workspace-access", "targets": "1", "past_due": "True"}
ENDED = {"run": RUN, "check": "workspace-access", "target": "contoso", "outcome": "findings", "attempt": "1"}


def test_lines_carry_their_fields_and_the_trace_of_their_invocation(
    start_worker: StartWorker, boxed: Boxed, ingestion: Ingestion
) -> None:
    telemetry = {
        **QUIET,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string,
        "PYTHON_ENABLE_OPENTELEMETRY": "true",
        "OTEL_BLRP_SCHEDULE_DELAY": "200",  # milliseconds between two sendings
    }
    worker = start_worker(boxed.settings | telemetry)
    assert worker.capabilities["WorkerOpenTelemetryEnabled"] == "true"
    boxed.tenant.unassign_roles(READER)
    worker.invoke("workspace_access", timer(past_due=True), trace_parent=TRACE)
    done_once(drain(worker))
    lines = _lines(ingestion, until="finding")

    planned, ended = lines["planned"], lines["pass ended"]
    assert planned["tags"]["ai.operation.id"] == RUN
    assert ended["tags"]["ai.operation.id"] not in {"", RUN}
    assert PLANNED.items() <= _fields(planned).items()
    assert ENDED.items() <= _fields(ended).items()
    assert {_fields(lines["delivered"])["run"], _fields(lines["finding"])["run"]} == {RUN}
    assert_no_secret(boxed.box, str(ingestion.envelopes))


def _lines(ingestion: Ingestion, until: str) -> dict[str, dict[str, Any]]:
    """Read the lines that have come in, by what they say, once this one has."""
    deadline = time.monotonic() + 30
    while True:
        lines = {item["data"]["baseData"]["message"]: item for item in list(ingestion.envelopes)}
        if until in lines:
            return lines
        assert time.monotonic() < deadline, f"only these have come in: {sorted(lines)}"
        time.sleep(0.05)


def _fields(line: dict[str, Any]) -> dict[str, str]:
    properties: dict[str, str] = line["data"]["baseData"]["properties"]
    return properties
