"""One call to Azure Resource Manager: who asks, at which scope, and what its filter says."""

import re
from dataclasses import dataclass

from sandbox.tenant import Tenant
from sandbox.web import Call, RefusedError
from sandbox.world import Caller

_CLAUSE = re.compile(
    r"(?P<function>atScope|atScopeAndBelow|asTarget)\(\)|(?P<to>assignedTo)\('(?P<id>[^']*)'\)"
    r"|(?P<field>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clauses:
    """An ARM filter: `and` of a few functions and equalities."""

    functions: frozenset[str]
    assigned_to: str | None
    equal: dict[str, str]

    @classmethod
    def of(cls, text: str) -> "Clauses":
        """Read a $filter.

        Raises:
            RefusedError: it says something that is not supported.
        """
        functions: set[str] = set()
        assigned_to = None
        equal: dict[str, str] = {}
        for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else ():
            clause = _CLAUSE.fullmatch(part.strip())
            if clause is None:
                raise RefusedError(400, "BadRequestFormat", f"The filter '{text}' is not supported.")
            if clause["function"]:
                functions.add(clause["function"].lower())
            elif clause["to"]:
                assigned_to = clause["id"]
            else:
                equal[clause["field"].lower()] = clause["value"].replace("''", "'")
        return cls(frozenset(functions), assigned_to, equal)


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that was routed: `scope` and `name` are from its path."""

    call: Call
    caller: Caller
    scope: str
    name: str

    @property
    def tenant(self) -> Tenant:
        """Whose tenant is asked about."""
        return self.caller.tenant

    @property
    def clauses(self) -> Clauses:
        """What its filter says."""
        return Clauses.of(self.call.query.get("$filter", ""))


def holders(clauses: Clauses, caller: Caller) -> set[str] | None:
    """The principals whose assignments are meant; None is everyone's."""
    tenant = caller.tenant
    if clauses.assigned_to is not None:
        return {clauses.assigned_to.lower(), *(group.lower() for group in tenant.groups_of(clauses.assigned_to))}
    if "astarget" in clauses.functions:
        own = caller.identity.object_id
        return {own.lower(), *(group.lower() for group in tenant.groups_of(own))}
    if "principalid" in clauses.equal:
        return {clauses.equal["principalid"].lower()}
    return None
