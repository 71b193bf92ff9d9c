"""Cancel, hold, resume, retry, plan and summary, for the job list and the job detail."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from swim_tui.errors import BadValue, ConfigError, Conflict, SwimError, describe
from swim_tui.model.job import Job, Run, RunStatus, TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.words import counted
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.new_file import write_new_file
from swim_tui.ui.page import Page
from swim_tui.ui.record import write_new
from swim_tui.ui.run_log import log_text, read_log
from swim_tui.ui.screens.job_rows import RunLine
from swim_tui.ui.screens.job_summary import SummaryDialog

_SAFE_POINT = (
    "Each device stops at its next safe point: never inside a flash write of an install, never between "
    "'boot variable written' and 'saved'. A device that was prepared for a reload gets its boot list back."
)


_NOT_BEGUN = "Nothing of it has begun: no device is touched. It stays in the list, without a next run; Del deletes it."
_RUNS_AGAIN = " A job that recurs runs again at its next time: x once more, when this run is over, ends that too."


def _is_open(line: RunLine) -> bool:
    return line.run is None or not line.run.status.is_final


def _runs_again(line: RunLine) -> bool:
    return line.run is not None and _is_open(line) and line.job.next_run_at is not None


def _cancelled(line: RunLine) -> str:
    """What a yes cancels: a run, or all that a job has before it."""
    if line.run is None or _is_open(line):
        devices = "1 device" if line.devices == "1" else f"{line.devices} devices"
        return f"{line.key.removeprefix('job:')}  {line.job.name}  ({devices})"
    return f"{line.job.id}  {line.job.name}  (no further run)"


def reloads_devices(job: Job) -> bool:
    """Whether runs of this job reload devices."""
    activates = job.request.options.activate is not ActivateMode.OFF
    return activates or job.request.type in ("SWIM Activation", "SWIM Rollback")


class JobActions(Page):
    """What can be done to runs; every dialog names its targets."""

    @property
    def is_production(self) -> bool:
        """The PROD badge raises every consent to the typed level."""
        return self.swim.status.environment.upper() == "PROD"

    async def confirm(self, ask: Confirmation) -> bool:
        """Ask; True only for a clear yes."""
        answer = await self.app.push_screen_wait(ConfirmDialog(ask))
        return answer is True

    def level(self, targets: int, base: int) -> int:
        """Level 3 for more than one target that is disruptive, and always in production."""
        return 3 if self.is_production or targets > 1 else base

    async def cancel_runs(self, lines: Sequence[RunLine]) -> None:
        """Cancel runs that go on, and what jobs have before them when no run of theirs goes on."""
        lines = [replace(line, job=self.mirror.jobs.get(line.job.id, line.job)) for line in lines]
        open_lines = [line for line in lines if _is_open(line)]
        open_lines = open_lines or list({line.job.id: line for line in lines if line.job.next_run_at}.values())
        if not open_lines:
            raise Conflict(detail="none of these runs goes on any more", action="R retries the devices that failed")
        count, begun = len(open_lines), any(line.run is not None and _is_open(line) for line in open_lines)
        what = "run" if begun else "scheduled job"
        ask = Confirmation(
            title=f"Cancel {f'this {what}' if count == 1 else f'{count} {what}s'}?",
            verb="cancel",
            level=self.level(count, 2),
            targets=[_cancelled(line) for line in open_lines],
            impact=(_SAFE_POINT if begun else _NOT_BEGUN)
            + (_RUNS_AGAIN if any(_runs_again(line) for line in open_lines) else ""),
            phrase=f"cancel {count}",
            opened_by="x",
        )
        if await self.confirm(ask):
            ids = [line.run.id if line.run is not None and _is_open(line) else line.job.id for line in open_lines]
            when = "at the next safe point" if begun else ""
            await self.each({id: self.session.client.cancel(id) for id in ids}, "cancelled", when)

    async def each(self, acts: Mapping[str, Awaitable[object]], done: str, when: str = "") -> None:
        """Do all of them: one that is refused does not keep the others from being done, and is told by its name."""
        refused = []
        for name, act in acts.items():
            try:
                await act
            except SwimError as err:
                refused.append(f"{name}: {describe(err).one_line()}")
        if len(acts) > len(refused):
            self.app.notify(f"{len(acts) - len(refused)} {done} {when}".rstrip())
        if refused:
            raise Conflict(detail=f"not {done}: {'; '.join(refused)}", action="look at these again")

    async def cancel_devices(self, run: Run, devices: Sequence[str]) -> None:
        """Cancel single devices of a run."""
        count = len(devices)
        ask = Confirmation(
            title=f"Cancel {devices[0] if count == 1 else f'{count} devices'} of run {run.id}?",
            verb="cancel",
            level=self.level(count, 2),
            targets=devices,
            impact=_SAFE_POINT + " The other devices go on.",
            phrase=f"cancel {count}",
            opened_by="x",
        )
        if await self.confirm(ask):
            for device in devices:
                await self.session.client.cancel(run.id, device=device)
            self.app.notify(f"cancel asked for {count} of run {run.id}")

    async def cancel_devices_or_run(self, run: Run, line: RunLine | None, devices: Sequence[str]) -> None:
        """Ask first what is meant: these devices, or the whole run."""
        count = len(devices)
        what = devices[0] if count == 1 else f"{count} marked devices"
        choices = [Choice("devices", "d", f"Cancel {what}"), Choice("run", "r", f"Cancel the whole run {run.id}")]
        chosen = await self.app.push_screen_wait(ChooseDialog("Cancel what?", choices))
        if chosen == "devices":
            await self.cancel_devices(run, devices)
        elif chosen == "run" and line is not None:
            await self.cancel_runs([line])

    async def hold_or_resume(self, line: RunLine) -> None:
        """Hold a run that goes on; resume one that is held or stopped."""
        run = line.run
        if run is None or run.status is not RunStatus.RUNNING:
            raise Conflict(detail=f"{line.job.name} is not running", action="only a running run can be held")
        held = run.hold or bool(run.stopped_because)
        ask = Confirmation(
            title=f"{'Resume' if held else 'Hold'} run {run.id}?",
            verb="resume" if held else "hold",
            level=self.level(1, 2 if held else 1),
            targets=[line.job.name],
            impact=(
                (run.stopped_because or f"held by {run.hold_by or 'a person'}") + ". Reloads go on after this."
                if held
                else "No new reload is started; the one under way is finished and proven."
            ),
            phrase="resume" if held else "hold",
            opened_by="H",
        )
        if await self.confirm(ask):
            await (self.session.client.resume(run.id) if held else self.session.client.hold(run.id))
            self.app.notify(f"run {run.id} {'goes on' if held else 'is on hold'}")

    async def retry_run(self, line: RunLine, devices: Sequence[str] = ()) -> None:
        """A new run with the failed and interrupted devices."""
        run = line.run
        if run is None or not run.status.is_final:
            raise Conflict(detail=f"{line.job.name} has no finished run", action="wait for its end, or cancel it first")
        await self.session.open_run(run.id)
        tasks = self.mirror.tasks.get(run.id, {}).values()
        failed = devices or [t.device for t in tasks if t.status in (TaskStatus.FAILURE, TaskStatus.INTERRUPTED)]
        if not failed:
            raise Conflict(detail=f"no device of run {run.id} failed", action="there is nothing to retry")
        disruptive = reloads_devices(line.job)
        ask = Confirmation(
            title=f"Retry {counted(len(failed), 'device')} of run {run.id}?",
            verb="retry",
            level=3 if disruptive else 2,
            targets=failed,
            impact="A new run of the same job starts now. "
            + ("They will be reloaded." if disruptive else "Nothing is reloaded.")
            + " Devices that run the target already are skipped.",
            phrase=f"retry {len(failed)}",
            opened_by="R",
        )
        if await self.confirm(ask):
            started = await self.session.client.retry(run.id, devices=list(failed))
            self.app.notify(f"run {started.id} started")

    def show_summary(self, line: RunLine) -> None:
        """Job Summary pop-up, with the way to the job."""
        self.app.push_screen(SummaryDialog(line, utc=self.swim.status.utc))

    def show_plan(self, line: RunLine) -> None:
        """The plan page of a run, or of the job as it would be now."""
        from swim_tui.ui.screens.plan import PlanPage

        self.app.push_screen(PlanPage(line.job, line.run))

    async def open_output(self, run_id: str, device: str = "", *, sent_only: bool = False) -> None:
        """Output of a device of a run; without a name the one that failed, runs, or comes first."""
        from swim_tui.ui.screens.output import OutputPage

        await self.session.open_run(run_id)
        tasks = list(self.mirror.tasks.get(run_id, {}).values())
        if not device:
            ranked = sorted(
                tasks, key=lambda t: (t.status is not TaskStatus.FAILURE, t.status is not TaskStatus.RUNNING)
            )
            device = ranked[0].device if ranked else ""
        if not device:
            raise Conflict(detail=f"run {run_id} has no devices", action="collections have no device output")
        self.app.push_screen(OutputPage(run_id, device, sent_only=sent_only))

    async def save_log(self, run_id: str, devices: Sequence[str]) -> None:
        """The session logs of devices of a run in one file: what was sent, what came back, when."""
        if not devices:
            raise Conflict(detail="this run has no device log", action="collections from files have none")
        name = f"{run_id}{f'-{devices[0]}' if len(devices) == 1 else ''}.log".replace("/", "_")

        async def write(path: Path) -> None:
            lines: list[str] = []
            for device in devices:
                lines += [
                    f"===== {device} =====",
                    *(log_text(line) for line in await read_log(self.session.client, run_id, device)),
                    "",
                ]
            write_new(path, "\n".join(lines))

        title = f"Save the log of {counted(len(devices), 'device')}"
        path = await write_new_file(self.app, title, name, write)
        if path is not None:
            self.app.notify(f"wrote {path}")

    async def save_evidence(self, run_id: str) -> None:
        """What a change board keeps of a run, as one zip file or as a folder."""
        from swim_tui.api.evidence import export_evidence

        names: list[str] = []

        async def write(path: Path) -> None:
            try:
                names.extend(await export_evidence(self.session.client, run_id, path))
            except ConfigError as err:
                detail = err.detail
                raise BadValue(
                    source="evidence", name="file", value=str(path), detail=detail, allowed="a new name"
                ) from err

        title, told = f"Save the evidence of run {run_id}", "FILE.zip, or a new folder. Secrets are masked in it."
        path = await write_new_file(self.app, title, f"run-{run_id}.zip", write, told=told)
        if path is not None:
            self.app.notify(f"wrote {path}: {counted(len(names), 'file')}; begin with summary.md")

    def open_watch(self, line: RunLine) -> None:
        """Watch mode of a run."""
        from swim_tui.ui.screens.watch import WatchPage

        if line.run is None:
            raise Conflict(detail=f"{line.job.name} has no run yet", action="it is watched once it runs")
        self.app.push_screen(WatchPage(line.run.id))

    def open_job(self, job_id: str) -> None:
        """Job detail."""
        from swim_tui.ui.screens.job import JobPage

        self.app.push_screen(JobPage(job_id))
