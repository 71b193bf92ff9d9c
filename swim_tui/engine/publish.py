"""What subscribers and the store see of running runs: changes gathered, stored and published together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from swim_tui.engine.live import LiveRun
from swim_tui.engine.state import State
from swim_tui.engine.vaultkey import is_locked
from swim_tui.model.events import EngineChanged, RunChanged, TaskChanged, TaskOutput
from swim_tui.model.job import TaskStatus

TICK_S = 0.25
FAILED_FOR = timedelta(hours=24)
"""How long after its end the failures of a run count in the header; a later run of the job replaces them."""


class Publisher:
    """Stores status (never progress) and publishes events; on the event loop."""

    def __init__(self, state: State, live: Mapping[str, LiveRun]) -> None:
        self._state = state
        self._live = live
        self._is_flush_due = False
        self._is_stopping = False
        self._ticker: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the ticking: held-back progress, batched output, the engine's own figures."""
        self._ticker = asyncio.ensure_future(self._tick())

    def stop(self) -> None:
        """Store what changed last, and no more."""
        self._is_stopping = True
        if self._ticker is not None:
            self._ticker.cancel()
        self.flush()

    def flush_later(self) -> None:
        """Something changed: store and publish it in this round of the loop, with whatever else changes."""
        if not self._is_flush_due and not self._is_stopping:
            self._is_flush_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Store and publish what changed since the last time."""
        self._is_flush_due = False
        for live in list(self._live.values()):
            self.flush_run(live)

    def flush_run(self, live: LiveRun) -> None:
        """The changes of one run."""
        tables, hub = self._state.tables, self._state.hub
        tasks = [state.task for device, state in live.state.tasks.items() if device in live.dirty] if live.dirty else []
        if tasks:
            self._state.keep(tables.tasks.put_many(tasks))
        if live.is_run_dirty:
            self._state.keep(tables.runs.put(live.state.run))
        for task in tasks:
            hub.publish(TaskChanged(task))
        if live.is_run_dirty:
            hub.publish(RunChanged(live.state.run))
        live.dirty.clear()
        live.is_run_dirty = False

    def publish_lines(self, live: LiveRun, device: str) -> None:
        """Session lines gathered since the last tick."""
        lines = live.lines.pop(device, None)
        if lines:
            self._state.hub.publish(TaskOutput(live.id, device, tuple(lines)))

    def engine_changed(self) -> EngineChanged:
        """Clients, task counts and the vault of this moment."""
        tasks = [state.task for live in self._live.values() for state in live.state.tasks.values()]
        waiting = sum(task.status is TaskStatus.YET_TO_START or bool(task.waiting_for) for task in tasks)
        running = sum(task.status is TaskStatus.RUNNING and not task.waiting_for for task in tasks)
        return EngineChanged(
            self._state.hub.clients,
            running,
            waiting,
            self._failed(),
            is_locked(self._state.vault),
            self._state.hops.of(jump.name for jump in self._state.tables.jumps.all()),
        )

    def _failed(self) -> int:
        """Failed tasks in the last run of each job; who comes to the console in the morning still sees the night's."""
        since = self._state.clock.now() - FAILED_FOR
        tables = self._state.tables
        last = [tables.runs.get(job.last_run) for job in tables.jobs.all() if job.last_run]
        return sum(run.failures for run in last if run is not None and (run.ended_at is None or run.ended_at > since))

    async def _tick(self) -> None:
        seen: EngineChanged | None = None
        while True:
            await self._state.clock.sleep(TICK_S)
            self._state.hub.flush()
            for live in self._live.values():
                for device in list(live.lines):
                    self.publish_lines(live, device)
            now = self.engine_changed()
            if now != seen:
                seen = now
                self._state.hub.publish(now)
