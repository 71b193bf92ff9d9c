"""The engine itself: who it is, what it does, whether it may stop."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path

from swim_tui import __version__
from swim_tui.engine.runs import Runs
from swim_tui.engine.schedule import Scheduler
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.engine.uncommitted import words_of
from swim_tui.engine.vaultkey import is_locked
from swim_tui.errors import Conflict
from swim_tui.model.views import EngineStatus, Hello, Uncommitted

NOTICES_SHOWN = 20


def memory_bytes() -> int:
    """Resident memory of this process; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class StatusService:
    """Hello, status, stop."""

    def __init__(
        self, state: State, runs: Runs, scheduler: Scheduler, settings: SettingsService, contract: str
    ) -> None:
        self._state = state
        self._runs = runs
        self._scheduler = scheduler
        self._settings = settings
        self._contract = contract
        self._started_at: datetime = state.clock.now()
        self.clients = 0
        self.stop_requested = asyncio.Event()

    async def hello(self) -> Hello:
        """The engine's greeting."""
        return Hello(
            version=__version__,
            contract=self._contract,
            epoch=self._state.hub.epoch,
            pid=os.getpid(),
            data_dir=str(self._state.paths.root),
            started_at=self._started_at,
            environment=self._state.environment or self._settings.value("environment"),
            log=str(self._state.paths.engine_log),
            vault_locked=is_locked(self._state.vault),
        )

    async def status(self) -> EngineStatus:
        """What runs and what is next."""
        now = self._runs.publisher.engine_changed()
        upcoming = self._scheduler.next_job()
        last = self._state.tables.notices.all()[-NOTICES_SHOWN:]
        return EngineStatus(
            hello=await self.hello(),
            clients=self.clients,
            running_runs=tuple(self._runs.live),
            waiting_tasks=now.waiting,
            running_tasks=now.running,
            failed_tasks=now.failed,
            jumps=now.jumps,
            workers=self._runs.runner.workers,
            sessions=self._runs.runner.sessions,
            next_job=upcoming.name if upcoming else "",
            next_run_at=upcoming.next_run_at if upcoming else None,
            devices=len(self._state.tables.devices),
            images=len(self._state.tables.images),
            notices=tuple(kept.notice.text for kept in reversed(last)),
            memory_bytes=memory_bytes(),
            uncommitted=self._uncommitted(),
        )

    def _uncommitted(self) -> tuple[Uncommitted, ...]:
        """Devices that wait for a commit, the nearest deadline first."""
        at = self._state.clock.now()
        found = [s for s in self._state.tables.syncs.all() if s.uncommitted]
        found.sort(key=lambda s: (s.commit_by is None, s.commit_by or at, s.device))
        return tuple(Uncommitted(s.device, words_of(s, at), s.commit_by) for s in found)

    async def stop_engine(self, force: bool = False) -> None:
        """Ask the process to end; refused while runs are under way unless forced (the next engine takes them over)."""
        if self._runs.live and not force:
            names = ", ".join(sorted(self._runs.live))
            raise Conflict(
                detail=f"run {names} is under way",
                action="wait, cancel it, or stop with --force: the next engine goes on where this one stops",
            )
        self.stop_requested.set()
