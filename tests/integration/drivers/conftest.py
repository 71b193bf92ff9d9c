"""Labs for the driver tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swim_tui.packs.loading import PackSet, load_packs
from tests.integration.drivers.labkit import QUICK, LabRun, running_lab


@pytest.fixture(scope="session")
def packs() -> PackSet:
    """The shipped packs."""
    return load_packs()


@pytest.fixture
def asr(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """Three ASR1002 behind a jump host."""
    with running_lab("story2", tmp_path, packs, time_scale=QUICK) as lab:
        yield lab


@pytest.fixture
def classic(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """Catalyst 2960 with a small flash and old SSH."""
    with running_lab("story4", tmp_path, packs) as lab:
        yield lab
