"""The bad morning of the demo as data: what happens in the tenant, when, and what the story says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from sandbox.tenant import Secret, Tenant

DAY = datetime(2026, 11, 23, tzinfo=UTC)
DUE = time(8, 0)
LANDS_AT = DAY + timedelta(hours=9, minutes=5)
READER = "MALogAnalyticsReader"

CONFIG = """
[[target]]
name = "contoso"
tenant_id = "{tenant.tenant_id}"
workspace_id = "{tenant.workspace.id}"
profiles = ["desktop-analytics"]

[[target.app]]
name = "Desktop-Analytics-Connection"
kind = "connection"

[notify.teams]
min_severity = "warning"

[notify.event_grid]
min_severity = "warning"
topic = "{topic}"
"""


def _at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


@dataclass(frozen=True, slots=True)
class Step:
    """One moment: what changes in the tenant before Dawnwatch looks, and what a person would say of it."""

    at: datetime
    headline: str
    note: str
    change: Callable[[Tenant], None] = lambda _: None


def prepare(tenant: Tenant) -> None:
    """Set the scene: a rotated secret that is still there beside its successor, and a snapshot that will be late."""
    app = tenant.applications[0]
    old = replace(app.secrets[0], key_id="01d5ec2e-7000-4000-8000-000000000001", name="site CM1, 2025")
    app.secrets = [
        replace(old, starts_at=_at(5) - timedelta(days=359), ends_at=_at(5, 10) + timedelta(days=6)),
        *app.secrets,
    ]
    for table in tenant.tables:
        table.snapshots = [
            replace(snapshot, generated_at=LANDS_AT, arrived_at=LANDS_AT)
            if snapshot.arrived_at.date() == DAY.date()
            else snapshot
            for snapshot in table.snapshots
        ]


def tidy_up(tenant: Tenant) -> None:
    """Remove what a colleague took for left-overs: the reader's role, and the wrong one of two secrets."""
    reader = next(principal for principal in tenant.service_principals if principal.name == READER)
    tenant.assignments = [held for held in tenant.assignments if held.principal_id != reader.id]
    app = tenant.applications[0]
    app.secrets = [_ends_first(app.secrets)]


def _ends_first(secrets: list[Secret]) -> Secret:
    return min(secrets, key=lambda secret: secret.ends_at or datetime.max.replace(tzinfo=UTC))


def give_back(lost: Tenant) -> Callable[[Tenant], None]:
    """Make the change that puts the role back as it was in `lost`."""
    assignments = list(lost.assignments)

    def change(tenant: Tenant) -> None:
        tenant.assignments = assignments

    return change


def morning(tenant: Tenant) -> tuple[Step, ...]:
    """Return the steps of the morning; `tenant` is as it stands before it."""
    return (
        Step(_at(4), "All green", "The snapshot usually arrives about 06:40 and is due at 08:00."),
        Step(
            _at(5, 10),
            f"{READER} loses its role",
            "A colleague tidies up: the role assignment goes, and of the connection app's two secrets the newer one. "
            "The one that is left has 6 days.",
            tidy_up,
        ),
        Step(_at(7, 15), "The snapshot is later than usual", "Nothing has arrived yet. It is not due for 45 minutes."),
        Step(_at(8), "The snapshot is late", "It is 08:00, people open their portals, and the data is yesterday's."),
        Step(_at(8, 20), "The role is back", "An administrator followed the card's steps.", give_back(tenant)),
        Step(LANDS_AT, f"The snapshot lands, {_late_minutes()} minutes late", "All seven tables have today's rows."),
        Step(_at(9, 30), "What is left", "The secret still has to be renewed: one finding, and nothing new to tell."),
    )


def _late_minutes() -> int:
    return int((LANDS_AT - datetime.combine(DAY, DUE, UTC)).total_seconds() // 60)
