"""What clients see of runs, and what they may ask of one under way."""

from __future__ import annotations

import asyncio

from swim_tui.engine.devicelog import read_page
from swim_tui.engine.history import ControlKind
from swim_tui.engine.journal import read_plan
from swim_tui.engine.runs import Runs
from swim_tui.engine.services.analysis import export_text
from swim_tui.engine.services.jobs import JobService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, NotFound
from swim_tui.model.job import DeviceTask, JobStatus, count_tasks
from swim_tui.model.plan import RunPlan
from swim_tui.model.views import LogPage, PendingQuestion, RunDetail

MAX_LINES = 5000


class RunService:
    """Runs as clients see them."""

    def __init__(self, state: State, runs: Runs, jobs: JobService) -> None:
        self._state = state
        self._runs = runs
        self._jobs = jobs

    async def run(self, id: str) -> RunDetail:
        """A run with its device tasks in display order; a job's id means its last run."""
        run_id = self._run_id(id)
        live = self._runs.live.get(run_id)
        if live is not None:
            tasks = [live.state.tasks[device].task for device in live.state.order]
            run, eta = live.state.run, live.eta_s(self._state.clock.now())
        else:
            found = self._state.tables.runs.get(run_id)
            assert found is not None, "checked by _run_id"
            run, eta = found, None
            tasks = self._state.tables.tasks.where(run_id=run_id)
            tasks.sort(key=lambda task: (task.position == 0, task.position))
        order = tuple(task.device for task in sorted(tasks, key=lambda t: t.position) if task.position)
        job = self._jobs.get(run.job_id)
        counts = count_tasks(tasks)
        return RunDetail(self._state.hub.position, run, job, tuple(tasks), counts, order, eta)

    async def run_plan(self, id: str) -> RunPlan:
        """The plan the run follows; NotFound while there is none."""
        run_id = self._run_id(id)
        plan = await asyncio.to_thread(read_plan, self._state.paths.run(run_id))
        if plan is None:
            raise NotFound(kind="plan of run", name=run_id, detail=" (yet)", listing=f"runs show {run_id}")
        return plan

    async def export_run_plan(self, run_id: str, format: str = "markdown") -> str:
        """The plan the run follows, as markdown, csv or json."""
        return export_text(await self.run_plan(run_id), format)

    async def run_log(self, run_id: str, device: str, offset: int = 0, limit: int = 500) -> LogPage:
        """Lines of a device session from a byte offset."""
        run_id = self._run_id(run_id)
        if run_id in self._runs.live:
            await asyncio.wrap_future(self._runs.logs.flush())
        folder = self._state.paths.run(run_id)
        return await asyncio.to_thread(read_page, folder, device, offset, min(max(limit, 1), MAX_LINES))

    async def cancel(self, id: str, device: str = "", by: str = "") -> None:
        """Cancel one device of a run, a run (its job runs again at its next time), or a job with all it has before it.

        A run that is over is none to cancel; a job of which nothing goes on or is to come neither.
        """
        if device:
            await self._runs.control(self._live_id(id), ControlKind.CANCEL_DEVICE, by, devices=(device,))
            return
        job = await self._jobs.settled(id)
        if id != job.id:
            await self._runs.control(self._live_id(id), ControlKind.CANCEL, by)
            return
        live_id = next((run_id for run_id, live in self._runs.live.items() if live.state.run.job_id == job.id), "")
        if live_id:
            await self._runs.control(live_id, ControlKind.CANCEL, by)
        if job.next_run_at is not None or not live_id:
            await self._jobs.cancel_schedule(job.id, by)

    async def hold(self, id: str, by: str = "") -> None:
        """No new reloads; what is under way goes to its end."""
        await self._runs.control(self._live_id(id), ControlKind.HOLD, by)

    async def resume(self, id: str, by: str = "") -> None:
        """Go on after a hold or an activation stop; or let a paused job run again."""
        job = await self._jobs.settled(id)
        if job.status is JobStatus.PAUSED:
            await self._jobs.resume_job(job.id, by)
            return
        live_id = self._live_id(id)
        run = self._runs.live[live_id].state.run
        if not run.hold and not run.stopped_because:
            raise Conflict(detail=f"run {live_id} is neither on hold nor stopped", action="nothing is to be resumed")
        await self._runs.control(live_id, ControlKind.RESUME, by)

    async def skip_devices(self, run_id: str, devices: list[str], by: str = "") -> None:
        """Leave devices out whose turn has not come: all of them, or none when one is on its way already."""
        live_id = self._live_id(run_id)
        tasks = self._runs.live[live_id].state.tasks
        begun = [device for device in devices if device in tasks and tasks[device].has_begun]
        if begun:
            raise Conflict(
                detail=f"{', '.join(begun)}: too late to be skipped, nothing was changed",
                action="cancel it instead: it stops at its next safe point",
            )
        await self._runs.control(live_id, ControlKind.SKIP_DEVICE, by, devices=tuple(devices))

    async def reorder(self, run_id: str, order: list[str], by: str = "") -> None:
        """Another activation order for what has not been activated yet."""
        live_id = self._live_id(run_id)
        unknown = [device for device in order if device not in self._runs.live[live_id].state.tasks]
        if unknown:
            raise BadValue(name="order", value=unknown[0], detail="it is not in this run", allowed="devices of the run")
        await self._runs.control(live_id, ControlKind.REORDER, by, order=order)

    async def questions(self) -> list[PendingQuestion]:
        """What device tasks wait for, oldest first."""
        return self._runs.desk.questions()

    async def answer_question(self, run_id: str, device: str, text: str) -> None:
        """Give a person's answer to the task that waits for it; the text is a secret."""
        if not text.strip():
            raise BadValue(name="answer", value="", detail="it is empty", allowed="the code, as it is shown to you")
        run_id = self._run_id(run_id)
        if not self._runs.desk.answer(run_id, device, text.strip()):
            raise Conflict(
                detail=f"{device} of run {run_id} waits for no answer (any more)", action="see: swim-tui jobs watch"
            )

    def tasks_of(self, run_id: str) -> list[DeviceTask]:
        """Tasks of a run, live or over."""
        live = self._runs.live.get(run_id)
        if live is not None:
            return [state.task for state in live.state.tasks.values()]
        return self._state.tables.tasks.where(run_id=run_id)

    def _run_id(self, id: str) -> str:
        if id in self._runs.live or id in self._state.tables.runs:
            return id
        job = self._state.tables.jobs.get(id)
        if job is None or not job.last_run:
            raise NotFound(kind="run", name=id, listing="runs list")
        return job.last_run

    def _live_id(self, id: str) -> str:
        run_id = self._run_id(id)
        self._runs.get(run_id)
        return run_id
