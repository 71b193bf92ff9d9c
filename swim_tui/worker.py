"""The worker's entry point: `python -m swim_tui.worker FD` over a socket pair; one thread runs one phase.

It never outlives its engine: when the pipe closes it stops at once, and the kernel kills it with its parent.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from swim_tui.drivers.contract import PhaseRequest, Question
from swim_tui.drivers.frames import (
    AnswerReply,
    Ask,
    Barrier,
    BarrierReply,
    Cancel,
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
from swim_tui.drivers.run import run_phase
from swim_tui.model.phase import Intent, OpProgress, PhaseEvent
from swim_tui.net.service import SshNet

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_PROGRESS_INTERVAL_S = 0.25
_ANSWER_LIMIT_S = 3600.0
_QUEUE_FRAMES = 20_000
_BATCH_FRAMES = 500


class Sender:
    """Sends frames from one thread, as many as wait in one write."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._queue: queue.Queue[ToEngine | None] = queue.Queue(_QUEUE_FRAMES)
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._thread.start()

    def send(self, frame: ToEngine) -> None:
        """Queue a frame; blocks only when the engine takes nothing any more."""
        self._queue.put(frame)

    def finish(self) -> None:
        """Send what waits, then end."""
        self._queue.put(None)
        self._thread.join(10.0)

    def _run(self) -> None:
        while True:
            frames = [self._queue.get()]
            while len(frames) < _BATCH_FRAMES and frames[-1] is not None:
                try:
                    frames.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            data = b"".join(encode(f) for f in frames if f is not None)
            try:
                self._sock.sendall(data)
            except OSError:
                os._exit(1)  # the engine is gone: nothing may be sent to a device any more
            if frames[-1] is None:
                return


@dataclass
class PipeContext:
    """A phase's context over the pipe; a lost engine means stop (the process ends before anybody could notice)."""

    phase_id: str
    sender: Sender
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _replies: dict[int, queue.Queue[BarrierReply | AnswerReply]] = field(default_factory=dict)
    _seq: int = 0
    _held: bool = False
    _done_by: str = ""
    _pending: OpProgress | None = None
    _progress_at: float = 0.0

    def emit(self, event: PhaseEvent) -> None:
        """Report; progress at most four times a second, the last one before anything else."""
        with self._lock:
            if isinstance(event, OpProgress):
                now = time.monotonic()
                if now - self._progress_at < _PROGRESS_INTERVAL_S:
                    self._pending = event
                    return
                self._progress_at, self._pending = now, None
            elif self._pending is not None:
                self.sender.send(Event(self.phase_id, self._pending))
                self._pending = None
            self.sender.send(Event(self.phase_id, event))

    def barrier(self, intent: Intent) -> bool:
        """Wait until the intent is on disk."""
        self._held, self._done_by = False, ""
        if self._stop.is_set():
            return False
        seq, replies = self._expect()
        self.sender.send(Barrier(self.phase_id, seq, intent))
        reply = replies.get()
        if not isinstance(reply, BarrierReply):
            return False
        self._held = reply.held and not reply.go
        self._done_by = reply.done_by
        return reply.go

    def held(self) -> bool:
        """True when the last refusal was a hold."""
        return self._held

    def spared(self) -> str:
        """Who did the last refused act already."""
        return self._done_by

    def cancelled(self) -> bool:
        """True after a Cancel frame."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait; True at once when cancelled."""
        return self._stop.wait(seconds)

    def ask(self, question: Question) -> str | None:
        """Ask a person through the engine; None when nobody answers."""
        seq, replies = self._expect()
        self.sender.send(Ask(self.phase_id, seq, question))
        try:
            reply = replies.get(timeout=_ANSWER_LIMIT_S)
        except queue.Empty:
            return None
        return reply.answer if isinstance(reply, AnswerReply) else None

    def cancel(self) -> None:
        """Stop at the next safe point."""
        self._stop.set()

    def take(self, reply: BarrierReply | AnswerReply) -> None:
        """Hand a reply to whoever waits for it; an unknown number is dropped."""
        with self._lock:
            replies = self._replies.pop(reply.seq, None)
        if replies is not None:
            replies.put(reply)

    def _expect(self) -> tuple[int, queue.Queue[BarrierReply | AnswerReply]]:
        replies: queue.Queue[BarrierReply | AnswerReply] = queue.Queue(1)
        with self._lock:
            self._seq += 1
            self._replies[self._seq] = replies
            return self._seq, replies


class Worker:
    """Takes frames, runs each phase in a thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sender = Sender(sock)
        self._contexts: dict[str, PipeContext] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._net: SshNet | None = None
        self._lock_file: int | None = None
        self._lock = threading.Lock()
        self._ending = False

    def serve(self) -> int:
        """Until Shutdown, or the end of the pipe, which ends the process at once."""
        reader = FrameReader()
        while not self._ending:
            frames = receive(self._sock, reader)
            if frames is None:
                os._exit(1)
            for frame in frames:
                if isinstance(frame, (Setup, Start, Cancel, BarrierReply, AnswerReply, Shutdown)):
                    self._take(frame)
        threading.Thread(target=self._watch_pipe, args=(reader,), daemon=True).start()
        for thread in list(self._threads.values()):
            thread.join()
        self._sender.finish()
        if self._net is not None:
            self._net.close()
        return 0

    def _watch_pipe(self, reader: FrameReader) -> None:
        """While the last phases end: their replies, and the end of the pipe."""
        while (frames := receive(self._sock, reader)) is not None:
            for frame in frames:
                if isinstance(frame, (BarrierReply, AnswerReply, Cancel)):
                    self._take(frame)
        os._exit(1)

    def _take(self, frame: ToWorker) -> None:
        if isinstance(frame, Setup):
            self._set_up(frame)
        elif isinstance(frame, Start):
            self._start(frame.request)
        elif isinstance(frame, Cancel):
            if (context := self._contexts.get(frame.phase_id)) is not None:
                context.cancel()
        elif isinstance(frame, (BarrierReply, AnswerReply)):
            if (context := self._contexts.get(frame.phase_id)) is not None:
                context.take(frame)
        else:
            self._ending = True
            for context in list(self._contexts.values()):
                context.cancel()

    def _set_up(self, frame: Setup) -> None:
        # Held for life: a new engine takes it exclusively before it recovers anything.
        self._lock_file = os.open(frame.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock_file, fcntl.LOCK_SH)
        os.nice(frame.nice)
        self._net = SshNet(Path(frame.known_hosts) if frame.known_hosts else None)
        self._sender.send(Hello(os.getpid()))

    def _start(self, request: PhaseRequest) -> None:
        context = PipeContext(request.id, self._sender)
        thread = threading.Thread(target=self._run, args=(request, context), name=request.id, daemon=True)
        with self._lock:
            self._contexts[request.id] = context
            self._threads[request.id] = thread
        thread.start()

    def _run(self, request: PhaseRequest, context: PipeContext) -> None:
        assert self._net is not None, "Setup comes before Start"
        result = run_phase(request, context, self._net)
        with self._lock:
            self._contexts.pop(request.id, None)
            self._threads.pop(request.id, None)
        self._sender.send(Done(request.id, result))


def _die_with_parent() -> None:
    """SIGKILL from the kernel when the engine ends, however it ends (Linux; elsewhere the pipe tells)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(arguments: list[str]) -> int:
    """Run a worker on the inherited socket whose descriptor is the only argument."""
    if len(arguments) != 1 or not arguments[0].isdigit():
        sys.stderr.write("usage: python -m swim_tui.worker FD (started by the engine)\n")
        return 2
    _die_with_parent()
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _raise_file_limit()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(process)d %(name)s %(message)s")
    # Its messages name users and algorithms; what matters comes out as typed errors.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    return Worker(socket.socket(fileno=int(arguments[0]))).serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
