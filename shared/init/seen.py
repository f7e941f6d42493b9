"""Between gather and a proposal: what somebody who signed in could see of a tenant, frozen and typed."""

from dataclasses import dataclass

from shared.facts import Unread

LOOK_BACK_DAYS = 30
"""How far back rows are looked for in a workspace."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant that knows the caller. How much shows of it depends on who asks."""

    id: str
    name: str | None = None
    domain: str | None = None

    @property
    def label(self) -> str:
        """The best name there is."""
        return self.name or self.domain or self.id


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. `tenant_id` is whose it is: another tenant's where that lets this one manage it."""

    id: str
    name: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Log Analytics workspace by its resource id. `customer_id` is what queries name it by."""

    id: str
    subscription: Subscription
    customer_id: str | None

    @property
    def name(self) -> str:
        """The last segment of the resource id."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def resource_group(self) -> str:
        """The resource group that it is in."""
        return self.id.split("/")[4]


@dataclass(frozen=True, slots=True)
class SeenWorkspace:
    """What is in a workspace; None where that could not be read.

    `solutions` are names without the workspace's in brackets, in lower case; `tables` those of the profiles that got
    rows in the look-back.
    """

    workspace: Workspace
    solutions: frozenset[str] | None
    tables: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class ConnectionApp:
    """An app registration that requests what Configuration Manager's connection needs: which of it, by value."""

    app_id: str
    name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that could be seen. `apps` and `services` (of Microsoft 365, by name) are None where they were not read.

    `strangers` are workspaces in subscriptions of other tenants.
    """

    tenant: Tenant
    workspaces: tuple[SeenWorkspace, ...]
    strangers: tuple[Workspace, ...] = ()
    apps: tuple[ConnectionApp, ...] | None = None
    services: frozenset[str] | None = None
    unread: tuple[Unread, ...] = ()
