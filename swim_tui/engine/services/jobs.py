"""Jobs: submitted with every problem named at once, kept with their plan, started when due, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from swim_tui.engine.journal import write_plan
from swim_tui.engine.planner import EnginePlanner, approved_folder
from swim_tui.engine.runs import Runs
from swim_tui.engine.schedule import MISSED_KEPT, Scheduler, check_schedule, compute_next, missed_between
from swim_tui.engine.services.analysis import AnalysisService
from swim_tui.engine.services.request import NEEDS_PLAN, check, devices_of, from_run, work_of
from swim_tui.engine.services.unattended import Unattended
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, ConsentMissing, NotFound, PlanChanged
from swim_tui.model.events import JobChanged
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, MissedRun, Run, TaskStatus, with_act
from swim_tui.model.jobname import default_job_name
from swim_tui.model.options import ActivateMode
from swim_tui.model.plan import RunPlan
from swim_tui.model.views import JobDetail, JobsSnapshot, RunRow
from swim_tui.model.when import zone_named

FIRST_JOB_ID = 10_010_001


class JobService:
    """The jobs of one engine."""

    def __init__(self, state: State, runs: Runs, planner: EnginePlanner, analysis: AnalysisService) -> None:
        self._state = state
        self._runs = runs
        self._planner = planner
        self._analysis = analysis
        self.unattended = Unattended(state, runs.runner)
        self.scheduler = Scheduler(state, self.start, self.is_running)
        self._last_id = max([FIRST_JOB_ID - 1, *(int(j.id) for j in state.tables.jobs.all() if j.id.isdigit())])

    # --- submit ---

    async def submit(self, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        """Check, keep, and start now or at its time; on disk when this returns."""
        request = self.complete(request)
        check(self._state, request)
        needs = self.unattended.check(request)
        plan = await self.plan_of(request, expect_sha256)
        now = self._state.clock.now()
        self._last_id += 1
        zone = zone_named(request.schedule.zone)
        count = None if request.type is JobType.COLLECTION else len(self.devices(request))
        job = Job(
            id=str(self._last_id),
            request=request,
            name=request.name.strip() or default_job_name(request.type, now.astimezone(zone), request.source),
            status=JobStatus.SCHEDULED,
            created_at=now,
            created_by=by,
            next_run_at=request.schedule.at or now,
            device_count=count,
            expect_sha256=expect_sha256,
            plan_sha256=plan.sha256 if plan else "",
            note=needs,
        )
        if plan is not None:
            folder = self._state.paths.runs / approved_folder(job.id)
            await asyncio.to_thread(write_plan, folder, plan)
        if request.schedule.at is None:
            job = await self._start_first(job)
        else:
            await self.change(job)
        self._state.notify("info", f"{job.name} submitted by {by or 'unknown'}")
        return job

    def complete(self, request: JobRequest) -> JobRequest:
        """The request with what follows from it filled in."""
        request = from_run(self._state, request)
        if request.type is JobType.ACTIVATION and request.options.activate is ActivateMode.OFF:
            request = replace(request, options=replace(request.options, activate=ActivateMode.SEQUENTIAL))
        return request

    def devices(self, request: JobRequest) -> list[str]:
        """Names of the devices that a request means now."""
        return [device.name for device in devices_of(self._state, request.devices, request.groups)]

    async def plan_of(self, request: JobRequest, expect_sha256: str) -> RunPlan | None:
        """The plan a job is submitted with; PlanChanged if another was expected, ConsentMissing if one is open."""
        plan = await self._analysis.preview(request) if request.type in NEEDS_PLAN else None
        self._judge(plan, expect_sha256)
        return plan

    @staticmethod
    def _judge(plan: RunPlan | None, expect_sha256: str) -> None:
        if plan is None:
            if expect_sha256:
                raise PlanChanged(detail="this type of job has no plan")
            return
        if expect_sha256 and plan.sha256 != expect_sha256:
            raise PlanChanged(detail=f"{expect_sha256[:12]} -> {plan.sha256[:12]}")
        missing = [consent for consent in plan.consents if not consent.given]
        if missing:
            first = missing[0]
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            names = ", ".join(dict.fromkeys(consent.name for consent in missing))
            raise ConsentMissing(device=first.device, detail=f"{first.why}{more}", flag=f"consent to: {names}")

    async def _start_first(self, job: Job) -> Job:
        """Kept as due now: an engine that dies before its run exists starts it when it comes back."""
        self.scheduler.claim(job.id)
        try:
            await asyncio.wrap_future(self._state.tables.jobs.put(job))
            following = compute_next(job.request.schedule, job.created_at, self._state.clock.now())
            await self.start(replace(job, next_run_at=following))
        finally:
            self.scheduler.release(job.id)
        self.unattended.keep_connections()
        return self._state.tables.jobs.get(job.id) or job

    async def start(self, job: Job) -> Run:
        """A run of the job, with the devices its groups have now."""
        work = work_of(self._state, job.request)
        return await self._runs.create(
            replace(job, retry_of=""), work.tasks, work.wants, needs_plan=work.needs_plan, by=job.created_by, attempt=1
        )

    def is_running(self, job_id: str) -> bool:
        """True while a run of the job is not over."""
        return any(live.state.run.job_id == job_id and not live.is_finishing for live in self._runs.live.values())

    # --- what clients see ---

    async def jobs(self) -> JobsSnapshot:
        """All jobs and runs, newest first."""
        tables = self._state.tables
        jobs = sorted(tables.jobs.all(), key=lambda job: int(job.id), reverse=True)
        return JobsSnapshot(self._state.hub.position, tuple(jobs), tuple(self.run_rows()))

    def run_rows(self, limit: int | None = None) -> list[RunRow]:
        """Runs with their jobs, newest first."""
        tables = self._state.tables
        runs = {run.id: run for run in tables.runs.all()}
        runs.update({live.id: live.state.run for live in self._runs.live.values()})
        rows: list[RunRow] = []
        for run in sorted(runs.values(), key=lambda run: int(run.id), reverse=True)[:limit]:
            job = tables.jobs.get(run.job_id)
            if job is not None:
                rows.append(self._row(run, job))
        return rows

    def _row(self, run: Run, job: Job) -> RunRow:
        live = self._runs.live.get(run.id)
        if live is None:
            return RunRow(run, job)
        total = live.plan.bytes_to_move if live.plan else 0
        return RunRow(run, job, live.eta_s(self._state.clock.now()), live.bytes_done(), total)

    async def job(self, id: str) -> JobDetail:
        """A job with its runs, newest first."""
        job = self.get(id)
        runs = {run.id: run for run in self._state.tables.runs.where(job_id=job.id)}
        runs.update({live.id: live.state.run for live in self._runs.live.values() if live.state.run.job_id == job.id})
        newest = sorted(runs.values(), key=lambda run: int(run.id), reverse=True)
        return JobDetail(self._state.hub.position, job, tuple(newest))

    def get(self, id: str) -> Job:
        """A job by its id, or by that of one of its runs."""
        job = self._state.tables.jobs.get(id)
        if job is None:
            run = self._state.tables.runs.get(id)
            job = self._state.tables.jobs.get(run.job_id) if run else None
        if job is None:
            raise NotFound(kind="job", name=id, listing="jobs list")
        return job

    # --- changes ---

    async def cancel_schedule(self, id: str, by: str) -> None:
        """A job that has not started never will."""
        job = await self.settled(id)
        if job.next_run_at is None:
            raise Conflict(detail=f"job {job.id} is {job.status}: nothing is left to cancel")
        await self.change(self.signed(job, "cancelled", by, status=JobStatus.CANCELLED, next_run_at=None))

    async def pause_job(self, id: str, by: str = "") -> None:
        """Keep a scheduled job from starting until it is resumed."""
        job = await self.settled(id)
        if job.next_run_at is None or job.status not in (JobStatus.SCHEDULED, JobStatus.RUNNING):
            raise Conflict(
                detail=f"job {job.id} is {job.status} and has no further run", action="see: swim-tui jobs list"
            )
        await self.change(self.signed(job, "paused", by, status=JobStatus.PAUSED))

    async def resume_job(self, id: str, by: str = "") -> None:
        """Let a paused job run again at its next time."""
        job = await self.settled(id)
        if job.status is not JobStatus.PAUSED:
            raise Conflict(detail=f"job {job.id} is {job.status}, not Paused")
        schedule, now, due = job.request.schedule, self._state.clock.now(), job.next_run_at
        status = JobStatus.RUNNING if self.is_running(job.id) else JobStatus.SCHEDULED
        fresh = self.signed(job, "resumed", by, status=status)
        if due is not None and now - due > timedelta(seconds=schedule.misfire_grace_s):
            first = schedule.at or job.created_at
            following = compute_next(schedule, first, now)
            if following is None:
                raise Conflict(
                    detail=f"the time of job {job.id} has passed while it was paused",
                    action=f"give it another: swim-tui jobs edit {job.id} --at TIME",
                )
            missed = (MissedRun(at, "it was paused") for at in missed_between(schedule, first, due, now))
            fresh = replace(fresh, next_run_at=following, missed=(*job.missed, *missed)[-MISSED_KEPT:])
        await self.change(fresh)

    async def reschedule(self, ids: Sequence[str], at: datetime, by: str = "") -> list[Job]:
        """Another start time for jobs that have not run yet (or the next run of recurring ones): for all, or none."""
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        for id in ids:
            await self.settled(id)
        fresh = [self._at(self.get(id), at, by) for id in dict.fromkeys(ids)]
        await self.change(*fresh)
        return fresh

    def _at(self, job: Job, at: datetime, by: str) -> Job:
        if job.next_run_at is None:
            raise Conflict(detail=f"job {job.id} has no further run", action="submit a new job")
        schedule = replace(job.request.schedule, at=at)
        check_schedule(schedule, self._state.clock.now())
        request = replace(job.request, schedule=schedule)
        what = f"moved from {job.next_run_at:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M} UTC"
        return self.signed(job, what, by, request=request, next_run_at=at)

    async def retry(self, id: str, devices: Sequence[str] = (), by: str = "") -> Run:
        """A new run of the same job with the failed or interrupted devices of its last run, or only those named."""
        run = self._state.tables.runs.get(id)
        job = await self.settled(id)
        run = run or self._state.tables.runs.get(job.last_run)
        if run is None or not run.status.is_final or self.is_running(job.id):
            raise Conflict(detail=f"job {job.id} has no finished run to retry", action="wait for its end, or cancel it")
        failed = self._failed(run.id)
        if not failed:
            raise Conflict(detail=f"run {run.id} has no failed device", action="nothing is left to do")
        for name in devices:
            if name not in failed:
                raise BadValue(
                    name="device", value=name, detail=f"it did not fail in run {run.id}", allowed=", ".join(failed)
                )
        failed = [name for name in failed if name in devices] if devices else failed
        work = work_of(self._state, job.request, failed)
        if not work.tasks:
            raise Conflict(detail=f"the failed devices of run {run.id} are no longer in the inventory")
        self.scheduler.claim(job.id)  # its next time may come meanwhile: no two runs overlap
        try:
            return await self._runs.create(
                self.signed(job, f"retried run {run.id}", by, note=job.note, retry_of=run.id),
                work.tasks,
                work.wants,
                needs_plan=work.needs_plan,
                by=by,
                attempt=run.attempt + 1,
            )
        finally:
            self.scheduler.release(job.id)

    def _failed(self, run_id: str) -> Sequence[str]:
        bad = (TaskStatus.FAILURE, TaskStatus.INTERRUPTED)
        tasks = self._state.tables.tasks.where(run_id=run_id)
        return [task.device for task in tasks if task.status in bad and not task.is_server]

    async def settled(self, id: str) -> Job:
        """A job by its id or that of a run, once nobody is starting or editing it: what is asked now comes after."""
        job = self.get(id)
        await self.scheduler.released(job.id)
        return self.get(job.id)

    def signed(self, job: Job, what: str, by: str, **changes: Any) -> Job:
        """The changed job, with what was done to it and by whom."""
        acts = with_act(job.acts, self._state.clock.now(), what, by)
        return replace(job, **{"note": f"{what} by {by or 'unknown'}", **changes, "acts": acts})

    async def change(self, *jobs: Job) -> None:
        """Keep changed jobs, tell clients and scheduler; on disk, all of them or none, when this returns."""
        await asyncio.wrap_future(self._state.tables.jobs.put_many(jobs))
        for job in jobs:
            self._state.hub.publish(JobChanged(job))
        self.scheduler.job_changed()
        self.unattended.keep_connections()
