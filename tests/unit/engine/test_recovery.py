"""What a new engine makes of what an old one left: at every record of a journal, and with the store behind it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from swim_tui.engine.history import IntentLogged, PhaseEnded, Record, RunCreated
from swim_tui.engine.journal import EVENTS, read_journal
from swim_tui.engine.runner import BarrierAnswer
from swim_tui.engine.runstate import RunState
from swim_tui.model.job import Job, JobStatus, Run, RunStatus, TaskStatus
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import OpKind, Phase
from swim_tui.store import Database, LogWriter
from tests.unit.engine.fakes import (
    AUTO,
    Play,
    ScriptedRunner,
    add_devices,
    combined,
    start_engine,
    submit,
    success,
    until,
)

P, D, A = Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE
DEVICES = ("r1", "r2")


@dataclass
class Devices:
    """Devices that can be reloaded, and a driver that looks before it acts."""

    reloads: dict[str, int] = field(default_factory=dict)

    async def play(self, play: Play) -> PhaseResult | None:
        if play.phase is not A:
            return await AUTO(play)
        announced = [record for record in play.request.intents if record.intent.kind is OpKind.RELOAD]
        has_happened = bool(announced) and self.reloads.get(play.device, 0) > 0
        if not has_happened:
            assert await play.barrier(OpKind.SET_BOOT) == BarrierAnswer(go=True)
            assert await play.barrier(OpKind.RELOAD) == BarrierAnswer(go=True)
            self.reloads[play.device] = self.reloads.get(play.device, 0) + 1
        return success(A)


async def finished_run(folder: Path) -> tuple[str, list[Record]]:
    """A run that went to its end; its id and journal."""
    runner = ScriptedRunner(Devices().play)
    engine = await start_engine(folder, runner)
    await add_devices(engine, *DEVICES)
    job = await submit(engine, combined(*DEVICES))
    await engine.wait_for(job.last_run)
    await engine.stop()
    return job.last_run, read_journal(folder / "data" / "runs" / job.last_run)


def cut(source: Path, target: Path, run_id: str, records: int) -> None:
    """A data directory as a crash after so many records leaves it: the store knows only that the run began."""
    shutil.copytree(source, target)
    path = target / "data" / "runs" / run_id / EVENTS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:records]) + lines[records][: len(lines[records]) // 2])
    created = read_journal(path.parent)[0]
    assert isinstance(created, RunCreated)
    with Database(target / "data" / "store", writer=LogWriter()) as db:
        db.table("runs", Run, lambda r: r.id).put(created.run).result()


def reload_may_have_happened(records: list[Record]) -> tuple[str, ...]:
    """Devices whose reload was announced: each may or may not have had it. Those that ended surely did."""
    return tuple(
        record.device for record in records if isinstance(record, IntentLogged) and record.intent.kind is OpKind.RELOAD
    )


async def test_a_run_cut_at_every_record_goes_on_and_no_device_is_reloaded_twice(tmp_path: Path) -> None:
    run_id, records = await finished_run(tmp_path / "whole")
    for count in range(1, len(records)):
        known = records[:count]
        announced = reload_may_have_happened(known)
        ended = {r.device for r in known if isinstance(r, PhaseEnded) and r.phase is A}
        doubtful = [device for device in announced if device not in ended]
        for has_happened in {bool(doubtful), False}:
            folder = tmp_path / f"cut-{count}-{has_happened}"
            cut(tmp_path / "whole", folder, run_id, count)
            sure = set(announced) if has_happened else set(announced) & ended
            devices = Devices(dict.fromkeys(sure, 1))
            engine = await start_engine(folder, ScriptedRunner(devices.play))
            if run_id in engine.runs.live:
                await engine.wait_for(run_id)
            run = engine.state.tables.runs.get(run_id)
            assert run is not None
            assert run.status is RunStatus.SUCCESS, f"cut at {count}: {known[-1]}"
            assert devices.reloads == dict.fromkeys(DEVICES, 1), f"cut at {count}: {known[-1]}"
            await engine.stop()
            shutil.rmtree(folder)


async def test_the_journal_alone_gives_the_state_that_clients_saw(tmp_path: Path) -> None:
    run_id, records = await finished_run(tmp_path)
    state = RunState.replay(records)
    assert state is not None
    with Database(tmp_path / "data" / "store", writer=LogWriter()) as db:
        stored = db.table("runs", Run, lambda r: r.id).get(run_id)
    assert stored is not None
    assert (state.run.status, state.run.counts) == (stored.status, stored.counts)
    assert [task.task.status for task in state.tasks.values()] == [TaskStatus.SUCCESS] * 2


async def test_an_engine_that_ends_under_a_reload_goes_on_with_the_intents_at_its_next_start(tmp_path: Path) -> None:
    first = ScriptedRunner()
    engine = await start_engine(tmp_path, first)
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    for phase in (P, D):
        await first.finish(("r1", phase))
    await first.wait(("r1", A))
    assert (await first.play("r1", A).barrier(OpKind.RELOAD)).go
    await engine.stop()

    second = ScriptedRunner()
    engine = await start_engine(tmp_path, second)
    await second.wait(("r1", A))
    request = second.play("r1", A).request
    assert request.attempt == 2
    assert [record.intent.kind for record in request.intents] == [OpKind.RELOAD]
    assert request.plan is not None
    await second.finish(("r1", A))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    assert engine.state.busy == {}
    await engine.stop()


async def test_a_stop_and_who_gave_it_survive_a_restart(tmp_path: Path) -> None:
    first = ScriptedRunner()
    engine = await start_engine(tmp_path, first)
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2"))
    await first.finish(("r1", P))
    await first.finish(("r2", P))
    await first.finish(("r1", D), ("r2", D))
    await first.wait(("r1", A))
    await engine.api.hold(job.last_run, by="ann")
    await first.finish(("r1", A))
    await until(lambda: engine.runs.live[job.last_run].state.tasks["r2"].task.waiting_for.startswith("on hold"))
    await engine.stop()

    second = ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, second)
    run = (await engine.api.run(job.last_run)).run
    assert (run.hold, run.hold_by) == (True, "ann")
    await until(lambda: engine.runs.live[job.last_run].state.tasks["r2"].task.waiting_for.startswith("on hold"))
    assert second.history == []
    await engine.api.resume(job.last_run, by="bob")
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    assert [(r.device.name, r.phase) for r in second.history] == [("r2", A)]
    await engine.stop()


async def test_an_ended_run_that_the_store_missed_is_put_right_and_not_run_again(tmp_path: Path) -> None:
    run_id, records = await finished_run(tmp_path)
    created = records[0]
    assert isinstance(created, RunCreated)
    with Database(tmp_path / "data" / "store", writer=LogWriter()) as db:
        db.table("runs", Run, lambda r: r.id).put(created.run).result()
        under_way = replace(created.job, status=JobStatus.RUNNING, last_run=run_id, last_run_status=RunStatus.RUNNING)
        db.table("jobs", Job, lambda j: j.id).put(under_way).result()
    runner = ScriptedRunner()
    engine = await start_engine(tmp_path, runner)
    assert (await engine.api.run(run_id)).run.status is RunStatus.SUCCESS
    assert runner.history == []
    job = engine.services.jobs.get(created.job.id)
    assert (job.status, job.last_run_status) == (JobStatus.COMPLETED, RunStatus.SUCCESS)
    assert not engine.runs.live
    await engine.stop()


async def test_a_journal_that_cannot_be_understood_sends_nothing_and_says_so(tmp_path: Path) -> None:
    run_id, records = await finished_run(tmp_path)
    created = records[0]
    assert isinstance(created, RunCreated)
    writer = LogWriter()
    log = writer.open(tmp_path / "data" / "runs" / run_id / EVENTS)
    log.append(b'{"kind":"from-the-future"}').result()
    writer.close()
    with Database(tmp_path / "data" / "store", writer=LogWriter()) as db:
        db.table("runs", Run, lambda r: r.id).put(created.run).result()
    runner = ScriptedRunner()
    engine = await start_engine(tmp_path, runner)
    assert (await engine.api.run(run_id)).run.status is RunStatus.INTERRUPTED
    assert runner.history == []
    assert any("cannot be recovered" in text for text in (await engine.api.status()).notices)
    await engine.stop()


async def test_a_run_whose_journal_is_gone_is_interrupted_and_its_job_is_free_again(tmp_path: Path) -> None:
    first = ScriptedRunner()
    engine = await start_engine(tmp_path, first)
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await first.wait(("r1", P))
    await engine.stop()
    shutil.rmtree(tmp_path / "data" / "runs" / job.last_run)
    second = ScriptedRunner()
    engine = await start_engine(tmp_path, second)
    detail = await engine.api.run(job.last_run)
    assert detail.run.status is RunStatus.INTERRUPTED
    assert [task.status for task in detail.tasks] == [TaskStatus.INTERRUPTED]
    assert "journal is gone" in detail.tasks[0].message
    assert second.history == []
    again = await engine.api.retry(job.id, by="ann")
    await second.wait(("r1", P))
    assert again.attempt == 2
    await engine.stop()


async def under_way(folder: Path) -> tuple[str, Path]:
    """A run whose reload was announced when its engine ended; its id and its journal."""
    runner = ScriptedRunner()
    engine = await start_engine(folder, runner)
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await runner.finish(("r1", P))
    await runner.finish(("r1", D))
    await runner.wait(("r1", A))
    await runner.play("r1", A).barrier(OpKind.RELOAD)
    await engine.stop()
    return job.last_run, folder / "data" / "runs" / job.last_run / EVENTS


async def test_a_journal_damaged_before_its_end_is_left_to_a_person_as_an_intent_may_be_lost(
    tmp_path: Path,
) -> None:
    run_id, path = await under_way(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[-2] = lines[-2].replace(b"r1", b"r?", 1)
    path.write_bytes(b"".join(lines))
    runner = ScriptedRunner()
    engine = await start_engine(tmp_path, runner)
    detail = await engine.api.run(run_id)
    assert detail.run.status is RunStatus.INTERRUPTED
    assert "unreadable bytes in the middle" in detail.tasks[0].message
    assert runner.history == []
    await engine.stop()


@pytest.mark.parametrize("tail", [b"deadbeef {", b"\0" * 4096])
async def test_a_torn_tail_of_a_journal_is_told_and_the_run_goes_on(tmp_path: Path, tail: bytes) -> None:
    run_id, path = await under_way(tmp_path)
    path.write_bytes(path.read_bytes() + tail)
    engine = await start_engine(tmp_path, runner := ScriptedRunner())
    await runner.wait(("r1", A))
    assert [record.intent.kind for record in runner.play("r1", A).request.intents] == [OpKind.RELOAD]
    told = [text for text in (await engine.api.status()).notices if "never acknowledged" in text]
    assert [f"its journal had {len(tail)} unreadable bytes at the end" in text for text in told] == [True]
    assert path.with_name(f"{EVENTS}.torn").read_bytes() == tail
    runner.play("r1", A).done()
    assert (await engine.wait_for(run_id)).status is RunStatus.SUCCESS
    await engine.stop()
