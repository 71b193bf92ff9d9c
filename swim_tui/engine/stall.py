"""A run whose journal the disk refuses: nothing more begins, what runs stops at its next barrier as on a hold, and when
the disk takes records again those that it refused are written first, and the run goes on."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from swim_tui.engine.history import Record
from swim_tui.engine.live import LiveRun
from swim_tui.errors import StoreError, describe

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs

TRY_EVERY_S = 5.0


class Stalls:
    """Keeps what the disk refused, in order; on the event loop."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def hold_back(self, live: LiveRun, record: Record) -> Future[None]:
        """A record that comes after a refused one waits behind it; its future fails with what the disk said."""
        live.unwritten.append(record)
        failed: Future[None] = Future()
        failed.set_exception(live.refused_by or StoreError(path=str(live.journal.folder)))
        return failed

    def refused(self, live: LiveRun, record: Record, err: BaseException) -> None:
        """The disk refused a record."""
        live.unwritten.append(record)
        self.wait(live, err if isinstance(err, StoreError) else StoreError(detail=str(err)))

    def wait(self, live: LiveRun, err: StoreError) -> None:
        """Nothing more happens in this run until the disk takes what it refused."""
        is_first = live.refused_by is None
        live.refused_by = err
        if is_first:
            self._runs.state.notify("error", f"the run waits: {describe(err).one_line()}", run_id=live.id)
            self._show(live, err)
            self._runs.background.spawn(self._try_again(live), ends_with_engine=True)

    def _show(self, live: LiveRun, err: StoreError) -> None:
        live.state.run = replace(live.state.run, barrier=f"waits for the disk: {describe(err).message}")
        live.is_run_dirty = True
        self._runs.publisher.flush_later()

    async def _try_again(self, live: LiveRun) -> None:
        while True:
            await self._runs.state.clock.sleep(TRY_EVERY_S)
            if await self._has_written(live):
                break
        live.refused_by = None
        for device in live.state.tasks:  # the store refused changes as well, and took them back
            live.touch(device)
        self._runs.state.notify("info", "the disk takes records again: the run goes on", run_id=live.id)
        self._runs.publisher.flush_later()
        if live.is_finishing:
            await self._runs.endings.conclude(live)
        self._runs.wake()

    async def _has_written(self, live: LiveRun) -> bool:
        while live.unwritten:
            try:
                await asyncio.wrap_future(live.journal.append(live.unwritten[0]))
            except StoreError:
                return False
            del live.unwritten[0]
        return True
