"""The cloud and the limits alone, for whoever has no targets yet."""

from collections.abc import Mapping
from pathlib import Path

from shared.config.environment import overlay
from shared.config.reading import Text
from shared.config.section import ENVIRONMENT, MistakeLog, Section
from shared.config.sections import read_cloud, read_limits
from shared.config.settings import CloudSettings, Limits
from shared.config.source import find_source
from shared.config.toml import parse_toml


def load_cloud(path: Path | str | None, environ: Mapping[str, str]) -> tuple[CloudSettings, Limits]:
    """Read `[cloud]` and `[limits]` of a configuration, or without one only what the environment says of them.

    Raises:
        ConfigError: with every mistake in these two; the rest is not looked at.
        ConfigUnavailableError: the configuration is in a storage account that does not answer now.
    """
    texts = [Text(ENVIRONMENT, "")] if path is None else find_source(path, environ).read().texts
    files, log = [(text.file, parse_toml(text)) for text in texts], MistakeLog(ENVIRONMENT)
    overlay([raw for _, raw in files], environ, log)
    roots = [Section(raw, "", log.under(file), tuple(raw)) for file, raw in files]
    cloud, limits = read_cloud(roots), read_limits(roots)
    log.raise_if_any()
    return cloud, limits
