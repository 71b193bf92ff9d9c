"""The end of a run: on the disk first, then everybody hears of it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from swim_tui.engine.history import RunEnded
from swim_tui.engine.live import LiveRun
from swim_tui.errors import StoreError
from swim_tui.model.events import JobChanged
from swim_tui.model.job import Job, RunStatus, final_run_status, status_between_runs
from swim_tui.model.outcome import Outcome

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs


class Endings:
    """Ends runs; on the event loop."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def finish(self, live: LiveRun) -> None:
        """Nothing more happens in this run: write its end."""
        live.is_finishing = True
        tasks = [state.task for state in live.state.tasks.values()]
        status = final_run_status(tasks)
        counts = live.state.run.counts
        what = "devices succeeded" if live.owns_devices else "images imported"
        message = f"{counts.successful} of {counts.total - counts.excluded} {what}"
        message = f"{message}, {counts.excluded} excluded" if counts.excluded else message
        unknown = self._unknown(live)
        message = f"{message}, {unknown} not recognised" if unknown else message
        waiting = sum(task.outcome is Outcome.NOT_COMMITTED for task in tasks)
        message = f"{message}, {waiting} not committed" if waiting else message
        by = live.state.run.cancelled_by
        message = f"{message}, cancelled by {by}" if by else message
        ended = RunEnded(self._runs.state.clock.now(), status, message, tuple(live.images))
        self._runs.background.spawn(self._when_written(live, self._runs.record(live, ended)))

    def _unknown(self, live: LiveRun) -> int:
        """How many of the files that it imported are no image as far as their name and header tell."""
        images = map(self._runs.state.tables.images.get, live.images)
        return sum(image is not None and not image.identity.recognised for image in images)

    async def _when_written(self, live: LiveRun, written: Future[None]) -> None:
        try:
            await asyncio.wrap_future(written)
        except StoreError:  # concluded when the disk has taken it
            return
        await self.conclude(live)

    async def conclude(self, live: LiveRun) -> None:
        """Its end is on the disk: store how it stands, let its devices go, tell everybody, close its journal."""
        runs, tables = self._runs, self._runs.state.tables
        job = self._job_after(live)
        stored = [
            tables.tasks.put_many([state.task for state in live.state.tasks.values()]),
            tables.runs.put(live.state.run),
            tables.jobs.put(job),
        ]
        try:
            await asyncio.gather(*map(asyncio.wrap_future, stored))
        except StoreError as err:
            runs.stalls.wait(live, err)
            return
        del runs.live[live.id]
        for device in live.state.tasks:
            runs.publisher.publish_lines(live, device)
            if runs.state.busy.get(device) == live.id:
                del runs.state.busy[device]
        runs.publisher.flush_run(live)
        self._ended(live, job)
        runs.wake()  # who waited for its devices
        await asyncio.to_thread(live.journal.close)

    def _job_after(self, live: LiveRun) -> Job:
        run = live.state.run
        known = self._runs.state.tables.jobs.get(run.job_id) or live.state.job
        if known.last_run not in ("", run.id):
            return known
        return replace(known, status=status_between_runs(known), last_run=run.id, last_run_status=run.status)

    def _ended(self, live: LiveRun, job: Job) -> None:
        run = live.state.run
        self._runs.state.hub.publish(JobChanged(job))
        level = "info" if run.status is RunStatus.SUCCESS else "warning"
        self._runs.state.notify(level, f"{run.job_name}: {run.status}, {run.message}", run_id=run.id)
        for heard in self._runs.on_ended:
            heard(job, run)
        self.tell("ended", live)

    def tell(self, what: str, live: LiveRun) -> None:
        """Let the notification command hear of it."""
        tasks = [state.task for state in live.state.tasks.values()]
        for heard in self._runs.on_told:
            heard(what, live.state.job, live.state.run, tasks)
