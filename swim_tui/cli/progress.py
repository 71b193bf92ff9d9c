"""How a run is shown while it is waited for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from swim_tui.cli.output import duration, plain, size, tell
from swim_tui.model.events import TaskProgress
from swim_tui.model.job import DeviceTask, OperationState, OpStatus, Run, TaskStatus

BAR_CELLS = 24


class View(Protocol):
    """What is told about a run."""

    def begin(self, run: Run, tasks: Iterable[DeviceTask]) -> None:
        """The run as it stands; again after a gap in the events."""
        ...

    def run(self, run: Run) -> None:
        """The run changed."""
        ...

    def task(self, task: DeviceTask, before: DeviceTask | None) -> None:
        """A device task changed."""
        ...

    def progress(self, event: TaskProgress) -> None:
        """The running operation of a device moved on."""
        ...

    def pause(self, on: bool) -> None:
        """A person types: paint nothing over it, until this is off again."""
        ...

    def close(self) -> None:
        """Nothing more follows."""
        ...


def change_of(task: DeviceTask, before: DeviceTask | None) -> str:
    """What changed, in words; empty for nothing worth a line."""
    if before is None or task.status is not before.status:
        if task.status.is_final:
            return ": ".join(part for part in (task.outcome or task.status, task.message) if part)
        if task.status is TaskStatus.YET_TO_START:
            return ""
    old = {op.id: op.status for op in before.operations} if before else {}
    news = [op for op in task.operations if op.status is not old.get(op.id, OpStatus.PENDING)]
    if news:
        return "; ".join(_operation(op) for op in news)
    if task.waiting_for and (before is None or task.waiting_for != before.waiting_for):
        return task.waiting_for
    return ""


def _operation(op: OperationState) -> str:
    if op.status is OpStatus.RUNNING:
        return op.title
    return f"{op.status}: {op.title}" + (f" ({op.message})" if op.message else "")


class Lines:
    """One line per change on stderr; progress makes no lines."""

    def __init__(self) -> None:
        self._run_text = ""

    def begin(self, run: Run, tasks: Iterable[DeviceTask]) -> None:
        self.run(run)

    def run(self, run: Run) -> None:
        text = ": ".join(part for part in (run.status, run.stopped_because or run.barrier or run.message) if part)
        if text != self._run_text:
            self._run_text = text
            self._line(run.id, text)

    def task(self, task: DeviceTask, before: DeviceTask | None) -> None:
        text = change_of(task, before)
        if text:
            self._line(task.device, text)

    def progress(self, event: TaskProgress) -> None:
        """Nothing: a log keeps what happened, not how far it was."""

    def pause(self, on: bool) -> None:
        """Nothing: whole lines only."""

    def close(self) -> None:
        """Nothing to tidy."""

    def _line(self, who: str, text: str) -> None:
        tell(f"{datetime.now().astimezone():%H:%M:%S} {plain(who)}: {plain(text)}")


class Bar(Lines):
    """A bar that is painted over itself, and a line for each device that ends."""

    def __init__(self) -> None:
        super().__init__()
        self._total = 0
        self._ended: set[str] = set()
        self._moving: dict[str, TaskProgress] = {}
        self._doing = ""
        self._is_paused = False

    @staticmethod
    def fits() -> bool:
        """True on a terminal that can move its cursor."""
        return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")

    def begin(self, run: Run, tasks: Iterable[DeviceTask]) -> None:
        held = list(tasks)
        self._total = len(held)
        self._ended = {task.device for task in held if task.status.is_final}
        super().begin(run, held)
        self._paint()

    def task(self, task: DeviceTask, before: DeviceTask | None) -> None:
        running = [op for op in task.operations if op.status is OpStatus.RUNNING]
        if running:
            self._doing = f"{task.device}: {running[-1].title}"
        else:
            self._moving.pop(task.device, None)
        if task.status.is_final and task.device not in self._ended:
            self._ended.add(task.device)
            super().task(task, before)
        self._paint()

    def progress(self, event: TaskProgress) -> None:
        self._moving[event.device] = event
        self._paint()

    def pause(self, on: bool) -> None:
        self._clear()
        self._is_paused = on

    def close(self) -> None:
        self._clear()

    def _line(self, who: str, text: str) -> None:
        self._clear()
        super()._line(who, text)

    def _clear(self) -> None:
        if self._is_paused:
            return
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def _paint(self) -> None:
        if self._is_paused:
            return
        moving = self._moving.values()
        part = sum(event.done / event.total for event in moving if event.total)
        share = min(1.0, (len(self._ended) + part / 3) / self._total) if self._total else 0.0
        bar = "#" * round(share * BAR_CELLS)
        rate = sum(event.rate for event in moving if event.unit == "B")
        etas = [event.eta_s for event in moving if event.eta_s is not None]
        words = [f"[{bar:<{BAR_CELLS}}] {len(self._ended)}/{self._total}"]
        words += [f"{size(int(rate))}/s"] if rate else []
        words += [duration(max(etas))] if etas else []
        words += [plain(self._doing)] if self._doing else []
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + "  ".join(words)[:width])
        sys.stderr.flush()
