"""Where the configuration's text comes from: what the caller or the environment names.

DAWNWATCH_CONFIG_TOML    the text itself
dawnwatch.toml           a file
conf.d                   a folder: each *.toml file in it, in the order of their names
https://…/x.toml         a blob, and with a slash at the end a folder of blobs: see blobs.py
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from shared.config.blob_address import is_address, parse_address
from shared.config.environment import FILE_VARIABLE, TEXT_VARIABLE
from shared.config.files import FileSource, FolderSource, TextSource
from shared.config.reading import Source
from shared.config.section import ENVIRONMENT
from shared.config.values import WrongValueError
from shared.errors import ConfigError, Mistake
from shared.ledger.open import Credentials, default_credentials

DEFAULT_FILE = "dawnwatch.toml"
_CLIENT_ID = "AZURE_CLIENT_ID"


def find_source(
    where: Path | str | None, environ: Mapping[str, str], credentials: Credentials = default_credentials
) -> Source:
    """Choose what `where` names, or else the environment's text, or what it names, or `dawnwatch.toml` here.

    `credentials` makes what signs in to a blob's storage, as the identity that `AZURE_CLIENT_ID` names.

    Raises:
        ConfigError: it names nothing that can be, or the environment names two sources.
    """
    if where is not None:
        if is_address(str(where)):
            return _blobs(str(where), ("the configuration", ""), environ, credentials)
        return _path(str(where), "check the path that was given")
    named, text = environ.get(FILE_VARIABLE, "").strip(), environ.get(TEXT_VARIABLE, "")
    if named and text:
        raise ConfigError([Mistake(ENVIRONMENT, TEXT_VARIABLE, f"is set, and so is {FILE_VARIABLE}: keep one of them")])
    if text:
        return TextSource(ENVIRONMENT, text)
    if is_address(named):
        return _blobs(named, (ENVIRONMENT, FILE_VARIABLE), environ, credentials)
    if named:
        return _path(named, f"{FILE_VARIABLE} names it")
    return _path(DEFAULT_FILE, f"write one, or name another with --config or {FILE_VARIABLE}")


def source_version(
    where: Path | str | None, environ: Mapping[str, str], credentials: Credentials = default_credentials
) -> str:
    """Tell versions of the configuration apart without reading or parsing it: another one after each change.

    Raises:
        ConfigError: there is none.
        ConfigUnavailableError: its storage does not answer now.
    """
    return find_source(where, environ, credentials).version()


def _blobs(where: str, place: tuple[str, str], environ: Mapping[str, str], credentials: Credentials) -> Source:
    from shared.config.blobs import BlobSource

    try:
        address = parse_address(where)
    except WrongValueError as wrong:
        raise ConfigError([Mistake(*place, problem) for _, problem in wrong.problems]) from None
    return BlobSource(address, partial(credentials, environ.get(_CLIENT_ID) or None))


def _path(where: str, hint: str) -> Source:
    if not where.strip():
        raise ConfigError([Mistake("the configuration", "", f"has no name; {hint}")])
    path = Path(where)
    return FolderSource(path, hint) if _is_folder(path) else FileSource(path, hint)


def folder_of(where: Path | str | None) -> Path:
    """The folder on this machine that the files of a configuration are in; for blobs, the one where we are."""
    if where is None or is_address(str(where)):
        return Path()
    path = Path(where)
    return path if _is_folder(path) else path.parent


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # Who reads it says why it cannot be read.
