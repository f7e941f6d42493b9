"""From TOML to targets: each `[[target]]` with its profiles laid in."""

import difflib
from collections.abc import Mapping, Sequence

from shared.config import values
from shared.config.identity import read_identity
from shared.config.profiles import Profile, lay_in, load_profiles
from shared.config.rows import ROW_KEYS, read_rows
from shared.config.section import Section
from shared.config.values import WrongValueError, quote
from shared.expectations import CredentialScope, Target

TARGET_KEYS = (
    "name",
    "tenant_id",
    "workspace_id",
    "profiles",
    "onboarded_at",
    "credentials",
    "ignore_apps",
    "expiry_days",
    "identity",
    *ROW_KEYS,
)


def read_targets(roots: Sequence[Section], portal: str) -> tuple[Target, ...]:
    """The targets of every file; no two have one name."""
    targets = list[Target]()
    first = dict[str, tuple[str, str]]()
    for root in roots:
        for raw, path in root.rows("target"):
            target = _target(Section(raw, _label(raw, path), root.log, TARGET_KEYS), portal)
            targets.append(target)
            file, earlier = first.setdefault(target.name, (root.log.file, path))
            if target.name and (file, earlier) != (root.log.file, path):
                place = "" if file == root.log.file else f", in {file}"
                root.log.note(f"{path}.name", f"{quote(target.name)} is {earlier}'s already{place}")
    return tuple(targets)


def _label(raw: Mapping[str, object], path: str) -> str:
    """The path of a target: by its name where that is right, else by its place."""
    try:
        return f"target[{values.target_name(raw.get('name'))}]"
    except WrongValueError:
        return path


def _target(section: Section, portal: str) -> Target:
    profiles = section.optional("profiles", _profiles, ())
    rows = lay_in(read_rows(section), profiles)
    return Target(
        name=section.required("name", values.target_name, ""),
        tenant_id=section.required("tenant_id", values.guid, ""),
        workspace_id=section.required("workspace_id", values.workspace_id, ""),
        profiles=tuple(profile.name for profile in profiles),
        onboarded_at=section.optional("onboarded_at", values.instant, None),
        credentials=section.optional("credentials", _scope, CredentialScope.LISTED),
        ignore_apps=section.optional("ignore_apps", _apps, ()),
        expiry_days=_expiry_days(section),
        roles=rows.roles,
        apps=rows.apps,
        snapshots=rows.snapshots,
        services=rows.services,
        identity=read_identity(section),
        portal=portal,
    )


def _expiry_days(section: Section) -> tuple[int, ...]:
    """The days, most first: the first of them opens the incident, the others escalate it."""
    days = section.optional("expiry_days", _days, _USUAL_DAYS)
    return tuple(sorted(days, reverse=True))


def _profile(value: object) -> Profile:
    known = load_profiles()
    if isinstance(value, str) and value in known:
        return known[value]
    near = difflib.get_close_matches(value.lower()[:60], known, n=1) if isinstance(value, str) else []
    hint = f"; did you mean {near[0]}?" if near else "."
    raise WrongValueError(("", f"{quote(value)} is no profile{hint} The profiles are {', '.join(known)}"))


_USUAL_DAYS = Target(name="", tenant_id="", workspace_id="").expiry_days
_profiles, _apps, _scope = values.list_of(_profile), values.list_of(values.text), values.one_of(CredentialScope)
_days = values.list_of(values.integer(1, 3650), least=1)
