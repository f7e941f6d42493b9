"""The shape of a line of the catalogue: what a finding id means, how bad it is, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.catalogue.blades import Blade
from shared.model import Severity

_FAMILIES = {
    "access.role_missing": "access.role",
    "access.role_not_active": "access.role",
    "access.role_conditional": "access.role",
    "credential.expiring": "credential.expiry",
    "credential.expired": "credential.expiry",
    "snapshot.at_risk": "snapshot.currency",
    "snapshot.late": "snapshot.currency",
    "snapshot.partial": "snapshot.currency",
    "snapshot.stale": "snapshot.currency",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to put it right: steps in order (templates), and the page where they are taken."""

    steps: tuple[str, ...]
    blade: Blade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding id. `title` and the steps are templates; `rule` says the severity in words where it varies.

    `others` are the ways out of special cases, by the name of the case.
    """

    id: str
    severity: Severity
    title: str
    when: str
    meaning: str
    way: Way
    rule: str | None = None
    others: Mapping[str, Way] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The trouble that this id is a stage of: most ids are their own."""
        return _FAMILIES.get(self.id, self.id)

    @property
    def severity_in_words(self) -> str:
        """The severity, or the rule that decides it."""
        return self.rule or self.severity.value

    def way_out(self, case: str | None) -> Way:
        """What to do in a case; without one, what to do in general."""
        return self.way if case is None else self.others[case]
