"""What waits for a commit: its deadline, its alarms, the SWIM Commit job that ends it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swim_tui.engine import uncommitted
from swim_tui.engine.core import Engine
from swim_tui.engine.records import DeviceSync
from swim_tui.engine.services.dashboard import next_deadline
from swim_tui.engine.tasks import success_outcome
from swim_tui.model.device import Device
from swim_tui.model.facts import BootMode, Facts
from swim_tui.model.install import AutoAbort, InstallPackage, InstallState, PackageStatus
from swim_tui.model.job import DeviceTask, JobRequest, JobType, RunStatus, TaskStatus
from swim_tui.model.options import ActivateMode, CommitMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from tests.unit.engine.fakes import START, FakeClock, ScriptedRunner, add_devices, facts_of, start_engine, until
from tests.unit.planning import making_stack

HOUR = timedelta(hours=1)
DUE = START + HOUR


def switch(name: str, *, pending: bool, timer: AutoAbort | None = None) -> Facts:
    """A Catalyst 9300 in install mode, with 17.06.07 committed or not."""
    read = facts_of(name)
    status = PackageStatus.UNCOMMITTED if pending else PackageStatus.COMMITTED
    install = InstallState(packages=(InstallPackage("IMG", status, "17.06.07.0.1"),), auto_abort=timer)
    version = replace(
        read.version,
        version="17.06.07",
        family="CAT9K_IOSXE",
        image_file="flash:packages.conf",
        mode=BootMode.INSTALL,
        pid="C9300-24T",
    )
    return replace(read, version=version, install=install)


def waiting(**changes: object) -> DeviceSync:
    """A device that was activated at START and has an hour."""
    sync = uncommitted.activated(DeviceSync("sw1", START, reachable=True), START, 3600.0)
    return replace(replace(sync, uncommitted="runs 17.06.07"), **changes)  # type: ignore[arg-type]


# --- pure ---


def test_the_deadline_counts_from_the_activation_and_alarms_come_once_each() -> None:
    sync = waiting()
    assert sync.commit_by == DUE
    assert uncommitted.alarm_of(sync, START + 0.4 * HOUR) == 0
    assert uncommitted.alarm_of(sync, START + 0.5 * HOUR) == 50
    assert uncommitted.alarm_of(replace(sync, alarmed=50), START + 0.7 * HOUR) == 0
    assert uncommitted.alarm_of(replace(sync, alarmed=50), START + 2 * HOUR) == 100
    assert uncommitted.next_alarm_at(replace(sync, alarmed=50)) == START + 0.8 * HOUR
    assert uncommitted.next_alarm_at(replace(sync, alarmed=100)) is None


def test_a_reading_ends_the_wait_or_corrects_it() -> None:
    assert uncommitted.as_read(waiting(), switch("sw1", pending=False)) == DeviceSync("sw1", START, reachable=True)
    assert uncommitted.as_read(waiting(), replace(switch("sw1", pending=True), install=None)) == waiting()
    sooner = switch("sw1", pending=True, timer=AutoAbort(is_active=True, remaining_s=600))
    assert uncommitted.as_read(waiting(), sooner).commit_by == START + timedelta(seconds=600)
    hardly = switch("sw1", pending=True, timer=AutoAbort(is_active=True, remaining_s=3630))
    assert uncommitted.as_read(waiting(), hardly).commit_by == DUE
    stopped = switch("sw1", pending=True, timer=AutoAbort(is_active=False))
    assert uncommitted.as_read(waiting(), stopped).commit_by is None
    by_somebody_else = uncommitted.as_read(DeviceSync("sw1", START, reachable=True), sooner)
    assert (by_somebody_else.uncommitted, by_somebody_else.activated_at) == ("runs 17.06.07", START)


@pytest.mark.parametrize(
    ("status", "outcome", "phase", "counted", "has_deadline"),
    [
        (PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED, Phase.ACTIVATE, True, True),
        (PhaseStatus.SUCCESS, Outcome.UPGRADED, Phase.COMMIT, False, False),
        (PhaseStatus.SUCCESS, Outcome.FPD_PENDING, Phase.COMMIT, False, False),
        (PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED, Phase.COMMIT, True, True),
        (PhaseStatus.FAILURE, Outcome.NOT_COMMITTED, Phase.COMMIT, True, True),
        (PhaseStatus.FAILURE, Outcome.INSTALL_FAILED, Phase.ACTIVATE, False, False),
        (PhaseStatus.HELD, Outcome.NONE, Phase.ACTIVATE, False, False),
        (PhaseStatus.FAILURE, Outcome.UNREACHABLE, Phase.ACTIVATE, True, True),
    ],
)
def test_the_end_of_a_phase_says_whether_a_commit_is_due(
    status: PhaseStatus, outcome: Outcome, phase: Phase, counted: bool, has_deadline: bool
) -> None:
    before = waiting() if phase is Phase.COMMIT else waiting(uncommitted="")
    after = uncommitted.ended(before, phase, PhaseResult(status, outcome, "said"))
    assert bool(after.uncommitted) is counted
    assert (after.commit_by is not None) is has_deadline


def test_a_failed_attempt_does_not_hide_an_older_activation_that_waits() -> None:
    failed = PhaseResult(PhaseStatus.FAILURE, Outcome.INSTALL_FAILED, "no")
    assert uncommitted.ended(waiting(), Phase.ACTIVATE, failed) == waiting()


def test_the_words_name_the_deadline_and_what_comes_after_it() -> None:
    assert "goes back by itself at 2026-01-10 03:00:00 UTC" in uncommitted.words_of(waiting(), START)
    assert "was to be committed before" in uncommitted.words_of(waiting(), DUE)
    assert "a reload brings" in uncommitted.words_of(waiting(commit_by=None), START)


# --- the engine ---


@pytest.fixture
async def engine(engine: Engine) -> Engine:
    await add_devices(engine)
    await engine.api.add_device(Device("sw1", "192.0.2.10", 22, "c9300", credentials="lab"))
    return engine


async def pass_time(clock: FakeClock, seconds: float) -> None:
    """Move the clock once everybody who waits for it has begun to."""
    for _ in range(10):
        await asyncio.sleep(0)
    await clock.move(seconds)


def notices(engine: Engine, level: str) -> list[str]:
    return [kept.notice.text for kept in engine.state.tables.notices.all() if kept.notice.level == level]


async def test_a_commit_job_commits_what_waits_and_clears_every_count(engine: Engine, runner: ScriptedRunner) -> None:
    timer = AutoAbort(is_active=True, remaining_s=3600)
    runner.facts = lambda name: switch(name, pending=True, timer=timer)
    engine.runs.effects.facts_read(runner.facts("sw1"))
    assert (await engine.api.dashboard()).uncommitted == ("sw1",)
    assert (await engine.api.dashboard()).commit_by == DUE
    assert [u.device for u in (await engine.api.status()).uncommitted] == ["sw1"]
    row = (await engine.api.inventory()).devices[0]
    assert row.state.startswith("Not committed: runs 17.06.07; goes back by itself at")
    job = await engine.api.submit(JobRequest(JobType.COMMIT, devices=("sw1",)), by="tester")
    await runner.finish(("sw1", Phase.PREPARE))
    await runner.wait(("sw1", Phase.COMMIT))
    play = runner.play("sw1", Phase.COMMIT)
    assert [line.text for line in play.operation(OpKind.COMMIT).lines if line.changes] == ["install commit"]
    assert (await play.barrier(OpKind.COMMIT)).go
    play.done(PhaseResult(PhaseStatus.SUCCESS, Outcome.UPGRADED, "runs 17.06.07"))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.SUCCESS
    task = (await engine.api.run(run.id)).tasks[0]
    assert (task.outcome, task.code) == (Outcome.COMMITTED, "C00")
    assert (await engine.api.dashboard()).uncommitted == ()
    assert (await engine.api.status()).uncommitted == ()
    assert (await engine.api.inventory()).devices[0].state == ""


def test_the_commit_time_told_is_the_nearest_that_can_still_be_kept() -> None:
    before, after = DUE - timedelta(minutes=1), DUE + timedelta(minutes=1)
    assert next_deadline([after, before, DUE], before) == DUE
    assert next_deadline([before, DUE], after) == DUE
    assert next_deadline([], DUE) is None


async def test_a_device_with_nothing_to_commit_is_skipped(engine: Engine, runner: ScriptedRunner) -> None:
    runner.facts = lambda name: switch(name, pending=False)
    job = await engine.api.submit(JobRequest(JobType.COMMIT, devices=("sw1",)), by="tester")
    await runner.finish(("sw1", Phase.PREPARE))
    run = await engine.wait_for(job.last_run)
    task = (await engine.api.run(run.id)).tasks[0]
    assert (task.outcome, task.message) == (Outcome.ALREADY_THERE, "17.06.07 is committed already")
    assert runner.begun() == [("sw1", Phase.PREPARE)]


async def test_an_alarm_is_given_at_each_mark_and_not_again_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    engine = await start_engine(tmp_path, ScriptedRunner(), clock)
    await asyncio.wrap_future(engine.runs.effects.activation_announced("sw1", START, 3600.0))
    await pass_time(clock, 60)
    assert notices(engine, "warning") == []
    await pass_time(clock, 1800)
    await until(lambda: notices(engine, "warning"))
    await pass_time(clock, 1100)
    await until(lambda: notices(engine, "error"))
    assert "swim-tui commit --device sw1" in notices(engine, "error")[0]
    await engine.stop()
    again = await start_engine(tmp_path, ScriptedRunner(), clock)
    try:
        assert any(text.startswith("sw1 waits for its commit") for text in notices(again, "warning"))
        assert len(notices(again, "error")) == 1
        await pass_time(clock, 700)
        await until(lambda: len(notices(again, "error")) == 2)
        assert "was not committed before" in notices(again, "error")[-1]
    finally:
        await again.stop()


# --- what a task ends as ---


def test_a_rollback_and_a_commit_say_so_whatever_else_waits() -> None:
    upgraded = PhaseResult(PhaseStatus.SUCCESS, Outcome.UPGRADED, "runs X")
    fpds = replace(upgraded, outcome=Outcome.FPD_PENDING)
    task = DeviceTask("1", "r1")
    activated = replace(task, phases_done=(Phase.PREPARE, Phase.ACTIVATE))
    assert success_outcome(upgraded, task, Phase.ROLLBACK) is Outcome.ROLLED_BACK
    assert success_outcome(fpds, task, Phase.ROLLBACK) is Outcome.ROLLED_BACK
    assert success_outcome(fpds, task, Phase.COMMIT) is Outcome.COMMITTED
    assert success_outcome(fpds, activated, Phase.COMMIT) is Outcome.FPD_PENDING
    assert success_outcome(upgraded, activated, Phase.COMMIT) is Outcome.UPGRADED
    not_yet = replace(upgraded, outcome=Outcome.NOT_COMMITTED)
    assert success_outcome(not_yet, task, Phase.COMMIT) is Outcome.NOT_COMMITTED


async def test_a_commit_that_comes_too_late_says_so_and_not_that_all_is_committed(
    engine: Engine, runner: ScriptedRunner
) -> None:
    late = DeviceTask(
        "20010000", "sw1", status=TaskStatus.SUCCESS, outcome=Outcome.NOT_COMMITTED, to_version="17.09.05"
    )
    await asyncio.wrap_future(engine.state.tables.tasks.put(late))
    engine.runs.effects.facts_read(switch("sw1", pending=False))
    plan = await engine.api.preview(JobRequest(JobType.COMMIT, devices=("sw1",)))
    assert plan.devices[0].excluded_because.startswith("17.09.05 was not committed in time: it went back to 17.06.07")
    settled = replace(late, run_id="20010001", outcome=Outcome.ROLLED_BACK)
    await asyncio.wrap_future(engine.state.tables.tasks.put(settled))
    plan = await engine.api.preview(JobRequest(JobType.COMMIT, devices=("sw1",)))
    assert plan.devices[0].skipped_because == "17.06.07 is committed already"


async def test_the_deadline_is_on_the_disk_before_the_activation_may_be_sent(
    engine: Engine, runner: ScriptedRunner, clock: FakeClock
) -> None:
    image = making_stack.image()
    await asyncio.wrap_future(engine.state.tables.images.put(image))
    place = engine.state.paths.images / image.sha512[:2] / image.sha512
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"")
    runner.facts = lambda name: replace(making_stack.cat9k(), device=name, read_at=clock.now())
    options = JobOptions(activate=ActivateMode.SEQUENTIAL, insert_boot_command=True, commit=CommitMode.BY_HAND)
    await engine.api.submit(JobRequest(JobType.DISTRIBUTION, images=(image.id,), devices=("sw1",), options=options))
    await runner.finish(("sw1", Phase.PREPARE))
    await runner.finish(("sw1", Phase.DISTRIBUTE))
    await runner.wait(("sw1", Phase.ACTIVATE))
    play = runner.play("sw1", Phase.ACTIVATE)
    assert (await play.barrier(OpKind.INSTALL_ADD)).go
    known = engine.state.tables.syncs.get("sw1")
    assert known is not None
    assert known.commit_by is None
    assert (await play.barrier(OpKind.INSTALL)).go
    sync = engine.state.tables.syncs.get("sw1")
    assert sync is not None
    assert (sync.activated_at, sync.commit_by) == (clock.now(), clock.now() + 2 * HOUR)
    assert sync.uncommitted == ""  # not counted before it is proven
    play.done(PhaseResult(PhaseStatus.FAILURE, Outcome.UNREACHABLE, "no answer"))
    await until(lambda: engine.state.tables.syncs.get("sw1").uncommitted)  # type: ignore[union-attr]
    assert (await engine.api.dashboard()).uncommitted == ("sw1",)
