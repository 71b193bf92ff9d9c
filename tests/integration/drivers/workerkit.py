"""A worker process as the engine drives it, for tests: journal in a list, kill at will."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.drivers.frames import (
    Barrier,
    BarrierReply,
    Done,
    Event,
    FrameReader,
    Hello,
    Setup,
    Shutdown,
    Start,
    ToEngine,
    ToWorker,
    encode,
    receive,
)
from swim_tui.model.phase import IntentRecord, PhaseEvent, PhaseResult


@dataclass
class WorkerProcess:
    """One worker; `journal` holds the intents that were acknowledged as on disk."""

    lock_path: Path
    journal: list[IntentRecord] = field(default_factory=list)
    events: list[PhaseEvent] = field(default_factory=list)
    frames: list[ToEngine] = field(default_factory=list)

    def __post_init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.sock = ours
        self.sock.settimeout(60)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "swim_tui.worker", str(theirs.fileno())], pass_fds=(theirs.fileno(),)
        )
        theirs.close()
        self._reader = FrameReader()
        self._waiting: list[ToEngine] = []
        self.send(Setup(str(self.lock_path), 0))
        hello = self.next()
        assert isinstance(hello, Hello)
        assert hello.pid == self.process.pid

    def send(self, frame: ToWorker) -> None:
        self.sock.sendall(encode(frame))

    def next(self) -> ToEngine | None:
        """The next frame, None when the worker is gone."""
        while not self._waiting:
            frames = receive(self.sock, self._reader)
            if frames is None:
                return None
            self._waiting += frames  # type: ignore[arg-type]
        frame = self._waiting.pop(0)
        self.frames.append(frame)
        return frame

    def run(self, request: PhaseRequest, kill_at: Callable[[ToEngine], bool] = lambda _: False) -> PhaseResult | None:
        """Run a phase; None when `kill_at` said to kill the worker (before its frame is answered)."""
        self.send(Start(request))
        while (frame := self.next()) is not None:
            if isinstance(frame, Barrier):
                self.journal.append(IntentRecord(frame.intent, datetime.now(UTC), request.attempt))
            if kill_at(frame):
                self.kill()
                return None
            if isinstance(frame, Barrier):
                self.send(BarrierReply(frame.phase_id, frame.seq, True))
            elif isinstance(frame, Event):
                self.events.append(frame.event)
            elif isinstance(frame, Done):
                return frame.result
        raise AssertionError("the worker died")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def shut_down(self) -> int:
        self.send(Shutdown())
        return self.process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process.poll() is None:
            self.kill()
