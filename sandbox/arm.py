"""Azure Resource Manager: the workspace, and who may do what at which scope."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from sandbox import access, assigning, generate, inventory, rights, scopes
from sandbox.arm_call import Ask, holders
from sandbox.records import Assignment
from sandbox.tenant import Tenant
from sandbox.web import Answer, Call, RefusedError, answer
from sandbox.world import Caller, World

PAGE = 1000
_REFUSALS = {
    "missing": RefusedError(
        401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
    ),
    "invalid": RefusedError(401, "InvalidAuthenticationToken", "The access token is invalid."),
    "expired": RefusedError(
        401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."
    ),
    "audience": RefusedError(
        401,
        "InvalidAuthenticationTokenAudience",
        "The access token has been obtained for wrong audience or resource. It should exactly match with one of the "
        "allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
    ),
}


class Arm:
    """Answers the calls of azure-mgmt-authorization and azure-mgmt-loganalytics."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._made: dict[tuple[str, int], list[tuple[Assignment, bytes]]] = {}
        below = r"(?P<scope>.*?)/providers/Microsoft\.Authorization/"
        insights = r"/providers/Microsoft\.OperationalInsights/workspaces"
        routes: tuple[tuple[str, str, Callable[[Ask], Answer]], ...] = (
            (below + "roleAssignments", "Microsoft.Authorization/roleAssignments/read", self._assignments),
            (below + "roleDefinitions", "Microsoft.Authorization/roleDefinitions/read", self._definitions),
            (
                below + "roleDefinitions/(?P<name>[^/]+)",
                "Microsoft.Authorization/roleDefinitions/read",
                self._definition,
            ),
            (below + "denyAssignments", "Microsoft.Authorization/denyAssignments/read", self._denies),
            (
                below + "roleEligibilityScheduleInstances",
                "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
                self._eligible,
            ),
            (
                rf"(?P<scope>/subscriptions/[^/]+/resourceGroups/[^/]+{insights}/[^/]+)",
                "Microsoft.OperationalInsights/workspaces/read",
                self._workspace,
            ),
            (
                rf"(?P<scope>/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?){insights}",
                "Microsoft.OperationalInsights/workspaces/read",
                self._workspaces,
            ),
            (
                r"(?P<scope>/subscriptions/[^/]+)/providers/Microsoft\.OperationsManagement/solutions",
                "Microsoft.OperationsManagement/solutions/read",
                self._solutions,
            ),
            (
                r"(?P<scope>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.EventGrid/topics/[^/]+)",
                "Microsoft.EventGrid/topics/read",
                self._topic,
            ),
            (r"(?P<scope>/subscriptions/[^/]+)", "Microsoft.Resources/subscriptions/read", self._subscription),
        )
        self.routes = tuple((re.compile(pattern, re.IGNORECASE), action, serve) for pattern, action, serve in routes)
        self.one = re.compile(below + "roleAssignments/(?P<name>[^/]+)", re.IGNORECASE)

    def answer(self, call: Call) -> Answer:
        """Check the api-version, the token, the subscription, the right to read, the scope; then route."""
        if "api-version" not in {key.lower() for key in call.query}:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise RefusedError(400, "MissingApiVersionParameter", message)
        caller = self.world.caller(call, "arm", _REFUSALS)
        path = "/" + call.path.strip("/")
        if path.lower() in inventory.LISTS and call.method == "GET":
            return answer(inventory.LISTS[path.lower()](self.world, caller))
        for pattern, action, serve in self._routes(call.method):
            match = pattern.fullmatch(path)
            if match is None:
                continue
            scope = match["scope"]
            self._check_subscription(scope, caller.tenant)
            self._check_right(scope, action, caller)
            scopes.check(scope, caller.tenant)
            return serve(Ask(call, caller, scope, match.groupdict().get("name") or ""))
        raise RefusedError(404, "InvalidResourceType", f"The resource type could not be found for '{path}'.")

    def _routes(self, method: str) -> tuple[tuple[re.Pattern[str], str, Callable[[Ask], Answer]], ...]:
        """What can be asked by a method: almost everything is only read."""
        writes = {
            "PUT": (self.one, "Microsoft.Authorization/roleAssignments/write", assigning.assign),
            "DELETE": (self.one, "Microsoft.Authorization/roleAssignments/delete", assigning.unassign),
        }
        return (writes[method],) if method in writes else self.routes

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as Azure Resource Manager writes it."""
        return answer({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status, refusal.headers)

    def _check_subscription(self, scope: str, tenant: Tenant) -> None:
        parts = scope.strip("/").split("/")
        known = {workspace.subscription_id.lower() for workspace, _ in tenant.workspaces}
        if parts[0].lower() != "subscriptions" or parts[1].lower() in known:
            return
        for other in self.world.tenants.values():
            if other.workspace.subscription_id.lower() == parts[1].lower():
                message = (
                    f"The access token is from the wrong issuer 'https://sts.windows.net/{tenant.tenant_id}/'. It must "
                    f"match the tenant 'https://sts.windows.net/{other.tenant_id}/' associated with this subscription."
                )
                raise RefusedError(401, "InvalidAuthenticationTokenTenant", message)
        raise RefusedError(404, "SubscriptionNotFound", f"The subscription '{parts[1]}' could not be found.")

    @staticmethod
    def _check_right(scope: str, action: str, caller: Caller) -> None:
        who = caller.identity
        if not rights.may_manage(caller.tenant, who, action, scope):
            message = (
                f"The client '{who.client_id}' with object id '{who.object_id}' does not have authorization to "
                f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
                "granted, please refresh your credentials."
            )
            raise RefusedError(403, "AuthorizationFailed", message)

    # --- the workspace ---

    def _workspace(self, ask: Ask) -> Answer:
        (found,) = inventory.workspaces(ask.tenant, ask.scope)
        return answer(access.workspace(found))

    def _workspaces(self, ask: Ask) -> Answer:
        return answer({"value": [access.workspace(found) for found in inventory.workspaces(ask.tenant, ask.scope)]})

    def _solutions(self, ask: Ask) -> Answer:
        return answer(inventory.solutions(ask.tenant, ask.scope))

    def _topic(self, ask: Ask) -> Answer:
        return answer(access.topic(ask.scope, ask.tenant))

    def _subscription(self, ask: Ask) -> Answer:
        (found,) = (one for one in inventory.subscriptions(ask.tenant) if one["id"].lower() == ask.scope.lower())
        return answer(found)

    # --- who may do what ---

    def _assignments(self, ask: Ask) -> Answer:
        tenant = ask.tenant
        rendered = [(one, json.dumps(access.assignment(one, tenant)).encode()) for one in tenant.assignments]
        keep = self._reach(ask)
        return self._page(ask, [text for one, text in (*rendered, *self._made_up(tenant)) if keep(one)])

    def _made_up(self, tenant: Tenant) -> list[tuple[Assignment, bytes]]:
        key = (tenant.tenant_id, tenant.generated.role_assignments)
        if key not in self._made:
            made = generate.assignments(tenant)
            self._made[key] = [(one, json.dumps(access.assignment(one, tenant)).encode()) for one in made]
        return self._made[key]

    def _eligible(self, ask: Ask) -> Answer:
        keep = self._reach(ask)
        found = [access.eligibility(one, ask.tenant) for one in ask.tenant.eligible if keep(one)]
        return self._page(ask, [json.dumps(entity).encode() for entity in found])

    def _reach(self, ask: Ask) -> Callable[[Assignment], bool]:
        """Which assignments a call is about: by where they are, then by whom they are for."""
        clauses, tenant = ask.clauses, ask.tenant
        above = set(scopes.chain(ask.scope, tenant.workspace))
        at = "/" + ask.scope.strip("/").lower()
        places: dict[str, bool] = {}
        only_above = "atscope" in clauses.functions
        held_by = holders(clauses, ask.caller)

        def reaches(scope: str) -> bool:
            if scope not in places:
                is_below = at in scopes.chain(scope, tenant.workspace)
                places[scope] = scope.lower() in above or (is_below and not only_above)
            return places[scope]

        return lambda one: reaches(one.scope) and (held_by is None or one.principal_id.lower() in held_by)

    def _definitions(self, ask: Ask) -> Answer:
        wanted = ask.clauses.equal
        found = [
            entity
            for entity in access.definitions(ask.tenant)
            if wanted.get("rolename", entity["properties"]["roleName"]).lower()
            == entity["properties"]["roleName"].lower()
            and wanted.get("type", entity["properties"]["type"]).lower() == entity["properties"]["type"].lower()
        ]
        return self._page(ask, [json.dumps(entity).encode() for entity in found])

    def _definition(self, ask: Ask) -> Answer:
        for entity in access.definitions(ask.tenant):
            if str(entity["name"]).lower() == ask.name.lower():
                return answer(entity)
        message = f"The specified role definition with ID '{ask.name}' does not exist."
        raise RefusedError(404, "RoleDefinitionDoesNotExist", message)

    def _denies(self, ask: Ask) -> Answer:
        above = scopes.chain(ask.scope, ask.tenant.workspace)
        only_above = "atscope" in ask.clauses.functions
        found = [
            access.deny(one, ask.tenant)
            for one in ask.tenant.denies
            if one.scope.lower() in above
            or (not only_above and above[0] in scopes.chain(one.scope, ask.tenant.workspace))
        ]
        return self._page(ask, [json.dumps(entity).encode() for entity in found])

    # --- paging ---

    def _page(self, ask: Ask, rendered: Sequence[bytes]) -> Answer:
        start = self._opened(ask.call.query.get("$skipToken", ask.call.query.get("$skiptoken", "")))
        stop = start + PAGE
        tail = b"]}"
        if stop < len(rendered):
            token = self._token(stop)
            query = {key: value for key, value in ask.call.query.items() if key.lower() != "$skiptoken"}
            link = f"{ask.call.origin}{ask.call.path}?{urlencode(query | {'$skipToken': token}, safe='$()')}"
            tail = b'],"nextLink":' + json.dumps(link).encode() + b"}"
        return Answer(200, (b'{"value":[', b",".join(rendered[start:stop]), tail))

    def _token(self, offset: int) -> str:
        mac = hmac.digest(self.world.page_key, f"arm/{offset}".encode(), "sha256")[:12]
        return base64.urlsafe_b64encode(mac).decode()

    def _opened(self, token: str) -> int:
        if not token:
            return 0
        for offset in range(PAGE, 100 * PAGE, PAGE):
            if hmac.compare_digest(token, self._token(offset)):
                return offset
        raise RefusedError(400, "InvalidSkipToken", "The skip token is not valid.")
