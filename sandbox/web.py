"""A call and its answer, free of any web framework: what the services speak, and what a batch passes on inside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `path` is decoded, `query` too; header names are lower case; `origin` is scheme, host and port."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str

    def json(self) -> Any:
        """The body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. `chunks` are joined on the wire."""

    status: int
    chunks: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.chunks)


class RefusedError(Exception):
    """A call that is answered with an error; each service gives it its own shape."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = headers or {}
        super().__init__(f"{status} {code}: {message}")


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    return Answer(status, (json.dumps(content, separators=(",", ":")).encode(),), headers or {})
