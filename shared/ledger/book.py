"""The ledger of one target, in its own words: state, incidents, what is to be delivered. Rows are the store's business.

key                         what the row holds
c|<check>                   when the check last passed, and when it last read everything
i|<check>|<fingerprint>     an incident: open, or over for less than six hours
h|<day>|<fingerprint>|<at>  an incident that is history, by the day on which it was over
o|<channel>|<at>|<id>       what a channel has still to deliver: a transition, or the card `report-<day>`
d|<channel>                 how delivery to a channel is going, and who is at it
a|<day>|<set>               a day's snapshot of a set, table by table
r|<day>                     the morning report of a day was made
p|<day>                     the morning reports of a day were planned (of all targets: kept under `~report`)
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.errors import StateConflictError
from shared.incident import Incident, State
from shared.ledger import codec
from shared.ledger.store import Change, Put, Remove, Row, Store
from shared.model import Finding, Severity, SubjectKind, Transition
from shared.notify.channel import Card, is_told
from shared.reconcile import Outcome

HISTORY_DAYS = 400


@dataclass(frozen=True, slots=True)
class Loaded:
    """A check's state as it was read, and the versions of its rows."""

    state: State
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """What a channel has still to deliver, and its row: a transition, or the card of a morning report."""

    row: Row
    transition: Transition | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Outlet:
    """A channel as the ledger knows it: its name, and what is not severe enough for it."""

    name: str
    min_severity: Severity


class Book:
    """What is known of one target."""

    def __init__(self, store: Store, target: str) -> None:
        self.store = store
        self.target = target

    # --- what is known ---

    async def load(self, check: str) -> Loaded:
        """Read the state of a check."""
        checks = await self.store.read(self.target, f"c|{check}")
        rows = await self.store.read(self.target, f"i|{check}|")
        passed_at = good_at = None
        for row in checks:
            if row.key == f"c|{check}":
                passed_at, good_at = codec.decode_passed(row.body, self._where(row))
        known = {incident.finding.fingerprint: incident for incident in map(self._incident, rows)}
        versions = {row.key: row.version for row in (*checks, *rows)}
        return Loaded(State(passed_at=passed_at, good_at=good_at, incidents=known), versions)

    async def incidents(self) -> list[Incident]:
        """Read every incident that is open, or was over lately, of every check."""
        return [self._incident(row) for row in await self.store.read(self.target, "i|")]

    async def open_findings(self, except_of: str) -> list[Finding]:
        """Read what is open in the other checks: likely causes of what this one finds."""
        return [item.finding for item in await self.incidents() if item.is_open and item.check != except_of]

    async def history(self, since: date | None = None) -> list[Incident]:
        """Read the incidents that are over for good, from the day `since` on."""
        start = f"h|{since.isoformat()}" if since else None
        return [self._incident(row) for row in await self.store.read(self.target, "h|", since=start)]

    async def incidents_of(self, prefix: str) -> list[Incident]:
        """Read the incidents of fingerprints that start with `prefix`, those that are history too, oldest first."""
        rows = [*await self.store.read(self.target, "h|"), *await self.store.read(self.target, "i|")]
        found = [self._incident(row) for row in rows if row.key.split("|")[2].startswith(prefix)]
        return sorted(found, key=lambda incident: incident.opened_at)

    async def passes(self) -> dict[str, tuple[datetime | None, datetime | None]]:
        """Read when each check last passed, and when it last read everything."""
        rows = await self.store.read(self.target, "c|")
        return {row.key.removeprefix("c|"): codec.decode_passed(row.body, self._where(row)) for row in rows}

    def _incident(self, row: Row) -> Incident:
        return codec.decode_incident(row.body, self._where(row))

    def _where(self, row: Row) -> str:
        return f"The ledger row {row.key!r} of {self.target!r}"

    # --- what a pass changes ---

    async def commit(self, check: str, loaded: Loaded, outcome: Outcome, outlets: Sequence[Outlet]) -> None:
        """Write what a pass changed, and what is to be delivered of it: each incident with its own transitions.

        The check's row goes last: a pass that is interrupted is simply run again. An incident that a newer one of the
        same trouble replaces goes into history as that one is written.

        Raises:
            StateConflictError: another pass wrote first.
        """
        told: dict[str, list[Transition]] = {}
        for transition in outcome.transitions:
            told.setdefault(transition.finding.fingerprint, []).append(transition)
        over = {incident.finding.fingerprint: incident for incident in outcome.closed}
        groups: list[list[Change]] = []
        for incident in outcome.changed:
            fingerprint = incident.finding.fingerprint
            put = self._put(f"i|{check}|{fingerprint}", codec.encode_incident(incident), loaded)
            replaced = [_to_history(over.pop(fingerprint))] if fingerprint in over else []
            groups.append([put, *replaced, *_enqueue(told.get(fingerprint, ()), outlets)])
        groups += [self._close(check, incident, loaded) for incident in over.values()]
        groups += self._passed(check, loaded, outcome)
        await self.store.write(self.target, groups)

    def _passed(self, check: str, loaded: Loaded, outcome: Outcome) -> Iterator[list[Change]]:
        """Write when the check passed; a pass that is older than the last one leaves that as it is."""
        if not outcome.late:
            passed = codec.encode_passed(outcome.state.passed_at, outcome.state.good_at)
            yield [self._put(f"c|{check}", passed, loaded)]

    def _put(self, key: str, body: bytes, loaded: Loaded) -> Put:
        return Put(key, body, loaded.versions.get(key))

    def _close(self, check: str, incident: Incident, loaded: Loaded) -> list[Change]:
        key = f"i|{check}|{incident.finding.fingerprint}"
        return [_to_history(incident), Remove(key, loaded.versions[key])]

    async def prune(self, now: datetime) -> None:
        """Remove history and snapshots of more than 400 days ago."""
        oldest = (now - timedelta(days=HISTORY_DAYS)).date().isoformat()
        old = [row for kind in "hra" for row in await self.store.read(self.target, f"{kind}|", f"{kind}|{oldest}")]
        await self.store.write(self.target, [[Remove(row.key, row.version)] for row in old])

    # --- what is to be delivered ---

    async def pending(self, channel: str) -> list[Pending]:
        """Read what a channel has still to deliver, oldest first."""
        return [self._pending(row) for row in await self.store.read(self.target, f"o|{channel}|")]

    def _pending(self, row: Row) -> Pending:
        if row.key.rsplit("|", 1)[-1].startswith(_REPORT):
            return Pending(row, card=codec.decode_card(row.body, self._where(row)))
        return Pending(row, codec.decode_transition(row.body, self._where(row)))

    async def was_reported(self, day: date) -> bool:
        """Whether the morning report of a day was made."""
        return bool(await self.store.read(self.target, f"r|{day}"))

    async def was_planned(self, day: date) -> bool:
        """Whether the morning reports of a day were planned."""
        return bool(await self.store.read(self.target, f"p|{day}"))

    async def note_planned(self, day: date) -> None:
        """Write down that the morning reports of a day were planned, and forget the days before; once is enough."""
        old = [row for row in await self.store.read(self.target, "p|") if row.key < f"p|{day}"]
        with suppress(StateConflictError):
            removed = [[Remove(row.key, row.version)] for row in old]
            await self.store.write(self.target, [[Put(f"p|{day}", b"{}")], *removed])

    async def report(self, now: datetime, cards: Mapping[str, Card]) -> bool:
        """Write down that today's morning report was made, with the card for each channel that is to have one.

        Returns whether it was made by this call: of several at once, one makes it.
        """
        day = f"{now:%Y-%m-%d}"
        group = [Put(f"r|{day}", b"{}")]
        group += [
            Put(f"o|{name}|{_stamp(now)}|{_REPORT}{day}", codec.encode_card(dict(card))) for name, card in cards.items()
        ]
        try:
            await self.store.write(self.target, [group])
        except StateConflictError:
            return False
        return True


_REPORT = "report-"


def _to_history(incident: Incident) -> Put:
    over_at = incident.resolved_at or incident.opened_at
    key = f"h|{over_at:%Y-%m-%d}|{incident.finding.fingerprint}|{_stamp(over_at)}"
    return Put(key, codec.encode_incident(incident))


def _enqueue(transitions: Iterable[Transition], outlets: Sequence[Outlet]) -> list[Change]:
    return [
        Put(f"o|{outlet.name}|{_stamp(transition.at)}|{transition.id}", codec.encode_transition(transition))
        for transition in transitions
        for outlet in outlets
        if is_told(transition, outlet.min_severity) and not _is_about(transition, outlet)
    ]


def _is_about(transition: Transition, outlet: Outlet) -> bool:
    """Whether it tells how the outlet itself is doing: people hear of that on the others."""
    subject = transition.finding.subject
    return subject.kind is SubjectKind.CHANNEL and subject.id == outlet.name


def _stamp(at: datetime) -> str:
    """Write an instant so that text sorts as time does."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def pending_since(row: Row) -> datetime:
    """Say since when a row is pending."""
    return datetime.fromisoformat(row.key.split("|")[2])


def set_key(name: str) -> str:
    """Name a snapshot set in a key, whatever characters its own name has."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]
