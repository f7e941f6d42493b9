"""Service health, judged: what Microsoft reports of a service that a target depends on, in the brief's words."""

from datetime import UTC, datetime

import pytest

from shared.checks.service_health import Stage, check_service_health, stage_of, unread_services
from shared.facts import ServiceFacts, ServiceIssue, ServiceOverview
from shared.model import Severity
from tests.builders import NOON, a_target

INTUNE = "Microsoft Intune"
STATUSES = [
    ("serviceOperational", Stage.ON_TRACK),
    ("ServiceOperational", Stage.ON_TRACK),
    ("falsePositive", Stage.ON_TRACK),
    ("postIncidentReviewPublished", Stage.ON_TRACK),
    ("investigating", Stage.INVESTIGATING),
    ("reported", Stage.INVESTIGATING),
    ("investigationSuspended", Stage.INVESTIGATING),
    ("a status of next year", Stage.INVESTIGATING),
    (None, Stage.INVESTIGATING),
    ("serviceDegradation", Stage.DELAYED),
    ("ServiceInterruption", Stage.DELAYED),
    ("extendedRecovery", Stage.DELAYED),
    ("serviceRestored", Stage.RESOLVED),
    ("mitigated", Stage.RESOLVED),
]


@pytest.mark.parametrize(("status", "stage"), STATUSES)
def test_a_status_means_a_stage_whatever_its_case(status: str | None, stage: Stage) -> None:
    assert stage_of(status) is stage


@pytest.mark.parametrize(("status", "stage"), STATUSES)
def test_a_service_that_is_not_on_track_is_an_incident(status: str | None, stage: Stage) -> None:
    facts = ServiceFacts(observed_at=NOON, services=(ServiceOverview(INTUNE, status),))
    findings = check_service_health(a_target(), facts, NOON)
    assert [finding.id for finding in findings] == ([] if stage is Stage.ON_TRACK else ["service.incident"])
    assert all(finding.severity is Severity.INFORMATIONAL for finding in findings)
    assert all(stage.value in finding.detail for finding in findings)


def test_what_microsoft_says_of_it_is_in_the_detail() -> None:
    issue = ServiceIssue(
        id="IT912345",
        service=INTUNE,
        title="Some devices do not check in",
        status="serviceDegradation",
        starts_at=datetime(2026, 11, 23, 4, tzinfo=UTC),
    )
    services = (ServiceOverview(INTUNE, "serviceDegradation"),)
    (finding,) = check_service_health(
        a_target(), ServiceFacts(observed_at=NOON, services=services, issues=(issue,)), NOON
    )
    assert "IT912345" in finding.detail
    assert "Some devices do not check in" in finding.detail
    assert finding.evidence["issues"] == ["IT912345"]
    assert finding.subject.id == INTUNE


def test_a_name_that_service_health_does_not_know_could_not_be_judged() -> None:
    facts = ServiceFacts(observed_at=NOON, missing=("Intuna",), known=(INTUNE, "Exchange Online"))
    (unread,) = unread_services(facts)
    assert "Intuna" in unread.what
    assert INTUNE in unread.steps[0]
