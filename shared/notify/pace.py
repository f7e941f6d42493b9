"""Beside the senders: how fast they may go."""

import asyncio


class Pace:
    """Lets callers through one by one, at most `per_second` of them in a second, first come first served."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._free_at = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        mine = max(now, self._free_at)
        self._free_at = mine + self._gap_s
        await asyncio.sleep(mine - now)
