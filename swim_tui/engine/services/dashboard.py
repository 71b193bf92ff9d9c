"""The Software Images home: families, protocols, the last runs, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from swim_tui.engine.runs import Runs
from swim_tui.engine.services.jobs import JobService
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import Protocol
from swim_tui.model.views import Dashboard, FamilyCount, ProtocolChoice

LAST_RUNS = 10
_NO_FAMILY = "not recognised"


def next_deadline(due: Sequence[datetime], now: datetime) -> datetime | None:
    """The nearest that can still be kept; else the last that has passed."""
    return min((at for at in due if at > now), default=max(due, default=None))


class DashboardService:
    """The dashboard."""

    def __init__(self, state: State, runs: Runs, jobs: JobService, settings: SettingsService) -> None:
        self._state = state
        self._runs = runs
        self._jobs = jobs
        self._settings = settings

    async def dashboard(self) -> Dashboard:
        """Everything the home screen shows."""
        tables = self._state.tables
        syncs = tables.syncs.all()
        return Dashboard(
            at=self._state.hub.position,
            families=self._families(),
            protocols=self._protocols(),
            last_runs=tuple(self._jobs.run_rows(LAST_RUNS)),
            total_runs=len(tables.runs),
            devices=len(tables.devices),
            images=len(tables.images),
            armed=tuple(sorted(sync.device for sync in syncs if sync.armed)),
            uncommitted=tuple(sorted(sync.device for sync in syncs if sync.uncommitted)),
            commit_by=next_deadline(
                [s.commit_by for s in syncs if s.uncommitted and s.commit_by], self._state.clock.now()
            ),
            waiting_for_person=self._waiting(),
            unsynced=sum(device.name not in tables.facts for device in tables.devices.all()),
        )

    def _families(self) -> tuple[FamilyCount, ...]:
        by_family: dict[str, list[SoftwareImage]] = {}
        for image in self._state.tables.images.all():
            by_family.setdefault(image.family or _NO_FAMILY, []).append(image)
        return tuple(FamilyCount(name, len(images), tuple(images)) for name, images in sorted(by_family.items()))

    def _protocols(self) -> tuple[ProtocolChoice, ...]:
        on = self._settings.default_options().protocol_order
        off = [protocol for protocol in Protocol if protocol not in on]
        return tuple(ProtocolChoice(p, True) for p in on) + tuple(ProtocolChoice(p, False) for p in off)

    def _waiting(self) -> tuple[str, ...]:
        """Runs that a person must resume, tasks that wait for an answer, profiles that were parked."""
        words: list[str] = []
        for live in self._runs.live.values():
            run = live.state.run
            if run.stopped_because:
                words.append(f"run {run.id}: {run.stopped_because}")
            if run.hold:
                words.append(f"run {run.id} is on hold by {run.hold_by or 'unknown'}")
            for state in live.state.tasks.values():
                if state.task.waiting_for.startswith("Waiting for"):
                    words.append(f"{state.task.device}: {state.task.waiting_for}")
        parked = [profile for profile in self._state.tables.profiles.all() if profile.parked]
        return tuple(words) + tuple(f"credential profile {p.name} is parked: {p.parked_reason}" for p in parked)
