"""How long the records of runs are kept: old ones are forgotten, but for those that something still needs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Set
from datetime import timedelta

from swim_tui.engine.forget import forget_runs
from swim_tui.engine.services.settings import KEEP_DAYS, SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import SwimError, describe

log = logging.getLogger(__name__)

FIRST_S = 300.0
EVERY_S = 3600.0


class Retention:
    """Looks once an hour. `in_use`: outcomes whose newest task of a device a rollback goes back from."""

    def __init__(
        self, state: State, settings: SettingsService, is_live: Callable[[str], bool], in_use: Set[str]
    ) -> None:
        self._state = state
        self._settings = settings
        self._is_live = is_live
        self._in_use = in_use
        self._loop: asyncio.Task[None] | None = None
        self._sweeping = asyncio.Lock()
        self._is_stopping = False

    def begin(self) -> None:
        """Look now and then, from some minutes after the start on."""
        self._loop = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Look no more; a run that is being forgotten is forgotten whole."""
        self._is_stopping = True
        async with self._sweeping:
            if self._loop is not None:
                self._loop.cancel()

    def outdated(self) -> list[str]:
        """Ids of the runs that the setting lets go, oldest first."""
        days = self._settings.number(KEEP_DAYS)
        if not days:
            return []
        before = self._state.clock.now() - timedelta(days=days)
        needed = self._needed()
        runs = sorted(self._state.tables.runs.all(), key=lambda run: int(run.id))
        return [
            run.id
            for run in runs
            if run.ended_at is not None and run.ended_at < before and run.id not in needed and not self._is_live(run.id)
        ]

    def _needed(self) -> set[str]:
        """The newest upgrade of each device, which a rollback goes back from, and the last run of each waiting job."""
        newest: dict[str, str] = {}
        for task in self._state.tables.tasks.all():
            if task.outcome in self._in_use and int(task.run_id) > int(newest.get(task.device, "0")):
                newest[task.device] = task.run_id
        waiting = {job.last_run for job in self._state.tables.jobs.all() if job.next_run_at is not None}
        return {run_id for device, run_id in newest.items() if device in self._state.tables.devices} | waiting

    async def sweep(self) -> int:
        """Forget what is outdated; how many runs."""
        count = 0
        async with self._sweeping:
            for run_id in self.outdated():
                if self._is_stopping:
                    break
                await forget_runs(self._state, [run_id])
                count += 1
        if count:
            days = self._settings.value(KEEP_DAYS)
            self._state.notify("info", f"the records of {count} run(s) older than {days} days were deleted")
        return count

    async def _run(self) -> None:
        wait_s = FIRST_S
        while True:
            await self._state.clock.sleep(wait_s)
            wait_s = EVERY_S
            try:
                await self.sweep()
                await asyncio.to_thread(self._state.repository.clean_incoming)
            except SwimError as err:
                self._state.notify("warning", f"old records were not deleted: {describe(err).one_line()}")
