"""One table of a configuration on its way from TOML to types: every mistake is noted, none stops the reading."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.config.values import Reader, WrongValueError, quote
from shared.errors import ConfigError, Mistake
from shared.text import plain

ENVIRONMENT = "environment"

_SECRET_WORDS = (
    "webhook",
    "secret",
    "password",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "connection_string",
    "sas_",
)


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A value that an environment variable put in the place of the file's."""

    variable: str
    value: object


@dataclass(slots=True)
class MistakeLog:
    """The mistakes found so far; what is noted is filed under `file`."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, key: str, problem: str, *, file: str | None = None) -> None:
        """Note one mistake."""
        self.mistakes.append(Mistake(file or self.file, key, problem))

    def under(self, file: str) -> "MistakeLog":
        """The same mistakes, to which those of another file are added."""
        return MistakeLog(file, self.mistakes)

    def raise_if_any(self) -> None:
        """Raise ConfigError with all of them, file by file, if there are any."""
        if self.mistakes:
            raise ConfigError(sorted(self.mistakes, key=lambda mistake: mistake.file))


class Section:
    """A table at `path` that may hold the `known` keys and no others.

    What does not fit is noted, and a stand-in taken: a log with mistakes is never made into settings.
    """

    def __init__(self, raw: Mapping[str, object], path: str, log: MistakeLog, known: Collection[str]) -> None:
        self.raw = raw
        self.path = path
        self.log = log
        self.known = known
        for key in raw:
            if key not in known:
                self._note_unknown(key)

    def _note_unknown(self, key: str) -> None:
        given = self.raw[key]
        shown = "" if "://" in key else plain(key, 60)
        file = ENVIRONMENT if isinstance(given, FromEnvironment) else self.log.file
        place = given.variable if isinstance(given, FromEnvironment) else self.key(shown)
        self.log.note(place, unknown_key(key, self.known), file=file)

    def key(self, name: str) -> str:
        """The path of a key in this table."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def note(self, name: str, problem: str) -> None:
        """Note a mistake at a key of this table, or at the variable that set it."""
        given = self.raw.get(name)
        if isinstance(given, FromEnvironment):
            self.log.note(given.variable, problem, file=ENVIRONMENT)
        else:
            self.log.note(self.key(name), problem)

    def has(self, name: str) -> bool:
        """Whether the key is there, right or wrong."""
        return name in self.raw

    def optional[T, D](self, name: str, read: Reader[T], default: D) -> T | D:
        """The value of a key, or `default` where it is not there or wrong."""
        if name not in self.raw:
            return default
        given = self.raw[name]
        try:
            return read(given.value if isinstance(given, FromEnvironment) else given)
        except WrongValueError as wrong:
            for where, problem in wrong.problems:
                self._note_in(name, where, problem)
            return default

    def _note_in(self, name: str, where: str, problem: str) -> None:
        if where:
            self.log.note(self.key(name) + where, problem)
        else:
            self.note(name, problem)

    def required[T](self, name: str, read: Reader[T], stand_in: T) -> T:
        """The value of a key that must be there."""
        if name not in self.raw:
            self.note(name, "is missing")
        return self.optional(name, read, stand_in)

    def table(self, name: str, known: Collection[str]) -> "Section":
        """The table at a key; an empty one where there is none."""
        given = self.raw.get(name, {})
        if isinstance(given, dict):
            return Section(given, self.key(name), self.log, known)
        self.note(name, f"must be a table, not {quote(given)}")
        return Section({}, self.key(name), self.log, known)

    def tables[T](self, name: str, known: Collection[str], parse: Callable[["Section"], T]) -> tuple[T, ...]:
        """The list of tables at a key, each parsed; empty where there is none."""
        return tuple(parse(Section(raw, path, self.log, known)) for raw, path in self.rows(name))

    def rows(self, name: str) -> list[tuple[Mapping[str, object], str]]:
        """The tables in the list at a key, each with its path."""
        if name not in self.raw:
            return []
        given = self.raw[name]
        if not isinstance(given, list):
            self.note(name, f"must be a list of tables, written [[…{name}]], not {quote(given)}")
            return []
        rows: list[tuple[Mapping[str, object], str]] = []
        for index, raw in enumerate(given):
            if isinstance(raw, dict):
                rows.append((raw, f"{self.key(name)}[{index}]"))
            else:
                self.log.note(f"{self.key(name)}[{index}]", f"must be a table, not {quote(raw)}")
        return rows

    def no_twins(self, name: str, key: str, names: Sequence[str]) -> None:
        """Note each of `names`, one per row of the list at `name`, that an earlier row has too, whatever its case."""
        first: dict[str, int] = {}
        for index, given in enumerate(names):
            earlier = first.setdefault(given.casefold(), index)
            if given and earlier != index:
                self.log.note(f"{self.key(name)}[{index}].{key}", f"{quote(given)} is {name}[{earlier}]'s already")


def unknown_key(key: str, known: Collection[str]) -> str:
    """What to say of a key that is not known here. Its value is never looked at."""
    lowered = key.lower()
    if "webhook" in lowered:
        return "a webhook's URL is a secret: take it out of the file and set DAWNWATCH_TEAMS_WEBHOOK_URL"
    is_secret = any(word in lowered for word in _SECRET_WORDS)
    if is_secret and "secret_variable" in known:
        return "secrets never stand here: take it out, set an environment variable, and name that in secret_variable"
    if is_secret:
        return "secrets never stand here: take it out, and let DefaultAzureCredential find it in the environment"
    near = difflib.get_close_matches(lowered[:60], known, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key; known here: " + ", ".join(known)
