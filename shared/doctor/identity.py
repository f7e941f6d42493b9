"""Who signs in to a target: a token for each service, and whose it is. Nothing else of a token is ever shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.doctor.diagnosis import Area, Point, Verdict, say_error, untold
from shared.expectations import Target
from shared.gather.answers import Service, together
from shared.gather.cloud import ARM, GRAPH, LOGS, Azure
from shared.gather.sign_in import NO_CLAIMS, Claims
from shared.gather.whoami import NoTokenError, gather_claims

SERVICES: Mapping[str, Service] = {"graph": GRAPH, "resource_manager": ARM, "log_analytics": LOGS}
"""The services that a token is asked for, by the key of their scope."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signing in for each service came to, by the key of its scope."""

    came: Mapping[str, Claims | NoTokenError]

    @property
    def bearer(self) -> Claims:
        """What the first token that can be read says of its bearer."""
        return next((one for one in self.came.values() if isinstance(one, Claims) and one != NO_CLAIMS), NO_CLAIMS)

    @property
    def graph(self) -> Claims:
        """What the token for Microsoft Graph says."""
        came = self.came.get("graph")
        return came if isinstance(came, Claims) else NO_CLAIMS


async def sign_in(azure: Azure) -> SignIn:
    """Ask for a token for each service."""

    async def one(key: str) -> Claims | NoTokenError:
        try:
            return await gather_claims(azure, SERVICES[key], azure.endpoints.scopes[key])
        except NoTokenError as error:
            return error

    came = await together(*(one(key) for key in SERVICES))
    return SignIn(dict(zip(SERVICES, came, strict=True)))


def judge_identity(target: Target, signed: SignIn) -> Sequence[Point]:
    """Say who signs in, and for which services there is a token."""
    tokens = [_token(SERVICES[key], came) for key, came in signed.came.items()]
    return [_bearer(target, signed), *tokens]


def _bearer(target: Target, signed: SignIn) -> Point:
    claims = signed.bearer
    what = "who signs in"
    if claims == NO_CLAIMS:
        had = any(isinstance(came, Claims) for came in signed.came.values())
        why = "the tokens are not of a kind that can be read" if had else "there is no token"
        return Point(Area.IDENTITY, what, Verdict.UNKNOWN, f"It cannot be told: {why}.")
    return Point(Area.IDENTITY, what, Verdict.OK, say_bearer(target, claims))


def say_bearer(target: Target, claims: Claims) -> str:
    """Say in words who a token's bearer is."""
    said = (claims.client_id, claims.oid, claims.tenant_id)
    client_id, object_id, tenant_id = (one or "unknown" for one in said)
    if claims.is_person:
        who = f"a person (object id {object_id}) through the app {client_id}"
        return f"{who}, in the tenant {tenant_id}. What they may do is not what the app may do in Azure."
    named = "" if target.identity is None else ", as [target.identity] names it"
    return f"The app {client_id} (object id {object_id}), in the tenant {tenant_id}{named}."


def _token(service: Service, came: Claims | NoTokenError) -> Point:
    what = f"a token for {service.name}"
    if isinstance(came, Claims):
        return Point(Area.IDENTITY, what, Verdict.OK, "There is one.")
    if came.is_refused:
        return Point(Area.IDENTITY, what, Verdict.FAILED, say_error(came))
    return untold(Area.IDENTITY, what, came)
