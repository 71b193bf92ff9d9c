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


def test_a_transfer_with_a_budget_is_held_to_it_from_its_first_piece_on(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    monkeypatch.setattr(meter, "time", time)
    told: list[PushProgress] = []
    counted = meter.Meter(25_000_000, meter.paced(told.append, 1_000_000.0), begin=5_000_000)
    counted.start()
    for piece in range(1, 201):  # a hundred in a second, where ten are allowed
        time.now += 0.01
        counted.add(100_000)
        assert time.now - 100.0 >= piece * 0.1 - 0.001
        assert counted.moved_at == time.now, "who is held does not stall"
    counted.finish()
    assert 19.9 < time.now - 100.0 < 20.1
    assert (told[-1].sent, round(told[-1].rate)) == (25_000_000, 1_000_000)


def test_without_a_budget_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    monkeypatch.setattr(meter, "time", time)
    counted = meter.Meter(5, meter.paced(lambda _: None, 0.0))
    counted.start()
    counted.add(5)
    assert time.now == 100.0
