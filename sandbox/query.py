"""The query options of a call to Microsoft Graph, and what a filter lets through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox import generate
from sandbox.entities import Entity
from sandbox.odata import Filter, parse_filter
from sandbox.web import Call, RefusedError

_TOP_DEFAULT, _TOP_LIMIT = 100, 999


@dataclass(frozen=True, slots=True)
class Query:
    """The query options of a call."""

    top: int
    select: tuple[str, ...] | None
    filter: Filter | None
    counted: bool
    token: str

    @classmethod
    def of(cls, call: Call, name: str, fields: frozenset[str]) -> "Query":
        """Read them.

        Raises:
            RefusedError: one of them is not supported.
        """
        options = {key.lower(): value for key, value in call.query.items()}
        counted = options.get("$count") == "true"
        kind = {"applications": "Application", "servicePrincipals": "ServicePrincipal"}.get(name, name)
        parsed = parse_filter(options["$filter"], fields, kind) if "$filter" in options else None
        eventual = call.headers.get("consistencylevel", "").lower() == "eventual"
        if parsed is not None and parsed.advanced and not (eventual and counted):
            missing = "the '$count' parameter or the 'ConsistencyLevel' header is missing"
            message = f"Operator 'Not' is not supported because {missing}."
            raise RefusedError(400, "Request_UnsupportedQuery", message)
        select = tuple(part.strip() for part in options["$select"].split(",")) if options.get("$select") else None
        return cls(_top(options), select, parsed, counted and eventual, options.get("$skiptoken", ""))


def _top(options: Mapping[str, str]) -> int:
    text = options.get("$top", str(_TOP_DEFAULT))
    if not text.isdigit() or not 1 <= int(text) <= _TOP_LIMIT:
        message = f"Invalid page size specified: '{text}'. Must be between 1 and {_TOP_LIMIT} inclusive."
        raise RefusedError(400, "Request_BadRequest", message)
    return int(text)


def matches(wanted: Filter, known: Iterable[Entity], family: generate.Family | None) -> Iterable[Entity]:
    """Everything that a filter lets through; made-up objects are looked up where the filter says what to look for."""
    yield from (entity for entity in known if wanted.test(entity))
    if family is None:
        return
    if wanted.wanted is not None and all(field in family.fields for field, _ in wanted.wanted):
        numbers: Iterable[int | None] = sorted(
            {n for n in (family.number(*pair) for pair in wanted.wanted) if n is not None}
        )
    else:
        numbers = family.matching(wanted.test)
    yield from (entity for number in numbers if number is not None and wanted.test(entity := family.make(number)))
