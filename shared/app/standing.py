"""How things stand, and asking for a look now, over HTTP. Errors tell an outsider nothing; the log has the cause."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from shared.app.http import HEADERS, Answer, answer
from shared.app.opened import App, Opened
from shared.app.planning import plan_some
from shared.errors import ConfigError, DawnwatchError
from shared.expectations import Target
from shared.formats.ledger_json import status_json
from shared.ledger.book import Book
from shared.ledger.overview import Overview, read_overview
from shared.model import Check
from shared.telemetry import warn
from shared.text import plain

PAGE = 100
"""How many targets one answer tells of."""

BODY_AT_MOST = 16 * 1024
_AT_ONCE = 16
_STATUS = "/api/status"


class BadRequestError(DawnwatchError):
    """What was asked for cannot be: what is wrong with it, and what would be right."""

    def __init__(self, message: str, status: int = 400) -> None:
        self.status = status
        super().__init__(message)


async def answered(app: App, work: Callable[[Opened], Awaitable[Answer]]) -> Answer:
    """Answer with what is open; what cannot be opened or read is 503, and the log says why."""
    try:
        async with app.opened() as opened:
            return await work(opened)
    except BadRequestError as error:
        return answer(error.status, {"error": str(error)})
    except ConfigError:
        return answer(503, {"error": "The configuration has mistakes: the log lists them, and so does /api/doctor."})
    except DawnwatchError as error:
        warn("not answered", reason=str(error))
        return answer(
            503, {"error": "What is asked for cannot be read now: the log has the cause."}, **{"Retry-After": "60"}
        )


async def status(app: App, query: Mapping[str, str]) -> Answer:
    """Say what is open, when each check last read everything, and what is pending: 100 targets an answer at most.

    `query` may have `target` (names, with commas between), `after` (the name behind which to go on) and `limit`.
    """

    async def work(opened: Opened) -> Answer:
        asked = _asked(opened, query)
        now = opened.shell.clock()
        overviews = await _overviews(opened, asked[: _limit(query)])
        return Answer(200, status_json(overviews, now, _following(asked, overviews, query)), HEADERS)

    return await answered(app, work)


def _asked(opened: Opened, query: Mapping[str, str]) -> list[Target]:
    targets = sorted(opened.settings.targets, key=lambda target: target.name)
    if names := query.get("target"):
        targets = [_target(opened, name) for name in sorted(set(names.split(",")))]
    after = query.get("after", "")
    return [target for target in targets if target.name > after]


def _target(opened: Opened, name: str) -> Target:
    target = opened.target(name)
    if target is None:
        raise BadRequestError(f"There is no target {plain(name, 60)!r}; {_STATUS} lists those that there are.", 404)
    return target


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(PAGE))
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(PAGE)) or not 1 <= int(text) <= PAGE:
        raise BadRequestError(f"limit must be a number from 1 to {PAGE}, not {plain(text, 20)!r}.")
    return int(text)


def _following(asked: Sequence[Target], shown: Sequence[Overview], query: Mapping[str, str]) -> str | None:
    if len(asked) <= len(shown):
        return None
    kept = {name: query[name] for name in ("target", "limit") if name in query}  # and never the key that came along
    return f"{_STATUS}?{urlencode({**kept, 'after': shown[-1].target})}"


async def _overviews(opened: Opened, targets: Sequence[Target]) -> list[Overview]:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(target: Target) -> Overview:
        async with at_once:
            return await read_overview(Book(opened.shell.store, target.name), target, over=False)

    return await asyncio.gather(*(one(target) for target in targets))


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request for a look: both are optional, and without them all targets and checks are meant."""

    target: str | None = None
    check: str | None = None


async def request_check(app: App, body: bytes, run: str) -> Answer:
    """Plan what a body such as `{"target": "contoso"}` asks for: 202, and where to look."""

    async def work(opened: Opened) -> Answer:
        wish = _wish(body)
        targets = opened.settings.targets if wish.target is None else [_target(opened, wish.target)]
        planned = await plan_some(opened, targets, _checks(wish.check), run)
        where = _STATUS if wish.target is None else f"{_STATUS}?{urlencode({'target': wish.target})}"
        said = {"schema": "dawnwatch.planned/1", "run": run, "planned": len(planned), "status": where}
        return answer(202, said, Location=where)

    return await answered(app, work)


def _wish(body: bytes) -> _Wish:
    if len(body) > BODY_AT_MOST:
        raise BadRequestError(f"The body is larger than {BODY_AT_MOST:,} bytes.", 413)
    try:
        return msgspec.json.decode(body or b"{}", type=_Wish)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        shape = '{"target": "contoso", "check": "snapshot-currency"}, both optional'
        raise BadRequestError(f"The body must be JSON such as {shape} ({plain(str(error), 120)}).") from None


def _checks(name: str | None) -> Sequence[Check]:
    if name is None:
        return tuple(Check)
    if name not in {check.value for check in Check}:
        raise BadRequestError(f"There is no check {plain(name, 60)!r}; the checks are {', '.join(Check)}.")
    return (Check(name),)
