"""From all targets to those that use the same connection app: each hierarchy needs an app of its own."""

from collections.abc import Sequence

from shared.expectations import AppExpectation, AppKind, Target
from shared.facts import AppFacts


def sharing_targets(target: Target, peers: Sequence[Target], app: AppFacts) -> tuple[Target, ...]:
    """Return the other targets that list this connection app as theirs, in the order given."""
    return tuple(
        peer
        for peer in peers
        if peer.name != target.name
        and any(
            other.kind is AppKind.CONNECTION and _is_same(app, other, in_tenant=_same_tenant(target, peer))
            for other in peer.apps
        )
    )


def _same_tenant(target: Target, peer: Target) -> bool:
    return target.tenant_id.lower() == peer.tenant_id.lower()


def _is_same(app: AppFacts, other: AppExpectation, *, in_tenant: bool) -> bool:
    """Whether another expectation means this app: by appId anywhere, by name only within the tenant."""
    expected, found = app.expectation, app.registration
    if other.app_id is not None:
        ids = {expected.app_id, found.app_id if found else None} - {None}
        if ids:
            return other.app_id.lower() in {known.lower() for known in ids if known}
    names = {expected.name, found.display_name if found else None} - {None}
    return in_tenant and other.name is not None and other.name.casefold() in {name.casefold() for name in names if name}
