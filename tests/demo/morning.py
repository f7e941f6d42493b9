"""A bad morning as a story, written down: what the page is tried with."""

from datetime import UTC, datetime, timedelta

from sandbox.demo.page import Moment, Story
from shared.model import Finding, Outcome, Remedy, Severity, Subject, SubjectKind, Transition, TransitionKind
from shared.notify.card import render_card
from shared.notify.channel import Message
from shared.notify.cloud_events import render_events
from shared.report import finding_json

PORTAL = "https://portal.azure.com/#@contoso.example/resource/subscriptions/s/resourceGroups/r/users"
ENTRA = "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials"
DUE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

ROLE = Finding(
    id="access.role_missing",
    family="access.role",
    target="contoso",
    severity=Severity.ERROR,
    subject=Subject(SubjectKind.PRINCIPAL, "p", "MALogAnalyticsReader"),
    title="MALogAnalyticsReader can no longer read the workspace",
    detail="It holds neither Log Analytics Reader nor Reader at law-contoso: not directly, not through a group.",
    remedy=Remedy(
        (
            "Open the workspace and choose Access control (IAM).",
            "Add a role assignment: Log Analytics Reader, for MALogAnalyticsReader.",
        ),
        PORTAL,
    ),
)


def secret(left: timedelta, at: datetime) -> Finding:
    """Return the connection app's secret, `left` before its end."""
    return Finding(
        id="credential.expiring",
        family="credential.expiry",
        target="contoso",
        severity=Severity.ERROR,
        subject=Subject(SubjectKind.APPLICATION, "a", "Desktop-Analytics-Connection"),
        title="Desktop-Analytics-Connection has 6 days left on its last secret",
        detail="No newer secret, certificate or federated credential covers it. Its owner is Megan Bowen.",
        remedy=Remedy(
            (
                "Add a client secret under Certificates & secrets.",
                "Renew the secret key in Configuration Manager, under Azure Services.",
            ),
            ENTRA,
        ),
        due_at=at + left,
    )


def snapshot(identity: str, severity: Severity, title: str, detail: str, *causes: Finding) -> Finding:
    """Return a stage of the late snapshot."""
    return Finding(
        id=identity,
        family="snapshot.currency",
        target="contoso",
        severity=severity,
        subject=Subject(SubjectKind.SNAPSHOT, "desktop-analytics", "Desktop Analytics"),
        title=title,
        detail=detail,
        remedy=Remedy(
            ("Look at the likely cause first.", "Wait another 24 hours, then look at service health."), PORTAL
        ),
        due_at=DUE,
        explained_by=tuple(cause.fingerprint for cause in causes),
    )


def moment(hour: int, minute: int, headline: str, outcome: Outcome, note: str, *told: Transition) -> Moment:
    """Return a look with its cards and events rendered."""
    at = DUE.replace(hour=hour, minute=minute)
    message = Message("contoso", at, told, also_open=(ROLE,))
    return Moment(
        at=at,
        headline=headline,
        outcome=outcome,
        note=note,
        transitions=told,
        cards=[render_card(message)] if told else [],
        events=render_events(message, "/dawnwatch/targets/contoso"),
        report={"schema": "dawnwatch.report/1", "findings": [finding_json(t.finding) for t in told]},
    )


def story() -> Story:
    """Return the morning from 04:00 to 09:30."""
    at = {minute: DUE + timedelta(minutes=minute) for minute in (-170, -45, 0, 20, 65)}
    risk = snapshot(
        "snapshot.at_risk",
        Severity.WARNING,
        "The Desktop Analytics snapshot is later than usual",
        "On 19 of the last 20 days it was here by 07:10 UTC. It is due at 08:00 UTC.",
    )
    late_words = ("The Desktop Analytics snapshot is late", "The newest snapshot is of 21 November, 06:38 UTC.")
    late = snapshot("snapshot.late", Severity.ERROR, *late_words, ROLE)
    six = secret(timedelta(days=6), at[-170])
    opened, escalated, over = TransitionKind.OPENED, TransitionKind.ESCALATED, TransitionKind.RESOLVED
    return Story(
        title="A bad morning at Contoso",
        target="contoso",
        summary="At 08:00 UTC people open their portals. This is what Dawnwatch saw before, and whom it told.",
        moments=[
            moment(4, 0, "All green", Outcome.CLEAR, "The next snapshot is expected at about 06:40 UTC."),
            moment(
                5,
                10,
                "A role is gone, and a secret runs out",
                Outcome.FINDINGS,
                "Somebody tidied up the resource group's role assignments.",
                Transition(opened, ROLE, at[-170]),
                Transition(opened, six, at[-170]),
            ),
            moment(7, 15, "Later than usual", Outcome.FINDINGS, "", Transition(opened, risk, at[-45])),
            moment(8, 0, "Late, and the likely cause", Outcome.FINDINGS, "", Transition(escalated, late, at[0])),
            moment(8, 20, "The role is back", Outcome.FINDINGS, "", Transition(over, ROLE, at[20])),
            moment(9, 5, "The snapshot lands, 65 minutes late", Outcome.FINDINGS, "", Transition(over, late, at[65])),
        ],
    )
