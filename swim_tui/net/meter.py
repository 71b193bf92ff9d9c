"""Bytes and time of one transfer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from swim_tui.net.contract import PushProgress

_REPORT_S = 0.25
_LONGEST_HOLD_S = 1.0  # a cancel is heard meanwhile, and a short limit for stalls is not met

Report = Callable[[PushProgress], None]


def paced(report: Report, bytes_per_s: float) -> Report:
    """The report, held up while the transfer is ahead of its budget (0 = none); a transfer reports a few times a
    second, and again with its next piece when it was held."""
    if bytes_per_s <= 0:
        return report
    began: tuple[int, float] | None = None  # bytes that were there, and when

    def hold(progress: PushProgress) -> None:
        nonlocal began
        report(progress)
        began = began or (progress.sent, time.monotonic())
        ahead = (progress.sent - began[0]) / bytes_per_s - (time.monotonic() - began[1])
        if ahead > 0:
            time.sleep(min(ahead, _LONGEST_HOLD_S))  # a budget is a rate: this is its clock

    return hold


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
