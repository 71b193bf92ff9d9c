"""Whose turn it is to probe a SWIM server: one device after the other, one of each platform and version."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from swim_tui.engine.live import LiveRun
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished

Turn = Callable[[str], None]
"""Called with the device that has shown the server already; "": this one is to do it, or to hear that it may not."""

_Place = tuple[str, str]  # run and server


@dataclass(frozen=True)
class _Waiting:
    phase_id: str
    live: LiveRun
    device: str
    op_id: str
    turn: Turn

    @property
    def server(self) -> str:
        return self.live.state.tasks[self.device].task.server

    @property
    def key(self) -> tuple[str, str]:
        """What the probe shows: the server to devices of this sort."""
        return self.server, self.live.state.tasks[self.device].sort

    @property
    def done_by(self) -> str:
        return self.live.shown.get(self.key, "")


class ProbeGate:
    """One probe at a time for each server of a run: a wrong password is typed by one device only."""

    def __init__(self) -> None:
        self._holding: dict[_Place, _Waiting] = {}
        self._queues: dict[_Place, deque[_Waiting]] = {}

    def wait(self, phase_id: str, live: LiveRun, device: str, op_id: str, turn: Turn) -> None:
        """Queue a device; its turn may come at once."""
        waiting = _Waiting(phase_id, live, device, op_id, turn)
        place = (live.id, waiting.server)
        self._queues.setdefault(place, deque()).append(waiting)
        live.at_gate.add(device)
        holder = self._holding.get(place)
        _say(waiting, f"waits for the probe of {waiting.server} by {holder.device}" if holder else "")
        self._next(place)

    def op_ended(self, phase_id: str, event: OpFinished) -> None:
        """An operation ended; when it was the probe, and it worked, that holds for all of this sort."""
        found = next(((place, w) for place, w in self._holding.items() if w.phase_id == phase_id), None)
        if found is None or found[1].op_id != event.op_id:
            return
        place, holder = found
        if event.status is OpStatus.SUCCESS:
            holder.live.shown[holder.key] = holder.device
            holder.live.served.add(holder.server)  # its login for devices works
        del self._holding[place]
        if event.status is not OpStatus.FAILURE:  # after a failure they wait for what becomes of its phase
            self._next(place)
        else:
            self._holding[place] = replace(holder, op_id="")

    def leave(self, phase_id: str) -> None:
        """A phase ended: the next one goes. A device that waits is let go to hear why."""
        for place, holder in list(self._holding.items()):
            if holder.phase_id == phase_id:
                del self._holding[place]
                self._next(place)
        for queue in self._queues.values():
            for waiting in [w for w in queue if w.phase_id == phase_id]:
                queue.remove(waiting)
                _let_go(waiting, "")

    def _next(self, place: _Place) -> None:
        queue = self._queues.get(place, deque())
        for waiting in list(queue):
            is_over = bool(waiting.live.state.against_server(waiting.device))
            if not (is_over or waiting.done_by):
                if place in self._holding:
                    continue
                self._holding[place] = waiting
            queue.remove(waiting)
            _let_go(waiting, "" if is_over else waiting.done_by)


def _let_go(waiting: _Waiting, done_by: str) -> None:
    waiting.live.at_gate.discard(waiting.device)
    _say(waiting, "")
    waiting.turn(done_by)


def _say(waiting: _Waiting, words: str) -> None:
    state = waiting.live.state.tasks[waiting.device]
    state.task = replace(state.task, waiting_for=words)
    waiting.live.touch(waiting.device)
