"""Jobs that wait for their time: another request in place of theirs; jobs deleted with the records of their runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from swim_tui.engine.forget import forget_runs
from swim_tui.engine.journal import write_plan
from swim_tui.engine.planner import approved_folder
from swim_tui.engine.services.jobs import JobService
from swim_tui.engine.services.request import check
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict
from swim_tui.model.events import JobRemoved
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, Schedule


class JobEditor:
    """Changes jobs between their runs."""

    def __init__(self, state: State, jobs: JobService) -> None:
        self._state = state
        self._jobs = jobs

    async def edit_job(self, id: str, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        """Another request for a job that waits for its time: checked and planned as at its submit.

        A schedule that is not changed keeps the next time; a start time of None means the time it has now.
        """
        await self._jobs.settled(id)
        job = self._idle(id, "edited")
        self._jobs.scheduler.claim(job.id)  # at its time it waits until it is planned anew
        try:
            fresh = await self._edited(job, request, by, expect_sha256)
        finally:
            self._jobs.scheduler.release(job.id)
        self._state.notify("info", f"{fresh.name} edited by {by or 'unknown'}")
        return fresh

    async def _edited(self, job: Job, request: JobRequest, by: str, expect_sha256: str) -> Job:
        if job.next_run_at is None:
            raise Conflict(detail=f"job {job.id} is {job.status} and has no further run", action="submit a new job")
        if request.type is not job.request.type:
            raise BadValue(
                name="type", value=request.type, detail=f"the job is a {job.request.type}", allowed="the same"
            )
        if request.schedule.at is None:
            request = replace(request, schedule=replace(request.schedule, at=job.next_run_at))
        request = self._jobs.complete(request)
        is_same_time = request.schedule == job.request.schedule  # its first run may be long past
        check(self._state, replace(request, schedule=Schedule(zone=request.schedule.zone)) if is_same_time else request)
        self._jobs.unattended.check(request)
        plan = await self._jobs.plan_of(request, expect_sha256)
        if plan is not None:
            folder = self._state.paths.runs / approved_folder(job.id)
            await asyncio.to_thread(write_plan, folder, plan)
        fresh = self._jobs.signed(
            job,
            "edited",
            by,
            request=request,
            name=request.name.strip() or job.name,
            next_run_at=job.next_run_at if is_same_time else request.schedule.at,
            device_count=None if request.type is JobType.COLLECTION else len(self._jobs.devices(request)),
            expect_sha256=expect_sha256,
            plan_sha256=plan.sha256 if plan else "",
        )
        await self._jobs.change(fresh)
        return fresh

    async def delete_job(self, id: str, by: str = "") -> None:
        """Delete a job and the records of its runs; refused while one of them is under way."""
        await self._jobs.settled(id)
        job = self._idle(id, "deleted")
        runs = self._state.tables.runs.where(job_id=job.id)
        self._jobs.scheduler.claim(job.id)  # it must not start meanwhile
        try:
            await forget_runs(self._state, [run.id for run in runs], approved_folder(job.id))
            await asyncio.wrap_future(self._state.tables.jobs.delete(job.id))
        finally:
            self._jobs.scheduler.release(job.id)
        self._state.hub.publish(JobRemoved(job.id))
        records = f" with the records of {len(runs)} run(s)" if runs else ""
        self._state.notify("info", f"{job.name} deleted{records} by {by or 'unknown'}")

    def _idle(self, id: str, what: str) -> Job:
        job = self._jobs.get(id)
        if self._jobs.is_running(job.id) or job.status is JobStatus.RUNNING:
            raise Conflict(
                detail=f"a run of job {job.id} is under way: it cannot be {what} now",
                action="wait for its end, or cancel it",
            )
        return job
