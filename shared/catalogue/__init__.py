"""Every finding id, in one table: its family, severity, words, and what to do. Checks make their findings here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from shared.catalogue import access, apps, credentials, monitoring, snapshots
from shared.catalogue.entry import Entry, Way
from shared.catalogue.finding import fill_entry
from shared.catalogue.render import render_entries
from shared.expectations import Target
from shared.model import Evidence, Finding, Severity, Subject

__all__ = ["CATALOGUE", "Entry", "Way", "make_finding", "render_catalogue"]

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {entry.id: entry for part in (access, apps, credentials, snapshots, monitoring) for entry in part.ENTRIES}
)


def make_finding(
    finding_id: str,
    target: Target,
    subject: Subject,
    *,
    detail: str,
    values: Mapping[str, str] | None = None,
    severity: Severity | None = None,
    due_at: datetime | None = None,
    stage: int = 0,
    evidence: Evidence | None = None,
    extra_steps: Sequence[str] = (),
    case: str | None = None,
) -> Finding:
    """Make a finding by its id. `fill_entry` says what the arguments mean.

    Raises:
        KeyError: No such id, or a template needs a value that is not there.
    """
    return fill_entry(
        CATALOGUE[finding_id],
        target,
        subject,
        detail=detail,
        values=values,
        severity=severity,
        due_at=due_at,
        stage=stage,
        evidence=evidence,
        extra_steps=extra_steps,
        case=case,
    )


def render_catalogue() -> str:
    """Render docs/findings.md."""
    return render_entries(CATALOGUE.values())
