"""What a grant came to: for each identity of this tenant its steps, and for other tenants what must be run there."""

from dataclasses import dataclass

from shared.config import CloudName
from shared.grant.by_hand import ByHand, administrators
from shared.grant.plan import TO_DO, TROUBLE, Found, GraphFound, State, Step
from shared.grant.wishes import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What somebody else must run: who, the same command line, and the same by hand."""

    who: tuple[str, ...]
    command: str
    by_hand: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One identity in the tenant that was signed in to. `instead` is there where something was refused."""

    wish: Wish
    found: Found
    steps: tuple[Step, ...]
    instead: Instead | None = None

    def having(self, *states: State) -> tuple[Step, ...]:
        """The steps that stand so."""
        return tuple(step for step in self.steps if step.state in states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What is to be done in a tenant that was not signed in to."""

    tenant_id: str
    targets: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantReport:
    """The plan, or with `acted` what came of it."""

    revoke: bool
    acted: bool
    caller: str
    tenant_id: str
    parts: tuple[Part, ...]
    elsewhere: tuple[Elsewhere, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def is_to_do(self) -> bool:
        """Whether anything is to be added or removed."""
        return any(part.having(*TO_DO) for part in self.parts)

    @property
    def outcome(self) -> str:
        """In a word, for machines: elsewhere, refused, planned, done or nothing."""
        if not self.parts:
            return "elsewhere"
        if any(part.having(*TROUBLE) for part in self.parts):
            return "refused"
        if self.is_to_do:
            return "planned"
        return "done" if any(part.having(State.ADDED, State.REMOVED) for part in self.parts) else "nothing"

    @property
    def exit_status(self) -> int:
        """0 nothing is left to do, 1 something would change, 3 something was refused or not read."""
        return {"elsewhere": 3, "refused": 3, "planned": 1}.get(self.outcome, 0)


def what_instead(part: Part, command: str, cloud: CloudName, graph_address: str, *, revoke: bool) -> Instead | None:
    """Say what an administrator must run for what was refused; None where nothing was."""
    refused = part.having(State.REFUSED)
    if not refused:
        return None
    by_hand = ByHand(
        principal=part.found.principal,
        graph=part.found.graph if isinstance(part.found.graph, GraphFound) else None,
        tenant_id=part.wish.tenant_id or "",
        cloud=cloud,
        address=graph_address,
        revoke=revoke,
    )
    return Instead(who=administrators(refused), command=command, by_hand=by_hand.commands(refused))
