"""What the monitor needs, as data: which permission on what, why, and the command that gives it. Pure.

`dawnwatch grant` gives these and `dawnwatch doctor` looks for them.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.expectations import Target
from shared.roles import BUILT_IN_ROLES, GRAPH_APP_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNeed:
    """An application permission on Microsoft Graph, with admin consent; any of `instead` does as well."""

    name: str
    why: str
    instead: tuple[str, ...] = ()

    @property
    def app_role_id(self) -> str | None:
        """Its GUID; None for one that only the tenant's own Microsoft Graph knows by name."""
        return GRAPH_APP_ROLES.get(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleNeed:
    """An Azure role at a scope, or inherited there from above; any of `instead` does as well."""

    name: str
    scope: str
    why: str
    instead: tuple[str, ...] = ()

    @property
    def role_id(self) -> str:
        """Its GUID."""
        return BUILT_IN_ROLES[self.name]


READ_APPS = GraphNeed(
    name="Application.Read.All",
    why="app registrations, service principals, owners, consent and when credentials end",
    instead=("Application.ReadWrite.All", "Directory.Read.All"),
)
READ_SERVICE_HEALTH = GraphNeed(
    name="ServiceHealth.Read.All", why="the health of the Microsoft 365 services that a target names"
)


def graph_needs(target: Target) -> tuple[GraphNeed, ...]:
    """What a target asks of Microsoft Graph; service health only where it names a service."""
    return (READ_APPS, READ_SERVICE_HEALTH) if target.services else (READ_APPS,)


def workspace_needs(workspace_id: str) -> tuple[RoleNeed, ...]:
    """What watching a workspace needs there. Log Analytics Reader alone would do for both."""
    return (
        RoleNeed(
            name="Reader",
            scope=workspace_id,
            why="its state, role assignments, deny assignments and eligibilities",
            instead=(
                "Log Analytics Reader",
                "Monitoring Reader",
                "Log Analytics Contributor",
                "Contributor",
                "User Access Administrator",
                "Owner",
            ),
        ),
        RoleNeed(
            name="Log Analytics Data Reader",
            scope=workspace_id,
            why="one query per pass: counts and times, never a row's content",
            instead=("Log Analytics Reader", "Log Analytics Contributor", "Contributor", "Owner"),
        ),
    )


def topic_need(topic_id: str) -> RoleNeed:
    """What telling Event Grid needs on the topic. `topic_id` is its resource id, not its endpoint."""
    return RoleNeed(name="EventGrid Data Sender", scope=topic_id, why="publishing events")


def needs_of(target: Target) -> tuple[GraphNeed | RoleNeed, ...]:
    """All that a target needs of whoever signs in to its tenant."""
    return (*graph_needs(target), *workspace_needs(target.workspace_id))


def grant_command(
    identity: str,
    *,
    workspaces: Sequence[str] = (),
    graph_roles: Sequence[str] = (),
    topic: str | None = None,
    config: Path | None = None,
    revoke: bool = False,
) -> str:
    """Say the command line that gives these to an identity; Application.Read.All needs no naming."""
    words = ["dawnwatch", "grant", "--identity", identity]
    words += [word for workspace in workspaces for word in ("--workspace", workspace)]
    words += [word for name in graph_roles if name != READ_APPS.name for word in ("--graph-role", name)]
    words += ["--topic", topic] if topic else []
    words += ["--config", str(config)] if config else []
    words += ["--revoke"] if revoke else []
    return shlex.join(words)
