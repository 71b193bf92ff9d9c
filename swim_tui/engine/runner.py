"""The seam between the run service and whatever executes phases: processes here, one thread in tests."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from swim_tui.drivers.contract import PhaseRequest, PhaseRunner, Question
from swim_tui.errors import describe
from swim_tui.model.phase import Intent, PhaseEvent, PhaseResult, PhaseStatus


@dataclass(frozen=True)
class BarrierAnswer:
    """Go, or stop at this safe point; `held` tells a hold from a cancel, `done_by` that this device did it for all."""

    go: bool
    held: bool = False
    done_by: str = ""


class PhaseSink(Protocol):
    """Who hears of running phases; every call comes on the event loop."""

    def on_event(self, phase_id: str, event: PhaseEvent) -> None:
        """Something happened."""
        ...

    def on_barrier(self, phase_id: str, intent: Intent, reply: Callable[[BarrierAnswer], None]) -> None:
        """The phase waits until `reply` is called."""
        ...

    def on_question(self, phase_id: str, question: Question, reply: Callable[[str | None], None]) -> None:
        """The phase waits for a person."""
        ...

    def on_done(self, phase_id: str, result: PhaseResult) -> None:
        """The phase ended."""
        ...

    def on_lost(self, phase_id: str, why: str) -> None:
        """Whatever executed the phase is gone, and has certainly stopped sending."""
        ...


class Runner(Protocol):
    """Executes phases; use it on the event loop."""

    async def start(self, sink: PhaseSink) -> None:
        """Be ready; nothing of an earlier engine is left that could still send to a device."""
        ...

    def submit(self, request: PhaseRequest) -> None:
        """Begin a phase as soon as there is room."""
        ...

    def cancel(self, phase_id: str) -> None:
        """Ask a phase to stop at its next safe point; an unknown id is no error."""
        ...

    def held(self) -> frozenset[str]:
        """Jump hosts (ADDRESS:PORT) that ask one-time codes and whose connection a living worker may still have."""
        ...

    def keep(self, jump_hosts: frozenset[str]) -> None:
        """Do not let the workers rest that have these connections: jobs to come need them."""
        ...

    async def stop(self) -> None:
        """End every worker; phases that run are lost, without a call to the sink."""
        ...

    @property
    def workers(self) -> int:
        """How many workers live."""
        ...

    @property
    def sessions(self) -> int:
        """How many phases run."""
        ...


class _ThreadContext:
    """The PhaseContext of a phase in this process."""

    def __init__(self, runner: SerialRunner, phase_id: str) -> None:
        self._runner = runner
        self._id = phase_id
        self._stop = threading.Event()
        self._held = False
        self._done_by = ""

    def emit(self, event: PhaseEvent) -> None:
        self._runner.on_loop(lambda sink: sink.on_event(self._id, event))

    def barrier(self, intent: Intent) -> bool:
        answer: Future[BarrierAnswer] = Future()
        self._runner.on_loop(lambda sink: sink.on_barrier(self._id, intent, answer.set_result))
        said = answer.result()
        self._held, self._done_by = said.held, said.done_by
        return said.go

    def held(self) -> bool:
        return self._held

    def spared(self) -> str:
        return self._done_by

    def cancelled(self) -> bool:
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        return self._stop.wait(seconds)

    def ask(self, question: Question) -> str | None:
        answer: Future[str | None] = Future()
        self._runner.on_loop(lambda sink: sink.on_question(self._id, question, answer.set_result))
        return answer.result()

    def cancel(self) -> None:
        self._stop.set()


class SerialRunner:
    """Runs phases in `threads` threads of this process (one unless told otherwise), with the same context."""

    def __init__(self, run_phase: PhaseRunner, threads: int = 1) -> None:
        self._run_phase = run_phase
        self._count = threads
        self._queue: queue.SimpleQueue[PhaseRequest | None] = queue.SimpleQueue()
        self._contexts: dict[str, _ThreadContext] = {}
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sink: PhaseSink | None = None

    async def start(self, sink: PhaseSink) -> None:
        """Start the threads."""
        self._loop, self._sink = asyncio.get_running_loop(), sink
        for number in range(self._count):
            thread = threading.Thread(target=self._work, name=f"phases-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, request: PhaseRequest) -> None:
        """Queue a phase."""
        self._contexts[request.id] = _ThreadContext(self, request.id)
        self._queue.put(request)

    def cancel(self, phase_id: str) -> None:
        """Ask a phase to stop at its next safe point."""
        context = self._contexts.get(phase_id)
        if context is not None:
            context.cancel()

    def held(self) -> frozenset[str]:
        """No connection outlives a phase here."""
        return frozenset()

    def keep(self, jump_hosts: frozenset[str]) -> None:
        """There is nothing to keep."""

    async def stop(self) -> None:
        """Cancel everything and wait for the threads."""
        self._sink = None
        for context in self._contexts.values():
            context.cancel()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, 10.0)

    @property
    def workers(self) -> int:
        """How many threads there are."""
        return len(self._threads)

    @property
    def sessions(self) -> int:
        """How many phases run or wait."""
        return len(self._contexts)

    def on_loop(self, call: Callable[[PhaseSink], None]) -> None:
        """Call the sink on the event loop, unless the runner was stopped."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._deliver, call)

    def _deliver(self, call: Callable[[PhaseSink], None]) -> None:
        if self._sink is not None:
            call(self._sink)

    def _work(self) -> None:
        while (request := self._queue.get()) is not None:
            result = self._result(request)
            phase_id = request.id
            self.on_loop(lambda sink, phase_id=phase_id, result=result: sink.on_done(phase_id, result))  # type: ignore[misc]
            self._contexts.pop(phase_id, None)

    def _result(self, request: PhaseRequest) -> PhaseResult:
        try:
            return self._run_phase(request, self._contexts[request.id])
        except Exception as err:  # noqa: BLE001 - the task boundary: a bug in a driver fails its task, not the thread
            return PhaseResult(PhaseStatus.FAILURE, problem=describe(err))
