"""From records to the bytes of a row and back, exactly: `{"v": 1, "body": {...}}`; unknown fields are passed over."""

from datetime import datetime

import msgspec

from shared.errors import LedgerError
from shared.incident import Incident
from shared.ledger.store import SCHEMA_VERSION
from shared.model import Finding, Instant, Transition


class _Passed(msgspec.Struct):
    passed_at: Instant | None
    good_at: Instant | None = None


class _Envelope(msgspec.Struct):
    v: int
    body: msgspec.Raw


_ENVELOPES = msgspec.json.Decoder(_Envelope)
_ENCODER = msgspec.json.Encoder()


class Codec[Record]:
    """Rows of one kind of record."""

    def __init__(self, kind: type[Record], name: str) -> None:
        self._name = name
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, record: Record) -> bytes:
        """Encode a record.

        Raises:
            LedgerError: It holds what JSON cannot say, such as half a character.
        """
        try:
            return _ENCODER.encode(_Envelope(SCHEMA_VERSION, msgspec.Raw(_ENCODER.encode(record))))
        except (UnicodeEncodeError, OverflowError) as error:
            raise LedgerError(f"{self._name} cannot be written down: {error}") from error

    def decode(self, body: bytes, where: str = "a row of the ledger") -> Record:
        """Decode the body of the row that `where` names.

        Raises:
            LedgerError: It is none of these records, is damaged, or is of a newer version.
        """
        try:
            envelope = _ENVELOPES.decode(body)
            if envelope.v <= SCHEMA_VERSION:
                return self._decoder.decode(envelope.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LedgerError(f"{where} holds no {self._name}: {error}. Nothing was changed.") from error
        raise LedgerError(
            f"{where} is of version {envelope.v}, and this Dawnwatch knows versions up to {SCHEMA_VERSION}: "
            "a newer one wrote it. Install that one. Nothing was changed."
        )


_INCIDENTS = Codec(Incident, "incident")
_TRANSITIONS = Codec(Transition, "transition")
_FINDINGS = Codec(Finding, "finding")
_PASSES = Codec(_Passed, "record of a check")
_CARDS: Codec[dict[str, object]] = Codec(dict[str, object], "card")

encode_incident, decode_incident = _INCIDENTS.encode, _INCIDENTS.decode
encode_transition, decode_transition = _TRANSITIONS.encode, _TRANSITIONS.decode
encode_finding, decode_finding = _FINDINGS.encode, _FINDINGS.decode
encode_card, decode_card = _CARDS.encode, _CARDS.decode


def encode_passed(passed_at: datetime | None, good_at: datetime | None) -> bytes:
    """Encode when a check last passed, and when it last read everything."""
    return _PASSES.encode(_Passed(passed_at, good_at))


def decode_passed(body: bytes, where: str = "a row of the ledger") -> tuple[datetime | None, datetime | None]:
    """Decode when a check last passed, and when it last read everything.

    Raises:
        LedgerError: As for every row.
    """
    passed = _PASSES.decode(body, where)
    return passed.passed_at, passed.good_at
