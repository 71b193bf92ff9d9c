"""Job detail: facts, run instances, device results of the run that is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.job import Counts, DeviceTask, JobType, Run, TaskStatus, as_of
from swim_tui.paths import DataPaths
from swim_tui.ui.mirror import Changes
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.screens.job_actions import reloads_devices
from swim_tui.ui.screens.job_rows import (
    COLLECTED,
    INSTANCES,
    STALLED_S,
    TASKS,
    RunLine,
    TaskLine,
    doing,
    held_by,
    line_of,
    says,
    status_words,
    waits,
    with_servers,
)
from swim_tui.ui.screens.job_summary import recurrence, summary_text
from swim_tui.ui.screens.recovery import open_recovery
from swim_tui.ui.screens.run_panes import RunPanes, leading
from swim_tui.ui.screens.task_text import description_of, task_line, task_text
from swim_tui.ui.states import Tone, tone_of
from swim_tui.ui.times import detail_time, duration
from swim_tui.ui.widgets.facts import Fact, FactsBlock
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_LATEST = 5
_MOST_ACTING = 2
_RANK_HOLD, _RANK_RETRY, _RANK_FILTER = 3, 4, 5  # while it runs the key for 3 a.m. comes before Filter


class JobPage(RunPanes):
    """Follows the newest run until another instance is chosen."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JOB, Scope.TABLE, Scope.GLOBAL)
    view = "jobs"
    is_top = False
    has_row_line = True

    def __init__(self, job_id: str, run_id: str = "") -> None:
        super().__init__()
        self.job_id = job_id
        self.run_id = run_id
        self._newest = ""
        self._show_all = False
        self._paused = False
        self._held_back = 0
        self._last_seen: dict[str, float] = {}

    def crumbs(self) -> tuple[str, ...]:
        """Jobs > name > run."""
        job = self.mirror.jobs.get(self.job_id)
        return ("Jobs", job.name if job is not None else self.job_id, *([self.run_id] if self.run_id else []))

    def body(self) -> Iterable[Widget]:
        """Facts, instances, devices."""
        yield FactsBlock(id="job-facts")
        yield LiveTable(INSTANCES, id="instances")
        job = self.mirror.jobs.get(self.job_id) if self.session.is_connected else None
        collects = job is not None and job.request.type is JobType.COLLECTION
        table = LiveTable(COLLECTED if collects else TASKS, id="tasks")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="tasks-empty")

    def note(self) -> str:
        """Counters of the run, filter and marks of its devices."""
        paused = f"PAUSED, {self._held_back} changes wait  " if self._paused else ""
        tasks = self.query_one("#tasks", LiveTable)
        return paused + tasks.status() + with_servers(tasks)

    def focus_table(self) -> None:
        """The devices are what one looks at."""
        (self._last_table or self.query_one("#tasks", LiveTable)).focus()

    def footer_rank(self, action: Action) -> int:
        """Cancel and Hold while there is something to stop, Retry once there is something to repeat."""
        line = self.run_line if self.is_composed else None
        run = line.run if line is not None else None
        if action.id == "job.cancel" and run is not None and run.status.is_final:
            return 0
        if action.id == "job.retry":
            return _RANK_RETRY if run is not None and run.status.is_final and run.counts.failed else 0
        if action.id == "job.hold":
            return _RANK_HOLD if line is not None and line.is_running and reloads_devices(line.job) else 0
        if action.id == "table.filter" and line is not None and line.is_running:
            return _RANK_FILTER
        return super().footer_rank(action)

    async def load(self) -> None:
        """Runs of this job, tasks of the run that is shown."""
        detail = await self.session.client.job(self.job_id)
        self.mirror.jobs[self.job_id] = detail.job
        for run in detail.runs:
            self.mirror.take_single_run(run, detail.job)
        await self._choose(self.run_id or (detail.runs[0].id if detail.runs else ""))

    async def _choose(self, run_id: str) -> None:
        self.run_id = run_id
        if run_id:
            await self.session.open_run(run_id)
        self.refresh_contents()

    @property
    def run_line(self) -> RunLine | None:
        """The run that is shown."""
        row = self.mirror.runs.get(self.run_id)
        if row is not None:
            return line_of(row, self.swim.now(), utc=self.swim.status.utc, ascii_only=self.swim.ascii_only)
        job = self.mirror.jobs.get(self.job_id)
        return RunLine(job, utc=self.swim.status.utc) if job is not None else None

    # --- showing ---

    def show(self, changes: Changes) -> None:
        """Facts and instances when runs change, devices when tasks change."""
        if self._paused and not changes.resync:
            self._held_back += len([1 for run_id, _ in changes.tasks if run_id == self.run_id])
            return
        new = [row.run.id for row in self.mirror.runs_of(self.job_id) if row.run.id in changes.runs]
        newest = next((row.run.id for row in self.mirror.runs_of(self.job_id)), "")
        if new and self.run_id in ("", self._newest) and newest not in ("", self.run_id):
            self.run_action_worker(self._choose(newest))  # a retry, or the next of a recurrence
        self._newest = newest
        mine = {device for run_id, device in changes.tasks if run_id == self.run_id}
        if changes.resync or new or self.job_id in changes.jobs or mine:
            self._show_head()
        if changes.resync:
            tasks = self.mirror.tasks.get(self.run_id, {})
            self._tasks().apply(Batch([self._task_line(task) for task in tasks.values()], reset=True))
        elif mine:
            for device in mine:
                self._last_seen[device] = self.swim.clock.monotonic()
            held = self.mirror.tasks.get(self.run_id, {})
            self._tasks().apply(Batch([self._task_line(held[device]) for device in mine if device in held]))

    def tick(self) -> None:
        """Elapsed times, and how long nothing came."""
        if self._paused:
            return
        line = self.run_line
        if line is not None and line.is_running:
            self._show_head()
        held = self.mirror.tasks.get(self.run_id, {})
        timed = [task for task in held.values() if task.status is TaskStatus.RUNNING or task.commit_by is not None]
        if timed:
            self._tasks().apply(Batch([self._task_line(task) for task in timed]))

    def _task_line(self, task: DeviceTask) -> TaskLine:
        progress = self.mirror.progress.get((task.run_id, task.device))
        seen = self._last_seen.get(task.device)
        silent = self.swim.clock.monotonic() - seen if seen is not None else 0.0
        told = as_of(task, self.swim.now())
        return TaskLine(told, progress, self.swim.ascii_only, int(silent) if silent >= STALLED_S else 0)

    def _show_head(self) -> None:
        line = self.run_line
        if line is None:
            return
        utc = self.swim.status.utc
        self.query_one("#job-facts", FactsBlock).show(self._facts(line))
        rows = self.mirror.runs_of(self.job_id)
        shown = rows if self._show_all else rows[:_LATEST]
        table = self.query_one("#instances", LiveTable)
        now, ascii_only = self.swim.now(), self.swim.ascii_only
        lines = [line_of(row, now, utc=utc, ascii_only=ascii_only) for row in shown]
        gone = [key for key in table.model.rows if key not in {row.run.id for row in shown}]
        table.apply(Batch(lines, gone))
        table.styles.height = min(2 + len(lines), 7) if len(lines) > 1 else 2

    def _facts(self, line: RunLine) -> list[Fact]:
        job, run, utc, held = line.job, line.run, self.swim.status.utc, held_by(line)
        facts: list[Fact] = [
            ("Job Type", str(job.request.type)),
            ("Status", f"{job.status}, last run {status_words(line)}", held[1] if held else tone_of(line.status)),
        ]
        if says(line):
            tone = Tone.FAIL if run is not None and run.stopped_because else Tone.WAIT
            key = "   H resumes" if run is not None and (run.hold or run.stopped_because) else ""
            facts.append(("Note", says(line) + key, tone))
        if run is not None:
            tasks = self.mirror.tasks.get(run.id, {}).values()
            waiting = sum(1 for task in tasks if waits(task))
            what = "Images" if job.request.type is JobType.COLLECTION else "Devices"
            facts.append((what, _counts(run.counts, waiting)))
            if line.is_running and waiting:
                facts.append(("Now", self._acting()))
            facts.append(("ETA", duration(line.eta_s) if line.eta_s is not None else ""))
        facts.append(("Recurrence", recurrence(job.request.schedule, utc=utc)))
        facts.append(("Created", f"{detail_time(job.created_at, utc=utc)} {job.created_by}".strip()))
        if job.next_run_at is not None:
            facts.append(("Next run", detail_time(job.next_run_at, utc=utc)))
        facts.append(("Description", description_of(line)))
        if run is not None:
            facts.append(("Collected", ", ".join(run.images_collected)))
            facts.append(("Log", str(DataPaths(self.swim.options.data_dir).run(run.id))))
        return facts

    def _acting(self) -> str:
        """What the few do that do not wait: one in a hundred is not found by scrolling."""
        tasks = self.mirror.tasks.get(self.run_id, {}).values()
        acting = [self._task_line(t) for t in tasks if t.status is TaskStatus.RUNNING and not t.waiting_for]
        words = [f"{line.name}: {doing(line).text}" for line in acting[:_MOST_ACTING]]
        return "; ".join(words) + (f"; and {len(acting) - len(words)} more" if len(acting) > len(words) else "")

    def _tasks(self) -> LiveTable[TaskLine]:
        return self.query_one("#tasks", LiveTable)

    def detail(self, row: Any) -> str:
        """The device task, with outcome, remedy and recovery steps."""
        return task_text(row.task) if isinstance(row, TaskLine) else ""

    def pane_run(self, row: Any) -> str:
        """The run that is shown, or the instance under the cursor."""
        return row.run.id if isinstance(row, RunLine) and row.run is not None else self.run_id

    def pane_task(self, row: Any) -> DeviceTask | None:
        """The device under the cursor."""
        if isinstance(row, TaskLine):
            return row.task
        return leading(list(self.mirror.tasks.get(self.pane_run(row), {}).values()))

    def row_line(self, row: Any) -> str:
        """What the device does or died of, and what to do; the note of a run."""
        return (
            task_line(row, 3 * (self.size.width - 6))
            if isinstance(row, TaskLine)
            else says(row)
            if isinstance(row, RunLine)
            else ""
        )

    def record(self, row: Any) -> object:
        """The task or the run."""
        return row.task if isinstance(row, TaskLine) else {"run": row.run, "job": row.job}

    @on(LiveTable.Opened, "#tasks")
    def _open_task(self, event: LiveTable.Opened) -> None:
        from swim_tui.ui.screens.task import TaskPage

        self.app.push_screen(TaskPage(self.run_id, event.key))

    @on(LiveTable.Opened, "#instances")
    def _open_instance(self, event: LiveTable.Opened) -> None:
        self.run_action_worker(self._choose(event.key))

    # --- actions ---

    def _run(self) -> Run | None:
        row = self.mirror.runs.get(self.run_id)
        return row.run if row is not None else None

    def _device(self) -> str:
        row = self._tasks().cursor_row
        return row.task.device if row is not None else ""

    def do_job_summary(self) -> None:
        """Job Summary."""
        if (line := self.run_line) is not None:
            self.swim.show_text("Job Summary", summary_text(line, utc=self.swim.status.utc))

    def do_job_show_all(self) -> None:
        """All instances, or the latest five."""
        self._show_all = not self._show_all
        self._show_head()

    async def do_job_output(self) -> None:
        """Output of the device under the cursor."""
        if self.run_id:
            await self.open_output(self.run_id, self._device())

    async def do_job_commands(self) -> None:
        """Lines sent to the device under the cursor."""
        if self.run_id:
            await self.open_output(self.run_id, self._device(), sent_only=True)

    def do_job_pause(self) -> None:
        """Hold the display still."""
        self._paused = not self._paused
        if not self._paused:
            self._held_back = 0
            self.refresh_contents()
        self.refresh_note()

    async def do_job_cancel(self) -> None:
        """Marked devices, the device under the cursor, or the run when its instance has the focus."""
        run, line = self._run(), self.run_line
        on_instances = self.focused is not None and self.focused.id == "instances"
        targets = [
            row.task.device for row in self._tasks().targets if not row.task.status.is_final and not row.task.is_server
        ]
        if line is not None and (on_instances or run is None or not targets):
            await self.cancel_runs([line])
        elif run is not None:
            await self.cancel_devices_or_run(run, line, targets)

    async def do_job_retry(self) -> None:
        """Retry what failed."""
        if (line := self.run_line) is not None:
            await self.retry_run(line)

    async def do_job_hold(self) -> None:
        """Hold or resume."""
        if (line := self.run_line) is not None:
            await self.hold_or_pause(line)

    def do_job_plan(self) -> None:
        """The plan."""
        if (line := self.run_line) is not None:
            self.show_plan(line)

    def _targets(self) -> list[str]:
        return [row.task.device for row in self._tasks().targets]

    async def do_job_skip(self) -> None:
        """Leave the marked devices out."""
        if (run := self._run()) is not None:
            await self.skip_devices(run, self._targets())

    async def do_job_order(self, by: int = 0) -> None:
        """Another order for what waits."""
        if (run := self._run()) is not None:
            await self.reorder(run, self._device(), by)

    async def do_job_order_up(self) -> None:
        """The device under the cursor earlier."""
        await self.do_job_order(-1)

    async def do_job_order_down(self) -> None:
        """The device under the cursor later."""
        await self.do_job_order(1)

    async def do_job_time(self) -> None:
        """Another start time."""
        if (line := self.run_line) is not None:
            await self.change_time([line])

    async def do_job_edit(self) -> None:
        """Edit the scheduled job."""
        if (line := self.run_line) is not None:
            await self.edit_scheduled(line)

    async def do_job_delete(self) -> None:
        """Delete the job."""
        if (line := self.run_line) is not None and await self.delete_jobs([line]):
            self.swim.go_back()

    def do_job_watch(self) -> None:
        """Watch the run."""
        if (line := self.run_line) is not None:
            self.open_watch(line)

    async def do_job_recovery(self) -> None:
        """The recovery card of the device under the cursor."""
        await open_recovery(self, self._device(), self.run_id)

    async def do_job_save_log(self) -> None:
        """The log of the marked devices, or of all, as a file."""
        marked = [row.task.device for row in self._tasks().targets if self._tasks().model.marks]
        await self.save_log(self.run_id, marked or list(self.mirror.tasks.get(self.run_id, {})))

    async def do_job_evidence(self) -> None:
        """Plan, commands, checks, changes, hashes of the run shown, for the change board."""
        await self.save_evidence(self.run_id)


def _counts(counts: Counts, waiting: int = 0) -> str:
    """On one line at 80 columns: what is rarely there is left out while there is none of it."""
    waiting = min(waiting, counts.in_progress)
    always = [("Total", counts.total), ("Successful", counts.successful), ("Failed", counts.failed)]
    rarely = [
        ("In-Progress", counts.in_progress), ("Not Yet Started", counts.not_started),
        ("Cancelled", counts.cancelled), ("Excluded", counts.excluded),
    ]  # fmt: skip
    shown = [f"{name} {count}" for name, count in [*always, *(pair for pair in rarely if pair[1])]]
    return "  ".join(f"{text} ({waiting} wait)" if waiting and "Progress" in text else text for text in shown)
