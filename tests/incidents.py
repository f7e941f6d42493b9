"""Findings and passes for the tests of what becomes of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from shared.incident import State
from shared.model import Check, Finding, Remedy, Severity, Silenced, Subject, SubjectKind, Transition
from shared.reconcile import Outcome, Policy, reconcile

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CHECK = Check.APP_REGISTRATIONS
POLICY = Policy()
SEVERITIES = {severity.value: severity for severity in Severity}


def a_finding(
    severity: Severity = Severity.ERROR,
    *,
    app: str = "app-1",
    stage: int = 0,
    silenced_until: datetime | None = None,
    detail: str = "Seen.",
    identity: str = "credential.expiring",
    due_at: datetime | None = None,
    explained_by: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        id=identity,
        family="credential.expiry",
        target="contoso",
        severity=severity,
        subject=Subject(SubjectKind.APPLICATION, app, "App"),
        title="It ends soon",
        detail=detail,
        remedy=Remedy(("Renew it.",)),
        due_at=due_at,
        stage=stage,
        evidence={"detail": detail},
        explained_by=explained_by,
        silenced=None if silenced_until is None else Silenced(silenced_until, "CHG1"),
    )


class Watch:
    """Passes one after another, and all that they told."""

    def __init__(self) -> None:
        self.state = State()
        self.told: list[Transition] = []
        self.last = Outcome(state=self.state)

    def look(self, hours: float, *findings: Finding, complete: bool = True) -> list[str]:
        """Make a pass so many hours after the start, and say what it told."""
        return self.look_at(START + hours * HOUR, findings, complete=complete)

    def look_at(self, now: datetime, findings: Iterable[Finding], *, complete: bool = True) -> list[str]:
        self.last = reconcile(self.state, CHECK, tuple(findings), now, POLICY, complete=complete)
        self.state = self.last.state
        self.told += self.last.transitions
        return [transition.kind.value for transition in self.last.transitions]
