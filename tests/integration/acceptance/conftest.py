"""Fixtures of the acceptance tests: labs, data directories, nothing left running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.world import Lab, World

TIME_SCALE = "240"
SIZE_SCALE = "400"


@pytest.fixture
def lab_up(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Start labs; they end with the test."""
    running: list[Lab] = []

    def start(network: str, *options: str) -> Lab:
        scale = () if "--time-scale" in options else ("--time-scale", TIME_SCALE)
        size = () if "--size-scale" in options else ("--size-scale", SIZE_SCALE)
        lab = Lab.up(network, tmp_path / f"lab{len(running)}", *scale, *size, *options)
        running.append(lab)
        return lab

    yield start
    for lab in running:
        lab.down()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty data directory with an engine at the lab's time scale."""
    made = World(tmp_path)
    made.start_engine("--scale", TIME_SCALE)
    yield made
    made.stop()
