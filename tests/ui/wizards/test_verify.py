"""Verification from devices that are read again: one job for all of them, verdicts as they are read."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, RunStatus, TaskStatus
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import RunPlan
from swim_tui.ui.mirror import Mirror
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.draft import Draft
from swim_tui.ui.wizards.verify import Verifier
from tests.ui.fakes import job_of, plan_of, run_of, task_of

NAMES = [f"sw-{number}" for number in range(1, 25)]


class Wizard:
    """What the verifier needs of its wizard, and the engine behind it."""

    def __init__(self) -> None:
        self.draft, self.options, self.mirror = Draft("activate"), JobOptions(), Mirror()
        self.session = SimpleNamespace(client=self, open_run=self.open_run)
        self.submitted: list[JobRequest] = []
        self.previewed: list[list[str]] = []
        self.worker: asyncio.Task[None] | None = None
        job = job_of(60, JobType.INVENTORY_SYNC, "sync", JobStatus.RUNNING)
        self.run = run_of(job, 60, RunStatus.RUNNING, 1)
        self.job = replace(job, last_run=self.run.id)

    async def submit(self, request: JobRequest) -> Job:
        self.submitted.append(request)
        return self.job

    async def open_run(self, run_id: str) -> None:
        self.mirror.tasks[run_id] = {name: task_of(self.run, name, 1, TaskStatus.RUNNING) for name in NAMES}

    async def preview(self, request: JobRequest, refresh: bool = False) -> RunPlan:
        assert not refresh
        self.previewed.append(list(request.devices))
        return plan_of(list(request.devices))

    def request(self, devices: Sequence[str]) -> JobRequest:
        return JobRequest(type=JobType.ACTIVATION, devices=tuple(devices))

    def run_worker(self, work: Coroutine[Any, Any, None], **_: object) -> None:
        self.worker = asyncio.get_running_loop().create_task(work)

    def verified(self) -> None:
        """The step would look at its rows."""


async def rest() -> None:
    """Let everything that can go on go on."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_one_job_reads_all_devices_and_each_gets_its_verdict_when_it_was_read() -> None:
    wizard = Wizard()
    verifier = Verifier(cast(WizardPage, wizard))
    verifier.want(NAMES, read=True)
    await rest()
    assert [len(request.devices) for request in wizard.submitted] == [24]
    assert wizard.previewed == []
    tasks = wizard.mirror.tasks[wizard.run.id]
    for name in NAMES[:3]:
        tasks[name] = task_of(wizard.run, name, 1, TaskStatus.SUCCESS)
    verifier.look()
    await rest()
    assert wizard.previewed == [NAMES[:3]]
    verifier.want(NAMES[:-1])  # one was unticked meanwhile: the others are still waited for
    for name in NAMES[3:]:
        tasks[name] = task_of(wizard.run, name, 1, TaskStatus.FAILURE)
    verifier.look()
    await rest()
    assert not verifier.is_pending(NAMES[:-1])
    assert sum(len(piece) for piece in wizard.previewed) == 23
    assert len(wizard.submitted) == 1
