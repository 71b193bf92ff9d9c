"""What people do to jobs and runs: all of it or nothing, never lost to what the clock does meanwhile, and signed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from swim_tui.engine.core import Engine
from swim_tui.errors import BadValue, Conflict, NotFound
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, RecurKind, RunStatus, Schedule, TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Phase, RunPlan
from tests.unit.engine.fakes import (
    START,
    FakeClock,
    ScriptedRunner,
    add_devices,
    combined,
    failure,
    start_engine,
    submit,
    until,
)

P, D, A = Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE
ANN, BOB = "ann from 192.0.2.7", "bob"


def sync(at: datetime | None, recur: RecurKind = RecurKind.NONE) -> JobRequest:
    return JobRequest(JobType.INVENTORY_SYNC, devices=("r1",), schedule=Schedule(at=at, recur=recur))


async def to_activation(runner: ScriptedRunner, *devices: str) -> None:
    await runner.finish((devices[0], P))
    if devices[1:]:
        await runner.finish(*((device, P) for device in devices[1:]))
    await runner.finish(*((device, D) for device in devices))


async def test_a_start_time_is_changed_for_all_jobs_or_for_none_and_says_who(engine: Engine) -> None:
    await add_devices(engine, "r1")
    first, second = [await engine.api.submit(sync(START + timedelta(hours=n))) for n in (1, 2)]
    later = START + timedelta(hours=5)
    with pytest.raises(BadValue, match="in the past"):
        await engine.api.reschedule([first.id, second.id], START - timedelta(hours=1), by=ANN)
    with pytest.raises(NotFound):
        await engine.api.reschedule([first.id, "nobody's"], later, by=ANN)
    assert [engine.services.jobs.get(job.id) for job in (first, second)] == [first, second]
    moved = await engine.api.reschedule([first.id, second.id], later, by=ANN)
    assert [job.next_run_at for job in moved] == [later, later]
    assert moved == [engine.services.jobs.get(job.id) for job in (first, second)]
    act = moved[0].acts[-1]
    assert (act.at, act.what, act.by) == (START, "moved from 2026-01-10 03:00 to 2026-01-10 07:00 UTC", ANN)


async def test_every_act_on_a_job_and_on_a_run_is_kept_with_who_did_it(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2")
    waiting = await engine.api.submit(sync(START + timedelta(hours=1)), by=ANN)
    await engine.api.pause_job(waiting.id, by=ANN)
    await engine.api.resume(waiting.id, by=BOB)
    await engine.api.edit_job(waiting.id, replace(waiting.request, reason="because"), by=ANN)
    await engine.api.cancel(waiting.id, by=BOB)
    acts = engine.services.jobs.get(waiting.id).acts
    assert [(act.what, act.by) for act in acts] == [
        ("paused", ANN),
        ("resumed", BOB),
        ("edited", ANN),
        ("cancelled", BOB),
    ]
    job = await submit(engine, combined("r1", "r2"))
    await to_activation(runner, "r1", "r2")
    await runner.wait(("r1", A))
    await engine.api.hold(job.last_run, by=ANN)
    await engine.api.reorder(job.last_run, ["r2"], by=ANN)
    await engine.api.resume(job.last_run, by=BOB)
    await engine.api.skip_devices(job.last_run, ["r2"], by=BOB)
    runner.play("r1", A).done(failure(Outcome.FAILED))
    run = await engine.wait_for(job.last_run)
    said = [(act.what, act.by) for act in run.acts]
    assert said == [("hold", ANN), ("reorder", ANN), ("resume", BOB), ("skip r2", BOB)]
    retried = await engine.api.retry(job.id, by=ANN)
    assert (retried.started_by, engine.services.jobs.get(job.id).acts[-1].what) == (ANN, f"retried run {run.id}")


async def test_a_device_on_its_way_is_not_skipped_and_nor_are_those_named_with_it(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3"))
    await to_activation(runner, "r1", "r2", "r3")
    await runner.wait(("r1", A))
    with pytest.raises(Conflict, match="r1: too late to be skipped, nothing was changed"):
        await engine.api.skip_devices(job.last_run, ["r3", "r1"], by=ANN)
    with pytest.raises(NotFound, match="r9"):
        await engine.api.skip_devices(job.last_run, ["r3", "r9"], by=ANN)
    assert not any(state.cancel for state in engine.runs.live[job.last_run].state.tasks.values())
    await engine.api.skip_devices(job.last_run, ["r3", "r2"], by=ANN)
    await runner.finish(("r1", A))
    await engine.wait_for(job.last_run)
    tasks = {task.device: task for task in (await engine.api.run(job.last_run)).tasks}
    assert [tasks[name].status for name in ("r1", "r2", "r3")] == [TaskStatus.SUCCESS, *[TaskStatus.CANCELLED] * 2]
    assert tasks["r2"].message == f"skipped before its turn came; its image stays on the device (by {ANN})"


async def test_in_parallel_a_new_order_fills_the_batches_anew_and_holds_after_a_restart(
    tmp_path: Path, runner: ScriptedRunner
) -> None:
    names = [f"r{number}" for number in range(1, 6)]
    engine = await start_engine(tmp_path, runner)
    await add_devices(engine, *names)
    job = await submit(engine, combined(*names, mode=ActivateMode.PARALLEL, max_activation=2))
    await to_activation(runner, *names)
    await runner.wait(("r1", A))  # the canary; then r2 and r3, then r4 and r5
    await engine.api.reorder(job.last_run, ["r5", "r1", "r4"], by=ANN)
    assert engine.runs.live[job.last_run].state.order == ("r1", "r5", "r4", "r2", "r3")  # r1 has begun
    await engine.stop()
    again = ScriptedRunner()
    engine = await start_engine(tmp_path, again)
    await again.finish(("r1", A))
    await again.finish(("r4", A), ("r5", A))
    await again.finish(("r2", A), ("r3", A))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    await engine.stop()


async def test_cancelling_a_run_leaves_its_job_the_next_one_and_cancelling_the_job_ends_both(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock
) -> None:
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync(START + timedelta(hours=1), RecurKind.DAILY))
    for day in (0, 1):
        await clock.move(3601 if day == 0 else 86400)
        await runner.wait(("r1", P))
        running = engine.services.jobs.get(job.id).last_run
        await engine.api.cancel(running if day == 0 else job.id, by=ANN)
        runner.play("r1", P).done(failure(Outcome.CANCELLED))
        await engine.wait_for(running)
        known = engine.services.jobs.get(job.id)
        if day == 0:
            assert (known.status, known.next_run_at) == (JobStatus.SCHEDULED, START + timedelta(days=1, hours=1))
    assert (known.status, known.next_run_at) == (JobStatus.CANCELLED, None)
    with pytest.raises(Conflict, match="is over"):
        await engine.api.cancel(running, by=ANN)


async def test_a_cancel_given_while_the_job_starts_is_not_lost(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync(START + timedelta(hours=1)))
    scheduler, goes_on = engine.services.jobs.scheduler, asyncio.Event()
    start = scheduler._start

    async def slowly(due: Job) -> None:
        await goes_on.wait()
        await start(due)

    monkeypatch.setattr(scheduler, "_start", slowly)
    await clock.move(3601)
    await until(lambda: scheduler.is_claimed(job.id))
    cancelling = asyncio.create_task(engine.api.cancel(job.id, by=ANN))
    await asyncio.sleep(0)
    assert not engine.runs.live  # its first record is not on the disk yet
    goes_on.set()
    await cancelling
    await until(lambda: not engine.runs.live or runner.plays)
    for play in list(runner.plays):
        play.done(failure(Outcome.CANCELLED))
    run = await engine.wait_for(engine.services.jobs.get(job.id).last_run)
    assert (run.cancelled_by, run.status is RunStatus.SUCCESS) == (ANN, False)


async def test_a_job_whose_time_comes_while_it_is_edited_starts_once_as_it_was_edited(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_devices(engine, "r1", "r2")
    job = await engine.api.submit(sync(START + timedelta(hours=1)))
    is_planning, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(_request: JobRequest, _expected: str) -> RunPlan | None:
        is_planning.set()
        await goes_on.wait()
        return None

    monkeypatch.setattr(engine.services.jobs, "plan_of", slowly)
    editing = asyncio.ensure_future(engine.api.edit_job(job.id, replace(job.request, devices=("r2",)), by=ANN))
    await is_planning.wait()
    pausing = asyncio.ensure_future(engine.api.pause_job(job.id, by=BOB))
    goes_on.set()
    edited = await editing
    await pausing
    paused = engine.services.jobs.get(job.id)
    assert (paused.status, paused.request) == (JobStatus.PAUSED, edited.request)
    await engine.api.resume(job.id, by=BOB)
    is_planning.clear()
    goes_on.clear()
    editing = asyncio.ensure_future(engine.api.edit_job(job.id, replace(edited.request, reason="why"), by=ANN))
    await is_planning.wait()
    await clock.move(3601)
    assert not engine.runs.live
    goes_on.set()
    await editing
    await runner.wait(("r2", P))
    runner.play("r2", P).done()
    await engine.wait_for(engine.services.jobs.get(job.id).last_run)
    assert len(engine.state.tables.runs.where(job_id=job.id)) == 1


async def test_a_retry_of_a_paused_job_leaves_it_paused_and_its_next_run_is_no_retry(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock
) -> None:
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync(START + timedelta(hours=1), RecurKind.DAILY))
    await clock.move(3601)
    await runner.wait(("r1", P))
    runner.play("r1", P).done(failure(Outcome.FAILED))
    first = await engine.wait_for(engine.services.jobs.get(job.id).last_run)
    await engine.api.pause_job(job.id, by=ANN)
    retried = await engine.api.retry(job.id, by=ANN)
    assert engine.services.jobs.get(job.id).status is JobStatus.PAUSED
    await runner.finish(("r1", P))
    await engine.wait_for(retried.id)
    known = engine.services.jobs.get(job.id)
    assert (known.status, known.retry_of) == (JobStatus.PAUSED, first.id)
    await clock.move(86400)
    assert not engine.runs.live
    await engine.api.resume(job.id, by=ANN)
    await clock.move(86400)
    await runner.finish(("r1", P))
    await until(lambda: not engine.runs.live)
    assert engine.services.jobs.get(job.id).retry_of == ""
