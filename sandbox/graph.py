"""Microsoft Graph v1.0, as much of it as a reader of app registrations meets."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Sequence

from sandbox import entities, generate, granting, health
from sandbox.entities import Entity
from sandbox.graph_batch import Batches
from sandbox.graph_call import READ_APPS, Ask, key_of, one_of
from sandbox.paging import Way
from sandbox.query import Query, matches
from sandbox.records import Application, ServicePrincipal
from sandbox.tenant import Tenant
from sandbox.web import Answer, Call, RefusedError, answer
from sandbox.world import Caller, World, instant

_READ_GROUPS = frozenset({"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"})
_READ_HEALTH = frozenset({"ServiceHealth.Read.All"})
_NOT_ALLOWED = "Specified HTTP method is not allowed for the request target."
_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

_REFUSALS = {
    "missing": RefusedError(401, "InvalidAuthenticationToken", "Access token is empty."),
    "invalid": RefusedError(401, "InvalidAuthenticationToken", "Invalid x5t claim."),
    "expired": RefusedError(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    "audience": RefusedError(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."),
}


class Graph:
    """Answers the calls of msgraph-sdk."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pages = generate.Pages()
        self.way = Way(world.page_key)
        self._families: dict[tuple[object, ...], generate.Family] = {}
        self.batches = Batches(world.faults, self.answer, self.refuse)
        owned = r"(?:/(?P<key>[^/()]+)|\((?P<named>[^)]*)\))"
        self.routes: tuple[tuple[re.Pattern[str], frozenset[str], Callable[[Ask], Answer]], ...] = tuple(
            (re.compile(pattern.replace("{one}", owned), re.IGNORECASE), roles, serve)
            for pattern, roles, serve in (
                ("/applications", READ_APPS, self._applications),
                ("/servicePrincipals", READ_APPS, self._service_principals),
                ("/applications{one}", READ_APPS, self._application),
                ("/servicePrincipals{one}", READ_APPS, self._service_principal),
                ("/applications{one}/owners", READ_APPS, self._app_owners),
                ("/servicePrincipals{one}/owners", READ_APPS, self._sp_owners),
                ("/applications{one}/federatedIdentityCredentials", READ_APPS, self._federated),
                ("/servicePrincipals{one}/appRoleAssignments", READ_APPS, self._app_role_assignments),
                ("/servicePrincipals{one}/appRoleAssignedTo", READ_APPS, self._app_role_assigned_to),
                ("/servicePrincipals{one}/oauth2PermissionGrants", READ_APPS, self._permission_grants),
                ("/servicePrincipals{one}/transitiveMemberOf", READ_APPS, self._member_of),
                ("/groups{one}/transitiveMembers", _READ_GROUPS, self._members),
                ("/directoryObjects/getByIds", READ_APPS, self._by_ids),
                ("/organization", READ_APPS, self._organization),
                ("/admin/serviceAnnouncement/healthOverviews", _READ_HEALTH, self._overviews),
                ("/admin/serviceAnnouncement/issues", _READ_HEALTH, self._issues),
            )
        )
        held = rf"/servicePrincipals{owned}/appRoleAssign(?:ments|edTo)"
        self.writes = {
            "POST": (re.compile(held, re.IGNORECASE), granting.grant),
            "DELETE": (re.compile(rf"{held}/(?P<grant>[^/]+)", re.IGNORECASE), granting.take),
        }

    def answer(self, call: Call) -> Answer:
        """Check the token, then route; a batch is taken apart and each part comes through here too."""
        caller = self.world.caller(call, "graph", _REFUSALS)
        path = call.path.removeprefix("/v1.0").rstrip("/")
        if path.lower() == "/$batch":
            return self.batches.answer(call)
        if call.method in self.writes and not path.endswith("getByIds"):
            return self._write(call, caller, path)
        for pattern, roles, serve in self.routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if (call.method == "POST") != path.endswith("getByIds"):
                raise RefusedError(405, "Request_BadRequest", _NOT_ALLOWED)
            if not caller.roles & roles:
                raise RefusedError(
                    403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
                )
            return serve(Ask(call, caller, key_of(match.groupdict())))
        segment = path.rsplit("/", 1)[-1]
        raise RefusedError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")

    def _write(self, call: Call, caller: Caller, path: str) -> Answer:
        pattern, serve = self.writes[call.method]
        match = pattern.fullmatch(path)
        if match is None:
            raise RefusedError(405, "Request_BadRequest", _NOT_ALLOWED)
        groups = match.groupdict()
        return serve(Ask(call, caller, key_of(groups), groups.get("grant") or ""))

    def refuse(self, refusal: RefusedError) -> Answer:
        """An error as Microsoft Graph writes it."""
        request_id = str(uuid.uuid4())
        now = (instant(self.world.now) or "").rstrip("Z")
        inner = {"date": now, "request-id": request_id, "client-request-id": request_id} | dict(refusal.inner or {})
        body = {"error": {"code": refusal.code, "message": refusal.message, "innerError": inner}}
        return answer(body, refusal.status, dict(refusal.headers) | {"request-id": request_id})

    # --- collections ---

    def _applications(self, ask: Ask) -> Answer:
        tenant = ask.tenant
        known = [entities.application(app, tenant) for app in tenant.applications]
        family = self._family(tenant, "applications", tenant.generated.applications, generate.applications)
        return self._page(ask, "applications", known, entities.APPLICATION_FILTERS, family)

    def _service_principals(self, ask: Ask) -> Answer:
        tenant = ask.tenant
        known = [entities.service_principal(sp) for sp in tenant.service_principals]
        count = tenant.generated.service_principals
        family = self._family(tenant, "servicePrincipals", count, generate.service_principals)
        return self._page(ask, "servicePrincipals", known, entities.PRINCIPAL_FILTERS, family)

    def _family(
        self, tenant: Tenant, kind: str, count: int, make: Callable[[Tenant], generate.Family]
    ) -> generate.Family:
        key = (tenant.tenant_id, kind, count, tenant.generated.credentials, tenant.generated.base_at)
        if key not in self._families:
            self._families[key] = make(tenant)
        return self._families[key]

    def _page(
        self,
        ask: Ask,
        name: str,
        known: Sequence[Entity],
        fields: frozenset[str] = frozenset(),
        family: generate.Family | None = None,
    ) -> Answer:
        """One page of a collection: what the tenant names first, then what is made up."""
        query = Query.of(ask.call, name, fields)
        start = self.way.opened(ask.call, query.token) if query.token else 0
        count = family.count if family else 0
        if query.filter is not None:
            found = matches(query.filter, known, family)
            known, count = list(found), 0
        total = len(known) + count
        stop = min(start + query.top, total)
        parts = [json.dumps(entities.selected(e, query.select), separators=(",", ":")) for e in known[start:stop]]
        chunks = [part.encode() for part in parts]
        made_from, made_to = max(start - len(known), 0), max(stop - len(known), 0)
        if family is not None and made_from < made_to:
            chunks.append(self._made(family, made_from, made_to, query.select))
        head = self._head(ask.call, name, query, total, stop)
        return Answer(200, (head, b",".join(chunks), b"]}"), {"OData-Version": "4.0"}, _TYPE)

    def _made(self, family: generate.Family, start: int, stop: int, select: generate.Select) -> bytes:
        return self.pages.get((id(family), start, stop, select), lambda: family.page(start, stop, select))

    def _head(self, call: Call, name: str, query: Query, total: int, stop: int) -> bytes:
        chosen = f"({','.join(query.select)})" if query.select else ""
        head: dict[str, object] = {"@odata.context": f"{call.origin}/v1.0/$metadata#{name}{chosen}"}
        if query.counted:
            head["@odata.count"] = total
        if stop < total:
            head["@odata.nextLink"] = self.way.next_link(call, stop)
        return json.dumps(head, separators=(",", ":")).encode()[:-1] + b',"value":['

    # --- single objects and what hangs on them ---

    def _found_app(self, ask: Ask) -> Application:
        return one_of(ask.tenant.applications, ask.key)

    def _found_sp(self, ask: Ask) -> ServicePrincipal:
        return one_of(ask.tenant.service_principals, ask.key)

    def _application(self, ask: Ask) -> Answer:
        family = self._family(ask.tenant, "applications", ask.tenant.generated.applications, generate.applications)
        return self._single(
            ask,
            "applications",
            entities.APPLICATION_FILTERS,
            family,
            lambda: entities.application(self._found_app(ask), ask.tenant),
        )

    def _service_principal(self, ask: Ask) -> Answer:
        count = ask.tenant.generated.service_principals
        family = self._family(ask.tenant, "servicePrincipals", count, generate.service_principals)
        return self._single(
            ask,
            "servicePrincipals",
            entities.PRINCIPAL_FILTERS,
            family,
            lambda: entities.service_principal(self._found_sp(ask)),
        )

    def _single(
        self, ask: Ask, name: str, fields: frozenset[str], family: generate.Family, find: Callable[[], Entity]
    ) -> Answer:
        query = Query.of(ask.call, name, fields)
        field, _, value = ask.key.partition("=")
        number = family.number(field, value)
        entity = family.make(number) if number is not None else find()
        context = {"@odata.context": f"{ask.call.origin}/v1.0/$metadata#{name}/$entity"}
        return answer(context | entities.selected(entity, query.select))

    def _app_owners(self, ask: Ask) -> Answer:
        if self._is_made_up(ask):
            return self._page(ask, "directoryObjects", [])
        return self._objects(ask, self._found_app(ask).owners)

    def _sp_owners(self, ask: Ask) -> Answer:
        return self._objects(ask, self._found_sp(ask).owners)

    def _is_made_up(self, ask: Ask) -> bool:
        family = self._family(ask.tenant, "applications", ask.tenant.generated.applications, generate.applications)
        field, _, value = ask.key.partition("=")
        return family.number(field, value) is not None

    def _federated(self, ask: Ask) -> Answer:
        if self._is_made_up(ask):
            return self._page(ask, "federatedIdentityCredentials", [])
        app = self._found_app(ask)
        name = f"applications('{app.id}')/federatedIdentityCredentials"
        return self._page(ask, name, entities.federated_credentials(app), frozenset({"name", "issuer", "subject"}))

    def _app_role_assignments(self, ask: Ask) -> Answer:
        granted = entities.app_role_assignments(ask.tenant, [self._found_sp(ask)])
        return self._page(ask, "appRoleAssignments", granted, frozenset({"resourceId"}))

    def _app_role_assigned_to(self, ask: Ask) -> Answer:
        api = self._found_sp(ask)
        granted = entities.app_role_assignments(ask.tenant, ask.tenant.service_principals)
        name = f"servicePrincipals('{api.id}')/appRoleAssignedTo"
        return self._page(ask, name, [grant for grant in granted if grant["resourceId"] == api.id])

    def _permission_grants(self, ask: Ask) -> Answer:
        return self._page(ask, "oauth2PermissionGrants", entities.permission_grants(ask.tenant, self._found_sp(ask)))

    def _member_of(self, ask: Ask) -> Answer:
        return self._objects(ask, sorted(ask.tenant.groups_of(self._found_sp(ask).id)))

    def _members(self, ask: Ask) -> Answer:
        found = one_of(ask.tenant.groups, ask.key)
        tenant = ask.tenant
        everyone = tenant.principal_ids
        return self._objects(ask, [object_id for object_id in everyone if found.id in tenant.groups_of(object_id)])

    def _objects(self, ask: Ask, ids: Iterable[str]) -> Answer:
        found = (entities.directory_object(ask.tenant, object_id) for object_id in ids)
        return self._page(ask, "directoryObjects", [entity for entity in found if entity is not None])

    def _by_ids(self, ask: Ask) -> Answer:
        asked = ask.call.json()
        ids = asked.get("ids") if isinstance(asked, dict) else None
        if not isinstance(ids, list) or len(ids) > 1000:
            raise RefusedError(400, "Request_BadRequest", "Invalid value specified for property 'ids' of the request.")
        kinds = {str(kind).lower() for kind in asked.get("types") or []}
        found = [entities.directory_object(ask.tenant, str(object_id)) for object_id in ids]
        value = [
            entity
            for entity in found
            if entity and (not kinds or str(entity["@odata.type"]).rpartition(".")[2].lower() in kinds)
        ]
        return answer({"@odata.context": f"{ask.call.origin}/v1.0/$metadata#directoryObjects", "value": value})

    def _organization(self, ask: Ask) -> Answer:
        domain = {"name": f"{ask.tenant.name}.example.com", "isDefault": True, "isInitial": True, "type": "Managed"}
        about = {"id": ask.tenant.tenant_id, "displayName": ask.tenant.display_name, "verifiedDomains": [domain]}
        return self._page(ask, "organization", [about])

    # --- service health ---

    def _overviews(self, ask: Ask) -> Answer:
        expanded = ask.call.query.get("$expand") == "issues"
        name = f"admin/serviceAnnouncement/healthOverviews{'(issues())' if expanded else ''}"
        return self._page(
            ask, name, health.overviews(ask.tenant, expanded=expanded), frozenset({"service", "status", "id"})
        )

    def _issues(self, ask: Ask) -> Answer:
        fields = frozenset({"id", "service", "status", "classification", "isResolved"})
        return self._page(ask, "admin/serviceAnnouncement/issues", health.issues(ask.tenant), fields)
