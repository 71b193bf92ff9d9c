"""Deadlines of activations that are not committed: looked at first when the engine starts, alarms at 50, 80, 100 %."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from swim_tui.engine import uncommitted
from swim_tui.engine.records import DeviceSync
from swim_tui.engine.state import State
from swim_tui.model.events import InventoryChanged
from swim_tui.planning.durations import words

log = logging.getLogger(__name__)

ALARM_IS_ERROR = 80  # per cent
MAX_SLEEP_S = 60.0  # the wall clock may be set: look again at least this often


class CommitWatch:
    """Tells a person in time."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._changed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Say what waits for a commit, and watch from now on."""
        now = self._state.clock.now()
        for sync in self._waiting():
            words_ = uncommitted.words_of(sync, now) or f"activated; goes back by itself at {_instant(sync.commit_by)}"
            self._state.notify("warning", f"{sync.device} waits for its commit: {words_}", device=sync.device)
        self._look()
        self._loop = asyncio.ensure_future(self._run())

    def stop(self) -> None:
        """Watch no more."""
        if self._loop is not None:
            self._loop.cancel()

    def changed(self) -> None:
        """A deadline is new or gone."""
        self._changed.set()

    def _waiting(self) -> list[DeviceSync]:
        """Those with a deadline, the nearest first."""
        found = [sync for sync in self._state.tables.syncs.all() if sync.commit_by is not None]
        return sorted(found, key=lambda sync: sync.commit_by or sync.at)

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            await self._sleep(self._look())

    def _look(self) -> float:
        """Give the alarms that are due; seconds until the next look."""
        now, wait_s = self._state.clock.now(), MAX_SLEEP_S
        for sync in self._waiting():
            percent = uncommitted.alarm_of(sync, now)
            if percent:
                sync = replace(sync, alarmed=percent)
                self._state.keep(self._state.tables.syncs.put(sync))
                self._alarm(sync, percent, now)
            following = uncommitted.next_alarm_at(sync)
            if following is not None:
                wait_s = min(wait_s, max(0.0, (following - now).total_seconds()))
        return wait_s

    def _alarm(self, sync: DeviceSync, percent: int, now: datetime) -> None:
        assert sync.commit_by is not None
        at = _instant(sync.commit_by)
        if percent >= 100:
            text = f"{sync.device} was not committed before {at}: it goes back to its old software; synchronise it"
        else:
            left = words((sync.commit_by - now).total_seconds())
            command = f"swim-tui commit --device {sync.device}"
            text = f"{sync.device} is not committed: it goes back by itself in {left}, at {at}; commit it: {command}"
        level = "warning" if percent < ALARM_IS_ERROR else "error"
        self._state.notify(level, text, device=sync.device)
        self._state.hub.publish(InventoryChanged((sync.device,)))

    async def _sleep(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._state.clock.sleep(seconds))
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            changing.cancel()


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at is not None else ""
