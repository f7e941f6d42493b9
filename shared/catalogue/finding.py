"""From a line of the catalogue and what a check saw to a Finding, with its words, steps and link filled in."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.catalogue.blades import fill_link
from shared.catalogue.table import CATALOGUE
from shared.expectations import Target
from shared.model import Evidence, Finding, Remedy, Severity, Subject


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
    """Make a finding by its id; `values` fill its entry's templates beside {subject}, {workspace} and {target}.

    `extra_steps` are said after the entry's own, word for word. `case` picks one of the entry's other ways out.

    Raises:
        KeyError: No such id, or a template needs a value that is not there.
    """
    entry = CATALOGUE[finding_id]
    words = {"subject": subject.label, "workspace": target.workspace_name, "target": target.name, **(values or {})}
    way = entry.way_out(case)
    steps = tuple(step.format_map(words) for step in way.steps)
    return Finding(
        id=entry.id,
        family=entry.family,
        target=target.name,
        severity=severity or entry.severity,
        subject=subject,
        title=entry.title.format_map(words),
        detail=detail,
        remedy=Remedy(steps + tuple(extra_steps), fill_link(way.blade, target, words) if way.blade else None),
        due_at=due_at,
        stage=stage,
        evidence=dict(evidence or {}),
    )
