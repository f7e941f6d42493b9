"""Profiles on their way into targets: sets of expectations kept as data, one TOML file each in `shared/profiles`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources

from shared.config import values
from shared.config.rows import ROW_KEYS, Rows, join_permissions, read_rows, same_app
from shared.config.section import MistakeLog, Section
from shared.expectations import AppExpectation, RoleExpectation, SnapshotExpectation

_NO_PROFILE = "rotated_by_microsoft.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named set of expectations. A retired one has a `notice` that every report repeats."""

    name: str
    summary: str
    rows: Rows
    retired: date | None = None
    notice: str | None = None


@cache
def load_profiles() -> Mapping[str, Profile]:
    """Every profile, by name.

    Raises:
        ConfigError: a profile's file breaks the grammar that targets follow.
    """
    files = [file for file in resources.files("shared.profiles").iterdir() if file.name.endswith(".toml")]
    names = {file.name.removesuffix(".toml").replace("_", "-"): file for file in files if file.name != _NO_PROFILE}
    return {name: read_profile(name, file.read_text("utf-8"), file.name) for name, file in sorted(names.items())}


def read_profile(name: str, text: str, file: str) -> Profile:
    """One profile from its file's text."""
    log = MistakeLog(file)
    section = Section(tomllib.loads(text), "", log, ("summary", "retired", "notice", *ROW_KEYS))
    profile = Profile(
        name=name,
        summary=section.required("summary", values.text, ""),
        retired=section.optional("retired", values.day, None),
        notice=section.optional("notice", values.text, None),
        rows=read_rows(section),
    )
    log.raise_if_any()
    return profile


def lay_in(own: Rows, profiles: Iterable[Profile]) -> Rows:
    """A target's own rows over its profiles' rows: an own row replaces a profile's about the same thing."""
    layers = [profile.rows for profile in profiles]
    if not layers:
        return own
    return Rows(
        roles=_roles(own.roles, [role for layer in layers for role in layer.roles]),
        apps=_apps(own.apps, [app for layer in layers for app in layer.apps]),
        snapshots=_snapshots(own.snapshots, [snapshot for layer in layers for snapshot in layer.snapshots]),
        services=_services([*own.services, *(service for layer in layers for service in layer.services)]),
    )


def _roles(own: Iterable[RoleExpectation], brought: Iterable[RoleExpectation]) -> tuple[RoleExpectation, ...]:
    laid = {role.principal.casefold(): role for role in own}
    for role in brought:
        laid.setdefault(role.principal.casefold(), role)
    return tuple(laid.values())


def _apps(own: tuple[AppExpectation, ...], brought: Iterable[AppExpectation]) -> tuple[AppExpectation, ...]:
    merged: list[AppExpectation] = []
    for app in brought:
        if any(same_app(app, mine) for mine in own):
            continue
        twin = next((at for at, other in enumerate(merged) if same_app(app, other)), None)
        if twin is None:
            merged.append(app)
        else:
            both = join_permissions(merged[twin].permissions, app.permissions)
            merged[twin] = replace(merged[twin], permissions=both)
    return (*own, *merged)


def _snapshots(
    own: Iterable[SnapshotExpectation], brought: Iterable[SnapshotExpectation]
) -> tuple[SnapshotExpectation, ...]:
    laid = {snapshot.name.casefold(): snapshot for snapshot in own}
    for snapshot in brought:
        laid.setdefault(snapshot.name.casefold(), snapshot)
    return tuple(laid.values())


def _services(names: Iterable[str]) -> tuple[str, ...]:
    laid: dict[str, str] = {}
    for name in names:
        laid.setdefault(name.casefold(), name)
    return tuple(laid.values())
