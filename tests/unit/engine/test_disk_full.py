"""A disk that fills up under a run: it stops before its next change, says why, and nothing is corrupt."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from swim_tui.engine.daemon import write_engine_json
from swim_tui.engine.journal import EVENTS, read_journal
from swim_tui.engine.pool import ProcessRunner
from swim_tui.engine.runner import BarrierAnswer
from swim_tui.engine.runstate import RunState
from swim_tui.errors import StoreError
from swim_tui.model.events import Notice
from swim_tui.model.job import RunStatus, TaskStatus
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.paths import DataPaths
from swim_tui.store import LogWriter
from tests.unit.engine.fakes import (
    AUTO,
    FakeClock,
    Play,
    ScriptedRunner,
    add_devices,
    combined,
    start_engine,
    submit,
    success,
    until,
)
from tests.unit.engine.test_workers import request
from tests.unit.store.disks import FullDisk

HELD = PhaseResult(PhaseStatus.HELD, message="held before the next change")


@dataclass
class Disk:
    """A place for a data directory that can be filled and freed."""

    root: Path
    fill: Callable[[], None]
    free: Callable[[], None]


@contextmanager
def small_tmpfs(root: Path) -> Iterator[Disk]:
    """A real file system of four megabytes; only root may mount one."""
    root.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", root], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    filler = root / "filler"

    def fill() -> None:
        handle = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with suppress(OSError):
            while os.write(handle, b"\0" * 4096):
                pass
        os.close(handle)

    try:
        yield Disk(root, fill, lambda: filler.unlink(missing_ok=True))
    finally:
        subprocess.run(["umount", "-l", root], check=True)


@contextmanager
def faulty(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The log writer's disk refuses; everything else still writes."""
    disk = FullDisk()
    monkeypatch.setattr("swim_tui.engine.state.LogWriter", lambda: LogWriter(disk))
    root.mkdir()
    yield Disk(root, lambda: setattr(disk, "space", 0), lambda: setattr(disk, "space", None))


@pytest.fixture(params=["tmpfs", "fault"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    root = tmp_path / "disk"
    with small_tmpfs(root) if request.param == "tmpfs" else faulty(root, monkeypatch) as made:
        yield made


async def test_a_run_stops_before_its_next_change_and_goes_on_by_itself_when_there_is_space(disk: Disk) -> None:
    reloads: list[str] = []
    refused: list[str] = []

    async def play(one: Play) -> PhaseResult | None:
        if one.phase is not Phase.ACTIVATE:
            return await AUTO(one)
        if not refused:
            disk.fill()
        # A file system may still have room in the last block of the journal.
        for kind in (*[OpKind.SET_BOOT] * (1 if refused else 40), OpKind.RELOAD):
            answer = await one.barrier(kind)
            if answer != BarrierAnswer(go=True):
                refused.append(one.device)
                assert answer.held
                return HELD  # as a driver ends at a safe point
        reloads.append(one.device)
        return success(one.phase)

    clock = FakeClock()
    engine = await start_engine(disk.root, ScriptedRunner(play), clock)
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2"))
    events = engine.events.subscribe()
    live = engine.runs.live[job.last_run]
    await until(lambda: refused and live.unwritten and live.state.tasks["r1"].running is None)
    assert (reloads, refused) == ([], ["r1"])
    run = (await engine.api.run(job.last_run)).run
    assert run.barrier.startswith("waits for the disk: cannot write to")
    with pytest.raises(StoreError):
        await engine.api.hold(job.last_run, by="ann")  # it could not be kept
    await clock.move(6)
    assert live.unwritten
    assert reloads == []  # still no space
    disk.free()
    await as_time_passes(clock, lambda: not live.unwritten)
    async with asyncio.timeout(20):
        assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    assert reloads == ["r1", "r2"]
    await engine.stop()
    said = [envelope.event.text async for envelope in events if isinstance(envelope.event, Notice)]
    assert any("the run waits: cannot write to" in text for text in said)
    assert "the disk takes records again: the run goes on" in said
    (state,) = records(disk.root)
    assert state.is_over
    assert state.tasks["r1"].intents_of["activate.reload"] == 1
    engine = await start_engine(disk.root, ScriptedRunner(AUTO))  # and the store opens with all of it
    detail = await engine.api.run(job.last_run)
    assert detail.run.status is RunStatus.SUCCESS
    assert {task.status for task in detail.tasks} == {TaskStatus.SUCCESS}
    await engine.stop()


async def test_a_run_that_ends_on_a_full_disk_is_over_when_its_end_is_on_the_disk(disk: Disk) -> None:
    clock = FakeClock()
    engine = await start_engine(disk.root, runner := ScriptedRunner(), clock)
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await runner.finish(("r1", Phase.PREPARE))
    await runner.finish(("r1", Phase.DISTRIBUTE))
    await runner.wait(("r1", Phase.ACTIVATE))
    assert await runner.play("r1", Phase.ACTIVATE).barrier(OpKind.RELOAD) == BarrierAnswer(go=True)
    live = engine.runs.live[job.last_run]
    disk.fill()
    runner.play("r1", Phase.ACTIVATE).done()
    # A file system may still have room for the end in a block of the journal.
    await until(lambda: live.refused_by or job.last_run not in engine.runs.live)
    after = disk.root.with_name("after")  # the disk as a kill leaves it now: the engine has not stopped
    shutil.copytree(disk.root, after, ignore=shutil.ignore_patterns("*.lock", "lock", "filler"))
    disk.free()
    await as_time_passes(clock, lambda: job.last_run not in engine.runs.live)
    async with asyncio.timeout(20):
        assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    await engine.stop()
    (known,) = records(after)
    engine = await start_engine(after, runner := ScriptedRunner())
    if not known.is_over:
        await runner.wait(("r1", Phase.ACTIVATE))
        intents = [record.intent.kind for record in runner.play("r1", Phase.ACTIVATE).request.intents]
        assert intents == [OpKind.RELOAD]  # its end was not stored: the driver reads whether it happened
        runner.play("r1", Phase.ACTIVATE).done()
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    await engine.stop()


async def test_a_worker_that_cannot_be_written_down_gets_no_work_and_the_run_says_so(tmp_path: Path) -> None:
    with small_tmpfs(tmp_path / "disk") as disk:
        paths = DataPaths(disk.root / "data")
        paths.prepare()
        lost: list[str] = []
        done = asyncio.Event()

        class Sink:
            def on_lost(self, phase_id: str, why: str) -> None:
                lost.append(why)
                done.set()

        runner = ProcessRunner(paths)
        await runner.start(Sink())  # type: ignore[arg-type]
        disk.fill()
        runner.submit(request("one"))
        async with asyncio.timeout(10):
            await done.wait()
        assert lost == ["a worker cannot be started: No space left on device"]
        assert runner.workers == 0
        await runner.stop()


async def as_time_passes(clock: FakeClock, condition: Callable[[], bool]) -> None:
    """Move the clock until something is true."""
    async with asyncio.timeout(10):
        while not condition():
            await clock.move(6)
            await asyncio.sleep(0.01)


def records(root: Path) -> list[RunState]:
    """How every run stands by its journal, whose lines are all whole."""
    found = []
    for path in sorted((root / "data" / "runs").glob(f"*/{EVENTS}")):
        state = RunState.replay(read_journal(path.parent))
        assert state is not None
        found.append(state)
    return found


async def test_an_engine_stops_and_starts_on_a_full_disk(disk: Disk) -> None:
    engine = await start_engine(disk.root, runner := ScriptedRunner(), FakeClock())
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await runner.finish(("r1", Phase.PREPARE))
    await runner.wait(("r1", Phase.DISTRIBUTE))
    disk.fill()
    for _ in range(40):  # until a block of the journal is full
        if await runner.play("r1", Phase.DISTRIBUTE).barrier(OpKind.COPY_IMAGE) != BarrierAnswer(go=True):
            break
    assert engine.runs.live[job.last_run].refused_by is not None
    async with asyncio.timeout(10):
        await engine.stop()
    engine = await start_engine(disk.root, runner := ScriptedRunner(), clock := FakeClock())
    assert (await engine.api.status()).running_runs == (job.last_run,)  # it answers, so that a person can free space
    disk.free()
    await as_time_passes(clock, lambda: ("r1", Phase.DISTRIBUTE) in runner.running())
    runner.play("r1", Phase.DISTRIBUTE).done()
    await runner.finish(("r1", Phase.ACTIVATE))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    await engine.stop()


def test_an_engine_on_a_full_disk_still_says_who_it_is(disk: Disk) -> None:
    paths = DataPaths(disk.root)
    disk.root.mkdir(exist_ok=True)
    write_engine_json(paths, 1.0, "before")
    disk.fill()
    write_engine_json(paths, 1.0, "PROD")
    assert json.loads(paths.engine_json.read_text())["environment"] == "PROD"
    assert not paths.engine_json.with_suffix(".json.new").exists()
