"""A read that failed is a finding with what, why, what it hides and what to do."""

from shared.checks.unread import unread_findings
from shared.facts import Unread
from shared.model import Check, Severity, SubjectKind
from tests.builders import NOON, a_target, only

READ = Unread(
    scope="denies",
    what="The deny assignments of law-contoso",
    why="403 AuthorizationFailed",
    hides="whether a deny takes a role away",
    steps=("Grant Reader on the workspace.",),
    again_at=NOON,
)


def test_a_failed_read_tells_what_why_and_what_it_hides() -> None:
    finding = only(unread_findings(a_target(), Check.WORKSPACE_ACCESS, (READ,)))
    assert (finding.id, finding.severity) == ("monitor.gather_failed", Severity.ERROR)
    assert (finding.subject.kind, finding.subject.id) == (SubjectKind.READ, "workspace-access/denies")
    assert finding.title == "The deny assignments of law-contoso could not be read"
    assert finding.detail == (
        "403 AuthorizationFailed. Not judged because of it: whether a deny takes a role away. "
        "The server asks to be left alone until 2026-11-22 12:00 UTC."
    )
    assert finding.due_at == NOON
    assert finding.remedy.steps[-1] == "Grant Reader on the workspace."


def test_the_same_scope_in_two_checks_is_two_troubles() -> None:
    checks = (Check.WORKSPACE_ACCESS, Check.SNAPSHOT_CURRENCY)
    assert len({only(unread_findings(a_target(), check, (READ,))).fingerprint for check in checks}) == 2


def test_all_read_is_no_finding() -> None:
    assert unread_findings(a_target(), Check.APP_REGISTRATIONS, ()) == ()
