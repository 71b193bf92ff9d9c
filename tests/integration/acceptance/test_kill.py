"""kill -9 of the engine in the middle of a job: workers end, the run goes on, one reload per device."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable

import pytest

from tests.integration.acceptance.conftest import TIME_SCALE
from tests.integration.acceptance.test_psirt import ASR, distribute
from tests.support.world import Lab, World, alive, wait_until


def running_operation(world: World, run_id: str) -> set[str]:
    """Kinds of the operations that run now."""
    detail = world.json("runs", "show", run_id)
    return {op["kind"] for task in detail["tasks"] for op in task["operations"] if op["status"] == "Running"}


def journalled(world: World, run_id: str, word: str) -> bool:
    """True when the run journal holds this word."""
    path = world.data / "runs" / run_id / "events.jsonl"
    return path.exists() and word in path.read_text(errors="replace")


MOMENTS = ["reload-intent", *(["copy-image", "wait-for-reload"] if os.environ.get("SWIM_TUI_LONG") else [])]


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_engine_continues_and_reloads_once(lab_up: Callable[..., Lab], world: World, moment: str) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    if moment == "copy-image":
        lab.fault(ASR[0], "slow=4000000")
    started = json.loads(world.swim(*distribute(ASR[0], ASR[1]), "--json").stdout)
    run_id = started["run"]["id"]
    if moment == "reload-intent":
        wait_until(lambda: journalled(world, run_id, '"reload"'), limit_s=60, what="reload intent", poll_s=0.01)
    else:
        wait_until(lambda: moment in running_operation(world, run_id), limit_s=60, what=moment)
    workers = world.worker_pids()
    assert workers
    world.kill_engine()
    wait_until(lambda: not any(alive(pid) for pid in workers), limit_s=1.5, what="workers gone within a second")
    world.start_engine("--scale", TIME_SCALE)
    final = wait_until(
        lambda: (d := world.json("runs", "show", run_id))["run"]["ended_at"] and d, limit_s=120, what="run ends"
    )
    assert final["run"]["status"] == "Success", final
    assert lab.reloads() == {ASR[0]: 1, ASR[1]: 1}


def test_deleting_the_data_directory_ends_the_engine(world: World) -> None:
    pid = world.engine_pid()
    shutil.rmtree(world.data)
    wait_until(lambda: not alive(pid), limit_s=8, what="engine ends when its directory is gone")
