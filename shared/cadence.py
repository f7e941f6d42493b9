"""When the next tour begins: at a steady beat that does not drift, until somebody asks to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name))


async def beats(every_s: float, stopping: asyncio.Event) -> AsyncIterator[int]:
    """Yield at once and then every so often, counted from the start; a beat that was missed is not made up for."""
    loop = asyncio.get_running_loop()
    started_at, beat = loop.time(), 0
    while not stopping.is_set():
        yield beat
        beat = int((loop.time() - started_at) // every_s) + 1
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), started_at + beat * every_s - loop.time())


async def finish[T](work: Coroutine[None, None, T], stopping: asyncio.Event, grace_s: float) -> T | None:
    """Do some work to its end; once asked to stop, give it `grace_s` more and then cancel it: None."""
    doing, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({doing, stop}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({doing}, timeout=grace_s if not doing.done() else 0)
        if not doing.done():
            doing.cancel()
            await asyncio.wait({doing})
        return None if doing.cancelled() else doing.result()
    finally:
        stop.cancel()
        doing.cancel()


@contextmanager
def asked_to_stop() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and Ctrl+C set, instead of ending the process where it stands."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    put_back = [_listen(number, loop, stopping) for number in SIGNALS]
    try:
        yield stopping
    finally:
        for undo in put_back:
            undo()


def _listen(number: int, loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> Callable[[], object]:
    before = signal.getsignal(number)
    try:
        loop.add_signal_handler(number, stopping.set)
    except NotImplementedError:  # Windows' loop has none

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(stopping.set)

        signal.signal(number, on_signal)
        return lambda: signal.signal(number, before)

    def undo() -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, before)

    return undo
