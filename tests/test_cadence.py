"""The beat: steady, without drift, and ended when asked."""

import asyncio
import os
import signal

import pytest

from shared.cadence import asked_to_stop, beats, finish


async def test_a_slow_tour_skips_beats_and_does_not_shift_them() -> None:
    loop, stopping, seen = asyncio.get_running_loop(), asyncio.Event(), list[tuple[int, float]]()
    started_at = loop.time()
    async for beat in beats(0.1, stopping):
        seen.append((beat, loop.time() - started_at))
        await asyncio.sleep(0.25 if beat == 1 else 0.01)
        if len(seen) == 4:
            stopping.set()
    assert [beat for beat, _ in seen] == [0, 1, 4, 5]
    assert all(beat * 0.1 <= at + 0.01 < beat * 0.1 + 0.09 for beat, at in seen)


async def test_work_is_finished_within_its_grace_or_cancelled() -> None:
    stopping = asyncio.Event()

    async def work(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    assert await finish(work(0), stopping, 0) == "done"
    stopping.set()
    assert await finish(work(0.05), stopping, 5) == "done"
    assert await finish(work(60), stopping, 0.01) is None


async def test_what_the_work_raises_is_raised() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await finish(fail(), asyncio.Event(), 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
async def test_a_signal_asks_to_stop_and_is_itself_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with asked_to_stop() as stopping:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopping.wait(), 5)
    assert signal.getsignal(signal.SIGTERM) is before
