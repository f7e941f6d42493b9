"""The bad morning of the demo as data: what happens in the tenant, when, and what the story says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from sandbox.tenant import Tenant

DAY = datetime(2026, 11, 23, tzinfo=UTC)
DUE = time(8, 0)
LANDS_AT = DAY + timedelta(hours=9, minutes=5)
READER = "MALogAnalyticsReader"
CONNECTION = "Desktop-Analytics-Connection"

CONFIG = """
[[target]]
name = "contoso"
tenant_id = "{tenant.tenant_id}"
workspace_id = "{tenant.workspace.id}"
profiles = ["desktop-analytics"]
expiry_days = [60, 30, 14, 7, 6, 5, 4, 3, 2, 1]  # in the last week, every day

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
    app = tenant.application(CONNECTION)
    old = replace(app.secrets[0], key_id="01d5ec2e-7000-4000-8000-000000000001", name="site CM1, 2025")
    starts_at, ends_at = _at(5) - timedelta(days=359), _at(9, 30) + timedelta(days=6)
    app.secrets.insert(0, replace(old, starts_at=starts_at, ends_at=ends_at))
    for table in tenant.tables:
        table.arrive(LANDS_AT)


def tidy_up(tenant: Tenant) -> None:
    """Remove what a colleague took for left-overs: the reader's role, and the wrong one of two secrets."""
    tenant.unassign_roles(READER)
    del tenant.application(CONNECTION).secrets[1:]


def give_back(tenant: Tenant) -> None:
    """Give the reader its role again."""
    tenant.assign_role(READER, "Log Analytics Reader")


def morning() -> tuple[Step, ...]:
    """Return the steps of the morning."""
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
        Step(_at(8, 5), "The morning report", "Once a day, come what may: its absence is a sign too."),
        Step(_at(8, 20), "The role is back", "An administrator followed the card's steps.", give_back),
        Step(LANDS_AT, f"The snapshot lands, {_late_minutes()} minutes late", "All seven tables have today's rows."),
        Step(
            _at(9, 30),
            "What is left",
            "The secret passes its 6-day mark: the same incident, and it is worse.",
        ),
    )


def _late_minutes() -> int:
    return int((LANDS_AT - datetime.combine(DAY, DUE, UTC)).total_seconds() // 60)
