"""A job that needs a device while an inventory sync has it: how long it waits, or that the sync gives way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from swim_tui.engine.board import End
from swim_tui.engine.history import ControlKind
from swim_tui.engine.live import LiveRun
from swim_tui.model.job import JobType, TaskStatus
from swim_tui.model.outcome import Outcome

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs


@dataclass
class SyncDecision:
    """What is to be done now; `wake_at` is when to look again."""

    ends: list[tuple[LiveRun, End]] = field(default_factory=list)
    give_way: list[tuple[str, str]] = field(default_factory=list)  # run of the sync, device
    wake_at: datetime | None = None


class SyncWait:
    """Remembers since when tasks wait for a sync."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], datetime] = {}

    def apply(self, runs: Runs, owners: Mapping[str, str]) -> list[datetime]:
        """End what waited too long and have syncs give way; when to look again."""
        waits = runs.setting("sync.wait") == "on"
        limit = timedelta(minutes=float(runs.setting("sync.wait_limit_min")))
        found = self.look(runs.live, owners, runs.state.clock.now(), waits=waits, limit=limit)
        for live, end in found.ends:
            runs.act(live, end)
        for run_id, device in found.give_way:
            if not runs.live[run_id].state.tasks[device].cancel:
                by = "a job that needs the device"
                runs.background.spawn(runs.control(run_id, ControlKind.CANCEL_DEVICE, by, devices=(device,)))
        return [found.wake_at] if found.wake_at is not None else []

    def look(
        self, runs: Mapping[str, LiveRun], owners: Mapping[str, str], now: datetime, *, waits: bool, limit: timedelta
    ) -> SyncDecision:
        """Look at every idle task whose device a sync has; settings sync.wait and sync.wait_limit_min."""
        decision, waiting = SyncDecision(), set[tuple[str, str]]()
        for live in runs.values():
            if live.state.run.job_type is JobType.INVENTORY_SYNC or not live.owns_devices:
                continue
            for device, state in live.state.tasks.items():
                sync = runs.get(owners.get(device, ""))
                is_idle = state.running is None and not state.task.status.is_final
                if not is_idle or sync is None or sync.state.run.job_type is not JobType.INVENTORY_SYNC:
                    continue
                key = (live.id, device)
                waiting.add(key)
                until = self._since.setdefault(key, now) + limit
                if not waits:
                    decision.give_way.append((sync.id, device))
                elif limit and now >= until:
                    decision.ends.append((live, _gave_up(device, sync.id, limit)))
                elif limit:
                    decision.wake_at = min(decision.wake_at or until, until)
        self._since = {key: since for key, since in self._since.items() if key in waiting}
        return decision


def _gave_up(device: str, sync: str, limit: timedelta) -> End:
    minutes = limit.total_seconds() / 60
    return End(
        device,
        TaskStatus.FAILURE,
        Outcome.FAILED,
        f"the inventory sync of run {sync} still has this device after {minutes:g} min",
        f"look at it: swim-tui runs show {sync}; the wait is set by sync.wait_limit_min",
    )
