"""Reading who signs in to a tenant: what an access token says of its bearer. The token itself goes nowhere."""

import msgspec

from shared.errors import GatherError
from shared.gather.answers import NONSENSE_TRIES, Answer, Service, SignInError, reader
from shared.gather.cloud import Azure
from shared.gather.sign_in import Claims, claims_of

_claims = msgspec.json.Decoder(Claims)


class NoTokenError(GatherError):
    """No token was to be had: `is_refused` where asking for longer is of no use."""

    def __init__(self, error: GatherError, *, is_refused: bool) -> None:
        self.is_refused = is_refused
        super().__init__(error.why, steps=error.steps, again_at=error.again_at)


async def gather_claims(azure: Azure, service: Service, scope: str) -> Claims:
    """Get a token for a service, and keep what it says of its bearer.

    Raises:
        NoTokenError: none was to be had.
    """

    async def send() -> Answer:
        token = await azure.credential.get_token(scope)
        return Answer(200, {}, msgspec.json.encode(claims_of(token.token)))

    try:
        return await azure.ask(service, send, reader(service, _claims))
    except GatherError as error:
        cause = error.__cause__
        is_refused = isinstance(cause, SignInError) and cause.tries < NONSENSE_TRIES
        raise NoTokenError(error, is_refused=is_refused) from None
