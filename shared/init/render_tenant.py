"""From what a target watches of its tenant to text: credentials, connection apps, service health. Pure."""

from collections.abc import Iterable

from shared.expectations import CredentialScope
from shared.formats.toml import comment, quoted
from shared.init.propose import SERVICE, OfTheTenant, Proposed
from shared.init.seen import ConnectionApp

_SERVICE = ("[[target.service]]", f"name = {quoted(SERVICE)}")
_SOME_APP = "00000000-0000-0000-0000-000000000000"
_GRANT = "The monitor's identity needs ServiceHealth.Read.All (Microsoft Graph) for it."


_WHOSE = {
    CredentialScope.LISTED: "Credentials are judged by when they end: those of the apps listed here and in the "
    'profiles. "all" would judge those of every app in the tenant.',
    CredentialScope.ALL: "Credentials are judged by when they end: those of every app in the tenant. "
    '"listed" would judge only those of the apps listed here and in the profiles.',
}


def render_credentials(target: Proposed) -> list[str]:
    """Whose credentials the target judges."""
    kept = target.of_the_tenant
    if kept is None:
        why = f"The apps, credentials and services of the tenant are watched once, by the target {target.elsewhere}."
        return [*comment(why), 'credentials = "listed"']
    return [*comment(_WHOSE[kept.credentials]), f"credentials = {quoted(kept.credentials)}"]


def render_of_the_tenant(kept: OfTheTenant) -> Iterable[list[str]]:
    """The tenant's connection apps and service health, each as a block."""
    yield from _apps(kept.apps)
    yield _service(kept)


def _apps(apps: tuple[ConnectionApp, ...] | None) -> Iterable[list[str]]:
    if apps is None:
        why = (
            "Connection apps of Configuration Manager could not be looked for (see above). Where there is one, list it:"
        )
        yield [*comment(why), *(f"# {line}" for line in _connection(_SOME_APP))]
        return
    if not apps:
        yield comment(
            "No app registration requests CmCollectionData on Configuration Manager Microservice: there is no "
            "connection app to watch. Graph shows a new one after some minutes."
        )
    for app in apps:
        yield [*comment(f"{app.name}. {_requests(app)}"), *_connection(app.app_id)]


def _connection(app_id: str) -> tuple[str, ...]:
    return "[[target.app]]", f"app_id = {quoted(app_id)}", 'kind = "connection"'


def _requests(app: ConnectionApp) -> str:
    asked = " and ".join(app.permissions)
    if len(app.permissions) > 1:
        return f"It requests {asked}, as the connection of Configuration Manager does."
    return (
        f"It requests only {asked}, and a connection needs CmCollectionData.read and .write: Dawnwatch will report "
        "that. Take it out where it is no connection app."
    )


def _service(kept: OfTheTenant) -> list[str]:
    if kept.service:
        return [*comment(f"An incident of Microsoft's is told beside what it may explain. {_GRANT}"), *_SERVICE]
    if kept.services is None:
        why = "Service health could not be read, or not by whoever ran this. To watch it, uncomment."
    elif SERVICE not in kept.services:
        why = f"Service health knows no {SERVICE} in this tenant. To watch it once it does, uncomment."
    else:
        why = "To be told of incidents of Microsoft's beside what they may explain, uncomment."
    return [*comment(f"{why} {_GRANT}"), *(f"# {line}" for line in _SERVICE)]
