"""Whose turn it is to pull from a SWIM server: devices get ready ahead of their turn, and so many copy at once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from swim_tui.engine.live import LiveRun
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import Intent, OpFinished
from swim_tui.model.plan import OpKind
from swim_tui.planning.probe import is_external

Turn = Callable[[], None]


@dataclass(frozen=True)
class _Waiting:
    phase_id: str
    live: LiveRun
    device: str
    turn: Turn


class PullGate:
    """One for all runs. `turn` is called when the device may pull, or when it is to learn that it may not."""

    def __init__(self) -> None:
        self._holding: dict[str, str] = {}  # phase id -> server
        self._queues: dict[str, deque[_Waiting]] = {}

    def needs_turn(self, phase_id: str, live: LiveRun, device: str, intent: Intent) -> bool:
        """True for a copy from a SWIM server that this phase has no turn for yet; the engine itself takes all."""
        server = live.state.tasks[device].task.server
        is_pulled = intent.kind is OpKind.COPY_IMAGE and server and is_external(server)
        if not is_pulled or phase_id in self._holding:
            return False
        plan = live.plans.get(device)
        op = next((op for op in plan.operations if op.id == intent.op_id), None) if plan else None
        return op is not None and any(source.server == server for source in op.sources)

    def wait(self, phase_id: str, live: LiveRun, device: str, turn: Turn) -> None:
        """Queue a device; its turn may come at once."""
        server = live.state.tasks[device].task.server
        self._queues.setdefault(server, deque()).append(_Waiting(phase_id, live, device, turn))
        self._say(live, device, f"waits for its turn at {server} ({live.max_pulls(server)} pulls at once)")
        live.at_gate.add(device)
        self._next(server)

    def op_ended(self, phase_id: str, live: LiveRun, event: OpFinished) -> None:
        """An operation ended; when it was a pull that worked, the server's login for devices is known to work."""
        if phase_id in self._holding and event.status is OpStatus.SUCCESS:
            live.served.add(self._holding[phase_id])
        if phase_id in self._holding:
            self.leave(phase_id)

    def leave(self, phase_id: str) -> None:
        """A copy ended, or its phase did: the next one goes. A device that waits is let go to hear why."""
        server = self._holding.pop(phase_id, None)
        if server is not None:
            self._next(server)
            return
        for queue in self._queues.values():
            found = next((waiting for waiting in queue if waiting.phase_id == phase_id), None)
            if found is not None:
                queue.remove(found)
                self._let_go(found)
                return

    def _next(self, server: str) -> None:
        queue = self._queues.get(server, deque())
        while queue:
            first = queue[0]
            if server not in first.live.state.given_up:
                if Counter(self._holding.values())[server] >= first.live.max_pulls(server):
                    return
                self._holding[first.phase_id] = server
            queue.popleft()
            self._let_go(first)

    def _let_go(self, waiting: _Waiting) -> None:
        waiting.live.at_gate.discard(waiting.device)
        self._say(waiting.live, waiting.device, "")
        waiting.turn()

    @staticmethod
    def _say(live: LiveRun, device: str, words: str) -> None:
        state = live.state.tasks[device]
        state.task = replace(state.task, waiting_for=words)
        live.touch(device)
