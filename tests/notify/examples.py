"""Findings, messages and hostile names that the tests of this folder share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.model import Finding, Remedy, Severity, Silenced, Subject, SubjectKind, Transition, TransitionKind
from shared.notify.channel import Message

NOW = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
PORTAL = "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials"

HOSTILE = (
    "[click me](https://evil.example/)",
    "![pixel](https://evil.example/p.png)",
    "https://evil.example/login www.evil.example mailto:a@evil.example",
    "**bold** __bold__ *it* _it_ ~~gone~~ `code`",
    "# heading",
    "- item",
    "1. item",
    "<at>everyone</at>",
    "<img src=https://evil.example/x onerror=alert(1)><script>alert(1)</script>",
    "&lt;b&gt; \\*stars\\*",
    "{{DATE(2026-11-22T08:00:00Z,SHORT)}}",
    "> quote",
    "Contoso_App-1 (prod)",
    "חשבון ראשי",
    "👩\u200d👩\u200d👧 family",
)


def finding(
    identity: str = "snapshot.late",
    severity: Severity = Severity.ERROR,
    *,
    name: str | None = "Desktop Analytics",
    subject_id: str = "desktop-analytics",
    kind: SubjectKind = SubjectKind.SNAPSHOT,
    title: str = "The Desktop Analytics snapshot is late",
    detail: str = "The newest snapshot is of 21 November.",
    steps: Sequence[str] = ("Wait another 24 hours.", "Look at service health."),
    link: str | None = PORTAL,
    due_at: datetime | None = NOW - timedelta(minutes=5),
    explained_by: Sequence[str] = (),
    silenced: Silenced | None = None,
    family: str | None = None,
) -> Finding:
    """Return a finding with all that a card can show."""
    return Finding(
        id=identity,
        family=family or identity,
        target="contoso",
        severity=severity,
        subject=Subject(kind, subject_id, name),
        title=title,
        detail=detail,
        remedy=Remedy(tuple(steps), link),
        due_at=due_at,
        evidence={"newest": "2026-11-21T06:41:00Z"},
        explained_by=tuple(explained_by),
        silenced=silenced,
    )


def told(of: Finding, kind: TransitionKind = TransitionKind.OPENED, at: datetime = NOW) -> Transition:
    """Return a transition of the finding."""
    return Transition(kind, of, at)


def message(*transitions: Transition, link: str | None = None) -> Message:
    """Return a message for contoso at NOW."""
    return Message("contoso", NOW, transitions, link)


def could_not_look() -> Finding:
    """Return a failed read."""
    return finding(
        "monitor.gather_failed",
        kind=SubjectKind.READ,
        subject_id="applications",
        name="app registrations",
        title="App registrations could not be read",
        detail="Microsoft Graph answered 403 Authorization_RequestDenied. This hides expiring credentials.",
        due_at=None,
    )


def everything(name: str = "Desktop Analytics") -> Message:
    """Return a message with each kind of change, a failed read, a known and an unknown cause, and `name` everywhere."""
    lost = finding("access.role_missing", title=f"{name} lost its role", subject_id="role", name=name, due_at=None)
    late = finding(title=f"{name} is late", name=name, detail=name, explained_by=[lost.fingerprint, "elsewhere"])
    secret = finding("credential.expired", Severity.CRITICAL, title=f"{name}'s secret", subject_id="s", name=name)
    eased = finding("app.wrong_audience", Severity.WARNING, title=f"{name} eased", subject_id="e", steps=[name])
    gone = finding("app.missing", title=f"{name} was missing", subject_id="g", name=name)
    return message(
        told(lost, TransitionKind.REMINDED, NOW - timedelta(hours=3)),
        told(late),
        told(secret, TransitionKind.ESCALATED),
        told(eased, TransitionKind.EASED),
        told(gone, TransitionKind.RESOLVED),
        told(could_not_look()),
        link="https://dawnwatch.example/report",
    )
