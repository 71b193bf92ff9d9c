"""Rates that several transfers share: a server, the line into a site."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

SLACK_S = 0.1


class Throttle:
    """Hands out time slots for bytes, first come first served; rate 0 is unlimited."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._due = 0.0

    def delay(self, count: int) -> float:
        """Reserve a slot for `count` bytes; the seconds from now until they are through."""
        if not self.rate:
            return 0.0
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - SLACK_S) + count / self.rate
        return self._due - now


async def take(throttles: Sequence[Throttle], count: int) -> None:
    """Wait until `count` bytes have passed all of them."""
    wait_s = max((throttle.delay(count) for throttle in throttles), default=0.0)
    if wait_s > 0:
        await asyncio.sleep(wait_s)
