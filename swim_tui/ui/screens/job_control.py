"""What a person changes in a run that goes on or a job that waits: skip, order, start time, pause."""

from __future__ import annotations

from collections.abc import Sequence

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.job import DeviceTask, Job, JobStatus, Run, RunStatus
from swim_tui.model.plan import Phase
from swim_tui.model.when import HOW, moment, zone_named
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.dialogs.queue import QueueDialog
from swim_tui.ui.screens.job_actions import JobActions, reloads_devices
from swim_tui.ui.screens.job_edit import edited, fields_of
from swim_tui.ui.screens.job_rows import RunLine

_DISRUPTIVE = frozenset({Phase.ACTIVATE, Phase.ROLLBACK})


def waits_for_activation(task: DeviceTask) -> bool:
    """Whether it has a place in the activation order and has not begun to be activated."""
    begun = any(op.phase in _DISRUPTIVE and op.started_at is not None for op in task.operations)
    return bool(task.position) and not task.status.is_final and not begun


def new_order(tasks: Sequence[DeviceTask], waiting: Sequence[str]) -> list[str]:
    """The whole activation order: who has had their turn stays in front, then who waits, as given."""
    placed = sorted((task for task in tasks if task.position), key=lambda task: task.position)
    return [*(task.device for task in placed if task.device not in set(waiting)), *waiting]


def can_reschedule(job: Job) -> bool:
    """Whether it has a run before it."""
    return job.next_run_at is not None and job.status in (JobStatus.SCHEDULED, JobStatus.PAUSED, JobStatus.RUNNING)


class JobControl(JobActions):
    """Each act is confirmed, names its targets, and is kept with who did it."""

    async def skip_devices(self, run: Run, devices: Sequence[str]) -> None:
        """Leave devices out that have not been activated."""
        await self.session.open_run(run.id)
        tasks = self.mirror.tasks.get(run.id, {})
        able = [name for name in devices if name in tasks and _can_skip(tasks[name])]
        if not able or run.status is not RunStatus.RUNNING:
            raise Conflict(
                detail="none of these devices waits any more", action="x cancels a device at its next safe point"
            )
        count = len(able)
        left = "It is left out of this run: not reloaded, and its boot list is"
        if count > 1:
            left = "They are left out of this run: not reloaded, and their boot lists are"
        ask = Confirmation(
            title=f"Skip {able[0] if count == 1 else f'{count} devices'} in run {run.id}?",
            verb="skip",
            level=2,
            targets=able,
            impact=f"{left} as it was before. An image that was copied stays. The other devices go on.",
            opened_by="z",
        )
        if await self.confirm(ask):
            await self.session.client.skip_devices(run.id, able)
            self.app.notify(f"{count} left out of run {run.id}")

    async def reorder(self, run: Run, current: str = "", by: int = 0) -> None:
        """Another order for what waits; `current` is moved `by` places to begin with."""
        await self.session.open_run(run.id)
        tasks = list(self.mirror.tasks.get(run.id, {}).values())
        waiting = sorted((task for task in tasks if waits_for_activation(task)), key=lambda task: task.position)
        names = [task.device for task in waiting]
        if len(names) < 2 or run.status is not RunStatus.RUNNING:
            raise Conflict(
                detail=f"run {run.id} has no two devices that wait for their activation", action="there is no order"
            )
        held = self.mirror.devices
        hints = [" ".join(filter(None, (held[n].role, held[n].location))) if n in held else "" for n in names]
        shown = list(names)
        if current in shown and by:
            at = shown.index(current)
            shown.insert(max(0, min(len(shown) - 1, at + by)), shown.pop(at))
            hints = [hints[names.index(name)] for name in shown]
        dialog = QueueDialog(f"Order of activation, run {run.id}", shown, hints, current=current)
        chosen = await self.app.push_screen_wait(dialog)
        if chosen is None or chosen == names:
            return
        ask = Confirmation(
            title=f"Change the order of {len(chosen)} devices of run {run.id}?",
            verb="change it",
            level=2,
            targets=[f"{number:>3}  {name}" for number, name in enumerate(chosen, 1)],
            impact="The plan computed the order from the network: nobody cuts off a device that waits. "
            "In any order devices of role path come last, a pair is never down together, and nobody is reloaded "
            "while a device behind it is.",
            opened_by="O",
        )
        if await self.confirm(ask):
            await self.session.client.reorder(run.id, new_order(tasks, chosen))
            self.app.notify(f"run {run.id}: {chosen[0]} is next")

    async def change_time(self, lines: Sequence[RunLine]) -> None:
        """Another start time for scheduled jobs, all of them or none, typed in the zone of the first."""
        jobs = list({line.job.id: self.mirror.jobs.get(line.job.id, line.job) for line in lines}.values())
        able = [job for job in jobs if can_reschedule(job)]
        if not able:
            detail = f"{jobs[0].name} has no further run" if len(jobs) == 1 else "none of these jobs has a further run"
            raise Conflict(detail=detail, action="make a new job: n in the Jobs view")
        at, zone = able[0].next_run_at, able[0].request.schedule.zone
        assert at is not None, "checked by can_reschedule"
        now = self.swim.now()

        def check(text: str) -> str:
            try:
                moment(text, zone_named(zone), now)
            except BadValue as err:
                return f"{err.detail}; {err.allowed}"
            return ""

        proposal = at.astimezone(zone_named(zone)).strftime("%Y-%m-%d %H:%M")
        field = Field("at", f"Start ({zone})"[:21], proposal, HOW, check)
        what = able[0].name if len(able) == 1 else f"{len(able)} jobs"
        answer = await self.app.push_screen_wait(FormDialog(f"Start time of {what}", [field], verb="Change"))
        if answer is None:
            return
        wanted = moment(answer["at"], zone_named(zone), now)
        if all(job.next_run_at == wanted for job in able):
            return
        if len(able) > 1 and not await self.confirm(_all_at(able, f"{answer['at']} {zone}")):
            return
        for changed in await self.session.client.reschedule([job.id for job in able], wanted):
            self.mirror.jobs[changed.id] = changed
        self.app.notify(f"{what} {'starts' if len(able) == 1 else 'start'} {answer['at']} {zone}")
        self.refresh_contents()

    async def edit_scheduled(self, line: RunLine) -> None:
        """The form of a job that waits for its time; the engine checks and plans it anew."""
        job = self.mirror.jobs.get(line.job.id, line.job)
        if not can_reschedule(job):
            raise Conflict(detail=f"{job.name} has no further run", action="make a new job: n in the Jobs view")
        now = self.swim.now()

        async def save(values: dict[str, str]) -> None:
            changed = await self.session.client.edit_job(job.id, edited(job, values, now))
            self.mirror.jobs[job.id] = changed

        form = FormDialog(f"Edit {job.name}", fields_of(job, now), verb="Save", save=save)
        if await self.app.push_screen_wait(form) is not None:
            self.app.notify(f"{self.mirror.jobs[job.id].name}: {self.mirror.jobs[job.id].note}")
            self.refresh_contents()

    async def delete_jobs(self, lines: Sequence[RunLine]) -> bool:
        """Delete jobs with the records of their runs; True when they are gone."""
        jobs = list({line.job.id: line.job for line in lines}.values())
        running = [job.name for job in jobs if job.status is JobStatus.RUNNING]
        if not jobs or running:
            raise Conflict(
                detail=f"{', '.join(running)} goes on" if running else "no job is chosen",
                action="x cancels it; delete it when it has ended" if running else "choose one first",
            )
        count = len(jobs)
        ask = Confirmation(
            title=f"Delete {jobs[0].name if count == 1 else f'{count} jobs'}?",
            verb="delete",
            level=self.level(count, 2),
            targets=[f"{job.id}  {job.name}  ({job.status})" for job in jobs],
            impact=f"{'Its' if count == 1 else 'Their'} runs, plans and device logs are deleted for good. "
            "Devices and images are not touched.",
            phrase=f"delete {count}",
            opened_by="delete",
        )
        if not await self.confirm(ask):
            return False
        await self.each({job.name: self.session.client.delete_job(job.id) for job in jobs}, "deleted")
        return True

    async def hold_or_pause(self, line: RunLine) -> None:
        """Hold or resume a run; pause or resume a job that waits for its time."""
        job = self.mirror.jobs.get(line.job.id, line.job)
        is_running = line.run is not None and line.run.status is RunStatus.RUNNING
        if is_running or not can_reschedule(job):
            await self.hold_or_resume(line)
            return
        paused = job.status is JobStatus.PAUSED
        ask = Confirmation(
            title=f"{'Resume' if paused else 'Pause'} {job.name}?",
            verb="resume" if paused else "pause",
            level=self.level(1, 2) if paused and reloads_devices(job) else 1,
            targets=[f"{job.name}  ({line.devices} devices)"],
            impact=f"{job.note}. It starts at its next time." if paused else "It does not start until it is resumed.",
            phrase="resume" if paused else "pause",
            opened_by="H",
        )
        if await self.confirm(ask):
            await (self.session.client.resume(job.id) if paused else self.session.client.pause_job(job.id))
            self.app.notify(f"{job.name} {'waits for its time' if paused else 'is paused'}")


def _all_at(jobs: Sequence[Job], when: str) -> Confirmation:
    return Confirmation(
        title=f"Start {len(jobs)} jobs at {when}?",
        verb="change them",
        level=2,
        targets=[f"{job.id}  {job.name}" for job in jobs],
        impact="All of them get this start time, or none. A job that recurs goes on from it.",
        opened_by="t",
    )


def _can_skip(task: DeviceTask) -> bool:
    begun = any(op.phase in _DISRUPTIVE and op.started_at is not None for op in task.operations)
    return not task.status.is_final and not begun
