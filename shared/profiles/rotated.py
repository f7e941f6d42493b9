"""Between facts and checks: which apps and credentials Microsoft renews by itself, and nobody needs to hear of."""

import re
import tomllib
from fnmatch import translate
from functools import cache
from importlib import resources

import msgspec


class RotatedApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that Microsoft rotates, and the reason. Any one matcher is enough; globs ignore case."""

    name: str
    reason: str
    app_ids: tuple[str, ...] = ()
    display_names: tuple[str, ...] = ()
    service_principal_types: tuple[str, ...] = ()
    credential_names: tuple[str, ...] = ()

    def covers_app(self, *, app_id: str, display_name: str | None, service_principal_type: str | None = None) -> bool:
        """Whether it covers an app with all that is on it."""
        return (
            (bool(self.app_ids) and app_id.lower() in self.app_ids)
            or _any_glob(display_name, self.display_names)
            or service_principal_type in self.service_principal_types
        )

    def covers_credential(self, display_name: str | None) -> bool:
        """Whether it covers one credential, whatever app that is on."""
        return _any_glob(display_name, self.credential_names)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rotated: tuple[RotatedApp, ...]


@cache
def load_rotated() -> tuple[RotatedApp, ...]:
    """The whole list."""
    text = resources.files("shared.profiles").joinpath("rotated_by_microsoft.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File).rotated


def _any_glob(name: str | None, globs: tuple[str, ...]) -> bool:
    return bool(globs) and name is not None and _pattern(globs).match(name) is not None


@cache
def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """All of the globs in one: a tenant has up to 250,000 names to hold against them."""
    return re.compile("|".join(map(translate, globs)), re.IGNORECASE)
