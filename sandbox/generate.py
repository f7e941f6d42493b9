"""Objects made up from their number alone: 250,000 applications cost nothing until they are asked for.

An object's ids and name hold its number, so that looking one up is reading the number back. What else differs between
objects repeats every `PHASES` of them, so that a page is a few templates filled in. Rendered pages are kept, up to a
bound: who reads them again measures itself, not the box.
"""

import json
import re
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from threading import Lock
from typing import Any

from sandbox import entities
from sandbox.records import Application, Assignment, Permission, Secret, ServicePrincipal, guid_of
from sandbox.tenant import Tenant

PHASES = 97
KEPT_BYTES = 400_000_000
_GRAPH_API = "00000003-0000-0000-c000-000000000000"
_READ_ALL = ("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All")
_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_GUID_FORM = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-4000-8000-0000000([0-9a-f]{5})")
_NAME_FORM = re.compile(r"generated app (\d{6})")
_APP, _APP_ID, _SP, _ASSIGNMENT, _USER, _KEY = "a001", "a002", "a003", "a004", "a005", "a1"

type Select = tuple[str, ...] | None


class Pages:
    """Rendered pages, the least used ones given up first."""

    def __init__(self, bound: int = KEPT_BYTES) -> None:
        self._bound = bound
        self._size = 0
        self._kept: OrderedDict[object, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object, render: Callable[[], bytes]) -> bytes:
        """The page of a key; rendered where it is not at hand."""
        with self._lock:
            page = self._kept.pop(key, None)
            if page is None:
                page = render()
                self._size += len(page)
            self._kept[key] = page
            while self._size > self._bound and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1])
            return page


class Family:
    """All made-up objects of one collection: how many, one of them as an entity, a range of them as bytes."""

    def __init__(
        self, count: int, owner: str, kinds: Mapping[str, str], make: Callable[[int], entities.Entity]
    ) -> None:
        self.count = count
        self.make = make
        self._owner = owner
        self._kinds = kinds
        self._forms: dict[tuple[Select, int], str] = {}

    def number(self, field: str, value: str) -> int | None:
        """The number of the object whose field has a value, read back from the value itself."""
        if field == "displayName":
            named = _NAME_FORM.fullmatch(value.lower())
            number = int(named[1]) if named else -1
        else:
            form = _GUID_FORM.fullmatch(value.lower())
            fits = form is not None and (form[2], form[3]) == (self._kinds.get(field), self._owner)
            number = int(form[1], 16) if form and fits else -1
        return number if 0 <= number < self.count else None

    def matching(self, test: Callable[[Mapping[str, Any]], bool]) -> Iterator[int]:
        """The numbers of the objects that pass a test on their plain properties."""
        bases = [
            {key: value for key, value in self.make(phase).items() if value is None or isinstance(value, str | bool)}
            for phase in range(min(PHASES, self.count))
        ]
        for number in range(self.count):
            entity = bases[number % PHASES]
            entity["displayName"] = f"Generated App {number:06d}"
            entity |= {field: _guid(number, kind, self._owner) for field, kind in self._kinds.items()}
            if test(entity):
                yield number

    @property
    def fields(self) -> frozenset[str]:
        """The fields that an object can be looked up by."""
        return frozenset({*self._kinds, "displayName"})

    def page(self, start: int, stop: int, select: Select) -> bytes:
        """The objects of a range, as JSON, joined by commas."""
        forms = [self._form(select, phase) for phase in range(min(PHASES, self.count))]
        parts = [forms[number % PHASES] % {"h": f"{number:08x}", "d": f"{number:06d}"} for number in range(start, stop)]
        return ",".join(parts).encode()

    def _form(self, select: Select, phase: int) -> str:
        """The object of a phase as JSON, with holes where its number stands."""
        form = self._forms.get((select, phase))
        if form is None:
            text = json.dumps(entities.selected(self.make(phase), select), separators=(",", ":")).replace("%", "%%")
            text = re.sub(rf"{phase:08x}(?=-a[0-9a-f]{{3}}-4000-8000-0000000{self._owner})", "%(h)s", text)
            form = re.sub(rf"(?<=Generated App ){phase:06d}", "%(d)s", text)
            self._forms[select, phase] = form
        return form


def applications(tenant: Tenant) -> Family:
    """The made-up registrations of a tenant."""
    owner = _owner_of(tenant)
    kinds = {"id": _APP, "appId": _APP_ID}

    def make(number: int) -> entities.Entity:
        app = Application(
            id=_guid(number, _APP, owner),
            app_id=_guid(number, _APP_ID, owner),
            name=f"Generated App {number:06d}",
            created_at=tenant.generated.base_at - timedelta(days=400),
            requests=[Permission(api=_GRAPH_API, roles=[_READ_ALL])],
            secrets=_secrets(tenant, number, owner),
        )
        return entities.application(app, tenant)

    return Family(tenant.generated.applications, owner, kinds, make)


def service_principals(tenant: Tenant) -> Family:
    """The made-up service principals: those of the made-up registrations, without credentials of their own."""
    owner = _owner_of(tenant)

    def make(number: int) -> entities.Entity:
        sp = ServicePrincipal(
            id=_guid(number, _SP, owner),
            app_id=_guid(number, _APP_ID, owner),
            name=f"Generated App {number:06d}",
            owner_tenant=tenant.tenant_id,
        )
        return entities.service_principal(sp)

    return Family(tenant.generated.service_principals, owner, {"id": _SP, "appId": _APP_ID}, make)


def assignments(tenant: Tenant) -> list[Assignment]:
    """The made-up role assignments, of people whom nobody asks about, on the subscription."""
    owner = _owner_of(tenant)
    return [
        Assignment(
            id=_guid(number, _ASSIGNMENT, owner),
            role_id=_READER,
            principal_id=_guid(number, _USER, owner),
            principal_type="User",
            scope=tenant.workspace.subscription,
            prefixed=number % 2 == 0,
        )
        for number in range(tenant.generated.role_assignments)
    ]


def _secrets(tenant: Tenant, number: int, owner: str) -> list[Secret]:
    """Credentials that end 90 to 670 days from now, so that nothing of them is a finding."""
    phase = number % PHASES
    ends_at = tenant.generated.base_at + timedelta(days=90 + 6 * phase)
    return [
        Secret(
            key_id=_guid(number, f"{_KEY}{which:02x}", owner),
            name=f"secret {which}",
            starts_at=ends_at - timedelta(days=700),
            ends_at=ends_at + timedelta(days=which),
            value=f"gN{phase:02d}",
        )
        for which in range(tenant.generated.credentials)
    ]


def _guid(number: int, kind: str, owner: str) -> str:
    return f"{number:08x}-{kind}-4000-8000-0000000{owner}"


def _owner_of(tenant: Tenant) -> str:
    return f"{zlib.crc32(guid_of(tenant.tenant_id).encode()) & 0xFFFFF:05x}"


__all__ = ["Family", "Pages", "applications", "assignments", "service_principals"]
