"""The panes beside a list of runs, devices or operations: steps, output, commands, checks, record of one device."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from swim_tui.model.checks import Check
from swim_tui.model.job import DeviceTask, OperationState, OpStatus, TaskStatus
from swim_tui.ui.mirror import Changes
from swim_tui.ui.panes import RECORD
from swim_tui.ui.run_log import OutputFeed
from swim_tui.ui.screens.job_control import JobControl
from swim_tui.ui.screens.job_rows import TaskLine, task_progress
from swim_tui.ui.screens.task_text import failure_facts
from swim_tui.ui.states import GLYPHS, Tone, state_cell, tone_of
from swim_tui.ui.times import duration
from swim_tui.ui.widgets.text_view import TextLine

STEPS, OUTPUT, COMMANDS, CHECKS = "Steps", "Output", "Commands", "Checks"
_OF_LOG = frozenset({OUTPUT, COMMANDS})
_FIRST = (TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.RUNNING)


def leading(tasks: Sequence[DeviceTask]) -> DeviceTask | None:
    """The device one looks at first: that failed, else that runs, else the first."""
    ranked = sorted(tasks, key=lambda task: _FIRST.index(task.status) if task.status in _FIRST else len(_FIRST))
    return ranked[0] if ranked else None


class RunPanes(JobControl):
    """Subclasses say which device of which run the row under the cursor means."""

    has_detail = True
    PANES: ClassVar[tuple[str, ...]] = (STEPS, OUTPUT, COMMANDS, CHECKS, RECORD)
    THIRD: ClassVar[str] = OUTPUT

    def __init__(self) -> None:
        super().__init__()
        self._feed = OutputFeed()

    def pane_run(self, row: Any) -> str:
        """The run the panes are about, empty if there is none yet."""
        return ""

    def pane_task(self, row: Any) -> DeviceTask | None:
        """The device task they are about."""
        return leading(list(self.mirror.tasks.get(self.pane_run(row), {}).values()))

    def want_panes(self, row: Any, panes: Sequence[str]) -> None:
        """The tasks of the run, and the log of the device where it is shown."""
        run_id = self.pane_run(row) if row is not None else ""
        if not run_id or not self.session.is_connected:
            return
        if run_id not in self.mirror.tasks:
            self.run_action_worker(self._peek(run_id))
            return
        task = self.pane_task(row)
        if task is not None and _OF_LOG & set(panes) and self._feed.turn_to(task.run_id, task.device):
            self.run_action_worker(self._read())

    async def _peek(self, run_id: str) -> None:
        await self.session.peek_run(run_id)
        self.fill_panes()

    async def _read(self) -> None:
        if await self._feed.read(self.session.client):
            self.fill_panes()

    def show_panes(self, changes: Changes) -> None:
        """Lines that came for the device that is looked at, and what became of it."""
        if changes.resync:
            self._feed.of = None  # lines may be missing: the log is read anew
        came = self._feed.take(changes.output)
        if not self.panes_seen or self._detail_timer is not None:
            return
        row = self._row
        mine = self.pane_run(row) if row is not None else ""
        if came or changes.resync or any(run_id == mine for run_id, _ in changes.tasks):
            self.fill_panes()

    def tick_panes(self) -> None:
        """Elapsed time of the step that runs."""
        if not self.panes_seen or self.pane != STEPS or (row := self._row) is None:
            return
        task = self.pane_task(row)
        if task is not None and task.status is TaskStatus.RUNNING:
            self.fill_panes()

    @property
    def _row(self) -> Any:
        return self.table.cursor_row if self.table is not None else None

    def follows(self, pane: str) -> bool:
        """Output stays at its end."""
        return pane in _OF_LOG

    def pane_title(self, row: Any) -> str:
        """The device whose output it is."""
        task = self.pane_task(row) if row is not None else None
        return f"{OUTPUT}: {task.device}" if task is not None else OUTPUT

    def pane_lines(self, pane: str, row: Any) -> Sequence[TextLine]:
        """What is known of the device."""
        task = self.pane_task(row)
        if pane in _OF_LOG and task is not None:
            return self._feed.shown(sent_only=pane == COMMANDS)
        if pane == STEPS and task is not None:
            progress = self.mirror.progress.get((task.run_id, task.device))
            return step_lines(TaskLine(task, progress, self.swim.ascii_only), self.swim.now())
        if pane == CHECKS and task is not None:
            return check_lines(task)
        if pane in (*_OF_LOG, STEPS, CHECKS):
            return [TextLine("No device in this run yet.", Tone.DIM)]
        return super().pane_lines(pane, row)


def step_lines(line: TaskLine, now: datetime) -> list[TextLine]:
    """The device, how it stands or what it died of, then every operation with its time and what it says."""
    task = line.task
    state = state_cell(task.status)
    versions = " -> ".join(part for part in (task.from_version, task.proven_version or task.to_version) if part)
    found = [TextLine(f"{line.name} {task.address}".rstrip(), Tone.LINK), TextLine(state.text, state.tone)]
    found += [TextLine(text, Tone.DIM) for text in (versions, task.image_file) if text]
    if task.waiting_for:
        found.append(TextLine(f"waits for {task.waiting_for}", Tone.WAIT))
    for fact in failure_facts(task):
        found.append(TextLine(f"{fact[0]:<11}  {fact[1]}", fact[2] if len(fact) == 3 else Tone.PLAIN))
    found.append(TextLine(""))
    for operation in task.operations:
        found += _step(line, operation, now)
    if not task.operations:
        found.append(TextLine("Not planned yet: the steps are known when the run has read the device.", Tone.DIM))
    if task.recovery:
        found += [TextLine(""), TextLine("Recovery card", Tone.FAIL)]
        found += [TextLine(f"{number}. {step}") for number, step in enumerate(task.recovery, 1)]
    return found


def _step(line: TaskLine, operation: OperationState, now: datetime) -> list[TextLine]:
    begun = operation.started_at
    if begun is None:  # UX 9: what has not begun is a dash, not an alarm
        return [TextLine(f"{GLYPHS[Tone.SKIP]} {operation.title}", Tone.DIM)]
    tone = tone_of(operation.status)
    runs = operation.status is OpStatus.RUNNING
    end = operation.ended_at or (now if runs else None)
    time = f"  {duration(end - begun)}" if end is not None else ""
    found = [TextLine(f"{GLYPHS[tone]} {operation.title}{time}", tone)]
    says = [operation.message]
    if runs:
        says += [task_progress(line).text, line.progress.note if line.progress is not None else ""]
    return [*found, *(TextLine(f"    {text}", Tone.FAIL if tone is Tone.FAIL else Tone.DIM) for text in says if text)]


def check_lines(task: DeviceTask) -> list[TextLine]:
    """The checks before and after, what failed with what was expected and what to do."""
    found: list[TextLine] = []
    for title, checks in (("Before", task.checks), ("After", task.post_checks)):
        if checks:
            found += [TextLine(title, Tone.LINK), *(line for check in checks for line in _check(check)), TextLine("")]
    return found or [TextLine("No check was made yet.", Tone.DIM)]


def _check(check: Check) -> list[TextLine]:
    tone = tone_of(check.verdict)
    head = TextLine(
        f"{GLYPHS[tone]} {check.name}" + (f": {check.actual}" if tone is Tone.OK and check.actual else ""), tone
    )
    if tone is Tone.OK:
        return [head]
    said = (("expected", check.expected), ("actual", check.actual), ("do", check.action))
    return [head, *(TextLine(f"    {label:<8}  {text}") for label, text in said if text)]
