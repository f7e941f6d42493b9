"""From what was seen and what somebody wishes to the targets of a configuration. Pure.

A tenant has one set of apps and services, however many workspaces: one target alone watches those, so that one trouble
is not told twice, and no connection app looks as if two hierarchies shared it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.config import CloudSettings, Profile
from shared.expectations import CredentialScope
from shared.facts import Unread
from shared.init.naming import target_names
from shared.init.recognise import Recognised, recognise, recognise_attached
from shared.init.seen import ConnectionApp, Seen, SeenWorkspace, Tenant, Workspace

SERVICE = "Microsoft Intune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody chose. `service`: whether the service's health is to be watched, where it can be read."""

    name: str | None = None
    credentials: CredentialScope = CredentialScope.LISTED
    service: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTheTenant:
    """What a target watches of its tenant as a whole. `apps` and `services` are None where they could not be read."""

    apps: tuple[ConnectionApp, ...] | None
    services: frozenset[str] | None
    credentials: CredentialScope
    service: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A target. Without `of_the_tenant` another one watches what is the tenant's: the one named `elsewhere`."""

    name: str
    seen: SeenWorkspace
    profiles: tuple[Recognised, ...]
    of_the_tenant: OfTheTenant | None
    elsewhere: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A whole configuration, before it is text."""

    tenant: Tenant
    cloud: CloudSettings
    targets: tuple[Proposed, ...]
    strangers: tuple[Workspace, ...]
    unread: tuple[Unread, ...]


def propose(
    seen: Seen,
    picked: Sequence[SeenWorkspace],
    wishes: Wishes,
    cloud: CloudSettings,
    profiles: Mapping[str, Profile],
) -> Proposal:
    """Propose a target for each workspace that was picked."""
    fitting = [recognise(one, profiles) for one in picked]
    names = target_names([one.workspace for one in picked], seen.tenant, wishes.name)
    keeper = next((index for index, found in enumerate(fitting) if found), 0)
    attached = recognise_attached(seen.apps or (), profiles)
    is_of_use = bool(fitting[keeper] or attached)
    kept = OfTheTenant(
        apps=seen.apps,
        services=seen.services,
        credentials=wishes.credentials,
        service=wishes.service and is_of_use and SERVICE in (seen.services or ()),
    )
    targets = [
        Proposed(
            name=name,
            seen=one,
            profiles=(*found, *attached) if index == keeper else found,
            of_the_tenant=kept if index == keeper else None,
            elsewhere=names[keeper],
        )
        for index, (name, one, found) in enumerate(zip(names, picked, fitting, strict=True))
    ]
    return Proposal(
        tenant=seen.tenant, cloud=cloud, targets=tuple(targets), strangers=seen.strangers, unread=seen.unread
    )
