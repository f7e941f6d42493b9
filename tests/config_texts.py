"""Texts of configurations for the tests."""

from collections.abc import Mapping
from pathlib import Path

from shared.config import Settings, load_settings
from shared.errors import ConfigError

NOTHING: Mapping[str, str] = {}
TENANT = "11111111-2222-3333-4444-555555555555"
WORKSPACE = (
    f"/subscriptions/{TENANT}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/law-contoso"
)


def a_target(more: str = "", *, name: str = "contoso") -> str:
    return f'[[target]]\nname = "{name}"\ntenant_id = "{TENANT}"\nworkspace_id = "{WORKSPACE}"\n{more}\n'


def settings_of(text: str, environ: Mapping[str, str] = NOTHING) -> Settings:
    return load_settings(None, {"DAWNWATCH_CONFIG_TOML": text, **environ})


def mistakes_of(
    text: str, environ: Mapping[str, str] = NOTHING, *, notifying: bool = False
) -> list[tuple[str, str, str]]:
    try:
        load_settings(None, {"DAWNWATCH_CONFIG_TOML": text, **environ}, notifying=notifying)
    except ConfigError as error:
        return [(mistake.file, mistake.key, mistake.problem) for mistake in error.mistakes]
    return []


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "dawnwatch.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
