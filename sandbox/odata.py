"""The part of OData's $filter that the directory takes: a parser, and what a filter lets one look up directly."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.web import RefusedError

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<punctuation>[(),])|(?P<word>[A-Za-z_][\w./]*(?=\s*[(),]|\s|$))|(?P<bare>[^\s(),']+))"
)

_UNSUPPORTED = "Unsupported or invalid query filter clause specified for property '{}' of resource '{}'."

type Test = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: `test` judges an object; `wanted` are (field, value) pairs, one of which any match must have.

    `wanted` is None where a match can be anything. `advanced` filters need `ConsistencyLevel: eventual` and `$count`.
    """

    test: Test
    wanted: frozenset[tuple[str, str]] | None
    advanced: bool = False


def parse_filter(text: str, fields: frozenset[str], kind: str) -> Filter:
    """Parse a filter over an entity's filterable fields.

    Raises:
        RefusedError: it is malformed, or one that the directory does not support.
    """
    parser = _Parser(text, fields, kind)
    found = parser.disjunction()
    if parser.peek() is not None:
        raise parser.malformed()
    return found


class _Parser:
    """Recursive descent: or, and, not, then comparisons and functions."""

    def __init__(self, text: str, fields: frozenset[str], kind: str) -> None:
        self.text = text
        self.fields = {name.lower(): name for name in fields}
        self.kind = kind
        self.tokens = self._tokens()
        self.position = 0

    def _tokens(self) -> list[str]:
        found: list[str] = []
        at = 0
        text = self.text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self.malformed()
            found.append(match[0].strip())
            at = match.end()
        return found

    def malformed(self) -> RefusedError:
        """What the directory says to a filter that it cannot read."""
        return RefusedError(400, "BadRequest", f"Invalid filter clause: Syntax error in '{self.text}'.")

    def peek(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, *expected: str) -> str:
        token = self.peek()
        if token is None or (expected and token.lower() not in expected):
            raise self.malformed()
        self.position += 1
        return token

    def accept(self, word: str) -> bool:
        if (self.peek() or "").lower() == word:
            self.position += 1
            return True
        return False

    def disjunction(self) -> Filter:
        found = self._conjunction()
        while self.accept("or"):
            found = _either(found, self._conjunction())
        return found

    def _conjunction(self) -> Filter:
        found = self._factor()
        while self.accept("and"):
            found = _both(found, self._factor())
        return found

    def _factor(self) -> Filter:
        if self.accept("("):
            found = self.disjunction()
            self.take(")")
            return found
        if self.accept("not"):
            return _negated(self._factor())
        if (self.peek() or "").lower() == "startswith":
            return self._startswith()
        if (self.peek() or "").lower() == "requiredresourceaccess/any" and self.kind == "Application":
            return self._requests()
        return self._comparison()

    def _requests(self) -> Filter:
        """Read `requiredResourceAccess/any(r:r/resourceAppId eq '…')`: the one lambda of an application's."""
        self.take()
        self.take("(")
        variable = self.take().partition(":")[0]
        if self.tokens[self.position - 1].lower() != f"{variable}:{variable}/resourceappid".lower():
            raise RefusedError(
                400, "Request_UnsupportedQuery", _UNSUPPORTED.format("requiredResourceAccess", self.kind)
            )
        self.take("eq")
        api = str(self._value()).lower()
        self.take(")")
        return Filter(
            lambda entity: any(
                request["resourceAppId"].lower() == api for request in entity.get("requiredResourceAccess") or ()
            ),
            None,
            advanced=True,
        )

    def _startswith(self) -> Filter:
        self.take("startswith")
        self.take("(")
        name = self._field()
        self.take(",")
        prefix = str(self._value()).lower()
        self.take(")")
        return Filter(lambda entity: str(entity.get(name) or "").lower().startswith(prefix), None)

    def _comparison(self) -> Filter:
        name = self._field()
        operator = self.take().lower()
        if operator == "in":
            return _equal(name, self._list())
        if operator not in {"eq", "ne"}:
            message = _UNSUPPORTED.format(name, self.kind)
            raise RefusedError(400, "Request_UnsupportedQuery", message)
        found = _equal(name, [self._value()])
        return found if operator == "eq" else _negated(found)

    def _list(self) -> list[Any]:
        self.take("(")
        values = [self._value()]
        while self.accept(","):
            values.append(self._value())
        self.take(")")
        return values

    def _field(self) -> str:
        token = self.take()
        name = self.fields.get(token.lower())
        if name is not None:
            return name
        if not re.fullmatch(r"[A-Za-z_][\w./]*", token) or token.lower() in {"and", "or", "eq", "ne"}:
            raise self.malformed()
        if self.peek() == "(" or "/" in token or token in _UNFILTERABLE:
            message = _UNSUPPORTED.format(token, self.kind)
            raise RefusedError(400, "Request_UnsupportedQuery", message)
        message = (
            f"Invalid filter clause: Could not find a property named '{token}' on type 'microsoft.graph.{self.kind}'."
        )
        raise RefusedError(400, "BadRequest", message)

    def _value(self) -> Any:
        token = self.take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        literals: dict[str, Any] = {"null": None, "true": True, "false": False}
        if token.lower() in literals:
            return literals[token.lower()]
        if re.fullmatch(r"[\w:.+-]+", token) and token[0].isdigit():
            return token
        raise self.malformed()


_UNFILTERABLE = {"passwordCredentials", "keyCredentials", "requiredResourceAccess", "appRoles", "owners", "web", "api"}


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _equal(name: str, values: list[Any]) -> Filter:
    folded = {_folded(value) for value in values}
    wanted = frozenset((name, value) for value in folded if isinstance(value, str))
    return Filter(lambda entity: _folded(entity.get(name)) in folded, wanted if len(wanted) == len(folded) else None)


def _either(left: Filter, right: Filter) -> Filter:
    known = left.wanted is not None and right.wanted is not None
    wanted = (left.wanted or frozenset()) | (right.wanted or frozenset()) if known else None
    return Filter(lambda entity: left.test(entity) or right.test(entity), wanted, left.advanced or right.advanced)


def _both(left: Filter, right: Filter) -> Filter:
    wanted = right.wanted if left.wanted is None else left.wanted
    return Filter(lambda entity: left.test(entity) and right.test(entity), wanted, left.advanced or right.advanced)


def _negated(inner: Filter) -> Filter:
    return Filter(lambda entity: not inner.test(entity), None, advanced=True)
