"""Frames and the worker's context."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.drivers.frames import (
    AnswerReply,
    Barrier,
    BarrierReply,
    Cancel,
    Event,
    FrameReader,
    Hello,
    Shutdown,
    ToEngine,
    encode,
)
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import Intent, OpFinished, OpProgress
from swim_tui.model.plan import OpKind
from swim_tui.worker import PipeContext, Sender

FRAMES = [Hello(7), Cancel("p"), BarrierReply("p", 3, True), AnswerReply("p", 1, "code"), Shutdown()]


@given(st.lists(st.sampled_from(FRAMES), max_size=8), st.lists(st.integers(1, 40), max_size=60))
def test_frames_come_out_whole_however_the_bytes_arrive(frames: list[Hello], cuts: list[int]) -> None:
    data = b"".join(encode(f) for f in frames)
    reader = FrameReader()
    found: list[object] = []
    for cut in cuts:
        found += reader.feed(data[:cut])
        data = data[cut:]
    found += reader.feed(data)
    assert found == frames


def test_an_absurd_length_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        FrameReader().feed(b"\xff" * 8)


def test_an_answer_never_shows_in_a_log() -> None:
    assert "123456" not in repr(AnswerReply("p", 1, "123456"))


def test_frames_and_contract_load_no_ssh_library() -> None:
    code = (
        "import sys, swim_tui.drivers.frames, swim_tui.drivers.contract;"
        "print([m for m in sys.modules if m.split('.')[0] in ('paramiko', 'netmiko', 'scp')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


class Sink(Sender):
    """Collects frames instead of sending them."""

    def __init__(self) -> None:
        self.frames: queue.Queue[ToEngine] = queue.Queue()

    def send(self, frame: ToEngine) -> None:
        self.frames.put(frame)

    def all(self) -> list[ToEngine]:
        return [self.frames.get() for _ in range(self.frames.qsize())]


def progress(n: int) -> OpProgress:
    return OpProgress("op", n, 100)


def test_progress_is_held_back_to_four_a_second_and_the_last_one_is_not_lost() -> None:
    sink = Sink()
    context = PipeContext("p", sink)
    for n in range(100):
        context.emit(progress(n))
    end = OpFinished("op", datetime.now(UTC), OpStatus.SUCCESS)
    context.emit(end)
    events = [f.event for f in sink.all() if isinstance(f, Event)]
    assert events == [progress(0), progress(99), end]


def test_a_barrier_waits_for_its_own_answer() -> None:
    sink = Sink()
    context = PipeContext("p", sink)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(context.barrier(Intent("o", OpKind.RELOAD, "reload"))))
    thread.start()
    frame = sink.frames.get(timeout=5)
    assert isinstance(frame, Barrier)
    context.take(BarrierReply("p", frame.seq + 5, True))
    thread.join(0.1)
    assert thread.is_alive()
    context.take(BarrierReply("p", frame.seq, False, held=True))
    thread.join(5)
    assert answers == [False]
    assert context.held()


def test_a_cancelled_phase_asks_for_no_barrier() -> None:
    sink = Sink()
    context = PipeContext("p", sink)
    context.cancel()
    assert context.barrier(Intent("o", OpKind.RELOAD, "reload")) is False
    assert context.wait(60) is True
    assert sink.all() == []
