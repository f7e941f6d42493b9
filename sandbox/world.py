"""What all services of the box share: the tenants, the clock, the keys, the faults, and what has come in."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from sandbox.faults import Faults
from sandbox.records import Identity
from sandbox.tenant import Tenant
from sandbox.web import Call, RefusedError

TOKEN_LIFE_S = 3599
_PUBLIC = {
    "graph": ("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"),
    "arm": ("https://management.azure.com", "https://management.core.windows.net"),
    "logs": ("https://api.loganalytics.io", "https://api.loganalytics.azure.com"),
    "event_grid": ("https://eventgrid.azure.net",),
}
EXCHANGE = "api://AzureADTokenExchange"
"""What a managed identity's token is for where it proves an app registration."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call that came in, as the log keeps it: the path with its query, no secret in it."""

    service: str
    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent that the topic took."""

    id: str
    type: str
    source: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TeamsMessage:
    """A message that the workflow took; `failed` where Teams would not have shown it: too large, or no card."""

    content: Any
    size: int
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by the token that was shown."""

    tenant: Tenant
    identity: Identity
    roles: frozenset[str]


class World:
    """The state of one box."""

    def __init__(self, tenants: Iterable[Tenant], now: datetime | None, faults: Faults, latency_s: float) -> None:
        self.tenants = {tenant.tenant_id.lower(): tenant for tenant in tenants}
        self.now = now or max((tenant.now for tenant in self.tenants.values()), default=datetime.now(UTC))
        self.faults = faults
        self.latency_s = latency_s
        self.requests: list[Request] = []
        self.teams: list[TeamsMessage] = []
        self.events: list[Event] = []
        self.tokens: dict[str, dict[str, Any]] = {}
        self.origins: tuple[str, ...] = ()
        seed = "/".join(sorted(self.tenants)).encode()
        self.page_key = hashlib.sha256(b"pages/" + seed).digest()
        self.workflow_signature = secrets.token_urlsafe(32)
        self.topic_key = secrets.token_urlsafe(33)

    def known_audience(self, audience: str) -> bool:
        """Whether a token can be had for it."""
        return _plain(audience) in {*self.origins, *(name for names in _PUBLIC.values() for name in names)}

    def issue(self, tenant: Tenant, identity: Identity, audience: str) -> str:
        """A signed access token."""
        issued = int(time.time())
        is_graph = _plain(audience) in (*_PUBLIC["graph"], *self.origins)
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
            "iat": issued,
            "nbf": issued,
            "exp": issued + TOKEN_LIFE_S,
            "appid": identity.client_id,
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": tenant.tenant_id,
            "idtyp": "app",
            "roles": list(identity.app_roles) if is_graph else [],
            "uti": secrets.token_urlsafe(12),
            "ver": "1.0",
        }
        token = jwt.encode(claims, signing_key(), algorithm="RS256", headers={"kid": "box"})
        self.tokens[token] = claims
        return token

    def caller(self, call: Call, service: str, refusals: Mapping[str, RefusedError]) -> Caller:
        """Who calls, or the service's refusal: `missing`, `invalid`, `expired` or `audience`."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise refusals["missing"]
        claims = self.tokens.get(token)
        if claims is None:
            raise refusals["invalid"]
        if claims["exp"] < time.time():
            raise refusals["expired"]
        if _plain(claims["aud"]) not in (*self.origins, *_PUBLIC[service]):
            raise refusals["audience"]
        tenant = self.tenants[claims["tid"].lower()]
        known = (one for one in tenant.identities if one.object_id == claims["oid"])
        return Caller(tenant, next(known, tenant.monitor), frozenset(claims["roles"]))

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret string in the box."""
        held = {self.workflow_signature, self.topic_key, *self.tokens}
        return frozenset(held.union(*(tenant.secrets for tenant in self.tenants.values())))


@cache
def signing_key() -> RSAPrivateKey:
    """The key that tokens are signed with; made once a process."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_keys() -> dict[str, Any]:
    """The key set that tokens can be checked against."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
    return {"keys": [key | {"kid": "box", "use": "sig", "alg": "RS256"}]}


def instant(moment: datetime | None, *, digits: int = 0) -> str | None:
    """An instant as Azure writes it."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S") + (f".{utc.microsecond:06d}0"[: digits + 1] if digits else "") + "Z"


def _plain(audience: str) -> str:
    return audience.rstrip("/").lower()
