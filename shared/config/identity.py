"""From TOML to who signs in to a target's tenant: `[target.identity]`. Nothing that stands in it is ever quoted."""

import re

from shared.config import values
from shared.config.section import Section
from shared.config.values import Reader, WrongValueError
from shared.expectations import Identity

PROOF_KEYS = ("federated_by", "certificate_variable", "secret_variable")
IDENTITY_KEYS = ("client_id", *PROOF_KEYS)

_SYSTEM = "system"
_CHOICE = "federated_by, certificate_variable or secret_variable"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def read_identity(section: Section) -> Identity | None:
    """The identity of a target; None where the monitor's own signs in."""
    if not section.has("identity"):
        return None
    if not isinstance(section.raw["identity"], dict):
        section.note("identity", "must be a table, written [target.identity]")
        return None
    own = section.table("identity", IDENTITY_KEYS)
    _note_proofs(own)
    return Identity(
        client_id=own.required("client_id", _client, ""),
        federated_by=own.optional("federated_by", _system_or_guid, None),
        certificate_variable=own.optional("certificate_variable", _certificate, None),
        secret_variable=own.optional("secret_variable", _secret, None),
    )


def _note_proofs(section: Section) -> None:
    """Note an identity that nothing proves, or more than one thing."""
    proofs = [key for key in PROOF_KEYS if section.has(key)]
    if not proofs:
        section.note("", f"has nothing to prove it: add {_CHOICE}")
    for other in proofs[1:]:
        section.note(other, f"stands beside {proofs[0]}: keep one of them")


def _unquoted[T](read: Reader[T], problem: str) -> Reader[T]:
    """A reader that never quotes what it was given: people paste secrets here."""

    def read_unquoted(value: object) -> T:
        try:
            return read(value)
        except WrongValueError:
            raise WrongValueError(("", problem)) from None

    return read_unquoted


def _variable(what: str) -> Reader[str]:
    """A reader of the name of an environment variable."""
    problem = f"must be the name of the environment variable that holds the {what}: A-Z, a-z, 0-9 and _, no digit first"
    return _unquoted(values.matching(_VARIABLE, ""), f"{problem}; the {what} itself never stands here")


def _system_or_guid(value: object) -> str:
    return _SYSTEM if value == _SYSTEM else _managed_identity(value)


_client = _unquoted(values.guid, "must be the app registration's client id, a GUID")
_managed_identity = _unquoted(
    values.guid, f'must be "{_SYSTEM}", or the client id of a user-assigned managed identity, a GUID'
)
_certificate, _secret = _variable("certificate"), _variable("secret")
