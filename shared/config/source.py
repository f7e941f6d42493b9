"""Where the configuration's text comes from: what the caller or the environment names.

DAWNWATCH_CONFIG_TOML    the text itself
dawnwatch.toml           a file
conf.d                   a folder: each *.toml file in it, in the order of their names
"""

from collections.abc import Mapping
from pathlib import Path

from shared.config.environment import FILE_VARIABLE, TEXT_VARIABLE
from shared.config.files import FileSource, FolderSource, TextSource
from shared.config.reading import Source
from shared.config.section import ENVIRONMENT
from shared.errors import ConfigError, Mistake

DEFAULT_FILE = "dawnwatch.toml"


def find_source(where: Path | str | None, environ: Mapping[str, str]) -> Source:
    """Choose what `where` names, or else the environment's text, or what it names, or `dawnwatch.toml` here.

    Raises:
        ConfigError: it names nothing that can be, or the environment names two sources.
    """
    if where is not None:
        return _place(str(where), "check the path that was given")
    named, text = environ.get(FILE_VARIABLE, ""), environ.get(TEXT_VARIABLE, "")
    if named and text:
        raise ConfigError([Mistake(ENVIRONMENT, TEXT_VARIABLE, f"is set, and so is {FILE_VARIABLE}: keep one of them")])
    if text:
        return TextSource(ENVIRONMENT, text)
    if named:
        return _place(named, f"{FILE_VARIABLE} names it")
    return _place(DEFAULT_FILE, f"write one, or name another with --config or {FILE_VARIABLE}")


def source_version(where: Path | str | None, environ: Mapping[str, str]) -> str:
    """Tell versions of the configuration apart without reading or parsing it: another one after each change.

    Raises:
        ConfigError: there is none.
    """
    return find_source(where, environ).version()


def _place(where: str, hint: str) -> Source:
    if not where.strip():
        raise ConfigError([Mistake("the configuration", "", f"has no name; {hint}")])
    path = Path(where)
    return FolderSource(path, hint) if _is_folder(path) else FileSource(path, hint)


def folder_of(where: Path | str | None) -> Path:
    """The folder on this machine that the files of a configuration are in."""
    path = Path(where or DEFAULT_FILE)
    return path if _is_folder(path) else path.parent


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # Who reads it says why it cannot be read.
