"""A job whose device an inventory sync has: it waits for so long, or the sync gives way."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.model.job import JobRequest, JobType, RunStatus, TaskStatus
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import Phase
from tests.unit.engine.fakes import FakeClock, ScriptedRunner, add_devices, combined, start_engine, submit, until

P = Phase.PREPARE


@pytest.mark.parametrize(
    ("setting", "value", "ends"),
    [("sync.wait_limit_min", "5", True), ("sync.wait_limit_min", "0", False), ("sync.wait", "off", False)],
)
async def test_a_job_waits_for_a_sync_as_the_settings_say(tmp_path: Path, setting: str, value: str, ends: bool) -> None:
    clock, runner = FakeClock(), ScriptedRunner()
    engine = await start_engine(tmp_path, runner, clock)
    try:
        await engine.api.set_setting(setting, value)
        await add_devices(engine, "r1", "r2")
        sync = await submit(engine, JobRequest(JobType.INVENTORY_SYNC, devices=("r1",)))
        await runner.wait(("r1", P))
        job = await submit(engine, combined("r1", "r2"))
        await until(lambda: engine.runs.live[job.last_run].state.tasks["r1"].task.waiting_for)
        task = engine.runs.live[job.last_run].state.tasks["r1"]
        assert f"waiting for run {sync.last_run}" in task.task.waiting_for
        if setting == "sync.wait":  # the sync is asked to stop, and the job goes on
            await until(lambda: engine.runs.live[sync.last_run].state.tasks["r1"].cancel)
            next(p for p in runner.plays if p.request.run_id == sync.last_run).done(
                PhaseResult(PhaseStatus.CANCELLED, message="cancelled")
            )
            assert (await engine.wait_for(sync.last_run)).status is RunStatus.CANCELLED
            await until(lambda: any(p.request.run_id == job.last_run for p in runner.plays))
            return
        await clock.move(299)
        assert task.task.status is TaskStatus.YET_TO_START
        await clock.move(2)
        if ends:
            await until(lambda: task.task.status is TaskStatus.FAILURE)
            assert "still has this device after 5 min" in task.task.message
            assert engine.runs.live[sync.last_run].state.tasks["r1"].running is not None  # the sync is left alone
        else:
            await clock.move(7200)
            assert task.task.status is TaskStatus.YET_TO_START
    finally:
        await engine.stop()
