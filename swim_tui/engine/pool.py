"""The ProcessRunner: worker processes over socket pairs, about 25 sessions each, started as the work asks for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field

from swim_tui.drivers.contract import PhaseRequest
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
    Start,
    ToEngine,
    ToWorker,
    encode,
)
from swim_tui.engine.leftovers import KnownProcess, end_leftovers, start_of, write_known
from swim_tui.engine.runner import BarrierAnswer, PhaseSink
from swim_tui.paths import DataPaths

log = logging.getLogger(__name__)

SESSIONS = 25  # in one worker; above, threads of one process cost more than another process (SPEC 13)
SPREAD_ABOVE = 8  # phases in all; from there two workers use both cores
NICE = 5
IDLE_S = 300.0
END_LIMIT_S = 5.0
_READ_BYTES = 262_144


@dataclass
class _Worker:
    """One process with what it runs."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    phases: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)  # jump hosts with one-time codes that live here
    idle: asyncio.TimerHandle | None = None
    listener: asyncio.Task[None] | None = None

    def send(self, frame: ToWorker) -> None:
        """Queue a frame; a worker that is gone is noticed by its listener."""
        self.writer.write(encode(frame))


def code_key(address: str, port: int) -> str:
    """How a jump host that asks one-time codes is named here."""
    return f"{address}:{port}"


class ProcessRunner:
    """Runs phases in worker processes. Use it on the event loop of the main thread: a worker dies with the thread that
    started it."""

    def __init__(self, paths: DataPaths, *, sessions: int = SESSIONS, nice: int = NICE, idle_s: float = IDLE_S) -> None:
        self._paths = paths
        self._limit = sessions
        self._nice = nice
        self._idle_s = idle_s
        self._sink: PhaseSink | None = None
        self._workers: list[_Worker] = []
        self._at: dict[str, _Worker] = {}
        self._waiting: list[PhaseRequest] = []
        self._starting = 0
        self._starts: set[asyncio.Task[None]] = set()
        self._kept: frozenset[str] = frozenset()

    async def start(self, sink: PhaseSink) -> None:
        """Make sure that no worker of an earlier engine is left."""
        await asyncio.to_thread(end_leftovers, self._paths)
        self._sink = sink

    @property
    def workers(self) -> int:
        """How many workers live."""
        return len(self._workers)

    @property
    def sessions(self) -> int:
        """How many phases run or wait for a worker."""
        return len(self._at) + len(self._waiting)

    def submit(self, request: PhaseRequest) -> None:
        """Give a phase to a worker, starting one when those that live have enough."""
        if self._sink is None:
            return
        worker = self._choose(request)
        if worker is None:
            self._waiting.append(request)
            self._start_workers()
        else:
            self._give(worker, request)

    def cancel(self, phase_id: str) -> None:
        """Ask a phase to stop at its next safe point."""
        worker = self._at.get(phase_id)
        if worker is not None:
            worker.send(Cancel(phase_id))

    def held(self) -> frozenset[str]:
        """Jump hosts that ask one-time codes and whose connection a living worker may still have."""
        return frozenset(key for worker in self._workers for key in worker.keys)

    def keep(self, jump_hosts: frozenset[str]) -> None:
        """Do not let the workers rest that have these connections."""
        self._kept = jump_hosts

    async def stop(self) -> None:
        """End every worker: a closed pipe stops it at once; what hangs is killed."""
        self._sink = None
        self._waiting.clear()
        for task in list(self._starts):
            await asyncio.wait([task])
        workers, self._workers = self._workers, []
        for worker in workers:
            if worker.idle is not None:
                worker.idle.cancel()
            if worker.listener is not None:
                worker.listener.cancel()
            worker.writer.close()
        for worker in workers:
            await asyncio.to_thread(_end, worker.process)
        self._at.clear()
        with contextlib.suppress(OSError):
            write_known(self._paths, [])

    # --- placing ---

    def _choose(self, request: PhaseRequest) -> _Worker | None:
        key = _one_time_key(request)
        if key:
            at_home = next((worker for worker in self._workers if key in worker.keys), None)
            if at_home is not None:
                return at_home  # the code was asked there; a second worker would ask again
        free = [worker for worker in self._workers if len(worker.phases) < self._limit]
        spread = len(self._at) >= SPREAD_ABOVE and len(self._workers) < min(2, os.cpu_count() or 1)
        if not free or (spread and not key):
            return None
        return min(free, key=lambda worker: len(worker.phases))

    def _give(self, worker: _Worker, request: PhaseRequest) -> None:
        if worker.idle is not None:
            worker.idle.cancel()
            worker.idle = None
        key = _one_time_key(request)
        if key:
            worker.keys.add(key)
        worker.phases.add(request.id)
        self._at[request.id] = worker
        worker.send(Start(request))

    def _start_workers(self) -> None:
        room = self._starting * self._limit
        if len(self._waiting) > room:
            self._starting += 1
            task = asyncio.ensure_future(self._start_one())
            self._starts.add(task)
            task.add_done_callback(self._starts.discard)

    async def _start_one(self) -> None:
        try:
            worker = await self._spawn()
            self._workers.append(worker)
            try:
                self._record()  # one that no later engine would find must not be given work
            except OSError:
                self._workers.remove(worker)
                worker.writer.close()
                await asyncio.to_thread(_end, worker.process)
                raise
        except OSError as err:
            log.error("a worker cannot be started: %s", err)
            self._fail_waiting(f"a worker cannot be started: {err.strerror or err}")
            return
        finally:
            self._starting -= 1
        worker.listener = asyncio.ensure_future(self._listen(worker))
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            if len(worker.phases) < self._limit:
                self._give(worker, request)
            else:
                self.submit(request)
        if not worker.phases:
            self._rest(worker)

    def _fail_waiting(self, why: str) -> None:
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            if self._sink is not None:
                self._sink.on_lost(request.id, why)

    async def _spawn(self) -> _Worker:
        ours, theirs = socket.socketpair()
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 - a vfork of a few milliseconds, and it must be this thread
                [sys.executable, "-P", "-m", "swim_tui.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                close_fds=True,
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=False,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=_READ_BYTES)
        worker = _Worker(process, reader, writer)
        worker.send(Setup(str(self._paths.workers_lock), self._nice))
        return worker

    def _record(self) -> None:
        pids = [worker.process.pid for worker in self._workers]
        write_known(self._paths, [KnownProcess(pid, start_of(pid)) for pid in pids])

    # --- hearing ---

    async def _listen(self, worker: _Worker) -> None:
        frames = FrameReader()
        why = "it ended"
        try:
            while data := await worker.reader.read(_READ_BYTES):
                for frame in frames.feed(data):
                    assert isinstance(frame, Hello | Event | Barrier | Ask | Done)
                    self._take(worker, frame)
        except (OSError, ValueError, EOFError) as err:
            why = f"{type(err).__name__}"
        await self._gone(worker, why)

    def _take(self, worker: _Worker, frame: ToEngine) -> None:
        if self._sink is None:
            return
        match frame:
            case Hello():
                log.info("worker %d is ready", frame.pid)
            case Event():
                self._sink.on_event(frame.phase_id, frame.event)
            case Barrier():
                self._sink.on_barrier(frame.phase_id, frame.intent, self._barrier_reply(worker, frame))
            case Ask():
                self._sink.on_question(frame.phase_id, frame.question, self._answer_reply(worker, frame))
            case Done():
                worker.phases.discard(frame.phase_id)
                self._at.pop(frame.phase_id, None)
                self._sink.on_done(frame.phase_id, frame.result)
                if not worker.phases:
                    self._rest(worker)

    @staticmethod
    def _barrier_reply(worker: _Worker, frame: Barrier) -> _BarrierReplier:
        return _BarrierReplier(worker, frame)

    @staticmethod
    def _answer_reply(worker: _Worker, frame: Ask) -> _AnswerReplier:
        return _AnswerReplier(worker, frame)

    async def _gone(self, worker: _Worker, why: str) -> None:
        """A worker ended: only when it is certainly dead are its phases given up."""
        if worker in self._workers:
            self._workers.remove(worker)
        worker.writer.close()
        await asyncio.to_thread(_end, worker.process)
        code = worker.process.returncode
        with contextlib.suppress(OSError):  # a full disk: a name too many does no harm, its start time tells
            self._record()
        lost = sorted(worker.phases)
        for phase_id in lost:
            self._at.pop(phase_id, None)
        if lost:
            log.error("worker %d ended (%s, exit code %s) under %d phases", worker.process.pid, why, code, len(lost))
        for phase_id in lost:
            if self._sink is not None:
                self._sink.on_lost(phase_id, f"{why}, exit code {code}")

    def _rest(self, worker: _Worker) -> None:
        worker.idle = asyncio.get_running_loop().call_later(self._idle_s, self._rested, worker)

    def _rested(self, worker: _Worker) -> None:
        if worker.keys & self._kept:
            self._rest(worker)
        else:
            worker.writer.close()


@dataclass(frozen=True)
class _BarrierReplier:
    """Answers one barrier."""

    worker: _Worker
    frame: Barrier

    def __call__(self, answer: BarrierAnswer) -> None:
        self.worker.send(BarrierReply(self.frame.phase_id, self.frame.seq, answer.go, answer.held, answer.done_by))


@dataclass(frozen=True)
class _AnswerReplier:
    """Answers one question."""

    worker: _Worker
    frame: Ask

    def __call__(self, answer: str | None) -> None:
        self.worker.send(AnswerReply(self.frame.phase_id, self.frame.seq, answer))


def _one_time_key(request: PhaseRequest) -> str:
    """The first hop that asks for one-time codes; empty if none does."""
    hops = request.endpoint.hops
    return next((code_key(hop.address, hop.port) for hop in hops if hop.login.one_time_code), "")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process whose pipe is closed, killing it if it hangs."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_LIMIT_S)
        return
    process.kill()
    process.wait()
