"""One call to Microsoft Graph: who asks, which object its path names, and the refusals that are the same everywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.records import Application, Group, ServicePrincipal
from sandbox.tenant import Tenant
from sandbox.web import Call, RefusedError
from sandbox.world import Caller

READ_APPS = frozenset({"Application.Read.All", "Directory.Read.All", "Application.ReadWrite.All"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One call, with who asks and what the path named: an object, and with `grant` what is granted to it."""

    call: Call
    caller: Caller
    key: str = ""
    grant: str = ""

    @property
    def tenant(self) -> Tenant:
        """Whose tenant is asked about."""
        return self.caller.tenant


def key_of(groups: Mapping[str, str | None]) -> str:
    """What a path names one object by, as `field=value`."""
    named = groups.get("named")
    if named:
        field, _, value = named.partition("=")
        return f"{field.strip()}={value.strip().strip(chr(39))}" if value else f"id={field.strip(chr(39))}"
    return f"id={groups.get('key') or ''}"


def one_of[T: (Application, ServicePrincipal, Group)](known: Iterable[T], key: str) -> T:
    """The object that a key names.

    Raises:
        RefusedError: there is none.
    """
    field, _, value = key.partition("=")
    attribute = {"id": "id", "appid": "app_id"}.get(field.lower(), "")
    for item in known:
        if attribute and str(getattr(item, attribute, "")).lower() == value.lower():
            return item
    message = f"Resource '{value}' does not exist or one of its queried reference-property objects are not present."
    raise RefusedError(404, "Request_ResourceNotFound", message)


def throttled(retry_after: str | None) -> RefusedError:
    """The refusal of a caller who asks too often."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    inner = {"code": "429", "message": "Please retry after", "status": "429"}
    return RefusedError(429, "TooManyRequests", "Please retry again later.", inner=inner, headers=headers)
