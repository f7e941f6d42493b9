"""The way from page to page: tokens that say nothing, and that no one can make up or change."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from urllib.parse import urlencode

from sandbox.web import Call, RefusedError


class Way:
    """Makes and opens the page tokens of one box."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def next_link(self, call: Call, offset: int) -> str:
        """The address of the page that starts at an offset."""
        kept = _kept(call)
        token = self._sealed(f"{call.path}|{_fingerprint(kept)}|{offset}".encode())
        return f"{call.origin}{call.path}?{urlencode(kept | {'$skiptoken': token}, safe='$,')}"

    def opened(self, call: Call, token: str) -> int:
        """The offset in a token.

        Raises:
            RefusedError: the token was not given out for this very query.
        """
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            sealed = b""
        mac, plain = sealed[:16], self._masked(sealed[16:], sealed[:16])
        genuine = hmac.compare_digest(self._mac(plain), mac)
        if not genuine or not plain.startswith(f"{call.path}|{_fingerprint(_kept(call))}|".encode()):
            message = "The specified page token value has expired or is not valid."
            raise RefusedError(400, "Directory_ExpiredPageToken", message)
        return int(plain.rpartition(b"|")[2])

    def _sealed(self, plain: bytes) -> str:
        mac = self._mac(plain)
        return base64.urlsafe_b64encode(mac + self._masked(plain, mac)).decode().rstrip("=")

    def _mac(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:16]

    def _masked(self, text: bytes, mac: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + mac).digest(len(text))
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def _kept(call: Call) -> dict[str, str]:
    return {key: value for key, value in call.query.items() if key.lower() != "$skiptoken"}


def _fingerprint(query: Mapping[str, str]) -> int:
    return zlib.crc32(json.dumps(sorted(query.items())).encode())
