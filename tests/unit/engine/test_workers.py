"""Workers: left-overs are ended before anything else, phases are placed, threads keep the same context."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.drivers.contract import PhaseContext, PhaseRequest, Question
from swim_tui.engine.leftovers import KnownProcess, end_leftovers, read_known, start_of, write_known
from swim_tui.engine.pool import ProcessRunner
from swim_tui.engine.runner import BarrierAnswer, SerialRunner
from swim_tui.errors import EngineError
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Direction, Intent, OutputLine, PhaseEvent, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.secret import Login, Secret
from swim_tui.paths import DataPaths
from tests.unit.engine.fakes import until

_HOLDER = """
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(fd, fcntl.LOCK_SH)
print("held", flush=True)
time.sleep(60)
"""


def holder(paths: DataPaths) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(paths.workers_lock)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_recorded_worker_that_still_holds_the_lock_is_ended(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    process = holder(paths)
    write_known(paths, [KnownProcess(process.pid, start_of(process.pid))])
    threading.Thread(target=process.wait, daemon=True).start()
    end_leftovers(paths)
    assert process.wait(5) == -9


def test_a_process_that_only_got_the_pid_later_is_left_alone_and_the_lock_is_said_to_be_held(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    process = holder(paths)
    write_known(paths, [KnownProcess(process.pid, "1")])
    try:
        with pytest.raises(EngineError, match="still runs"):
            end_leftovers(paths, limit_s=0.2)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_a_damaged_record_of_workers_names_none(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    paths.workers_json.write_text('[{"pid": "x"}]')
    assert read_known(paths) == []


def request(phase_id: str) -> PhaseRequest:
    """A phase that fails at once: nothing listens at its address."""
    login = Login("lab", "admin", Secret("x"))
    endpoint = Endpoint("r1", "127.0.0.1", 1, login, connect_timeout_s=2.0)
    return PhaseRequest(phase_id, "1", 1, Phase.PREPARE, Device("r1", "127.0.0.1", 1), endpoint, None)


class Ear:
    """A sink that keeps what it hears."""

    def __init__(self) -> None:
        self.done: dict[str, PhaseResult] = {}
        self.lost: dict[str, str] = {}
        self.events: list[PhaseEvent] = []
        self.threads: set[int] = set()

    def on_event(self, phase_id: str, event: PhaseEvent) -> None:
        self.threads.add(threading.get_ident())
        self.events.append(event)

    def on_barrier(self, phase_id: str, intent: Intent, reply: Callable[[BarrierAnswer], None]) -> None:
        reply(BarrierAnswer(go=intent.kind is not OpKind.RELOAD, held=True))

    def on_question(self, phase_id: str, question: Question, reply: Callable[[str | None], None]) -> None:
        reply("123456")

    def on_done(self, phase_id: str, result: PhaseResult) -> None:
        self.done[phase_id] = result

    def on_lost(self, phase_id: str, why: str) -> None:
        self.lost[phase_id] = why


async def test_real_workers_start_as_needed_answer_and_end_with_the_runner(tmp_path: Path) -> None:
    ear, runner = Ear(), ProcessRunner(DataPaths(tmp_path), sessions=2)
    await runner.start(ear)
    for number in range(3):
        runner.submit(request(f"p{number}"))
    assert runner.sessions == 3
    await until(lambda: len(ear.done) == 3, limit_s=30.0)
    assert {result.problem.code for result in ear.done.values() if result.problem} == {"SWIM-4015"}
    known = read_known(DataPaths(tmp_path))
    assert len(known) == runner.workers == 2
    await runner.stop()
    assert [start_of(process.pid) for process in known] == ["", ""]
    assert read_known(DataPaths(tmp_path)) == []


async def test_phases_of_a_worker_that_dies_are_lost_and_the_next_one_gets_a_new_worker(tmp_path: Path) -> None:
    ear, runner = Ear(), ProcessRunner(DataPaths(tmp_path))
    await runner.start(ear)
    runner.submit(request("p1"))
    await until(lambda: read_known(DataPaths(tmp_path)), limit_s=10.0)
    (known,) = read_known(DataPaths(tmp_path))
    os.kill(known.pid, 9)
    await until(lambda: ear.lost or ear.done, limit_s=10.0)
    assert "-9" in ear.lost["p1"]
    runner.submit(request("p2"))
    await until(lambda: "p2" in ear.done, limit_s=30.0)
    await runner.stop()


def scripted(request: PhaseRequest, ctx: PhaseContext) -> PhaseResult:
    ctx.emit(OutputLine(datetime.now(UTC), Direction.NOTE, str(threading.get_ident())))
    assert ctx.barrier(Intent("set", OpKind.SET_BOOT, "boot system x"))
    assert not ctx.barrier(Intent("reload", OpKind.RELOAD, "reload"))
    assert ctx.held()
    assert ctx.ask(Question("one-time-code", "code")) == "123456"
    if request.id == "bug":
        raise RuntimeError("a bug in a driver")
    ctx.wait(30.0)
    return PhaseResult(PhaseStatus.CANCELLED if ctx.cancelled() else PhaseStatus.SUCCESS, Outcome.CANCELLED)


async def test_the_serial_runner_keeps_phases_off_the_loop_and_turns_a_bug_into_a_result() -> None:
    ear, runner = Ear(), SerialRunner(scripted)
    await runner.start(ear)
    runner.submit(request("bug"))
    runner.submit(request("slow"))
    await until(lambda: len(ear.events) == 2)
    assert ear.threads == {threading.get_ident()}
    assert all(isinstance(e, OutputLine) and e.text != str(threading.get_ident()) for e in ear.events)
    runner.cancel("slow")
    await until(lambda: len(ear.done) == 2)
    assert ear.done["bug"].problem is not None
    assert ear.done["bug"].problem.code == "SWIM-9999"
    assert ear.done["slow"].status is PhaseStatus.CANCELLED
    await runner.stop()
    await asyncio.sleep(0)
