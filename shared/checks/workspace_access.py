"""From who may read the workspace to findings: is each expected principal there, and does its role have effect?"""

from collections.abc import Iterator
from datetime import datetime

from shared.catalogue import make_finding
from shared.checks.denies import find_denies
from shared.checks.workspace import find_unreachable
from shared.expectations import Target
from shared.facts import AccessFacts, DenyAssignment, Eligibility, PrincipalAccess, RoleAssignment
from shared.model import Evidence, Finding, Subject, SubjectKind
from shared.ranking import worst_of_each
from shared.wording import say_instant, say_list

EXCESSIVE_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}


def check_workspace_access(target: Target, facts: AccessFacts, now: datetime) -> tuple[Finding, ...]:
    """Judge who may read the workspace; where it is not there, that alone is said."""
    if not facts.workspace.is_there:
        return find_unreachable(target, facts.workspace)
    findings = [found for access in facts.principals for found in _Principal(target, facts, access).judge(now)]
    findings += _orphans(target, facts)
    return worst_of_each(findings)


class _Principal:
    """One expected principal before the judgement."""

    def __init__(self, target: Target, facts: AccessFacts, access: PrincipalAccess) -> None:
        self.target = target
        self.facts = facts
        self.access = access
        expected = access.expected_role_ids
        self.held = [role for role in access.assignments if role.role_id in expected]
        self.excessive = [
            role for role in access.assignments if role.role_id in EXCESSIVE_ROLES and role.role_id not in expected
        ]
        self.wanted = say_list(access.expectation.any_of, "or")

    def judge(self, now: datetime) -> Iterator[Finding]:
        if self.access.object_id is None:
            yield self._missing()
            return
        denies = find_denies(self.facts.denies, self.access, self.target.workspace_id)
        if self.excessive:
            yield self._excessive()
        if denies and (self.held or self.excessive):
            yield self._denied(denies)
        elif not self.held and not self.excessive:
            yield self._eligible(now) or self._without_role()
        elif self.held and all(role.condition for role in self.held):
            yield self._conditional()

    def _missing(self) -> Finding:
        name = self.access.expectation.principal
        subject = Subject(SubjectKind.PRINCIPAL, name.lower(), name, self.target.workspace_id)
        detail = f"The tenant has no user, group or service principal {name}. It is expected to hold {self.wanted}."
        evidence: Evidence = {"principal": name, "any_of": list(self.access.expectation.any_of)}
        return make_finding("access.principal_missing", self.target, subject, detail=detail, evidence=evidence)

    def _without_role(self) -> Finding:
        others = self.access.assignments
        lack = "none of the expected roles" if others else "no role"
        holds = f"It holds {self._say_roles(others)}." if others else "It holds no role there at all."
        detail = f"Expected: {self.wanted}. {holds}{self._say_unknown_roles()}"
        return self._finding("access.role_missing", detail, others, lack=lack)

    def _eligible(self, now: datetime) -> Finding | None:
        open_ended = [
            role for role in self.access.eligible if role.role_id in self.access.expected_role_ids and _lasts(role, now)
        ]
        if not open_ended:
            return None
        names = say_list(sorted({self._role_name(role.role_id) for role in open_ended}))
        ends = [role.ends_at for role in open_ended if role.ends_at is not None]
        until = f" until {say_instant(max(ends))}" if len(ends) == len(open_ended) else ""
        detail = (
            f"It is only eligible for {names} in Privileged Identity Management{until}; the role is not activated."
            f"{self._say_unknown_roles()}"
        )
        return self._finding("access.role_not_active", detail, self.access.assignments)

    def _denied(self, denies: tuple[DenyAssignment, ...]) -> Finding:
        named = say_list(f"{deny.name or deny.id} ({_say_scope(deny.scope)})" for deny in denies)
        held = self.held or self.excessive
        detail = (
            f"It holds {self._say_roles(held)}, but a deny assignment takes reading the workspace away: {named}."
            f"{self._say_unknown_roles()}"
        )
        return self._finding("access.role_not_active", detail, held, case="denied", denies=[deny.id for deny in denies])

    def _conditional(self) -> Finding:
        detail = (
            f"It holds {self._say_roles(self.held)}, but only under a condition, and Dawnwatch evaluates none."
            f"{self._say_unknown_roles()}"
        )
        return self._finding("access.role_conditional", detail, self.held)

    def _excessive(self) -> Finding:
        beside = f" beside {self._say_roles(self.held)}" if self.held else f", where {self.wanted} would do"
        detail = f"It holds {self._say_roles(self.excessive)}{beside}.{self._say_unknown_roles()}"
        names = say_list(sorted({EXCESSIVE_ROLES[role.role_id] for role in self.excessive}))
        return self._finding("access.role_excessive", detail, self.excessive, held=names)

    def _finding(
        self,
        finding_id: str,
        detail: str,
        roles: tuple[RoleAssignment, ...] | list[RoleAssignment],
        *,
        case: str | None = None,
        denies: list[str] | None = None,
        **values: str,
    ) -> Finding:
        access = self.access
        object_id = (access.object_id or "").lower()
        evidence = {
            "app_id": access.app_id,
            "any_of": list(access.expectation.any_of),
            "assignment_ids": [role.id for role in roles],
        }
        return make_finding(
            finding_id,
            self.target,
            Subject(
                SubjectKind.PRINCIPAL, object_id, access.name or access.expectation.principal, self.target.workspace_id
            ),
            detail=detail,
            values={"wanted": self.wanted, **values},
            evidence=evidence if denies is None else evidence | {"deny_ids": denies},
            case=case,
        )

    def _role_name(self, role_id: str) -> str:
        return self.facts.role_names.get(role_id) or EXCESSIVE_ROLES.get(role_id) or role_id

    def _say_roles(self, roles: tuple[RoleAssignment, ...] | list[RoleAssignment]) -> str:
        return say_list(sorted({f"{self._role_name(role.role_id)} on {_say_scope(role.scope)}" for role in roles}))

    def _say_unknown_roles(self) -> str:
        unknown = self.access.unknown_roles
        return (
            f" No role definition has the name {say_list(unknown, 'or')}: check the configuration." if unknown else ""
        )


def _lasts(eligibility: Eligibility, now: datetime) -> bool:
    starts_at, ends_at = eligibility.starts_at, eligibility.ends_at
    return (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at)


def _orphans(target: Target, facts: AccessFacts) -> Iterator[Finding]:
    """Tell of each principal that is gone, with all that it still holds."""
    held: dict[str, list[RoleAssignment]] = {}
    for assignment in facts.orphans:
        held.setdefault(assignment.principal_id, []).append(assignment)
    for principal_id, assignments in held.items():
        roles = sorted({facts.role_names.get(item.role_id, item.role_id) for item in assignments})
        yield make_finding(
            "access.orphaned",
            target,
            Subject(SubjectKind.PRINCIPAL, principal_id, None, target.workspace_id),
            detail=f"{say_list(roles)} on {target.workspace_name} went to {principal_id}, which no longer exists.",
            evidence={"assignments": [item.id for item in assignments], "roles": roles},
        )


def _say_scope(scope: str) -> str:
    """Say in words where an assignment was made, from its resource id."""
    parts = scope.strip("/").split("/")
    lower = [part.lower() for part in parts]
    if lower == [""]:
        return "the root scope"
    if lower[:2] == ["providers", "microsoft.management"]:
        return f"management group {parts[-1]}"
    if len(parts) == 2 and lower[0] == "subscriptions":
        return f"subscription {parts[1]}"
    if len(parts) == 4 and lower[2] == "resourcegroups":
        return f"resource group {parts[3]}"
    return parts[-1]
