"""Microsoft 365 service health: read only where a service is named."""

import pytest

from shared.model import Outcome
from tests.watching import HEALTH, Watching, ids, unread

INTUNE = '[[target.service]]\nname = "Microsoft Intune"\n'


def test_a_service_that_works_has_nothing_to_tell(watching: Watching) -> None:
    watch = watching(expected=INTUNE)
    report = watch.look(HEALTH)
    assert (ids(report), report.outcome, report.checks[0].coverage.read) == ([], Outcome.CLEAR, 1)
    assert len(watch.calls("graph")) == 1


def test_nobody_asks_for_the_health_of_nothing(watching: Watching) -> None:
    watch = watching(expected="")
    assert watch.look(HEALTH).checks == ()
    assert not watch.calls("graph")


@pytest.mark.parametrize("name", ["Microsoft Intune", "microsoft INTUNE"])
def test_an_incident_is_told_with_its_issues(watching: Watching, name: str) -> None:
    report = watching("fabrikam", INTUNE.replace("Microsoft Intune", name)).look(HEALTH)
    assert ids(report) == ["service.incident"]
    assert (
        "IT912345 (ServiceDegradation, since 2026-11-23 04:00 UTC): Some devices do not check in"
        in report.findings[0].detail
    )
    assert report.outcome is Outcome.CLEAR


def test_a_trouble_without_an_issue_is_told_by_its_status(watching: Watching) -> None:
    watch = watching("fabrikam", INTUNE)
    watch.tenant.service("Microsoft Intune").issues.clear()
    (finding,) = watch.look(HEALTH).findings
    assert "the daily refresh is delayed" in finding.detail


def test_a_name_that_service_health_does_not_know_is_a_failed_read(watching: Watching) -> None:
    report = watching(expected=INTUNE.replace("Intune", "Intone")).look(HEALTH)
    (finding,) = unread(report)
    assert "Microsoft Intune" in " ".join(finding.remedy.steps)
    assert (report.outcome, report.checks[0].coverage.unread) == (Outcome.UNKNOWN, 1)


def test_the_missing_permission_is_named(watching: Watching) -> None:
    watch = watching(expected=INTUNE)
    watch.tenant.monitor.app_roles = ["Application.Read.All"]
    (finding,) = unread(watch.look(HEALTH))
    assert "ServiceHealth.Read.All" in " ".join(finding.remedy.steps)
    assert "it refused (403" in finding.detail
