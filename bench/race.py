"""Timing several ways to do one thing, side by side, so that a busy machine is as unkind to one as to the other."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Mapping
from statistics import median
from typing import Any

type Contender = Callable[[], Coroutine[Any, Any, object]]


def race(contenders: Mapping[str, Contender], rounds: int) -> dict[str, float]:
    """Run each once a round, in an order that turns round by round; the median wall-clock seconds of each.

    Each run has an event loop, connections and tokens of its own: nothing is left over for it from the one before.
    A round before the first is not counted, for either: it imports, and lets the server render its pages.
    """
    names = list(contenders)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names if number % 2 else reversed(names):
            seconds = _time(contenders[name])
            if number:
                taken[name].append(seconds)
    return {name: median(seconds) for name, seconds in taken.items()}


def _time(contender: Contender) -> float:
    gc.collect()
    started = time.perf_counter()
    asyncio.run(_done(contender))
    return time.perf_counter() - started


async def _done(contender: Contender) -> object:
    return await contender()
