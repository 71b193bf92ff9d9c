"""The live Jobs table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.ui.mirror import Changes
from swim_tui.ui.panes import RECORD
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.screens.job_actions import reloads_devices
from swim_tui.ui.screens.job_rows import JOBS, RunLine, listed_line, run_lines, says
from swim_tui.ui.screens.job_summary import summary_text
from swim_tui.ui.screens.new_job import NEW_JOB, how_to
from swim_tui.ui.screens.run_panes import CHECKS, COMMANDS, OUTPUT, STEPS, RunPanes
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_OF_STATE = {"jobs.hold": 2, "jobs.cancel": 3, "jobs.retry": 3}  # ranks in the footer, where the row gives them a sense


class JobsPage(RunPanes):
    """Every run, and every job that has none yet."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JOBS, Scope.TABLE, Scope.GLOBAL)
    view = "jobs"
    has_row_line = True
    PANES: ClassVar[tuple[str, ...]] = ("Summary", STEPS, OUTPUT, COMMANDS, CHECKS, RECORD)

    def __init__(self) -> None:
        super().__init__()
        self._paused = False
        self._held_back = 0

    def body(self) -> Iterable[Widget]:
        """The table and what it says when it is empty."""
        table = LiveTable(JOBS, id="jobs")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="jobs-empty")

    def note(self) -> str:
        """Counts, and PAUSED with what waits."""
        paused = f"PAUSED, {self._held_back} changes wait  " if self._paused else ""
        return paused + super().note()

    def show(self, changes: Changes) -> None:
        """Rows of what changed."""
        if self._paused and not changes.resync:
            self._held_back += len(changes.runs) + len(changes.jobs)
            return
        if changes.resync:
            lines = run_lines(self.mirror, self.swim.now(), **self._look())
            self._table().apply(Batch(lines, reset=True))
            return
        touched = changes.runs | {run_id for run_id, _ in changes.tasks}
        touched |= {row.run.id for job_id in changes.jobs for row in self.mirror.runs_of(job_id)}
        rows = [self._line(run_id) for run_id in touched if run_id in self.mirror.runs]
        without_run = [
            RunLine(self.mirror.jobs[job_id], utc=self.swim.status.utc, ascii_only=self.swim.ascii_only)
            for job_id in changes.jobs
            if job_id in self.mirror.jobs and not self.mirror.runs_of(job_id)
        ]
        started = [f"job:{self.mirror.runs[run_id].run.job_id}" for run_id in touched if run_id in self.mirror.runs]
        if rows or without_run:
            self._table().apply(Batch([*rows, *without_run], started))
        gone = [key for key, row in self._table().model.rows.items() if row.job.id not in self.mirror.jobs]
        if gone:
            self._table().apply(Batch([], gone))

    def tick(self) -> None:
        """Elapsed time of what runs."""
        if not self._paused:
            rows = [self._line(row.key) for row in self._table().model.rows.values() if row.is_running]
            self._table().apply(Batch([row for row in rows if row.run is not None]))

    def _look(self) -> dict[str, bool]:
        return {"utc": self.swim.status.utc, "ascii_only": self.swim.ascii_only}

    def _line(self, run_id: str) -> RunLine:
        return listed_line(self.mirror.runs[run_id], self.mirror, self.swim.now(), **self._look())

    def _table(self) -> LiveTable[RunLine]:
        return self.query_one("#jobs", LiveTable)

    def footer_rank(self, action: Action) -> int:
        """Cancel while the row runs or waits, Hold while it reloads devices, Retry once some of them failed."""
        rank = super().footer_rank(action)
        if action.id not in _OF_STATE:
            return rank
        line = self._current()
        return _OF_STATE[action.id] if line is not None and action.id in self._fits(line) else 0

    def footer_depends(self, row: Any) -> object:
        """The keys that do something for it."""
        return self._fits(row) if isinstance(row, RunLine) else None

    def _fits(self, line: RunLine) -> frozenset[str]:
        run = line.run
        ended = run is not None and run.status.is_final
        fits = {
            "jobs.cancel": any(row.run is None or not row.run.status.is_final for row in self._table().targets)
            or (ended and line.job.next_run_at is not None),
            "jobs.hold": line.is_running and reloads_devices(line.job),
            "jobs.retry": ended and run is not None and bool(run.counts.failed),
        }
        return frozenset(key for key, does in fits.items() if does)

    def detail(self, row: Any) -> str:
        """Job Summary beside the list."""
        return summary_text(row, utc=self.swim.status.utc)

    def pane_run(self, row: Any) -> str:
        """The run under the cursor; the panes show the device in it that failed, or runs."""
        return row.run.id if row.run is not None else ""

    def row_line(self, row: Any) -> str:
        """The whole name, and what one should know of the run."""
        return ": ".join(part for part in (row.job.name, says(row)) if part)

    def record(self, row: Any) -> object:
        """The run and its job."""
        return {"run": row.run, "job": row.job}

    @on(LiveTable.Opened, "#jobs")
    def _open(self, event: LiveTable.Opened) -> None:
        self.open_job(self._table().model.rows[event.key].job.id)

    # --- actions ---

    def _current(self) -> RunLine | None:
        return self._table().cursor_row

    async def do_jobs_new(self) -> None:
        """Menu of job types."""
        await how_to(self, NEW_JOB)

    def do_jobs_summary(self) -> None:
        """Job Summary."""
        if (line := self._current()) is not None:
            self.show_summary(line)

    async def do_jobs_output(self) -> None:
        """The device that runs, or failed, of the run under the cursor."""
        line = self._current()
        if line is not None and line.run is not None:
            await self.open_output(line.run.id)

    def do_jobs_pause(self) -> None:
        """Hold the display still, and count what waits."""
        self._paused = not self._paused
        if not self._paused:
            self._held_back = 0
            self.refresh_contents()
        self.refresh_note()

    async def do_jobs_cancel(self) -> None:
        """Cancel the marked runs."""
        await self.cancel_runs(self._table().targets)

    async def do_jobs_retry(self) -> None:
        """Retry what failed."""
        if (line := self._current()) is not None:
            await self.retry_run(line)

    async def do_jobs_hold(self) -> None:
        """Hold or resume."""
        if (line := self._current()) is not None:
            await self.hold_or_pause(line)

    def do_jobs_plan(self) -> None:
        """The plan."""
        if (line := self._current()) is not None:
            self.show_plan(line)

    async def do_jobs_time(self) -> None:
        """Another start time for the marked jobs."""
        if lines := self._table().targets:
            await self.change_time(lines)

    async def do_jobs_edit(self) -> None:
        """Edit a scheduled job."""
        if (line := self._current()) is not None:
            await self.edit_scheduled(line)

    async def do_jobs_delete(self) -> None:
        """Delete the marked jobs."""
        await self.delete_jobs(self._table().targets)

    def do_jobs_watch(self) -> None:
        """Watch the run."""
        if (line := self._current()) is not None:
            self.open_watch(line)
