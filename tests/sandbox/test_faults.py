import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox import Fault, Sandbox, load_tenant, parse_fault
from tests.sandbox.conftest import SignedIn
from tests.sandbox.shapes import differences, sample

APPS = "/v1.0/applications"


def test_a_fault_is_read_from_the_command_line() -> None:
    assert parse_fault("graph:throttle:retry_after=2.128:times=2") == Fault(
        service="graph", kind="throttle", retry_after="2.128", times=2
    )


@pytest.mark.parametrize(
    "text",
    [
        "graph",
        "mail:throttle",
        "graph:melt",
        "graph:status:status=x",
        "graph:status:colour=red",
        "arm:partial",
        "arm:batch_throttle",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_fault(text)


def test_throttling_says_when_to_come_back_and_ends(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="graph", kind="throttle", retry_after="2.128", times=1))
    throttled = contoso.get(APPS)
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "2.128")
    assert not differences(sample("graph-error-429"), throttled.json())
    assert contoso.get(APPS).status_code == 200


def test_a_fault_can_wait_for_the_third_page(crowded: SignedIn) -> None:
    crowded.box.faults.add(Fault(service="graph", kind="status", status=502, path_contains="/applications", after=2))
    assert [crowded.get(f"{APPS}?$top=1").status_code for _ in range(4)] == [200, 200, 502, 502]
    crowded.box.faults.clear()
    assert crowded.get(f"{APPS}?$top=1").status_code == 200


@pytest.mark.parametrize(
    ("service", "code"), [("graph", "Authorization_RequestDenied"), ("arm", "AuthorizationFailed")]
)
def test_forbidden_is_said_in_the_services_words(contoso: SignedIn, service: str, code: str) -> None:
    contoso.box.faults.add(Fault(service=service, kind="forbidden"))
    path = APPS if service == "graph" else f"{contoso.tenant.workspace.id}?api-version=2025-07-01"
    given = contoso.get(path)
    assert (given.status_code, given.json()["error"]["code"]) == (403, code)


def test_a_truncated_answer_breaks_off(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="graph", kind="truncate", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        contoso.get(APPS)


def test_a_reset_breaks_the_connection(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="graph", kind="reset", times=1))
    with pytest.raises(httpx.TransportError):
        contoso.get(APPS)


def test_a_hanging_call_never_comes_back(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="graph", kind="hang"))
    with pytest.raises(httpx.ReadTimeout):
        contoso.http.get(APPS, timeout=0.2)


def test_html_comes_where_json_was_awaited(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="logs", kind="html", status=502))
    given = contoso.query("print 1")
    assert (given.status_code, given.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_an_empty_answer_of_logs_is_a_204(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="logs", kind="empty"))
    assert contoso.query("print 1").status_code == 204


def test_a_partial_answer_is_a_200_with_an_error_in_it(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="logs", kind="partial"))
    given = contoso.query("MADevice | take 10")
    assert (given.status_code, given.json()["error"]["code"]) == (200, "PartialError")
    assert len(given.json()["tables"][0]["rows"]) == 5


def test_a_skewed_clock_dates_an_answer_that_is_good_otherwise(contoso: SignedIn) -> None:
    contoso.box.faults.add(parse_fault("graph:skew:seconds=900"))
    given = contoso.get(APPS)
    ahead_s = (parsedate_to_datetime(given.headers["Date"]) - datetime.now(UTC)).total_seconds()
    assert given.status_code == 200
    assert 880 < ahead_s <= 901


def test_a_batch_hides_a_429_in_its_200(contoso: SignedIn) -> None:
    contoso.box.faults.add(Fault(service="graph", kind="batch_throttle", retry_after="0.5", times=1))
    asked = [{"id": str(n), "method": "GET", "url": "/organization"} for n in range(3)]
    given = contoso.http.post("/v1.0/$batch", json={"requests": asked})
    statuses = sorted(part["status"] for part in given.json()["responses"])
    assert (given.status_code, statuses) == (200, [200, 200, 429])
    assert next(p for p in given.json()["responses"] if p["status"] == 429)["headers"]["Retry-After"] == "0.5"


def test_a_tenants_file_can_bring_faults_and_closing_frees_a_hanging_call() -> None:
    tenant = load_tenant("contoso")
    tenant.faults.append("entra:hang")
    began = time.monotonic()
    with (
        Sandbox(tenant) as box,
        httpx.Client(base_url=box.url, verify=False, timeout=0.2) as http,
        pytest.raises(httpx.ReadTimeout),
    ):
        http.get(f"/{tenant.tenant_id}/v2.0/.well-known/openid-configuration")
    assert time.monotonic() - began < 3
