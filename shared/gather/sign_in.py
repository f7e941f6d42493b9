"""Signing in to a tenant: azure-identity's default chain, whose failures are told as what they were."""

import asyncio
import re
from base64 import urlsafe_b64decode
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import msgspec
from msgspec import Struct

from shared.gather.answers import NONSENSE_TRIES, TRANSIENT, UNBOUNDED, Answer, SignInError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

ENTRA = "Microsoft Entra ID"
_TOKEN_PATH = "/oauth2/v2.0/"  # noqa: S105 - the part of a path that tells Entra's token endpoint from a machine's own
_AADSTS = re.compile(r"AADSTS\d{4,7}")


@dataclass(slots=True)
class _Heard:
    """What passed on the wire during one sign-in: whether Entra was asked, and what came back last."""

    asked: bool = False
    answer: Answer | None = None


_heard: ContextVar[_Heard | None] = ContextVar("heard", default=None)


def note_request(request: Any) -> None:
    """Note that Entra is asked: azure-core's `raw_request_hook`."""
    heard = _heard.get()
    if heard is not None and _TOKEN_PATH in request.http_request.url:
        heard.asked, heard.answer = True, None


def note_response(response: Any) -> None:
    """Note what Entra answered, without its body: azure-core's `raw_response_hook`.

    The default chain keeps only the text of an error; its status and Retry-After would be lost with it.
    """
    heard = _heard.get()
    if heard is not None and _TOKEN_PATH in response.http_request.url:
        http = response.http_response
        heard.answer = Answer(http.status_code, {name.lower(): value for name, value in http.headers.items()}, b"")


class TenantCredential:
    """A credential for one tenant, whose errors say what to do and quote nothing.

    Without a tenant, "", the identity signs in to its own.
    """

    def __init__(self, inner: "AsyncTokenCredential", tenant_id: str) -> None:
        self._inner = inner
        self._tenant_id = tenant_id
        self._asking: defaultdict[tuple[str, ...], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get_token(self, *scopes: str, **kwargs: Any) -> "AccessToken":
        """Get a token for the tenant, asked for once however many wait for it.

        Raises:
            SignInError: none is to be had.
        """
        async with self._asking[scopes]:
            return await self._get_token(*scopes, **kwargs)

    async def _get_token(self, *scopes: str, **kwargs: Any) -> "AccessToken":
        from aiohttp import ClientError
        from azure.core.exceptions import AzureError

        if self._tenant_id:
            kwargs["tenant_id"] = self._tenant_id
        heard = _Heard()
        mark = _heard.set(heard)
        try:
            token = await self._inner.get_token(*scopes, **kwargs)
        except (AzureError, ClientError, OSError, ValueError, KeyError, TypeError) as error:
            code = _AADSTS.search(str(error))
            raise _told(heard, code.group() if code else None) from None
        finally:
            _heard.reset(mark)
        home = claims_of(token.token).tenant_id
        if self._tenant_id and home is not None and home != self._tenant_id.lower():
            raise _stranger(home, self._tenant_id)
        return token

    async def close(self) -> None:
        """Close what it signs in with."""
        await self._inner.close()

    async def __aenter__(self) -> Self:
        """Open nothing: the first token does."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what it signs in with."""
        await self.close()


class Claims(Struct, frozen=True):
    """What an access token says of whom it was given to; all of it may be missing.

    Source: access token claims reference. Tokens of version 1 call the client `appid`, those of version 2 `azp`.
    """

    tid: str | None = None
    oid: str | None = None
    appid: str | None = None
    azp: str | None = None
    idtyp: str | None = None
    roles: tuple[str, ...] = ()
    scp: str | None = None
    upn: str | None = None
    unique_name: str | None = None

    @property
    def tenant_id(self) -> str | None:
        """Whose tenant it is for, in lower case."""
        return self.tid.lower() if self.tid else None

    @property
    def client_id(self) -> str | None:
        """The app that it was given to, or that a person used."""
        return self.appid or self.azp

    @property
    def name(self) -> str | None:
        """A person's sign-in name, or an app's client id."""
        return self.upn or self.unique_name or self.client_id

    @property
    def is_person(self) -> bool:
        """Whether a person signed in, as `az login` has it: then their own rights count."""
        return self.idtyp == "user" or self.scp is not None


NO_CLAIMS = Claims()


def claims_of(token: str) -> Claims:
    """Read an access token; one that cannot be read, and Microsoft may issue such, says nothing."""
    try:
        body = token.split(".")[1]
        return msgspec.json.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Claims)
    except (IndexError, ValueError, msgspec.MsgspecError):
        return NO_CLAIMS


def _stranger(home: str, tenant_id: str) -> SignInError:
    """A managed identity is given tokens of its own tenant, whichever was asked for: they would read the wrong one."""
    steps = (
        f"Give the target an identity that the tenant {tenant_id} knows: [target.identity] in the configuration.",
        "Or check the target's tenant_id.",
    )
    return SignInError(f"the identity that signed in belongs to the tenant {home}, not to the target's", steps=steps)


_NO_IDENTITY = (
    "In Azure, switch on the app's managed identity.",
    "Elsewhere, run `az login`, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.",
)
_REFUSED = ("Check the monitor's client id, its secret or certificate and their expiry, and the tenant id.",)
_UNHEARD = ("Check the network path, DNS, proxy and TLS trust from where the monitor runs to the sign-in service.",)


def _told(heard: _Heard, code: str | None) -> SignInError:
    answer = heard.answer
    if answer is None and code is None:
        if heard.asked:
            return SignInError(f"no complete answer came from {ENTRA}", tries=UNBOUNDED, steps=_UNHEARD)
        return SignInError("no identity to sign in with was found", tries=2, steps=_NO_IDENTITY)
    status = answer.status if answer else 0
    said = " ".join(str(part) for part in (status, code) if part)
    if status in TRANSIENT:
        return SignInError(f"{ENTRA} gives no token now ({said})", tries=UNBOUNDED, answer=answer)
    if code is None and status < 400:
        return SignInError(f"{ENTRA} answered {status} without a token", tries=NONSENSE_TRIES, steps=_UNHEARD)
    return SignInError(f"{ENTRA} refused a token ({said})", answer=answer, steps=_REFUSED)
