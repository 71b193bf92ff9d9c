"""Watch mode: one run on the whole screen, big counters and a line per device; nothing can be changed here (N25)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.job import DeviceTask, TaskStatus, as_of
from swim_tui.ui.mirror import Changes
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.job_control import JobControl
from swim_tui.ui.screens.job_rows import (
    PERSON,
    TaskLine,
    doing,
    line_of,
    says,
    status_brief,
    status_cell,
    task_progress,
    waits,
    with_servers,
)
from swim_tui.ui.screens.recovery import open_recovery
from swim_tui.ui.screens.task_text import task_line
from swim_tui.ui.shell import Bell
from swim_tui.ui.states import Cell
from swim_tui.ui.times import duration
from swim_tui.ui.widgets.big_number import BigNumber
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_COUNTERS = (
    ("total", "Total", ""),
    ("successful", "Successful", "ok"),
    ("failed", "Failed", "fail"),
    ("in_progress", "In-Progress", "run"),
    ("not_started", "Not Yet Started", "wait"),
)
_UNKNOWN = "-"
_RANKS = (
    TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.RUNNING, TaskStatus.YET_TO_START, TaskStatus.EXCLUDED,
    TaskStatus.CANCELLED, TaskStatus.SUCCESS,
)  # fmt: skip
_BAD = frozenset({TaskStatus.FAILURE, TaskStatus.INTERRUPTED})


def _rank(line: TaskLine) -> tuple[int, int]:
    return _RANKS.index(line.task.status), line.task.position


WATCHED = TableSpec[TaskLine](
    "watch",
    (
        Column("status", "Status", 14, status_brief, 1, "s", _rank),
        Column("device", "Device Name", 18, lambda r: Cell(r.name), 1, "d"),
        Column("doing", "Operation", 22, doing, 1, "n", flex=True),
        Column("progress", "Progress", 21, task_progress, 2, "p"),
        Column("version", "Version", 28, lambda r: Cell(_versions(r.task)), 3, "v"),
    ),
    name=lambda r: r.task.device,
    attention=lambda r: r.task.status in _BAD or r.task.waiting_for.startswith(PERSON),
    sort="status",
    empty="No devices in this run yet: it is being planned, or it collects images.",
    marks=False,
)


def _versions(task: DeviceTask) -> str:
    return " -> ".join(part for part in (task.from_version, task.proven_version or task.to_version) if part)


class WatchPage(JobControl):
    """Follows one run; without a name the newest that runs, and the next one after it."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.WATCH, Scope.TABLE, Scope.GLOBAL)
    DEFAULT_CSS = """
    #watch-counters { height: 4; }
    #watch-counters Vertical { width: 1fr; height: 4; padding: 0 0 0 1; }
    #watch-counters BigNumber { width: auto; }
    #watch-counters Static { color: $text-muted; }
    #watch-counters .ok BigNumber { color: $status-ok; }
    #watch-counters .fail BigNumber { color: $status-fail; text-style: bold; }
    #watch-counters .run BigNumber { color: $status-run; }
    #watch-counters .wait BigNumber { color: $status-wait; }
    #watch-counters .-zero BigNumber { color: $text-muted; }
    #watch-line { height: auto; max-height: 2; padding: 0 1; text-style: bold; }
    """
    view = "jobs"
    is_top = False
    has_row_line = True

    def __init__(self, run_id: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self._follows = not run_id
        self._seen: dict[str, TaskStatus] = {}

    def crumbs(self) -> tuple[str, ...]:
        """Watch > run."""
        return ("Watch", self.run_id or "no run yet")

    def body(self) -> Iterable[Widget]:
        """Counters, one line about the run, devices."""
        with Horizontal(id="watch-counters"):
            for name, label, tone in _COUNTERS:
                with Vertical(classes=tone or "plain", id=f"watch-{name}"):
                    yield BigNumber(_UNKNOWN)
                    yield Static(label)
        yield Static(id="watch-line")
        table = LiveTable(WATCHED, id="watched", keeps_top=True)
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="watched-empty")

    def note(self) -> str:
        """Bell, and the filter."""
        return f"bell: {self.swim.bell_mode}  {super().note()}{with_servers(self.query_one('#watched', LiveTable))}"

    def row_line(self, row: Any) -> str:
        """What the device does or died of, and what to do."""
        return task_line(row, 3 * (self.size.width - 6)) if isinstance(row, TaskLine) else ""

    async def load(self) -> None:
        """The tasks of the run."""
        if self._follows:
            self.run_id = self._newest()
        elif self.run_id not in self.mirror.runs:
            row = self.mirror.latest_run((await self.session.client.job(self.run_id)).job.id)
            self.run_id = row.run.id if row is not None else ""
        if self.run_id:
            await self.session.open_run(self.run_id)
        self._seen = {task.device: task.status for task in self._tasks()}

    def _newest(self) -> str:
        rows = sorted(self.mirror.runs.values(), key=lambda row: row.run.created_at, reverse=True)
        running = [row.run.id for row in rows if not row.run.status.is_final]
        return (running or [row.run.id for row in rows] or [""])[0]

    def _tasks(self) -> list[DeviceTask]:
        return list(self.mirror.tasks.get(self.run_id, {}).values())

    # --- showing ---

    def show(self, changes: Changes) -> None:
        """Counters and lines; the bell for what changed its state."""
        row = self.mirror.runs.get(self.run_id)
        is_over = row is None or row.run.status.is_final
        if self._follows and is_over and changes.runs and self._newest() != self.run_id:
            self.start_loading()
            return
        mine = {device for run_id, device in changes.tasks if run_id == self.run_id}
        if changes.resync or mine or self.run_id in changes.runs:
            self._show_head()
            self._show_tasks(reset=changes.resync)
            self._ring()

    def tick(self) -> None:
        """Elapsed time, and whether there is still time to commit."""
        self._show_head()
        timed = [task for task in self._tasks() if task.commit_by is not None]
        if timed:
            self.query_one("#watched", LiveTable).apply(Batch(self._lines(timed)))

    def _show_tasks(self, *, reset: bool) -> None:
        self.query_one("#watched", LiveTable).apply(Batch(self._lines(self._tasks()), reset=reset))

    def _lines(self, tasks: Iterable[DeviceTask]) -> list[TaskLine]:
        held, now = self.mirror.progress, self.swim.now()
        return [TaskLine(as_of(t, now), held.get((t.run_id, t.device)), self.swim.ascii_only) for t in tasks]

    def _show_head(self) -> None:
        row = self.mirror.runs.get(self.run_id)
        counts = row.run.counts if row is not None else None
        for name, _, _ in _COUNTERS:
            value = getattr(counts, name) if counts is not None else 0
            box = self.query_one(f"#watch-{name}", Vertical)
            box.set_class(not value, "-zero")
            box.query_one(BigNumber).update(str(value) if counts is not None else _UNKNOWN)
        line = self.query_one("#watch-line", Static)
        if row is None or counts is None:
            is_known = self.swim.status.connected
            line.update("No run yet: this screen shows the first that starts." if is_known else "Not known yet.")
            return
        shown = line_of(row, self.swim.now(), utc=self.swim.status.utc, ascii_only=self.swim.ascii_only)
        eta = f"   ETA {duration(shown.eta_s)}" if shown.eta_s is not None else ""
        status = status_cell(shown).text
        out = f"   Excluded {counts.excluded}" if counts.excluded else ""
        waiting = sum(1 for task in self._tasks() if waits(task)) if shown.is_running else 0
        out += f"   {waiting} wait" if waiting else ""
        words = f"{status}  {duration(shown.elapsed_s)}{eta}{out}   {says(shown) or row.job.name}"
        line.update(Content(words.rstrip()))

    def _ring(self) -> None:
        now = {task.device: task.status for task in self._tasks()}
        changed = {status for device, status in now.items() if self._seen.get(device, status) is not status}
        self._seen = now
        if changed:
            self.swim.ring(is_bad=bool(changed & _BAD))

    # --- actions ---

    @on(LiveTable.Opened, "#watched")
    def _open(self, event: LiveTable.Opened) -> None:
        from swim_tui.ui.screens.task import TaskPage

        self.app.push_screen(TaskPage(self.run_id, event.key))

    async def do_watch_hold(self) -> None:
        """Hold or resume."""
        row = self.mirror.runs.get(self.run_id)
        if row is not None:
            await self.hold_or_resume(line_of(row, self.swim.now(), utc=self.swim.status.utc, ascii_only=False))

    async def do_watch_recovery(self) -> None:
        """The recovery card of the device under the cursor."""
        line = self.query_one("#watched", LiveTable).cursor_row
        if line is not None:
            await open_recovery(self, line.task.device, self.run_id)

    def do_watch_bell(self) -> None:
        """The next way to ring."""
        modes = list(Bell)
        self.swim.bell_mode = modes[(modes.index(self.swim.bell_mode) + 1) % len(modes)]
        self.refresh_note()
