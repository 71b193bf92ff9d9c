"""Collect images along with inventory collection: what devices run and the repository lacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from swim_tui.engine.planner import running_image
from swim_tui.engine.state import State
from swim_tui.errors import SwimError, describe
from swim_tui.model.device_path import split_path
from swim_tui.model.facts import BootMode, Facts
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, Run
from swim_tui.model.source import DEVICE

BEFORE_A_PLAN = "before a plan"
"""Description of the syncs that a preview asks for: they collect nothing, a person waits for them."""

_OPEN = frozenset({JobStatus.SCHEDULED, JobStatus.RUNNING, JobStatus.PAUSED})


class Submit(Protocol):
    """What makes a job of a request."""

    def __call__(self, request: JobRequest, by: str = "") -> Awaitable[Job]: ...


class Collecting:
    """One device is asked for each image, however many run it; what is on its way already is not asked for again."""

    def __init__(self, state: State, is_on: Callable[[], bool], submit: Submit) -> None:
        self._state, self._is_on, self._submit = state, is_on, submit

    def is_wanted(self, job: Job) -> bool:
        """After a sync that a person or a schedule asked for, while the setting is on."""
        request = job.request
        return request.type is JobType.INVENTORY_SYNC and request.description != BEFORE_A_PLAN and self._is_on()

    async def after(self, job: Job, run: Run) -> None:
        """Submit one SWIM Collection for all that is missing; a refusal is told, it does not harm the sync."""
        began = run.started_at
        facts = self._state.tables.facts.all()
        read = [each for each in facts if began is not None and each.read_at >= began]
        sources = [f"{DEVICE}{name}" for name in self._lacking(read)]
        if not sources:
            return
        request = JobRequest(
            JobType.COLLECTION, source=sources[0], sources=tuple(sources[1:]), description=f"along with {job.name}"
        )
        try:
            await self._submit(request, job.created_by)
        except SwimError as err:
            self._state.notify("error", f"images were not collected with {job.name}: {describe(err).one_line()}")

    def _lacking(self, read: Iterable[Facts]) -> list[str]:
        """A device for each running image that the repository has not; packages are no file one could copy."""
        open_jobs = [job.request for job in self._state.tables.jobs.all() if job.status in _OPEN]
        asked = {source for r in open_jobs if r.type is JobType.COLLECTION for source in (r.source, *r.sources)}
        found: dict[str, str] = {}
        on_the_way: set[str] = set()
        for facts in sorted(read, key=lambda each: each.device):
            name = split_path(facts.version.image_file)[1].rpartition("/")[2]
            if not name or name.endswith(".conf") or facts.version.mode is BootMode.INSTALL:
                continue
            if running_image(self._state, facts) is not None:
                continue
            if f"{DEVICE}{facts.device}" in asked:
                on_the_way.add(name)
            found.setdefault(name, facts.device)
        return [device for name, device in found.items() if name not in on_the_way]
