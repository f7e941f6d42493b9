"""Asking Azure, in one place: time-outs, patience, retries, and what an answer means. Every read goes through here.

The SDKs sign and send; their own retries are switched off, because they disagree (a fractional Retry-After is ignored
by one, an hour-long one slept through by another), and their models are never built: an answer is bytes until it is
decoded here, so that HTML, an empty body or half a page can only ever be a failed read.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.errors import GatherError
from shared.retry_after import retry_after_s

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
NONSENSE_TRIES = 3
UNBOUNDED = 1_000_000
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_EXCESS_FRACTION = re.compile(rb"(:\d\d\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its users know it: its name, and what to grant when it refuses."""

    name: str
    grant: str


class AttemptError(Exception):
    """One attempt that brought no answer of use. Never leaves gather: it is tried `tries` times, then a GatherError."""

    def __init__(self, why: str, *, tries: int = 1, answer: Answer | None = None, steps: tuple[str, ...] = ()) -> None:
        self.why = why
        self.tries = tries
        self.answer = answer
        self.steps = steps
        super().__init__(why)


def unanswered(error: Exception) -> AttemptError:
    """Say that an attempt broke off; of what was raised only its class is named, because its text may quote a URL."""
    return AttemptError(
        f"no complete answer came ({type(error).__name__})",
        tries=UNBOUNDED,
        steps=("Check the network path, DNS, proxy and TLS trust from where the monitor runs.",),
    )


class _TimedOutError(AttemptError):
    """No answer came within the time that one request has, or that patience had left: then what came before counts."""


class SignInError(AttemptError):
    """No token was to be had: whatever its answer says is not about the thing that was asked for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and for how many answers at once. `now` is the instant that "come back at" is told from."""

    request_timeout_s: float
    patience_s: float
    now: datetime
    in_flight: asyncio.Semaphore

    async def ask[T](self, service: Service, send: Callable[[], Awaitable[Answer]], read: Callable[[Answer], T]) -> T:
        """Send until an answer can be read, and read it.

        Raises:
            GatherError: the answer is a refusal, or patience ran out; it says which, and when to come back.
        """
        loop = asyncio.get_running_loop()
        left_s = self.patience_s
        attempt = 0
        failure: AttemptError | None = None
        while True:
            attempt += 1
            async with self.in_flight:  # waiting for a place here is not the service's fault: patience starts within
                started = loop.time()
                try:
                    return read(await self._once(send, left_s))
                except AttemptError as trouble:
                    is_cut_short = isinstance(trouble, _TimedOutError) and left_s < self.request_timeout_s
                    failure = failure if is_cut_short and failure is not None else trouble
            left_s -= loop.time() - started
            wait_s = self._wait_s(failure, attempt)
            if attempt >= failure.tries or wait_s >= left_s:
                raise self._given_up(service, failure, attempt) from failure
            await asyncio.sleep(wait_s)
            left_s -= wait_s

    async def _once(self, send: Callable[[], Awaitable[Answer]], left_s: float) -> Answer:
        try:
            async with asyncio.timeout(min(self.request_timeout_s, left_s)):
                return await send()
        except TimeoutError:
            why = f"it did not answer in time ({self.request_timeout_s:g} s)"
            steps = ("Check the network path and the service's health.",)
            raise _TimedOutError(why, tries=UNBOUNDED, steps=steps) from None

    def _wait_s(self, failure: AttemptError, attempt: int) -> float:
        named = retry_after_s(failure.answer.headers, self.now) if failure.answer else None
        backoff = min(0.5 * 2 ** (attempt - 1), 8) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
        return named or backoff  # "come back in 0 s", or at an instant that has passed, names no time

    def _given_up(self, service: Service, failure: AttemptError, attempts: int) -> GatherError:
        why = f"{service.name}: {failure.why}"
        again_at = None
        if failure.answer and failure.answer.status in TRANSIENT:
            named = retry_after_s(failure.answer.headers, self.now)
            if named:
                again_at = self.now + timedelta(seconds=named)
                why += f"; it asks to come back in {named:g} s, at {again_at:%Y-%m-%d %H:%M:%S} UTC"
        if attempts > 1:
            why += f" (given up after {attempts} attempts)"
        answer = None if isinstance(failure, SignInError) else failure.answer
        return GatherError(
            why,
            status=answer.status if answer else None,
            code=error_code(answer) if answer else None,
            steps=failure.steps,
            again_at=again_at,
        )


async def together(*reads: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do several reads at once; where one fails, call the others off and raise its error."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read) for read in reads]
    except BaseExceptionGroup as failed:
        raise _first(failed) from None
    return [task.result() for task in tasks]


async def each[T](reads: Iterable[Coroutine[Any, Any, T]]) -> list[T | GatherError]:
    """Do reads side by side, and let each fail by itself."""

    async def one(read: Coroutine[Any, Any, T]) -> T | GatherError:
        try:
            return await read
        except GatherError as error:
            return error

    return await together(*(one(read) for read in reads))


def _first(failed: BaseException) -> BaseException:
    return _first(failed.exceptions[0]) if isinstance(failed, BaseExceptionGroup) else failed


class _Error(msgspec.Struct):
    code: str | None = None
    innererror: "_Error | None" = None


class _ErrorBody(msgspec.Struct):
    error: _Error | None = None
    code: str | None = None


def error_code(answer: Answer) -> str | None:
    """Read the error code of an answer, the innermost one; never its message, which quotes what was asked."""
    try:
        body = msgspec.json.decode(answer.body, type=_ErrorBody)
    except msgspec.MsgspecError:
        return None
    error, code = body.error, body.code
    while error is not None:
        code, error = error.code or code, error.innererror
    return code if code and _CODE.fullmatch(code) else None


def reader[T](service: Service, decoder: msgspec.json.Decoder[T]) -> Callable[[Answer], T]:
    """Make what reads an answer of 200 into a typed record; anything else raises AttemptError."""

    def read(answer: Answer) -> T:
        if answer.status != 200:
            raise refusal(service, answer)
        return decode(answer.body, decoder)

    return read


def decode[T](body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode a body; one that is not what was asked for is a AttemptError that is tried again a few times."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    try:
        # Entra writes "9999-12-31T23:59:59.9999999Z" for never: the seventh digit rounds past the last date there is.
        return decoder.decode(_EXCESS_FRACTION.sub(rb"\1", body))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AttemptError(_nonsense(body, error), tries=NONSENSE_TRIES) from None


def _nonsense(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "it answered 200 with an empty body"
    if body.lstrip()[:1] == b"<":
        return "it answered 200 with HTML instead of JSON (a proxy or sign-in page?)"
    if isinstance(error, msgspec.ValidationError):
        return "it answered 200 with JSON of another shape than documented"
    return "it answered 200 with half an answer (the JSON does not end)"


def refusal(service: Service, answer: Answer) -> AttemptError:
    """Say what a status other than 200 means, and what to do about it."""
    code = error_code(answer)
    said = f"{answer.status} {code}" if code else str(answer.status)
    if answer.status == 429:
        return AttemptError(f"it is throttling ({said})", tries=UNBOUNDED, answer=answer)
    if answer.status in TRANSIENT:
        return AttemptError(f"it failed on its side ({said})", tries=UNBOUNDED, answer=answer)
    if answer.status == 401:
        steps = ("Check that the monitor's identity belongs to this tenant and cloud.",)
        return AttemptError(f"it did not accept the token ({said})", answer=answer, steps=steps)
    if answer.status == 403:
        return AttemptError(f"it refused ({said})", answer=answer, steps=(service.grant,))
    return AttemptError(f"it answered {said}", answer=answer)
