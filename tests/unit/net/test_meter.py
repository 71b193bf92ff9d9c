"""The pace of a transfer that has a budget."""

from __future__ import annotations

import pytest

from swim_tui.net import meter
from swim_tui.net.contract import PushProgress


class Time:
    """A clock that only sleeping and sending move."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_transfer_with_a_budget_is_held_to_it_and_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    monkeypatch.setattr(meter, "time", time)
    told: list[int] = []
    report = meter.paced(lambda progress: told.append(progress.sent), 1_000_000.0)
    for megabyte in range(5, 26):  # it goes on behind five, at ten a second
        time.now += 0.1
        report(PushProgress(megabyte * 1_000_000, 25_000_000, 0.0))
    assert told == [megabyte * 1_000_000 for megabyte in range(5, 26)]
    assert 19.0 < time.now - 100.0 < 21.5


def test_without_a_budget_nothing_is_held() -> None:
    def report(progress: PushProgress) -> None:
        """Told."""

    assert meter.paced(report, 0.0) is report
