"""Bytes and time of one transfer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from swim_tui.net.contract import PushProgress

_REPORT_S = 0.25


@dataclass
class Meter:
    """Counts a transfer of `size` bytes, of which the first `begin` were there before; tells at most four times a
    second."""

    size: int
    report: Callable[[PushProgress], None]
    begin: int = 0
    started: float = 0.0
    done: int = 0
    moved_at: float = 0.0
    _reported_at: float = 0.0

    def start(self) -> None:
        """The bytes begin to move."""
        self.done = self.begin
        self.started = self.moved_at = self._reported_at = time.monotonic()

    def add(self, count: int) -> None:
        """Some bytes moved."""
        self.done += count
        self.moved_at = now = time.monotonic()
        if now - self._reported_at >= _REPORT_S:
            self._say(now)

    def finish(self) -> None:
        """Tell the last figure."""
        self._say(time.monotonic())

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def _say(self, now: float) -> None:
        self._reported_at = now
        rate = (self.done - self.begin) / max(now - self.started, 1e-6)
        self.report(PushProgress(self.done, self.size, rate))
