"""Between facts and checks: which apps and credentials Microsoft renews by itself, and nobody needs to hear of."""

import tomllib
from functools import cache
from importlib import resources

import msgspec


class RotatedApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that Microsoft rotates, and the reason. Any one matcher is enough: see shared.ignored."""

    name: str
    reason: str
    app_ids: tuple[str, ...] = ()
    display_names: tuple[str, ...] = ()
    service_principal_types: tuple[str, ...] = ()
    credential_names: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rotated: tuple[RotatedApp, ...]


@cache
def load_rotated() -> tuple[RotatedApp, ...]:
    """The whole list."""
    text = resources.files("shared.profiles").joinpath("rotated_by_microsoft.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File).rotated
