"""Carrying out a plan: each step by itself, so that a refused one holds up no other. Doing it twice is no trouble."""

from collections.abc import Awaitable, Callable, Sequence
from copy import replace
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from shared.errors import GatherError
from shared.gather.answers import UNBOUNDED, Answer, AttemptError, Service, error_code, refusal, together
from shared.gather.cloud import raw
from shared.grant.caller import Caller
from shared.grant.plan import Found, GraphFound, State, Step, troubled
from shared.permissions import GraphNeed, RoleNeed

GRAPH = Service("Microsoft Graph", "Your account may not grant permissions in this tenant.")
ARM = Service("Azure Resource Manager", "Your account may not assign roles there.")


class _Made(Struct):
    id: str | None = None


class _Message(Struct, frozen=True):
    message: str = ""


class _Refused(Struct):
    error: _Message = _Message()


_made = msgspec.json.Decoder(_Made)
_refused = msgspec.json.Decoder(_Refused)


async def carry_out(caller: Caller, steps: Sequence[Step], found: Found) -> tuple[Step, ...]:
    """Take every step that is to be taken, and say what came of each; the others stay as they are. Raises nothing."""
    return tuple(await together(*(_carried_out(caller, step, found) for step in steps)))


async def _carried_out(caller: Caller, step: Step, found: Found) -> Step:
    try:
        if step.state is State.ADD:
            return await _add(caller, step, found)
        return await _remove(caller, step, found) if step.state is State.REMOVE else step
    except GatherError as error:
        return troubled(step, error)


async def _add(caller: Caller, step: Step, found: Found) -> Step:
    if isinstance(step.need, RoleNeed):
        return await _add_role(caller, step, step.need, found.principal.object_id)
    if isinstance(found.graph, GraphFound):
        return await _add_app_role(caller, step, step.need, found.principal.object_id, found.graph)
    raise found.graph


async def _remove(caller: Caller, step: Step, found: Found) -> Step:
    if isinstance(step.need, RoleNeed):
        return await _remove_role(caller, step)
    if isinstance(found.graph, GraphFound):
        return await _remove_app_role(caller, step, found.graph)
    raise found.graph


# --- Azure roles ---

_GUID = UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
"""The namespace that guid() of Bicep and ARM templates names things in."""


def assignment_name(scope: str, principal_id: str, role_id: str) -> str:
    """The name of a role assignment: always the same for the same, so that a repeat meets itself.

    It is what Bicep's `guid()` makes of the three, so that infra/ and this command meet each other, too.
    """
    return str(uuid5(_GUID, f"{scope.lower()}-{principal_id.lower()}-{role_id.lower()}"))


async def _add_role(caller: Caller, step: Step, need: RoleNeed, principal_id: str) -> Step:
    subscription = "/".join(need.scope.split("/")[:3])
    body = {
        "properties": {
            "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{need.role_id}",
            "principalId": principal_id,
            # Said outright: Azure then does not look a new principal up where it may not have arrived yet.
            "principalType": "ServicePrincipal",
            "description": f"Dawnwatch: {need.why}",
        }
    }
    name = assignment_name(need.scope, principal_id, need.role_id)
    operations = caller.azure.authorization.role_assignments
    content = msgspec.json.encode(body)

    def read(answer: Answer) -> Step:
        if answer.status in {200, 201}:
            return replace(step, state=State.ADDED, assignment_id=_id_of(answer))
        if answer.status == 409 and error_code(answer) == "RoleAssignmentExists":
            return replace(step, state=State.THERE)
        if error_code(answer) == "PrincipalNotFound":
            why = "it does not know this principal (yet)"
            steps = ("Check that the identity is one of this tenant; a new one can take some minutes to be known.",)
            raise AttemptError(why, tries=UNBOUNDED, answer=answer, steps=steps)
        raise refusal(ARM, answer)

    return await _ask_arm(caller, lambda **hook: operations.create(need.scope.strip("/"), name, content, **hook), read)


async def _remove_role(caller: Caller, step: Step) -> Step:
    operations = caller.azure.authorization.role_assignments
    assignment_id = (step.assignment_id or "").strip("/")

    def read(answer: Answer) -> Step:
        if answer.status in {200, 204}:
            return replace(step, state=State.REMOVED if answer.status == 200 else State.ABSENT)
        raise refusal(ARM, answer)

    return await _ask_arm(caller, lambda **hook: operations.delete_by_id(assignment_id, **hook), read)


async def _ask_arm(caller: Caller, operation: Callable[..., Awaitable[object]], read: Callable[[Answer], Step]) -> Step:
    return await caller.azure.ask(ARM, lambda: raw(operation), read)


# --- Microsoft Graph's app roles ---


async def _add_app_role(caller: Caller, step: Step, need: GraphNeed, principal_id: str, graph: GraphFound) -> Step:
    api = graph.service_principal_id
    grant = {"principalId": principal_id, "resourceId": api, "appRoleId": graph.offered[need.name]}
    url, content = f"/servicePrincipals/{api}/appRoleAssignedTo", msgspec.json.encode(grant)

    def read(answer: Answer) -> Step:
        if answer.status in {200, 201}:
            return replace(step, state=State.ADDED, assignment_id=_id_of(answer))
        if answer.status in {400, 409} and "already exists" in _message(answer):
            return replace(step, state=State.THERE)
        if answer.status == 404:  # both were read a moment ago: one of them is too new
            raise AttemptError("it does not know this principal (yet)", tries=UNBOUNDED, answer=answer)
        raise refusal(GRAPH, answer)

    return await caller.azure.ask(GRAPH, lambda: caller.azure.send_graph(url, content), read)


async def _remove_app_role(caller: Caller, step: Step, graph: GraphFound) -> Step:
    from kiota_abstractions.method import Method

    from shared.gather.graph_sdk import send

    azure = caller.azure
    path = f"/servicePrincipals/{graph.service_principal_id}/appRoleAssignedTo/{step.assignment_id}"
    url = f"{azure.endpoints.graph}/v1.0{path}"

    def read(answer: Answer) -> Step:
        if answer.status in {204, 404}:
            return replace(step, state=State.REMOVED if answer.status == 204 else State.ABSENT)
        raise refusal(GRAPH, answer)

    return await azure.ask(GRAPH, lambda: send(azure.graph, url, None, Method.DELETE), read)


def _id_of(answer: Answer) -> str | None:
    try:
        return _made.decode(answer.body).id
    except msgspec.MsgspecError:
        return None


def _message(answer: Answer) -> str:
    """What an error says in words: for this one trouble Microsoft Graph has no code of its own. Never shown."""
    try:
        return _refused.decode(answer.body).error.message.lower()
    except msgspec.MsgspecError:
        return ""
