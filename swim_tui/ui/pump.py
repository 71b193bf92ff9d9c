"""From the event stream to the screen: drain, batch, one apply at most four times a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Generic, TypeVar

from swim_tui.clock import Clock, SystemClock

E = TypeVar("E")

PAINT_INTERVAL_S = 0.25


class EventPump(Generic[E]):
    """Reads a stream in one task and hands batches to `apply` on the event loop, never more often than `interval_s`.

    A quiet stream is passed on at once: the first event after a pause does not wait for a tick.
    """

    def __init__(
        self,
        apply: Callable[[Sequence[E]], None],
        *,
        interval_s: float = PAINT_INTERVAL_S,
        clock: Clock | None = None,
    ) -> None:
        self._apply = apply
        self._interval_s = interval_s
        self._clock = clock or SystemClock()
        self._waiting: list[E] = []
        self._last = float("-inf")
        self._flusher: asyncio.Task[None] | None = None
        self.batches = 0

    async def run(self, stream: AsyncIterator[E]) -> None:
        """Read until the stream ends or the task is cancelled; what is held then is still applied."""
        try:
            async for event in stream:
                self.put(event)
        finally:
            if self._flusher is not None:
                self._flusher.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._flusher
            self.flush()

    def put(self, event: E) -> None:
        """Take one event and see that a flush is due."""
        self._waiting.append(event)
        if self._flusher is None:
            self._flusher = asyncio.get_running_loop().create_task(self._flush_when_due())

    async def _flush_when_due(self) -> None:
        # at least one turn of the loop, so that a burst that is already there becomes one batch
        await self._clock.sleep(max(0.0, self._last + self._interval_s - self._clock.monotonic()))
        self._flusher = None
        self.flush()

    def flush(self) -> None:
        """Apply what waits, now."""
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        self._last = self._clock.monotonic()
        self.batches += 1
        self._apply(batch)
