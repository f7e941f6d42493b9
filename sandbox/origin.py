"""Where the parts of a tenant come from: the file that its mistakes name, the ids and instants that are made of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from sandbox import grammar, records
from shared.errors import ConfigError, Mistake


@dataclass(frozen=True, slots=True)
class Origin:
    """One tenant's data file, and the now that its offsets count from."""

    file: str
    tenant_id: str
    now: datetime

    def id_of(self, kind: str, name: str) -> str:
        """The object id of what has none in the file."""
        return records.guid_of(self.tenant_id, kind, name)

    def instant(self, moment: grammar.Moment) -> datetime | None:
        """The instant that is meant; None is never."""
        return moment.at(self.now)

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Say where a name or a value was wrong."""
        try:
            yield
        except KeyError as exc:
            raise mistake(self.file, key, f"nothing here is called {exc.args[0]!r}") from exc
        except ValueError as exc:
            raise mistake(self.file, key, str(exc)) from exc


def mistake(file: str, key: str, problem: str) -> ConfigError:
    """One mistake in a data file."""
    return ConfigError([Mistake(file, key, problem)])


def guid(text: str) -> str:
    """A GUID as it is written everywhere.

    Raises:
        ValueError: it is none.
    """
    try:
        return str(UUID(text))
    except ValueError as exc:
        msg = f"{text!r} is no GUID, and nothing here is called so"
        raise ValueError(msg) from exc


def kept(part: msgspec.Struct, **shapes: Callable[..., object]) -> dict[str, Any]:
    """The fields of a part whose record has the same ones, some of them in another shape."""
    values = msgspec.structs.asdict(part)
    return values | {key: shape(values[key]) for key, shape in shapes.items()}
