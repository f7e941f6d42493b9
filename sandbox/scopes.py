"""Azure's scopes: what lies above what."""

from sandbox.records import Workspace
from sandbox.tenant import Tenant
from sandbox.web import RefusedError


def chain(scope: str, workspace: Workspace) -> list[str]:
    """A scope and all above it, nearest first, in lower case."""
    scope = "/" + scope.strip("/").lower()
    above = [place.lower() for place in workspace.ancestors]
    if not scope.startswith("/subscriptions/"):
        return above[above.index(scope) :] if scope in above else [scope]
    parts = scope.strip("/").split("/")
    lengths = [2, 4, *range(8, len(parts) + 1, 2)]
    own = ["/" + "/".join(parts[:length]) for length in lengths if length <= len(parts)]
    return list(dict.fromkeys([*reversed(own), *above]))


def check(scope: str, tenant: Tenant) -> None:
    """Refuse a scope that is not there.

    Raises:
        RefusedError: the resource group or the resource does not exist.
    """
    parts = scope.strip("/").split("/")
    known = [workspace for workspace, _ in tenant.workspaces]
    if len(parts) >= 4 and parts[3].lower() not in {workspace.resource_group.lower() for workspace in known}:
        raise RefusedError(404, "ResourceGroupNotFound", f"Resource group '{parts[3]}' could not be found.")
    if len(parts) >= 8:
        named = "/".join(parts[5:8])
        there = {place.lower() for place in (*(one.id for one in known if one.exists), *tenant.topic_ids)}
        if ("/" + "/".join(parts[:8])).lower() not in there:
            message = (
                f"The Resource '{named}' under resource group '{parts[3]}' was not found. "
                "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
            )
            raise RefusedError(404, "ResourceNotFound", message)
