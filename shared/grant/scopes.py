"""Reading Azure: whether the resources are there, and which roles are effective on them."""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from shared.errors import ConfigError, GatherError
from shared.facts import RoleAssignment
from shared.gather.answers import Answer, decode, error_code, refusal
from shared.gather.arm import Listing, all_of
from shared.grant.asked import COMMAND_LINE, Origin
from shared.grant.caller import RESOURCES, Caller, advising
from shared.grant.plan import Principal

API_VERSIONS = {"microsoft.operationalinsights/workspaces": "2025-07-01", "microsoft.eventgrid/topics": "2025-02-15"}
_ISSUERS = re.compile(rb"https://sts\.[a-z.]+/([0-9a-fA-F-]{36})/")


class _AssignmentProperties(Struct, rename="camel"):
    role_definition_id: str
    principal_id: str
    scope: str
    principal_type: str | None = None
    condition: str | None = None


class _Assignment(Struct):
    id: str
    properties: _AssignmentProperties


class _Resource(Struct):
    id: str


_assignments = msgspec.json.Decoder(Listing[_Assignment])
_resource = msgspec.json.Decoder(_Resource)


async def check_resource(caller: Caller, scope: str, origins: Mapping[str, Origin]) -> None:
    """See that a resource is there, and in this tenant.

    Raises:
        ConfigError: it is not.
        GatherError: that cannot be told.
    """
    kind = "/".join(scope.split("/")[6:8]).lower()
    problem = await caller.azure.ask(RESOURCES, lambda: caller.get_resource(scope, API_VERSIONS[kind]), _problem)
    if problem:
        origin = origins.get(scope.lower(), Origin(COMMAND_LINE, "--workspace"))
        raise ConfigError([origin.mistake(f"{scope.rsplit('/', 1)[-1]}: {problem}")])


def _problem(answer: Answer) -> str | None:
    """What is wrong with a resource id; None where the resource is there."""
    code = error_code(answer)
    if answer.status == 200:
        decode(answer.body, _resource)
        return None
    if code == "InvalidAuthenticationTokenTenant":
        issuers = _ISSUERS.findall(answer.body)
        tenant = issuers[1].decode().lower() if len(issuers) > 1 else "<its tenant>"
        return f"its subscription belongs to another tenant: az login --tenant {tenant}"
    if code in {"SubscriptionNotFound", "InvalidSubscriptionId"}:
        return "there is no such subscription in the tenant that you are signed in to: see az account list"
    if answer.status == 404:
        return f"there is no such resource ({code or 404}): check its name and its resource group"
    raise refusal(RESOURCES, answer)


async def read_roles(caller: Caller, principal: Principal, scope: str) -> tuple[RoleAssignment, ...]:
    """Read what is effective for a principal at a scope that is there: its own, inherited, and through groups.

    Raises:
        GatherError: it cannot be read.
    """
    operations = caller.azure.authorization.role_assignments
    which = f"atScope() and assignedTo('{principal.object_id}')"
    try:
        with advising(RESOURCES):
            listed = await all_of(
                caller.azure,
                lambda **hook: operations.list_for_scope(scope.strip("/"), filter=which, **hook),
                _assignments,
            )
    except GatherError as error:
        if error.status in {400, 404}:  # the scope is there: Azure does not know the principal yet
            return ()
        raise
    return tuple(_facts(one) for one in listed if _is_of(one.properties, principal.object_id))


def _is_of(properties: _AssignmentProperties, object_id: str) -> bool:
    """Whether an answer to assignedTo() is about the principal: its own, or its group's."""
    return properties.principal_id.lower() == object_id or properties.principal_type == "Group"


def _facts(one: _Assignment) -> RoleAssignment:
    properties = one.properties
    return RoleAssignment(
        id=one.id,
        role_id=properties.role_definition_id.rstrip("/").rsplit("/", 1)[-1].lower(),
        principal_id=properties.principal_id.lower(),
        principal_type=properties.principal_type,
        scope=properties.scope,
        condition=properties.condition,
    )
