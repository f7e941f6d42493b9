"""Reading where a tenant's data could be, for `dawnwatch init`: tenants, subscriptions, workspaces."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shared.config.values import WORKSPACE_ID
from shared.errors import GatherError
from shared.facts import Unread
from shared.gather.answers import each
from shared.gather.arm import Listing, all_at
from shared.gather.cloud import Azure
from shared.init.seen import Subscription, Tenant, Workspace
from shared.names import bounded

READER = "Sign in as somebody who holds the role Reader on the subscription."
_UNREGISTERED = "MissingSubscriptionRegistration"
_NAMES_SHOWN = 5
_WORKSPACES = "the workspaces in the subscription", "workspaces that could be watched"


class _Tenant(Struct, frozen=True, rename="camel"):
    tenant_id: str
    display_name: str | None = None
    default_domain: str | None = None


class _Subscription(Struct, frozen=True, rename="camel"):
    subscription_id: str
    tenant_id: str
    display_name: str | None = None


class _WorkspaceProperties(Struct, frozen=True, rename="camel"):
    customer_id: str | None = None


class _Workspace(Struct, frozen=True):
    id: Annotated[str, Meta(pattern=f"(?i)^{WORKSPACE_ID}$")]  # what dawnwatch.toml would not take is no answer of use
    properties: _WorkspaceProperties = _WorkspaceProperties()


_tenants = msgspec.json.Decoder(Listing[_Tenant])
_subscriptions = msgspec.json.Decoder(Listing[_Subscription])
_workspaces = msgspec.json.Decoder(Listing[_Workspace])


async def list_tenants(azure: Azure) -> list[Tenant]:
    """Read the tenants that know the caller.

    Raises:
        GatherError: they could not be read.
    Source: Tenants - List, 2022-12-01.
    """
    found = await all_at(azure, "/tenants", "2022-12-01", _tenants)
    return [Tenant(item.tenant_id.lower(), _named(item.display_name), _named(item.default_domain)) for item in found]


async def list_subscriptions(azure: Azure) -> list[Subscription]:
    """Read the subscriptions on which the caller holds a role: an empty list where it holds none.

    Raises:
        GatherError: they could not be read.
    Source: Subscriptions - List, 2022-12-01.
    """
    found = await all_at(azure, "/subscriptions", "2022-12-01", _subscriptions)
    listed = [
        Subscription(
            item.subscription_id.lower(), _named(item.display_name) or item.subscription_id, item.tenant_id.lower()
        )
        for item in found
    ]
    return sorted(listed, key=lambda one: (one.name.casefold(), one.id))


def _named(name: str | None) -> str | None:
    return bounded(name) if name else None


async def list_workspaces(
    azure: Azure, subscriptions: Sequence[Subscription]
) -> tuple[list[Workspace], tuple[Unread, ...]]:
    """Read the workspaces of each subscription; what could not be read is told, and the others are there.

    Source: Workspaces - List, 2025-07-01.
    """
    provider = "Microsoft.OperationalInsights/workspaces"
    found = await each(list_in(azure, one, provider, "2025-07-01", _workspaces) for one in subscriptions)
    workspaces = [
        Workspace(item.id, subscription, item.properties.customer_id)
        for subscription, items in zip(subscriptions, found, strict=True)
        if not isinstance(items, GatherError)
        for item in items
    ]
    names = [one.name for one in subscriptions]
    workspaces.sort(key=lambda one: (one.name.casefold(), one.id))
    return workspaces, told_once("workspaces", _WORKSPACES, names, found, READER)


async def list_in[T](
    azure: Azure, subscription: Subscription, provider: str, version: str, decoder: msgspec.json.Decoder[Listing[T]]
) -> list[T]:
    """List a kind of resource; where its provider is not registered, there can be none."""
    try:
        return await all_at(azure, f"/subscriptions/{subscription.id}/providers/{provider}", version, decoder)
    except GatherError as error:
        if error.code == _UNREGISTERED:
            return []
        raise


def told_once(
    scope: str, what: tuple[str, str], names: Sequence[str], found: Sequence[object], grant: str | None = None
) -> tuple[Unread, ...]:
    """Tell what could not be read, once for all that failed for one reason.

    `what` is a pair: what was to be read of a name, and what its absence hides. `found` is what came of each of
    `names`. `grant` is what to do where a read was refused.
    """
    reasons: dict[str, tuple[GatherError, list[str]]] = {}
    for name, error in zip(names, found, strict=True):
        if isinstance(error, GatherError):
            reasons.setdefault(error.why, (error, []))[1].append(name)
    return tuple(
        Unread(
            scope=scope,
            what=f"{what[0]} {_some(lost)}",
            why=why,
            hides=what[1],
            steps=(grant,) if grant and error.status == 403 else error.steps,
            again_at=error.again_at,
        )
        for why, (error, lost) in reasons.items()
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else shown
