"""kill -9 of the worker at every boundary of an activation: the device is upgraded, and reloaded exactly once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.drivers.frames import Barrier, Event, ToEngine
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import OpFinished, OpProgress
from swim_tui.model.plan import OpKind, Phase
from tests.integration.drivers.labkit import LabRun
from tests.integration.drivers.test_upgrade import ONE, ready_to_activate, reloads, target
from tests.integration.drivers.workerkit import WorkerProcess


def finished(op: str) -> Callable[[ToEngine], bool]:
    return lambda f: isinstance(f, Event) and isinstance(f.event, OpFinished) and f.event.op_id == op


def barrier(kind: OpKind) -> Callable[[ToEngine], bool]:
    return lambda f: isinstance(f, Barrier) and f.intent.kind is kind


POINTS = {
    "set-boot-intent": barrier(OpKind.SET_BOOT),
    "set-boot-done": finished("activate.set-boot-variable"),
    "saved": finished("activate.save-configuration"),
    "reload-intent": barrier(OpKind.RELOAD),
    "reload-sent": finished("activate.reload"),
    "back": finished("activate.wait-for-reload"),
    "proven": finished("activate.prove"),
}


QUICK = ("set-boot-done", "reload-intent", "reload-sent", "back")
"""The others with SWIM_TUI_LONG: the kills of engines and workers pass there too."""


@pytest.mark.parametrize("point", POINTS if os.environ.get("SWIM_TUI_LONG") else QUICK)
def test_a_killed_activation_is_finished_by_the_next_attempt_with_one_reload(
    asr: LabRun, tmp_path: Path, point: str
) -> None:
    plan, ref = ready_to_activate(asr)
    request = asr.phase(plan, Phase.ACTIVATE, ref)
    with WorkerProcess(tmp_path / "workers.lock") as first:
        assert first.run(request, POINTS[point]) is None
    again = replace(request, attempt=2, intents=tuple(first.journal))
    with WorkerProcess(tmp_path / "workers.lock") as second:
        result = second.run(again)
        assert second.shut_down() == 0
    assert result is not None
    assert result.outcome is Outcome.UPGRADED, result
    assert reloads(asr) == 1
    second_intents = [r for r in second.journal if r.intent.kind is OpKind.RELOAD]
    assert len(second_intents) == (1 if point in ("set-boot-intent", "set-boot-done", "saved", "reload-intent") else 0)


def test_a_killed_copy_is_finished_by_the_next_attempt(asr: LabRun, tmp_path: Path) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "slow=60000")
    request = asr.phase(plan, Phase.DISTRIBUTE, ref)

    def partial_there(frame: ToEngine) -> bool:
        return isinstance(frame, Event) and isinstance(frame.event, OpProgress)

    with WorkerProcess(tmp_path / "workers.lock") as first:
        assert first.run(request, partial_there) is None
    asr.fault(ONE, "slow=10000000")
    again = replace(request, attempt=2, intents=tuple(first.journal))
    with WorkerProcess(tmp_path / "workers.lock") as second:
        result = second.run(again)
    assert result is not None
    assert result.outcome is Outcome.DISTRIBUTED, result


def test_a_worker_ends_when_its_engine_is_gone(tmp_path: Path) -> None:
    with WorkerProcess(tmp_path / "workers.lock") as worker:
        worker.sock.close()
        assert worker.process.wait(10) == 1


def test_a_worker_holds_the_lock_for_life(tmp_path: Path) -> None:
    lock = tmp_path / "workers.lock"
    with WorkerProcess(lock) as worker:
        with lock.open("r+") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert worker.shut_down() == 0
        with lock.open("r+") as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
