"""The doctor over HTTP: whether the app can read, write down and tell what it must, as whom it runs."""

import asyncio
from collections.abc import Mapping

from shared.app.http import HEADERS, Answer, answer
from shared.app.opened import App
from shared.config import Settings, load_settings
from shared.doctor import MOST_TARGETS, Diagnosis, doctor_json, examine, misconfigured
from shared.doctor.examine import Where
from shared.errors import ConfigError, DawnwatchError
from shared.text import plain


async def doctor(app: App, query: Mapping[str, str]) -> Answer:
    """Examine the app and its targets, 50 of them at most where `target` (names, with commas between) names none.

    It answers 200 whatever it finds, mistakes in the configuration too: the outcome stands in the body. Only where the
    configuration's storage does not answer there is nothing to examine: 503.
    """
    now = app.clock()
    try:
        settings = await asyncio.to_thread(load_settings, app.places.config, app.environ)
    except ConfigError as error:
        return _said(misconfigured(error, app.environ, now))
    except DawnwatchError as error:
        return answer(503, {"error": f"The configuration cannot be read now: {error}"}, **{"Retry-After": "60"})
    names = frozenset(filter(None, query.get("target", "").split(",")))
    strangers = names - {target.name for target in settings.targets}
    if strangers:
        return answer(404, {"error": f"There is no target {plain(min(strangers), 60)!r}."})
    return _said(await _examined(app, settings, names))


async def _examined(app: App, settings: Settings, names: frozenset[str]) -> Diagnosis:
    targets = [target for target in settings.targets if not names or target.name in names]
    where = Where(app.places.ledger, app.places.beside)
    at_most = None if names else MOST_TARGETS
    return await examine(settings, targets, app.environ, app.clock(), where=where, at_most=at_most)


def _said(diagnosis: Diagnosis) -> Answer:
    return Answer(200, doctor_json(diagnosis), HEADERS)
