"""One device of a run: facts, checks, operations with their messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.job import DeviceTask, OpStatus, as_of
from swim_tui.ui.mirror import Changes
from swim_tui.ui.panes import RECORD
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.screens.job_rows import RunLine, TaskLine, line_of, task_progress
from swim_tui.ui.screens.operation_rows import OPERATIONS, OperationLine
from swim_tui.ui.screens.recovery import is_down, open_recovery
from swim_tui.ui.screens.run_panes import CHECKS, COMMANDS, OUTPUT, RunPanes
from swim_tui.ui.screens.task_text import failure_facts, named, operation_text, task_text
from swim_tui.ui.states import Tone, tone_of
from swim_tui.ui.widgets.facts import Fact, FactsBlock
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_AROUND = 8  # lines of header, tabs, crumbs, the head of the table, the line of the row at its longest, footer
_LEAST_FACTS = 7  # what failed and what to do come first: many operations never push them out


class TaskPage(RunPanes):
    """Operation, Status, Message (FEATURES 154); Enter or `m` shows the whole message."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TASK, Scope.TABLE, Scope.GLOBAL)
    view = "jobs"
    is_top = False
    has_row_line = True
    PANES: ClassVar[tuple[str, ...]] = ("Message", OUTPUT, COMMANDS, CHECKS, RECORD)

    def __init__(self, run_id: str, device: str) -> None:
        super().__init__()
        self.run_id, self.device = run_id, device
        self._is_placed = False
        self._said = ""

    def crumbs(self) -> tuple[str, ...]:
        """Jobs > run > device."""
        return ("Jobs", self.run_id, self.device)

    def body(self) -> Iterable[Widget]:
        """Facts and operations."""
        yield FactsBlock(id="task-facts")
        table = LiveTable(OPERATIONS, id="operations")
        yield table
        yield Static(classes="empty", id="operations-empty")

    def note(self) -> str:
        """Progress of the running operation."""
        task = self._held()
        return task_progress(self._line(task)).text if task is not None else ""

    async def load(self) -> None:
        """The run's tasks."""
        await self.session.open_run(self.run_id)

    def _held(self) -> DeviceTask | None:
        held = self.mirror.tasks.get(self.run_id, {}).get(self.device)
        return as_of(held, self.swim.now()) if held is not None else None

    def _line(self, task: DeviceTask) -> TaskLine:
        return TaskLine(task, self.mirror.progress.get((self.run_id, self.device)), self.swim.ascii_only)

    def show(self, changes: Changes) -> None:
        """The task if it changed."""
        if changes.resync or (self.run_id, self.device) in changes.tasks:
            self._fill()

    def tick(self) -> None:
        """Elapsed time of the running operation, and whether there is still time to commit."""
        task = self._held()
        if task is not None and (not task.status.is_final or task.commit_by is not None):
            self._fill()

    def on_resize(self) -> None:
        """The facts have what the operations leave."""
        if self.is_composed:
            self._fill()

    def _fill(self) -> None:
        task = self._held()
        if task is None:
            return
        now = self.swim.now()
        rows = []
        for number, operation in enumerate(task.operations, 1):
            end = operation.ended_at or (now if operation.started_at is not None and not task.status.is_final else None)
            start = operation.started_at
            elapsed = int((end - start).total_seconds()) if start is not None and end is not None else None
            rows.append(OperationLine(number, operation, elapsed))
        facts = self.query_one("#task-facts", FactsBlock)
        facts.show(self._facts(task))
        facts.styles.max_height = max(_LEAST_FACTS, self.size.height - _AROUND - len(rows))
        table = self.query_one("#operations", LiveTable)
        gone = [key for key in table.model.rows if key not in {row.key for row in rows}]
        table.apply(Batch(rows, gone))
        if not self._is_placed and rows:
            self._is_placed = True
            table.move_to(self._first_to_read(task))
        self.refresh_note()
        if task.message != self._said:
            self._said = task.message
            self.fill_panes()

    @staticmethod
    def _first_to_read(task: DeviceTask) -> int:
        """The operation that failed, else the one that runs."""
        for wanted in (OpStatus.FAILURE, OpStatus.RUNNING):
            found = [index for index, op in enumerate(task.operations) if op.status is wanted]
            if found:
                return found[-1]
        return 0

    def allows(self, action: Action) -> bool:
        """The recovery card only for a device that is down."""
        task = self._held() if action.id == "task.recovery" and self.is_composed else None
        return super().allows(action) and (action.id != "task.recovery" or (task is not None and is_down(task)))

    def footer_rank(self, action: Action) -> int:
        """Cancel while the device can be stopped."""
        task = self._held() if self.is_composed else None
        if action.id == "task.cancel" and task is not None and task.status.is_final:
            return 0
        return super().footer_rank(action)

    def _facts(self, task: DeviceTask) -> list[Fact]:
        versions = " -> ".join(part for part in (task.from_version, task.to_version) if part)
        checks = [*task.checks, *task.post_checks]
        failed = [check for check in checks if check.verdict == "failed"]
        warned = [check for check in checks if check.verdict == "warning"]
        bad = failure_facts(task)
        facts: list[Fact] = [
            *bad,
            named(task),
            ("Status", str(task.status), tone_of(task.status)),
            ("Image", task.image_file),
            ("Version", versions + (f", proven {task.proven_version}" if task.proven_version else "")),
            ("Outcome", "" if bad else f"{task.outcome} {task.code}".strip(), tone_of(task.status)),
            ("Waits for", task.waiting_for, Tone.WAIT),
            ("Says", "" if bad else task.message),
        ]
        if failed:
            facts.append(("Failed checks", ", ".join(check.name for check in failed), Tone.FAIL))
        if warned:
            facts.append(("Warnings", ", ".join(check.name for check in warned), Tone.WAIT))
        if is_down(task):
            facts.insert(len(bad), ("Recovery card", "K: console steps and the time since its reload", Tone.FAIL))
        return facts

    def detail(self, row: Any) -> str:
        """The operation's message, then the whole task."""
        task = self._held()
        head = f"{row.operation.title}\n{row.operation.message}\n\n" if isinstance(row, OperationLine) else ""
        return head + (task_text(task) if task is not None else "")

    def pane_run(self, row: Any) -> str:
        """This run."""
        return self.run_id

    def pane_task(self, row: Any) -> DeviceTask | None:
        """This device."""
        return self._held()

    def row_line(self, row: Any) -> str:
        """The operation with its message."""
        if not isinstance(row, OperationLine):
            return ""
        operation = row.operation
        title = f"{row.number}. {operation.title}"
        return f"{title.removesuffix(':')}: {operation.message}" if operation.message else title  # `to flash:` has one

    def record(self, row: Any) -> object:
        """The task."""
        return self._held() or row

    @on(LiveTable.Opened, "#operations")
    def _open(self, event: LiveTable.Opened) -> None:
        event.stop()
        self.do_task_message()

    # --- actions ---

    def do_task_message(self) -> None:
        """The whole message."""
        row = self.query_one("#operations", LiveTable).cursor_row
        if isinstance(row, OperationLine):
            operation = row.operation
            self.swim.show_text(operation.title, operation_text(operation, self._held()))

    async def do_task_output(self) -> None:
        """Output of this device."""
        await self.open_output(self.run_id, self.device)

    async def do_task_commands(self) -> None:
        """Lines sent to this device."""
        await self.open_output(self.run_id, self.device, sent_only=True)

    async def do_task_hold(self) -> None:
        """Hold or resume the run."""
        if (line := self._line_of_run()) is not None:
            await self.hold_or_resume(line)

    async def do_task_skip(self) -> None:
        """Leave this device out."""
        if (line := self._line_of_run()) is not None and line.run is not None:
            await self.skip_devices(line.run, [self.device])

    async def do_task_recovery(self) -> None:
        """The recovery card."""
        await open_recovery(self, self.device, self.run_id)

    async def do_task_cancel(self) -> None:
        """Cancel this device."""
        row = self.mirror.runs.get(self.run_id)
        if row is not None:
            await self.cancel_devices(row.run, [self.device])

    async def do_task_retry(self) -> None:
        """Retry this device."""
        if (line := self._line_of_run()) is not None:
            await self.retry_run(line, [self.device])

    def _line_of_run(self) -> RunLine | None:
        row = self.mirror.runs.get(self.run_id)
        look = {"utc": self.swim.status.utc, "ascii_only": self.swim.ascii_only}
        return line_of(row, self.swim.now(), **look) if row is not None else None
