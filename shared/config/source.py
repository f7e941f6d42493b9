"""Where the configuration's text comes from: a file that the caller or the environment names, or the environment."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.config.environment import FILE_VARIABLE, TEXT_VARIABLE
from shared.config.section import ENVIRONMENT
from shared.errors import ConfigError, Mistake
from shared.text import plain

DEFAULT_FILE = "dawnwatch.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration's text, and what mistakes in it are filed under."""

    file: str
    text: str


def find_source(path: Path | None, environ: Mapping[str, str]) -> Source:
    """The text at `path`, or else the environment's text, or its file, or `dawnwatch.toml` here.

    Raises:
        ConfigError: the file cannot be read, or the environment names two sources.
    """
    if path is not None:
        return _read(path, "check the path that was given")
    named, text = environ.get(FILE_VARIABLE, ""), environ.get(TEXT_VARIABLE, "")
    if named and text:
        raise ConfigError([Mistake(ENVIRONMENT, TEXT_VARIABLE, f"is set, and so is {FILE_VARIABLE}: keep one of them")])
    if text:
        return Source(ENVIRONMENT, text)
    if named:
        return _read(Path(named), f"{FILE_VARIABLE} names it")
    return _read(Path(DEFAULT_FILE), f"write one, or name another with --config or {FILE_VARIABLE}")


def _read(path: Path, hint: str) -> Source:
    file = plain(str(path), 200)
    try:
        return Source(file, path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        problem = "is not UTF-8: save it as UTF-8"
    except FileNotFoundError:
        problem = f"there is no such file; {hint}"
    except (IsADirectoryError, NotADirectoryError):
        problem = f"is a directory, not a file; {hint}"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        problem = f"cannot be read ({reason or 'no such path'}); {hint}"
    raise ConfigError([Mistake(file, "", problem)])


def parse_toml(source: Source) -> dict[str, object]:
    """The text as TOML.

    Raises:
        ConfigError: it is none; the mistake's key is the line.
    """
    try:
        return tomllib.loads(source.text)
    except RecursionError:
        problem, place = "is nested too deeply", ""
    except ValueError as error:
        problem, place = _syntax(str(error), source.text)
    raise ConfigError([Mistake(source.file, place, problem)])


def _syntax(message: str, text: str) -> tuple[str, str]:
    """What tomllib says, and where: "(at line 3, column 4)" or "(at end of document)"."""
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found is None:
        return f"is not TOML: {plain(message, 120)}", ""
    place = f"line {found[1]}, column {found[2]}" if found[1] else f"line {text.count('\n') + 1}, its end"
    return f"is not TOML: {plain(message[: found.start()], 120)}", place
