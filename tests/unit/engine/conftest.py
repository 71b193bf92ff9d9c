"""An engine with a scripted runner and a clock of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swim_tui.engine.core import Engine
from tests.unit.engine.fakes import FakeClock, ScriptedRunner, start_engine


@pytest.fixture
def runner() -> ScriptedRunner:
    return ScriptedRunner()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def engine(tmp_path: Path, runner: ScriptedRunner, clock: FakeClock) -> AsyncIterator[Engine]:
    engine = await start_engine(tmp_path, runner, clock)
    yield engine
    await engine.stop()
