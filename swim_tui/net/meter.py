"""Bytes and time of one transfer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from swim_tui.net.contract import PushProgress

_REPORT_S = 0.25
_LONGEST_HOLD_S = 1.0  # a cancel is heard meanwhile, and a short limit for stalls is not met

Report = Callable[[PushProgress], None]


class Paced:
    """A report whose transfer is kept to a budget: its meter has it wait after each piece that came too soon."""

    def __init__(self, report: Report, bytes_per_s: float) -> None:
        self._report = report
        self._bytes_per_s = bytes_per_s
        self._began = (0, 0.0)  # bytes that were there, and when

    def __call__(self, progress: PushProgress) -> None:
        """Tell."""
        self._report(progress)

    def start(self, begin: int) -> None:
        """The bytes behind `begin` are to come."""
        self._began = (begin, time.monotonic())

    def hold(self, done: int) -> None:
        """Wait while `done` is ahead of the budget."""
        ahead = (done - self._began[0]) / self._bytes_per_s - (time.monotonic() - self._began[1])
        if ahead > 0:
            time.sleep(min(ahead, _LONGEST_HOLD_S))  # a budget is a rate: this is its clock


def paced(report: Report, bytes_per_s: float) -> Report:
    """The report for a transfer of at most `bytes_per_s`; 0 = no budget."""
    return Paced(report, bytes_per_s) if bytes_per_s > 0 else report


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
        if isinstance(self.report, Paced):
            self.report.start(self.begin)
        self.started = self.moved_at = self._reported_at = time.monotonic()

    def add(self, count: int) -> None:
        """Some bytes moved."""
        self.done += count
        self.moved_at = now = time.monotonic()
        if now - self._reported_at >= _REPORT_S:
            self._say(now)
        if isinstance(self.report, Paced):
            self.report.hold(self.done)
            self.moved_at = time.monotonic()  # who is held does not stall

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
