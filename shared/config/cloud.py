"""The cloud and the limits alone, for whoever has no targets yet."""

from collections.abc import Mapping
from pathlib import Path

from shared.config.environment import overlay
from shared.config.section import ENVIRONMENT, MistakeLog, Section
from shared.config.sections import read_cloud, read_limits
from shared.config.settings import CloudSettings, Limits
from shared.config.source import Source, find_source, parse_toml


def load_cloud(path: Path | None, environ: Mapping[str, str]) -> tuple[CloudSettings, Limits]:
    """Read `[cloud]` and `[limits]` of a file, or without one only what the environment says of them.

    Raises:
        ConfigError: with every mistake in these two; the rest of the file is not looked at.
    """
    source = Source(ENVIRONMENT, "") if path is None else find_source(path, environ)
    raw, log = parse_toml(source), MistakeLog(source.file)
    overlay(raw, environ, log)
    root = Section(raw, "", log, tuple(raw))
    cloud, limits = read_cloud(root), read_limits(root)
    log.raise_if_any()
    return cloud, limits
