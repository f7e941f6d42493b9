"""A configuration on this machine: a variable's text, a file, or a folder of `*.toml` files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.config.reading import Reading, Text, digest, to_text
from shared.errors import ConfigError, Mistake
from shared.text import plain

SUFFIX = ".toml"
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class TextSource:
    """The text itself, in a variable of the environment."""

    name: str
    text: str

    def read(self) -> Reading:
        """Take the text."""
        return Reading((Text(self.name, self.text),), self.version())

    def version(self) -> str:
        """Tell texts apart."""
        return digest([self.text])


@dataclass(frozen=True, slots=True)
class FileSource:
    """One file. `hint` says what to do where it cannot be read."""

    path: Path
    hint: str

    @property
    def name(self) -> str:
        """The path, fit to show."""
        return _shown(self.path)

    def read(self) -> Reading:
        """Read the file."""
        version = self.version()
        return Reading((_read(self.path, self.hint),), version)

    def version(self) -> str:
        """Tell versions apart by time and size."""
        with _naming(self.name, self.hint):
            return _version(self.path.stat())


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder, whose `*.toml` files are read in the order of their names; not hidden ones, nor folders in it."""

    path: Path
    hint: str

    @property
    def name(self) -> str:
        """The path, fit to show."""
        return _shown(self.path)

    def read(self) -> Reading:
        """Read each file; one that cannot be read keeps no other from being read."""
        files = self._files()
        texts, mistakes = list[Text](), list[Mistake]()
        for name, _ in files:
            try:
                texts.append(_read(self.path / name, "take it out of the folder, or make it readable"))
            except ConfigError as error:
                mistakes += error.mistakes
        return Reading(tuple(texts), _digest(files), tuple(mistakes))

    def version(self) -> str:
        """Tell versions apart by the files' names, times and sizes."""
        return _digest(self._files())

    def _files(self) -> list[tuple[str, str]]:
        """Name and version of each file, by name."""
        with _naming(self.name, self.hint), os.scandir(self.path) as entries:
            files = sorted((entry.name, _entry_version(entry)) for entry in entries if _is_ours(entry))
        if not files:
            problem = f"is a folder without a {SUFFIX} file; {self.hint}"
            raise ConfigError([Mistake(self.name, "", problem)])
        return files


def _shown(path: Path) -> str:
    return plain(str(path), _NAME_LIMIT)


def _read(path: Path, hint: str) -> Text:
    file = _shown(path)
    with _naming(file, hint):
        content = path.read_bytes()
    return to_text(file, content)


def is_configuration(name: str) -> bool:
    """Whether a file of a folder belongs to the configuration, by its name alone."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def _is_ours(entry: "os.DirEntry[str]") -> bool:
    return is_configuration(entry.name) and not entry.is_dir()


def _entry_version(entry: "os.DirEntry[str]") -> str:
    try:
        return _version(entry.stat())
    except OSError:
        return ""  # A link that leads nowhere, or a file that has just gone: who reads it says so.


def _version(state: os.stat_result) -> str:
    return f"{state.st_mtime_ns}-{state.st_size}"


def _digest(files: list[tuple[str, str]]) -> str:
    return digest(part for file in files for part in file)


@contextmanager
def _naming(file: str, hint: str) -> Iterator[None]:
    """Turn what the system says of a path into a mistake."""
    try:
        yield
        return
    except FileNotFoundError:
        problem = f"there is no such file; {hint}"
    except (IsADirectoryError, NotADirectoryError):
        problem = f"is a directory, not a file; {hint}"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        problem = f"cannot be read ({reason or 'no such path'}); {hint}"
    raise ConfigError([Mistake(file, "", problem)])
