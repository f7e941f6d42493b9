"""A ledger as JSON lines and back, row by row and byte by byte: `dawnwatch.ledger/1`.

    {"schema": "dawnwatch.ledger/1", "version": 1}
    {"target": "contoso", "key": "c|workspace-access", "body": {...}}

A body that is no JSON on one line, because somebody damaged it, goes as `base64` instead: the copy is exact even then.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

import msgspec

from shared.errors import DawnwatchError, LedgerError
from shared.ledger.limits import check_groups, check_target
from shared.ledger.store import SCHEMA_VERSION, Put, Row, Store

SCHEMA = "dawnwatch.ledger/1"


class NoExportError(DawnwatchError):
    """A text is no export of a ledger: in which line, and why."""


class _Header(msgspec.Struct, frozen=True):
    schema: str
    version: int


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    target: str
    key: str
    body: msgspec.Raw = msgspec.Raw()
    base64: bytes | None = None


_encoder = msgspec.json.Encoder()
_headers = msgspec.json.Decoder(_Header)
_lines = msgspec.json.Decoder(_Line)


async def export_lines(store: Store) -> AsyncIterator[bytes]:
    """Write a ledger as lines, a row each after the header."""
    yield _encoder.encode(_Header(SCHEMA, SCHEMA_VERSION)) + b"\n"
    for target in await store.targets():
        for row in await store.read(target, ""):
            yield row_line(target, row) + b"\n"


def row_line(target: str, row: Row) -> bytes:
    """Write one row as a line, without its end."""
    line = _encoder.encode({"target": target, "key": row.key, "body": msgspec.Raw(row.body)})
    if _says_exactly(line, row.body):
        return line
    return _encoder.encode({"target": target, "key": row.key, "base64": b64encode(row.body).decode()})


def _says_exactly(line: bytes, body: bytes) -> bool:
    """Whether a line is one, and is read as this body again: blanks around JSON would get lost."""
    try:
        msgspec.json.decode(line)
        return b"\n" not in line and b"\r" not in line and bytes(_lines.decode(line).body) == body
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def read_export(lines: Iterable[bytes]) -> Mapping[str, list[Put]]:
    """Read lines back as rows to be written, by target.

    Raises:
        NoExportError: it is no export, or not whole; the message names the line.
    """
    rows: dict[str, dict[str, Put]] = {}
    numbered = enumerate(lines, start=1)
    _read_header(next(numbered, (1, b""))[1])
    for number, line in numbered:
        target, put = _read_row(number, line)
        if put.key in rows.setdefault(target, {}):
            raise NoExportError(f"Line {number:,}: the row {put.key!r} of {target!r} is there twice.")
        rows[target][put.key] = put
    return {target: list(puts.values()) for target, puts in rows.items()}


def _read_header(line: bytes) -> None:
    try:
        header = _headers.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        header = None
    if header is None or header.schema != SCHEMA:
        raise NoExportError("Line 1: this is no export of a ledger; one begins with its schema and version.")
    if header.version > SCHEMA_VERSION:
        msg = (
            f"Line 1: the export is of version {header.version}, and this Dawnwatch knows {SCHEMA_VERSION}: update it."
        )
        raise NoExportError(msg)


def _read_row(number: int, line: bytes) -> tuple[str, Put]:
    try:
        row = _lines.decode(line)
        put = Put(row.key, bytes(row.body) if row.base64 is None else row.base64)
        check_target(row.target)
        check_groups([[put]])
    except (msgspec.DecodeError, UnicodeDecodeError, LedgerError) as error:
        raise NoExportError(f"Line {number:,}: {error}") from error
    if bool(row.body) is (row.base64 is not None):
        raise NoExportError(f"Line {number:,}: a row has either a body or base64.")
    return row.target, put


async def import_rows(store: Store, rows: Mapping[str, list[Put]]) -> None:
    """Write rows into a ledger that is empty.

    Raises:
        LedgerError: it is not empty, and was left as it is.
    """
    if await store.targets():
        raise LedgerError("The ledger is not empty: import into a new one. Nothing was changed.")
    for target, puts in rows.items():
        await store.write(target, list(_groups(puts)))


def _groups(puts: Iterable[Put]) -> Iterator[list[Put]]:
    for put in puts:
        yield [put]
