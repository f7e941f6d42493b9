"""From a grant to what a machine reads: `dawnwatch.grant/1`."""

import json

from shared.grant.plan import Step
from shared.grant.report import Elsewhere, GrantReport, Part
from shared.permissions import RoleNeed
from shared.report import Json

SCHEMA = "dawnwatch.grant/1"


def grant_json(report: GrantReport) -> str:
    """The plan, or what came of it, in ASCII."""
    body = {
        "schema": SCHEMA,
        "action": "revoke" if report.revoke else "grant",
        "outcome": report.outcome,
        "acted": report.acted,
        "tenant_id": report.tenant_id,
        "caller": report.caller,
        "identities": [_part(part) for part in report.parts],
        "elsewhere": [_elsewhere(one) for one in report.elsewhere],
        "notices": list(report.notices),
    }
    return json.dumps(body, indent=2, allow_nan=False)


def _part(part: Part) -> Json:
    principal, instead = part.found.principal, part.instead
    return {
        "object_id": principal.object_id,
        "client_id": principal.app_id,
        "name": principal.name,
        "targets": list(part.wish.targets),
        "permissions": [_step(step) for step in part.steps],
        "administrator": instead
        and {"who": list(instead.who), "command": instead.command, "by_hand": list(instead.by_hand)},
    }


def _step(step: Step) -> Json:
    is_role = isinstance(step.need, RoleNeed)
    return {
        "kind": "azure_role" if is_role else "graph_app_role",
        "name": step.need.name,
        "scope": step.need.scope if isinstance(step.need, RoleNeed) else None,
        "why": step.need.why,
        "state": step.state.value,
        "note": step.note or None,
        "assignment_id": step.assignment_id,
        "advice": list(step.advice),
    }


def _elsewhere(one: Elsewhere) -> Json:
    return {"tenant_id": one.tenant_id, "targets": list(one.targets), "commands": list(one.commands)}
