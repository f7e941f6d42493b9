"""Every fault on every service, through real SDKs and TLS: success after a retry, or a failed read that says so."""

import pytest

from sandbox import Fault
from shared.model import Outcome
from tests.watching import ACCESS, APPS, HURRIED, PATIENT, SNAPSHOTS, Watching, ids, unread

SERVICES = ("graph", "arm", "logs")
PASSING: dict[str, dict[str, object]] = {
    "throttle": {"kind": "throttle", "retry_after": "0.128"},
    "throttle without a time": {"kind": "throttle"},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503, "retry_after": "0.2"},
    "hang": {"kind": "hang"},
    "truncated": {"kind": "truncate"},
    "HTML with 200": {"kind": "html"},
    "HTML with 502": {"kind": "html", "status": 502},
    "empty 200": {"kind": "empty", "status": 200},
    "reset": {"kind": "reset"},
}
LASTING: dict[str, tuple[dict[str, object], str]] = {
    "throttled beyond patience": ({"kind": "throttle", "retry_after": "3600"}, "at 2026-11-23 05:00:00 UTC"),
    "503": ({"kind": "status", "status": 503}, "503"),
    "hang": ({"kind": "hang"}, "did not answer in time"),
    "truncated": ({"kind": "truncate"}, "no complete answer came"),
    "HTML with 200": ({"kind": "html"}, "HTML instead of JSON"),
    "HTML with 502": ({"kind": "html", "status": 502}, "502"),
    "empty 200": ({"kind": "empty", "status": 200}, "an empty body"),
    "reset": ({"kind": "reset"}, "no complete answer came"),
    "401": ({"kind": "status", "status": 401}, "did not accept the token"),
    "403": ({"kind": "forbidden"}, "it refused"),
    "404": ({"kind": "status", "status": 404}, "it answered 404"),
}
PLACES = {"graph": "/applications", "arm": "roleAssignments", "logs": "/query"}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_changes_nothing(watching: Watching, fault: dict[str, object]) -> None:
    watch = watching(limits=PATIENT)
    watch.break_down(*(Fault(service=service, times=1, **fault) for service in SERVICES))  # type: ignore[arg-type]
    report = watch.look(ACCESS, APPS, SNAPSHOTS)
    assert (report.outcome, ids(report)) == (Outcome.CLEAR, [])
    assert [result.coverage.read for result in report.checks] == [3, 5, 7]


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_of_sign_in_that_passes_changes_nothing(watching: Watching, fault: dict[str, object]) -> None:
    watch = watching(limits=PATIENT)
    watch.break_down(Fault(service="entra", times=1, **fault))  # type: ignore[arg-type]
    report = watch.look(ACCESS)
    assert (report.outcome, ids(report)) == (Outcome.CLEAR, [])


@pytest.mark.parametrize(("fault", "why"), LASTING.values(), ids=LASTING)
def test_a_fault_that_lasts_is_told_and_never_clear(watching: Watching, fault: dict[str, object], why: str) -> None:
    watch = watching(limits=HURRIED)
    watch.break_down(*(Fault(service=name, path_contains=PLACES[name], **fault) for name in SERVICES))  # type: ignore[arg-type]
    report = watch.look(ACCESS, APPS, SNAPSHOTS)
    assert {result.outcome for result in report.checks} == {Outcome.UNKNOWN}
    assert ids(report) == ["monitor.gather_failed"] * 3
    services = {str(finding.evidence["why"]).partition(": ")[0] for finding in unread(report)}
    assert services == {"Microsoft Graph", "Azure Resource Manager", "the Log Analytics query API"}
    for finding in unread(report):
        _assert_useful(str(finding.evidence["why"]), finding.detail, why)
        assert finding.subject.name
        assert "Not judged because of it: " in finding.detail
        assert finding.remedy.steps


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (fault, why if name.startswith(("throttled", "503", "HTML with 502", "hang")) else "Microsoft Entra ID")
        for name, (fault, why) in LASTING.items()
        if fault["kind"] != "forbidden"
    ],
    ids=[name for name, (fault, _) in LASTING.items() if fault["kind"] != "forbidden"],
)
def test_a_fault_of_sign_in_that_lasts_is_told(watching: Watching, fault: dict[str, object], why: str) -> None:
    watch = watching(limits=HURRIED)
    watch.break_down(Fault(service="entra", **fault))  # type: ignore[arg-type]
    report = watch.look(ACCESS, APPS, SNAPSHOTS)
    assert report.outcome is Outcome.UNKNOWN
    assert ids(report) == ["monitor.gather_failed"] * 3
    for finding in unread(report):
        _assert_useful(str(finding.evidence["why"]), finding.detail, why)


def _assert_useful(said: str, detail: str, why: str) -> None:
    assert why in said
    for leak in ("<", "{", "?$", "https://", "Bearer", "Trace ID", "Our services are busy", "Insufficient privileges"):
        assert leak not in said + detail, leak


@pytest.mark.parametrize(
    ("service", "check", "grant"),
    [
        ("graph", APPS, "Application.Read.All"),
        ("arm", ACCESS, "role Reader on the workspace"),
        ("logs", SNAPSHOTS, "Log Analytics Data Reader"),
    ],
)
def test_a_refusal_says_what_to_grant(watching: Watching, service: str, check: str, grant: str) -> None:
    watch = watching()
    watch.break_down(f"{service}:forbidden")
    (finding,) = unread(watch.look(APPS if service == "graph" else ACCESS if service == "arm" else SNAPSHOTS))
    assert grant in " ".join(finding.remedy.steps)


def test_part_of_an_answer_is_no_answer(watching: Watching) -> None:
    watch = watching(limits=PATIENT)
    watch.break_down(Fault(service="logs", kind="partial", times=1))
    assert watch.look(SNAPSHOTS).outcome is Outcome.CLEAR
    watch.break_down(Fault(service="logs", kind="partial"))
    report = watch.look(SNAPSHOTS)
    (finding,) = unread(report)
    assert "200 PartialError" in finding.detail
    assert report.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("client_secret", "refused a token (401 AADSTS7000215)"),
        ("client_id", "refused a token (400 AADSTS700016)"),
    ],
)
def test_an_identity_that_is_not_accepted_is_told(watching: Watching, wrong: str, why: str) -> None:
    watch = watching()
    setattr(watch.tenant.monitor, wrong, "00000000-0000-4000-8000-00000000dead")
    (finding,) = unread(watch.look(SNAPSHOTS))
    assert why in finding.detail
    assert "its secret or certificate" in " ".join(finding.remedy.steps)


def test_no_identity_at_all_is_told_as_that(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = watching(limits=HURRIED)
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    (finding,) = unread(watch.look(SNAPSHOTS))
    assert "no identity to sign in with was found" in finding.detail
    assert "az login" in " ".join(finding.remedy.steps)


def test_a_tenant_that_nobody_can_reach_is_told(watching: Watching) -> None:
    watch = watching(limits=HURRIED)
    watch.url = "https://localhost:9"
    report = watch.look(ACCESS, APPS, SNAPSHOTS)
    assert [finding.id for finding in report.findings] == ["monitor.gather_failed"] * 3
    assert "no complete answer came from Microsoft Entra ID" in report.findings[0].detail


def test_a_box_whose_certificate_is_not_trusted_is_not_talked_to(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching(limits=HURRIED)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name)
    report = watch.look(APPS)
    assert report.outcome is Outcome.UNKNOWN
    assert not watch.box.requests


def test_a_bundle_that_is_not_there_is_told(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = watching()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    report = watch.look(APPS, SNAPSHOTS)
    assert [finding.id for finding in report.findings] == ["monitor.gather_failed"] * 2
    assert "could not be set up" in report.findings[0].detail
