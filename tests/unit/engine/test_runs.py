"""Runs as a whole: an engine, its store and journals, and a runner that plays what the tests say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.drivers.contract import Question
from swim_tui.engine.core import Engine
from swim_tui.engine.runner import BarrierAnswer
from swim_tui.errors import BadValue, Conflict, JumpError, describe
from swim_tui.model.device import Group, GroupKind, JumpHost
from swim_tui.model.job import JobRequest, JobStatus, JobType, RunStatus, TaskStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus, RateMeasured
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.server import SwimServer
from tests.unit.engine.fakes import (
    AUTO,
    NEW,
    FakeClock,
    Play,
    ScriptedRunner,
    add_devices,
    combined,
    facts_of,
    failure,
    refused_login,
    start_engine,
    submit,
    until,
)

P, D, A = Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE


async def to_activation(engine: Engine, runner: ScriptedRunner, *devices: str) -> None:
    """Prepare and distribute all devices well."""
    first, *rest = devices
    await runner.finish((first, P))
    if rest:
        await runner.finish(*((device, P) for device in rest))
    await runner.finish(*((device, D) for device in devices))


async def test_a_combined_sequential_job_goes_through_its_phases_one_device_after_the_other(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2"))
    await to_activation(engine, runner, "r1", "r2")
    await runner.finish(("r1", A))
    await runner.finish(("r2", A))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.SUCCESS
    detail = await engine.api.run(run.id)
    assert [task.status for task in detail.tasks] == [TaskStatus.SUCCESS] * 2
    assert [task.outcome for task in detail.tasks] == [Outcome.UPGRADED] * 2
    assert detail.tasks[0].proven_version == NEW
    begun = runner.begun()
    assert (begun[:2], begun[4:]) == ([("r1", P), ("r2", P)], [("r1", A), ("r2", A)])
    assert set(begun[2:4]) == {("r1", D), ("r2", D)}
    assert (await engine.api.job(job.id)).job.status is JobStatus.COMPLETED


async def test_parallel_activation_waits_for_the_canary_and_a_bad_canary_stops_the_rest(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3", mode=ActivateMode.PARALLEL))
    await to_activation(engine, runner, "r1", "r2", "r3")
    await runner.wait(("r1", A))
    runner.play("r1", A).done(failure(Outcome.UNREACHABLE, "no SSH"))
    await until(lambda: engine.runs.live[job.last_run].state.run.stopped_because)
    detail = await engine.api.run(job.last_run)
    assert "r1" in detail.run.stopped_because
    assert not runner.plays
    assert all("stopped" in task.waiting_for for task in detail.tasks if task.device != "r1")
    await engine.api.resume(job.last_run, by="ann")
    await runner.finish(("r2", A))
    await runner.finish(("r3", A))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.PARTIAL


async def test_devices_that_are_read_move_while_others_are_read_and_nothing_reloads_before_the_plan_is_whole(
    engine: Engine, runner: ScriptedRunner, tmp_path: Path, clock: FakeClock
) -> None:
    await add_devices(engine, "r1", "r2", "r3", "r4", "r5")
    job = await submit(engine, combined("r1", "r2", "r3", "r4", "r5", max_distribution=2))
    await runner.finish(("r1", P))
    await runner.wait(("r2", P), ("r4", P))
    runner.play("r2", P).done()
    await runner.wait(("r3", P), ("r4", P), ("r1", D), ("r2", D))  # two are read: they begin
    live = engine.runs.live[job.last_run]
    assert (live.state.is_planned, live.state.run.plan_sha256) == (False, "")
    assert live.eta_s(clock.now()) is None
    first = live.plans["r1"]
    runner.play("r1", D).done()
    runner.play("r3", P).done()
    await runner.wait(("r2", D), ("r4", P), ("r5", P))
    assert live.state.run.barrier == "reading the state of 2 devices"
    # the engine is replaced in the middle of it: what was planned keeps its plan, what was read is not read again
    await engine.stop()
    again = ScriptedRunner()
    second = await start_engine(tmp_path, again, clock)
    try:
        await again.wait(("r2", D), ("r4", P), ("r5", P))
        again.play("r4", P).done()
        await again.wait(("r2", D), ("r3", D), ("r5", P))
        again.play("r5", P).done(failure(Outcome.FAILED, "no answer"))
        again.play("r3", D).done()
        await again.wait(("r2", D), ("r4", D))
        live = second.runs.live[job.last_run]
        await until(lambda: live.state.run.plan_sha256, "the whole plan")
        assert live.plans["r1"] == first
        assert [d.device for d in live.plan.devices] == ["r1", "r2", "r3", "r4"] if live.plan else False
        assert [state.task.position for state in live.state.tasks.values()] == [1, 2, 3, 4, 0]
        await again.finish(("r2", D), ("r4", D))
        for name in ("r1", "r2", "r3", "r4"):
            await again.finish((name, A))
        run = await second.wait_for(job.last_run)
        assert (run.status, run.counts.successful) == (RunStatus.PARTIAL, 4)
    finally:
        await second.stop()


async def test_a_measured_rate_is_what_the_next_plan_of_the_device_and_of_its_platform_expects(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1"))
    await runner.finish(("r1", P))
    await runner.wait(("r1", D))
    runner.sink.on_event(runner.play("r1", D).request.id, RateMeasured(2_000_000.0))
    await engine.api.cancel(job.last_run, by="ann")
    await runner.finish(("r1", D))
    await engine.wait_for(job.last_run)
    for name in ("r1", "r2"):
        job = await submit(engine, combined(name))
        await runner.finish((name, P))
        await runner.wait((name, D))
        plan = runner.play(name, D).request.plan
        assert plan is not None
        copy = next(op for op in plan.operations if op.kind is OpKind.COPY_IMAGE)
        assert copy.expected_s == copy.size_bytes / 2_000_000.0
        await engine.api.cancel(job.last_run, by="ann")
        await runner.finish((name, D))
        await engine.wait_for(job.last_run)


async def test_a_run_that_stops_at_its_first_failure_moves_nothing_before_all_are_read(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    await submit(engine, combined("r1", "r2", "r3", max_distribution=1, continue_on_failure=False))
    await runner.finish(("r1", P))
    await runner.finish(("r2", P))
    await runner.wait(("r3", P))


async def test_after_the_canary_a_batch_runs_side_by_side(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3", mode=ActivateMode.PARALLEL))
    await to_activation(engine, runner, "r1", "r2", "r3")
    await runner.finish(("r1", A))
    await runner.finish(("r2", A), ("r3", A))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS


async def test_a_hold_refuses_the_reload_of_a_device_that_is_on_its_way_and_resume_goes_on(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await to_activation(engine, runner, "r1")
    await runner.wait(("r1", A))
    await engine.api.hold(job.last_run, by="ann")
    play = runner.play("r1", A)
    assert await play.barrier(OpKind.RELOAD) == BarrierAnswer(go=False, held=True)
    play.done(PhaseResult(PhaseStatus.HELD, message="held"))
    await until(lambda: "hold" in engine.runs.live[job.last_run].state.tasks["r1"].task.waiting_for)
    assert not runner.plays
    await engine.api.resume(job.last_run, by="ann")
    await runner.wait(("r1", A))
    play = runner.play("r1", A)
    assert play.request.attempt == 2
    assert play.request.intents == ()
    assert await play.barrier(OpKind.RELOAD) == BarrierAnswer(go=True)
    play.done()
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS


async def test_cancelling_one_device_leaves_the_others_alone(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2"))
    await to_activation(engine, runner, "r1", "r2")
    await runner.wait(("r1", A))
    await engine.api.cancel(job.last_run, "r2", by="bob")
    await until(lambda: engine.runs.live[job.last_run].state.tasks["r2"].task.status is TaskStatus.CANCELLED)
    assert not runner.play("r1", A).cancelled
    await runner.finish(("r1", A))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.PARTIAL


async def test_cancelling_a_run_asks_the_running_phase_and_ends_the_rest(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2"))
    await to_activation(engine, runner, "r1", "r2")
    await runner.wait(("r1", A))
    await engine.api.cancel(job.last_run, by="bob")
    await until(lambda: runner.play("r1", A).cancelled)
    play = runner.play("r1", A)
    assert await play.barrier(OpKind.RELOAD) == BarrierAnswer(go=False)
    play.done(PhaseResult(PhaseStatus.CANCELLED, Outcome.CANCELLED, "stopped before its reload"))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.CANCELLED
    assert {t.status for t in (await engine.api.run(run.id)).tasks} == {TaskStatus.CANCELLED}


async def test_a_rejected_login_parks_the_profile_and_nobody_else_tries_it(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3"))
    await runner.wait(("r1", P))
    runner.play("r1", P).done(refused_login("r1"))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.FAILURE
    assert runner.begun() == [("r1", P)]
    assert (await engine.api.credentials())[0].parked
    tasks = {task.device: task for task in (await engine.api.run(run.id)).tasks}
    assert "not tried" in tasks["r2"].message
    assert tasks["r2"].started_at is None
    await engine.api.add_credentials("lab", "admin", password="right-word")
    await engine.api.retry(run.id, by="ann")
    await runner.wait(("r1", P))


async def test_retry_takes_only_failed_devices_in_a_new_run_of_the_same_job(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2", mode=ActivateMode.OFF))
    await runner.finish(("r1", P))
    await runner.finish(("r2", P))
    await runner.wait(("r1", D), ("r2", D))
    runner.play("r1", D).done()
    runner.play("r2", D).done(failure(Outcome.COPY_FAILED))
    first = await engine.wait_for(job.last_run)
    assert first.status is RunStatus.PARTIAL
    again = await engine.api.retry(first.id, by="ann")
    assert (again.job_id, again.attempt, again.started_by) == (job.id, 2, "ann")
    await runner.finish(("r2", P))
    await runner.finish(("r2", D))
    assert (await engine.wait_for(again.id)).status is RunStatus.SUCCESS
    with pytest.raises(Conflict):
        await engine.api.retry(again.id)


async def test_failures_count_in_the_header_for_a_day_or_until_a_later_run_of_the_job_mends_them(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock
) -> None:
    def failed() -> int:
        return engine.runs.publisher.engine_changed().failed

    async def copy_fails(run_id: str) -> None:
        await runner.finish(("r1", P))
        await runner.wait(("r1", D))
        runner.play("r1", D).done(failure(Outcome.COPY_FAILED))
        await engine.wait_for(run_id)

    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    await copy_fails(job.last_run)
    assert (failed(), (await engine.api.status()).failed_tasks) == (1, 1)
    again = await engine.api.retry(job.id)
    assert failed() == 0
    await copy_fails(again.id)
    assert failed() == 1
    await clock.move(25 * 3600)
    assert failed() == 0


async def test_a_jump_host_that_is_not_reached_is_told_until_it_is_passed_or_changed(
    engine: Engine, runner: ScriptedRunner
) -> None:
    def jumps() -> Mapping[str, bool]:
        return engine.runs.publisher.engine_changed().jumps

    async def ends(run_id: str, *, answers: bool) -> None:
        await runner.wait(("r1", P))
        why = describe(JumpError(hop="bastion", address="192.0.2.1", detail="no", answers=answers))
        runner.play("r1", P).done(replace(failure(Outcome.UNREACHABLE), problem=why))
        await engine.wait_for(run_id)

    bastion = JumpHost("bastion", "192.0.2.1", credentials="lab")
    await engine.api.add_credentials("lab", "admin", password="secret-word")
    await engine.api.add_jump(bastion)
    await add_devices(engine, "r1", jump=("bastion",))
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    assert jumps() == {}
    await ends(job.last_run, answers=False)
    assert (await engine.api.status()).jumps == {"bastion": False}
    again = await engine.api.retry(job.id)
    await ends(again.id, answers=True)  # it refuses to forward: the way is not open, but it is there
    assert jumps() == {"bastion": True}
    await engine.api.add_jump(replace(bastion, address="192.0.2.2"))
    assert jumps() == {}
    await engine.api.retry(job.id)
    await runner.finish(("r1", P))
    await runner.wait(("r1", D))
    assert jumps() == {"bastion": True}


async def test_retry_can_name_one_of_the_failed_devices_and_no_other(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3", mode=ActivateMode.OFF))
    await runner.finish(("r1", P))
    await runner.finish(("r2", P), ("r3", P))
    await runner.wait(("r1", D), ("r2", D), ("r3", D))
    runner.play("r1", D).done()
    runner.play("r2", D).done(failure(Outcome.COPY_FAILED))
    runner.play("r3", D).done(failure(Outcome.COPY_FAILED))
    first = await engine.wait_for(job.last_run)
    with pytest.raises(BadValue, match="did not fail"):
        await engine.api.retry(first.id, devices=["r1"])
    again = await engine.api.retry(first.id, devices=["r3"])
    assert [task.device for task in (await engine.api.run(again.id)).tasks] == ["r3"]
    assert "# " in await engine.api.export_run_plan(first.id)
    assert (await engine.api.export_run_plan(first.id, format="csv")).count("\n") >= 3


async def test_a_question_is_answered_once_and_its_text_is_nowhere(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    await runner.wait(("r1", P))
    answers: list[str | None] = []
    runner.sink.on_question(runner.play("r1", P).request.id, Question("one-time-code", "j: code"), answers.append)
    await until(lambda: bool(engine.runs.desk.questions()))
    [question] = await engine.api.questions()
    assert (question.run_id, question.device, question.text) == (job.last_run, "r1", "j: code")
    with pytest.raises(BadValue, match="empty"):
        await engine.api.answer_question(job.id, "r1", "  ")
    await engine.api.answer_question(job.id, "r1", "421337")
    assert answers == ["421337"]
    assert await engine.api.questions() == []
    with pytest.raises(Conflict, match="waits for no answer"):
        await engine.api.answer_question(job.id, "r1", "421337")
    assert "421337" not in repr(await engine.api.run(job.id))


async def test_a_dead_worker_means_the_same_phase_again_with_its_intents(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await to_activation(engine, runner, "r1")
    await runner.wait(("r1", A))
    play = runner.play("r1", A)
    assert (await play.barrier(OpKind.SET_BOOT)).go
    assert (await play.barrier(OpKind.RELOAD)).go
    play.lose()
    await until(lambda: runner.plays)
    again = runner.play("r1", A)
    assert again.request.attempt == 2
    assert [record.intent.kind for record in again.request.intents] == [OpKind.SET_BOOT, OpKind.RELOAD]
    again.done()
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS


async def test_a_device_whose_worker_dies_again_and_again_is_interrupted(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    for _ in range(4):
        await runner.wait(("r1", P))
        runner.play("r1", P).lose()
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.INTERRUPTED


async def test_a_third_reload_intent_is_never_acknowledged(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1")
    await submit(engine, combined("r1"))
    await to_activation(engine, runner, "r1")
    for _ in range(2):
        await runner.wait(("r1", A))
        play = runner.play("r1", A)
        assert (await play.barrier(OpKind.RELOAD)).go
        play.lose()
        await until(lambda: runner.plays)
    assert not (await runner.play("r1", A).barrier(OpKind.RELOAD)).go


async def test_a_device_in_two_jobs_has_one_owner_and_the_other_waits_and_says_for_whom(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    one = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    two = await submit(engine, JobRequest(JobType.INVENTORY_SYNC, devices=("r1",)))
    await runner.wait(("r1", P))
    words = f"waiting for run {one.last_run}, which has this device"
    await until(lambda: engine.runs.live[two.last_run].state.tasks["r1"].task.waiting_for == words)
    assert (await engine.api.inventory()).devices[0].busy_with == one.last_run
    await runner.finish(("r1", P))
    await runner.finish(("r1", D))
    await engine.wait_for(one.last_run)
    await runner.finish(("r1", P))
    assert (await engine.wait_for(two.last_run)).status is RunStatus.SUCCESS


async def test_two_runs_share_the_line_into_a_site(engine: Engine, runner: ScriptedRunner) -> None:
    ny = SwimServer("NY", "192.0.2.9", ("New York",), mbit_per_s=8.0)
    await asyncio.wrap_future(engine.state.tables.servers.put(ny))
    await asyncio.wrap_future(engine.state.tables.groups.put(Group("New York", GroupKind.LOCATION)))
    await add_devices(engine, "a", "b", location="New York")
    first, second = (replace(combined(name, mode=ActivateMode.OFF, server="local"), name=name) for name in "ab")
    await submit(engine, first)
    await runner.finish(("a", P))
    await runner.wait(("a", D))
    await submit(engine, second)
    await runner.wait(("a", D), ("b", P))
    runner.play("b", P).done()
    await runner.wait(("a", D))
    assert runner.play("a", D).request.bytes_per_s == 1_000_000, "all of it, and no more"
    other = max(engine.runs.live.values(), key=lambda live: live.id)
    await until(lambda: other.state.tasks["b"].task.waiting_for)
    assert other.state.tasks["b"].task.waiting_for == "waits for room on the line to NY (8 Mbit/s)"
    runner.play("a", D).lose()
    await until(lambda: len(runner.history) == 4)
    assert runner.play("a", D).request.bytes_per_s == 1_000_000, "also by another worker"
    await runner.finish(("a", D))
    await runner.finish(("b", D))


async def test_a_device_that_runs_the_target_is_skipped_and_never_touched(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    runner.facts = lambda device: facts_of(device, NEW)
    job = await submit(engine, combined("r1"))
    await runner.finish(("r1", P))
    run = await engine.wait_for(job.last_run)
    task = (await engine.api.run(run.id)).tasks[0]
    assert (run.status, task.outcome) == (RunStatus.SUCCESS, Outcome.ALREADY_THERE)
    assert runner.begun() == [("r1", P)]


async def test_a_dry_run_reads_and_plans_and_changes_nothing(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", dry_run=True))
    await runner.wait(("r1", P))
    assert runner.play("r1", P).request.read_only
    await runner.finish(("r1", P))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.SUCCESS
    assert runner.begun() == [("r1", P)]
    assert (await engine.api.run_plan(run.id)).devices[0].included


async def test_a_device_that_changed_since_the_approved_plan_is_excluded_with_the_difference(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    runner.auto = AUTO
    await engine.wait_for((await submit(engine, JobRequest(JobType.INVENTORY_SYNC, devices=("r1", "r2")))).last_run)
    request = combined("r1", "r2", mode=ActivateMode.OFF)
    plan = await engine.api.preview(request)
    runner.facts = lambda device: facts_of(device, "03.10.00.S" if device == "r2" else "03.13.00.S")
    job = await engine.api.submit(request, by="ann", expect_sha256=plan.sha256)
    run = await engine.wait_for(job.last_run)
    tasks = {task.device: task for task in (await engine.api.run(run.id)).tasks}
    assert tasks["r1"].status is TaskStatus.SUCCESS
    assert tasks["r2"].status is TaskStatus.EXCLUDED
    assert run.message == "1 of 1 devices succeeded, 1 excluded"
    assert "plan changed" in tasks["r2"].message
    assert "-> 03.10.00.S" in tasks["r2"].message


async def test_activation_from_a_distribution_takes_only_devices_that_got_the_image(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")

    async def r2_fails(play: Play) -> PhaseResult | None:
        is_bad = play.device == "r2" and play.phase is D
        return failure(Outcome.COPY_FAILED) if is_bad else await AUTO(play)

    runner.auto = r2_fails
    first = await submit(engine, combined("r1", "r2", mode=ActivateMode.OFF))
    await engine.wait_for(first.last_run)
    request = JobRequest(JobType.ACTIVATION, from_run=first.last_run, options=JobOptions(insert_boot_command=True))
    second = await submit(engine, request)
    assert second.request.devices == ("r1",)


async def test_every_problem_of_a_request_is_named_at_once(engine: Engine) -> None:
    await add_devices(engine, "r1")
    bad = JobRequest(
        JobType.DISTRIBUTION, images=("none.bin",), devices=("ghost",), options=JobOptions(max_distribution=0)
    )
    with pytest.raises(BadValue) as caught:
        await engine.api.submit(bad)
    for word in ("none.bin", "ghost", "at least 1"):
        assert word in str(caught.value)
    assert not (await engine.api.jobs()).jobs


async def test_secrets_are_in_no_file_that_a_run_leaves_behind(
    engine: Engine, runner: ScriptedRunner, tmp_path: Path
) -> None:
    await add_devices(engine, "r1")
    runner.auto = AUTO
    job = await submit(engine, combined("r1"))
    await engine.wait_for(job.last_run)
    await engine.runs.background.settle()
    assert runner.history[0].endpoint.login.password.reveal() == "secret-word"
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file():
            assert b"secret-word" not in path.read_bytes(), path


async def test_a_bad_end_in_a_batch_also_stops_the_reload_of_its_neighbour(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3", mode=ActivateMode.PARALLEL))
    await to_activation(engine, runner, "r1", "r2", "r3")
    await runner.finish(("r1", A))
    await runner.wait(("r2", A), ("r3", A))
    runner.play("r2", A).done(failure(Outcome.BACK_ON_OLD))
    await until(lambda: engine.runs.live[job.last_run].state.run.stopped_because)
    neighbour = runner.play("r3", A)
    assert await neighbour.barrier(OpKind.RELOAD) == BarrierAnswer(go=False, held=True)
    neighbour.done(PhaseResult(PhaseStatus.HELD))
    await engine.api.resume(job.last_run, by="ann")
    await runner.finish(("r3", A))
    run = await engine.wait_for(job.last_run)
    assert (run.status, run.counts.successful, run.counts.failed) == (RunStatus.PARTIAL, 2, 1)


async def test_the_order_can_be_changed_for_what_has_not_been_activated(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3"))
    await to_activation(engine, runner, "r1", "r2", "r3")
    await runner.wait(("r1", A))
    await engine.api.reorder(job.last_run, ["r3", "r2"], by="ann")
    await runner.finish(("r1", A))
    await runner.finish(("r3", A))
    await runner.finish(("r2", A))
    await engine.wait_for(job.last_run)
    assert [d for d, phase in runner.begun() if phase is A] == ["r1", "r3", "r2"]


async def test_a_one_time_code_is_waited_for_in_words_and_given_up_after_its_limit(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock
) -> None:
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    await runner.wait(("r1", P))
    answers: list[str | None] = []
    play = runner.play("r1", P)
    runner.sink.on_question(play.request.id, Question("one-time-code", "jump-sf: code"), answers.append)
    await until(lambda: (engine.runs.live[job.last_run].state.tasks["r1"].task.waiting_for).startswith("Waiting for"))
    assert any("r1: Waiting for code" in words for words in (await engine.api.dashboard()).waiting_for_person)
    await clock.move(1801)
    await until(lambda: answers == [None])
    assert engine.runs.live[job.last_run].state.tasks["r1"].task.waiting_for == ""


async def test_the_records_say_who_cancelled_a_device_and_who_the_run(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    job = await submit(engine, combined("r1", "r2", "r3"))
    await runner.wait(("r1", P))
    await engine.api.cancel(job.last_run, "r2", by="ann from 192.0.2.7")
    await until(lambda: engine.runs.live[job.last_run].state.tasks["r2"].task.status is TaskStatus.CANCELLED)
    await engine.api.cancel(job.last_run, by="bob")
    left = PhaseResult(PhaseStatus.CANCELLED, Outcome.CANCELLED, "cancelled", left_behind=("a partial file",))
    runner.play("r1", P).done(left)
    run = await engine.wait_for(job.last_run)
    assert run.message == "0 of 3 devices succeeded, cancelled by bob"
    said = {task.device: task.message for task in (await engine.api.run(run.id)).tasks}
    assert said == {
        "r1": "cancelled; left behind: a partial file (cancelled by bob)",
        "r2": "cancelled before its next step (cancelled by ann from 192.0.2.7)",
        "r3": "the run was cancelled (cancelled by bob)",
    }


async def test_a_bug_while_a_phase_is_made_ready_fails_its_task_and_the_run_ends(
    engine: Engine, runner: ScriptedRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_devices(engine, "r1")

    async def broken(_order: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(engine.runs, "before_build", broken)
    job = await submit(engine, combined("r1"))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.FAILURE
    task = (await engine.api.run(run.id)).tasks[0]
    assert "internal error: ZeroDivisionError" in task.message
