"""Records of runs that are no longer wanted: their folders first, so that nothing brings them back, then their rows."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from swim_tui.engine.state import State, task_key
from swim_tui.errors import StoreError

_GONE = ".deleted"


async def forget_runs(state: State, run_ids: Sequence[str], *folders: str) -> None:
    """Delete the folders and rows of runs that are over, and other folders beside them; StoreError if one stays."""
    for name in (*run_ids, *folders):
        await asyncio.to_thread(_remove, state.paths.runs / name)
    for run_id in run_ids:
        for task in state.tables.tasks.where(run_id=run_id):
            state.keep(state.tables.tasks.delete(task_key(run_id, task.device)))
        await asyncio.wrap_future(state.tables.runs.delete(run_id))


def _remove(folder: Path) -> None:
    """Out of the way at once, so that a crash leaves a whole run or none; then deleted."""
    gone = folder.with_name(folder.name + _GONE)
    try:
        if folder.exists():
            shutil.rmtree(gone, ignore_errors=True)
            folder.replace(gone)
        if gone.exists():
            shutil.rmtree(gone)
    except OSError as err:
        raise StoreError(path=str(err.filename or folder), detail=(err.strerror or str(err)).lower()) from err
