"""Job Selection: a completed distribution whose devices are to be activated."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from swim_tui.model.job import JobType
from swim_tui.ui.mirror import Changes
from swim_tui.ui.screens.job_rows import RunLine, line_of, name_column
from swim_tui.ui.states import Cell, state_cell
from swim_tui.ui.times import duration, list_time
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import marks_of
from swim_tui.ui.wizards.step import Step


def _lasted(line: RunLine) -> Cell:
    run = line.run
    if run is None or run.started_at is None or run.ended_at is None:
        return Cell("")
    return Cell(duration(run.ended_at - run.started_at))


RUNS = TableSpec[RunLine](
    "wizard-runs",
    (
        Column("run", "Run ID", 8, lambda r: Cell(r.run.id if r.run else ""), 1, "r"),
        name_column(),
        Column("last", "Last Run Status", 17, lambda r: state_cell(r.run.status if r.run else ""), 1, "l"),
        Column("good", "Good", 7, lambda r: Cell(_good(r)), 3, "g", right=True),
        Column("start", "Last Start", 21, lambda r: Cell(list_time(r.run.started_at) if r.run else ""), 2, "s"),
        Column("lasted", "Duration", 8, _lasted, 4, "d"),
        Column("status", "Status", 12, lambda r: state_cell(r.job.status), 5, "t"),
        Column("type", "Job Type", 18, lambda r: Cell(r.job.request.type), 6, "y"),
    ),
    name=lambda r: r.job.name,
    sort="run",
    reverse=True,
    empty="No distribution has succeeded on any device. Distribute first, or activate from the library.",
)


def _good(line: RunLine) -> str:
    return f"{line.run.counts.successful}/{line.run.counts.total}" if line.run is not None else ""


class RunStep(Step):
    """One run; only devices whose distribution succeeded are activated."""

    title: ClassVar[str] = "Job Selection"
    brief: ClassVar[str] = "Job"
    hint: ClassVar[str] = "Space selects a run. Only devices whose distribution succeeded count."

    def compose(self) -> ComposeResult:
        """The table."""
        yield LiveTable(RUNS, id="wizard-runs")
        yield Static(classes="empty", id="wizard-runs-empty")

    @property
    def grid(self) -> LiveTable[RunLine]:
        """The table."""
        return self.query_one("#wizard-runs", LiveTable)

    async def enter(self) -> None:
        """Finished distributions."""
        self._fill()

    def world_changed(self, changes: Changes) -> None:
        """A distribution may have ended."""
        if changes.runs:
            self._fill()
            self.wizard.refresh_note()

    def _fill(self) -> None:
        mirror, now = self.wizard.mirror, self.wizard.swim.now()
        look = {"utc": self.wizard.swim.status.utc, "ascii_only": self.wizard.swim.ascii_only}
        rows = [
            line_of(row, now, **look)
            for row in mirror.runs.values()
            if row.run.job_type is JobType.DISTRIBUTION and row.run.status.is_final and row.run.counts.successful
        ]
        self.grid.apply(Batch(rows, reset=True))
        marks_of(self.grid, [self.draft.run_id] if self.draft.run_id else [])

    def focus_first(self) -> None:
        """The table."""
        self.grid.focus()

    def note(self) -> str:
        """Selected n / Total m."""
        return f"Selected {1 if self.draft.run_id else 0} / Total {self.grid.model.total}"

    def problem(self) -> str:
        """Exactly one."""
        return "" if self.draft.run_id else "No run is selected: Space selects the one under the cursor."

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        marks = event.table.model.marks
        fresh = marks - {self.draft.run_id}
        chosen = next(iter(fresh), self.draft.run_id if self.draft.run_id in marks else "")
        if chosen != self.draft.run_id:
            self.draft.run_id, self.draft.devices = chosen, []
            self.wizard.say("")
        if len(marks) > 1:
            marks_of(self.grid, [chosen])

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        marks_of(event.table, [event.key])
        event.table.post_message(LiveTable.Changed(event.table))
