"""The app's settings (pure): what is missing, what nobody knows, and what Key Vault did not give. No value is shown."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from shared.app_settings import SCHEDULES, SETTINGS, AppSetting, SetBy
from shared.config.environment import UNRESOLVED, is_key
from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.surroundings import is_app
from shared.expectations import Target
from shared.text import plain
from shared.wording import say_list

_STORAGE = "AzureWebJobsStorage"
_BY_IDENTITY = tuple(f"{_STORAGE}__{service}ServiceUri" for service in ("blob", "queue", "table"))
_KNOWN = frozenset(setting.name for setting in SETTINGS)
_SUFFIX = "_SCHEDULE"


def judge_settings(targets: Iterable[Target], environ: Mapping[str, str]) -> Iterable[Point]:
    """Judge what the environment says. What must be set is asked of a Functions app only."""
    points = [*_unresolved(environ), *_unknown(targets, environ)]
    if is_app(environ):
        points += [*_no_storage(environ), *_missing(environ)]
        points = points or [Point(Area.SETTINGS, "app settings", Verdict.OK, "None is missing, and none is unknown.")]
    return points


def _unresolved(environ: Mapping[str, str]) -> Iterator[Point]:
    names = sorted(name for name, value in environ.items() if value.strip().lower().startswith(UNRESOLVED))
    if names:
        detail = (
            f"{say_list(plain(name, 80) for name in names)}: Key Vault gave nothing. Give the app's identity the role "
            "Key Vault Secrets User on the vault, and check the reference and keyVaultReferenceIdentity."
        )
        yield Point(Area.SETTINGS, "Key Vault references", Verdict.FAILED, detail)


def _unknown(targets: Iterable[Target], environ: Mapping[str, str]) -> Iterator[Point]:
    named = {variable for target in targets for variable in _variables(target)}
    strangers = [name for name in sorted(environ) if _is_ours(name) and name not in named]
    if strangers:
        told = say_list(_told(name) for name in strangers)
        yield Point(Area.SETTINGS, "unknown settings", Verdict.WARNING, f"Nothing reads {told}.")


def _variables(target: Target) -> Iterator[str]:
    """Name the variables that a target's own identity is proved by."""
    if target.identity is not None:
        yield from filter(None, (target.identity.certificate_variable, target.identity.secret_variable))


def _is_ours(name: str) -> bool:
    """Whether it looks like a setting of Dawnwatch's, and is none."""
    if name in _KNOWN or is_key(name):
        return False
    near = difflib.get_close_matches(name, [setting.name for setting in SCHEDULES], n=1, cutoff=0.7)
    return name.startswith("DAWNWATCH_") or (name.endswith(_SUFFIX) and bool(near))


def _told(name: str) -> str:
    near = difflib.get_close_matches(name, _KNOWN, n=1)
    return f"{plain(name, 80)} (did you mean {near[0]}?)" if near else plain(name, 80)


def _no_storage(environ: Mapping[str, str]) -> Iterator[Point]:
    if environ.get(_STORAGE) or environ.get(f"{_STORAGE}__accountName"):
        return
    missing = [name for name in _BY_IDENTITY if not environ.get(name)]
    if missing:
        detail = f"{say_list(missing)} is not set: timers, queues and the ledger need them, or {_STORAGE}__accountName."
        yield Point(Area.SETTINGS, _STORAGE, Verdict.FAILED, detail)


def _missing(environ: Mapping[str, str]) -> Iterator[Point]:
    missing = [setting for setting in SETTINGS if _is_missing(setting, environ)]
    if missing:
        told = "; ".join(f"{setting.name} ({setting.purpose})" for setting in missing)
        yield Point(Area.SETTINGS, "missing settings", Verdict.WARNING, f"Not set: {told}.")


def _is_missing(setting: AppSetting, environ: Mapping[str, str]) -> bool:
    """Whether a deployment sets it, nothing counts in its place, and it is not there. Storage is judged by itself."""
    if setting.set_by is not SetBy.DEPLOYMENT or setting.name.startswith(_STORAGE) or setting.usual is not None:
        return False
    return not environ.get(setting.name)
