"""From raw credentials to what can stand in for what: one pool to sign in with, one to sign SAML tokens with."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shared.checks.validity import NEVER, end_of
from shared.facts import Application, Credential, CredentialPool, ServicePrincipal


@dataclass(frozen=True, slots=True)
class Holding:
    """One secret or certificate. A certificate that Graph lists as several keys is one, with all their `key_ids`."""

    credential: Credential
    key_ids: tuple[str, ...]
    is_certificate: bool
    on_registration: bool

    @property
    def id(self) -> str:
        """The keyId; the first of them where there are several."""
        return self.key_ids[0]

    @property
    def what(self) -> str:
        """What to call its kind."""
        return "certificate" if self.is_certificate else "client secret"

    @property
    def label(self) -> str:
        """Its name, or what identifies it."""
        return self.credential.name or self.id


@dataclass(frozen=True, slots=True)
class _Key:
    credential: Credential
    is_certificate: bool
    on_registration: bool

    @property
    def id(self) -> str:
        """The keyId, or a stable stand-in where Graph gives none."""
        if self.credential.key_id:
            return self.credential.key_id.lower()
        known = (self.credential.name, self.credential.starts_at, self.credential.ends_at, self.credential.thumbprint)
        return "unnamed-" + hashlib.sha256(repr((*known, self.is_certificate)).encode()).hexdigest()[:16]

    @property
    def identity(self) -> str:
        """What makes it one credential: a certificate's thumbprint, else the keyId."""
        return (self.is_certificate and self.credential.thumbprint) or self.id


def split_pool(pool: CredentialPool) -> tuple[tuple[Holding, ...], tuple[Holding, ...]]:
    """Return what the app signs in with, and the certificates that its service principal signs SAML tokens with."""
    own = [] if pool.service_principal is None else list(_keys_of(pool.service_principal, on_registration=False))
    on_app = [] if pool.registration is None else list(_keys_of(pool.registration, on_registration=True))
    signing = _signing_identities(own)
    sign_in = [key for key in own if signing(key) is None] + on_app
    saml = [key for key in own if signing(key) is not None]
    signed = _merge(saml, lambda key: signing(key) or key.identity, saml=True)
    return _merge(sign_in, lambda key: key.identity), signed


def _keys_of(holder: Application | ServicePrincipal, *, on_registration: bool) -> Iterator[_Key]:
    for secret in holder.password_credentials:
        yield _Key(secret, is_certificate=False, on_registration=on_registration)
    for certificate in holder.key_credentials:
        yield _Key(certificate, is_certificate=True, on_registration=on_registration)


def _is_sign(key: _Key) -> bool:
    return key.is_certificate and (key.credential.usage or "").lower() == "sign"


def _signing_identities(keys: Iterable[_Key]) -> Callable[[_Key], str | None]:
    """Return a function from a key to the signing certificate that it belongs to, or None.

    Graph lists one signing certificate as a Sign key, a Verify key and a password. They share customKeyIdentifier;
    where that was lost, they still share both dates.
    """
    by_thumbprint: dict[str, str] = {}
    by_dates: dict[tuple[object, object], str] = {}
    for key in filter(_is_sign, keys):
        if key.credential.thumbprint:
            by_thumbprint[key.credential.thumbprint] = key.identity
        if key.credential.starts_at and key.credential.ends_at:
            by_dates[key.credential.starts_at, key.credential.ends_at] = key.identity

    def identity_of(key: _Key) -> str | None:
        if _is_sign(key):
            return key.identity
        credential = key.credential
        dates = (credential.starts_at, credential.ends_at)
        return by_thumbprint.get(credential.thumbprint or "") or by_dates.get(dates)

    return identity_of


def _merge(keys: Iterable[_Key], identity: Callable[[_Key], str], *, saml: bool = False) -> tuple[Holding, ...]:
    groups: dict[str, list[_Key]] = {}
    for key in keys:
        groups.setdefault(identity(key), []).append(key)
    return tuple(_holding(group, saml=saml) for group in groups.values())


def _holding(group: list[_Key], *, saml: bool) -> Holding:
    """Take the key that ends last for the whole: its dates belong together, mixed ones would be nobody's."""
    signers = [key for key in group if _is_sign(key)] if saml else []
    last = max(signers or group, key=lambda key: (end_of(key.credential), key.credential.starts_at or NEVER))
    key_ids = tuple(sorted({key.id for key in group}))
    return Holding(last.credential, key_ids, last.is_certificate, any(key.on_registration for key in group))
