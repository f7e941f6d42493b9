"""What a source of the configuration gives: texts, each with the name that mistakes in it are filed under."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from shared.errors import ConfigError, Mistake


@dataclass(frozen=True, slots=True)
class Text:
    """One file's text, and what mistakes in it are filed under."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Every file of a configuration, in order. `mistakes` are those of files that could not be made into texts."""

    texts: tuple[Text, ...]
    version: str
    mistakes: tuple[Mistake, ...] = ()


class Source(Protocol):
    """Where a configuration is. Mistakes that stand in no one file of it are filed under its name."""

    @property
    def name(self) -> str:
        """Name it, fit to show."""
        ...

    def read(self) -> Reading:
        """Read every file.

        Raises:
            ConfigError: there is nothing, or nothing that may be read.
            ConfigUnavailableError: its storage does not answer now.
        """
        ...

    def version(self) -> str:
        """Tell versions of it apart, without reading any file: another one after each change.

        Raises:
            ConfigError, ConfigUnavailableError: as `read` does.
        """
        ...


def to_text(file: str, content: bytes) -> Text:
    """A file's bytes as text.

    Raises:
        ConfigError: it is no UTF-8.
    """
    try:
        return Text(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError([Mistake(file, "", "is not UTF-8: save it as UTF-8")]) from None


def digest(parts: Iterable[str]) -> str:
    """One short word for many: another one when any of them changes."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
