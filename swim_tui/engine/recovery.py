"""At the start of an engine: read the journals of runs that are not over, and hand them back to the run service."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from swim_tui.engine.journal import EVENTS, read_journal
from swim_tui.engine.runs import Runs
from swim_tui.engine.runstate import RunState
from swim_tui.engine.state import State
from swim_tui.errors import SwimError, describe
from swim_tui.model.job import RunStatus, TaskStatus, status_between_runs
from swim_tui.model.outcome import OUTCOMES, Outcome

log = logging.getLogger(__name__)


def unfinished(state: State) -> list[Path]:
    """Folders of runs that the store does not know as over, oldest first. Blocks for the disk."""
    over = {run.id for run in state.tables.runs.all() if run.status.is_final}
    folders = [path for path in state.paths.runs.iterdir() if path.name.isdigit() and path.name not in over]
    return sorted((path for path in folders if (path / EVENTS).is_file()), key=lambda path: int(path.name))


async def recover_runs(state: State, runs: Runs) -> tuple[str, ...]:
    """Take over what an earlier engine left; the ids of the runs that go on."""
    taken: list[str] = []
    for folder in await asyncio.to_thread(unfinished, state):
        try:
            records = await asyncio.to_thread(read_journal, folder, strict=True)
            found = RunState.replay(records)
        except SwimError as err:
            _give_up(state, folder.name, describe(err).one_line())
            continue
        if found is None:  # its first record never reached the disk: nobody was told of it
            log.warning("run %s was never created", folder.name)
        elif found.is_over:
            await runs.conclude(folder.name, found)
        else:
            await runs.recover(folder.name, found)
            taken.append(folder.name)
    for run in state.tables.runs.all():
        if not run.status.is_final and run.id not in runs.live:
            _give_up(state, run.id, "its journal is gone")
    return tuple(taken)


def _give_up(state: State, run_id: str, why: str) -> None:
    """A journal that cannot be read: nothing is sent to any device for it, and a person is told to look."""
    state.notify("error", f"run {run_id} cannot be recovered: {why}", run_id=run_id)
    tables, now = state.tables, state.clock.now()
    words = OUTCOMES[Outcome.INTERRUPTED]
    tasks = [
        replace(
            task,
            status=TaskStatus.INTERRUPTED,
            outcome=Outcome.INTERRUPTED,
            message=f"the run cannot be recovered: {why}",
            code=words.code,
            remedy=words.remedy,
            waiting_for="",
            ended_at=now,
        )
        for task in tables.tasks.where(run_id=run_id)
        if not task.status.is_final
    ]
    state.keep(tables.tasks.put_many(tasks))
    run = tables.runs.get(run_id)
    if run is None:
        return
    state.keep(tables.runs.put(replace(run, status=RunStatus.INTERRUPTED, ended_at=now, message=why)))
    job = tables.jobs.get(run.job_id)
    if job is not None and job.last_run == run_id:
        fresh = replace(job, status=status_between_runs(job), last_run_status=RunStatus.INTERRUPTED)
        state.keep(tables.jobs.put(fresh))
