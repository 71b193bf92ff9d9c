"""Row view-models and columns of runs, jobs and device tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from swim_tui.model.events import TaskProgress
from swim_tui.model.job import (
    SERVER_TASK,
    DeviceTask,
    Job,
    JobStatus,
    JobType,
    OperationState,
    OpStatus,
    Run,
    RunStatus,
    TaskStatus,
)
from swim_tui.model.jobname import short_job_name
from swim_tui.model.source import DEVICE
from swim_tui.model.views import WAITS_FOR_AGENT, WAITS_FOR_CODE, WAITS_FOR_UNLOCK, RunRow
from swim_tui.model.words import counted
from swim_tui.ui.mirror import Mirror
from swim_tui.ui.states import Cell, Tone, bar, in_row, state_cell
from swim_tui.ui.times import duration, list_time, short_size
from swim_tui.ui.widgets.columns import Brief, Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable

_BAR = 10
_TASK_BAR = 6
PERSON = (WAITS_FOR_CODE, WAITS_FOR_UNLOCK, WAITS_FOR_AGENT)
"""How a wait for a person begins; devices that wait for their turn need no attention."""
STALLED_S = 60.0


@dataclass(frozen=True)
class RunLine:
    """A run, or a job that has none yet."""

    job: Job
    run: Run | None = None
    eta_s: float | None = None
    fraction: float | None = None
    elapsed_s: int = 0
    utc: bool = False
    ascii_only: bool = False

    @property
    def key(self) -> str:
        """Run id, or the job's where no run is."""
        return self.run.id if self.run is not None else f"job:{self.job.id}"

    @property
    def status(self) -> str:
        """Run status, else job status."""
        return str(self.run.status if self.run is not None else self.job.status)

    @property
    def is_running(self) -> bool:
        """Whether something is going on."""
        return self.run is not None and self.run.status is RunStatus.RUNNING

    @property
    def started(self) -> datetime | None:
        """Start of the run, or when the job is due."""
        return (self.run.started_at or self.run.created_at) if self.run is not None else self.job.next_run_at

    @property
    def devices(self) -> str:
        """`9/12` while it runs, the count else, NA for collections (FEATURES 15)."""
        if self.job.request.type is JobType.COLLECTION:
            return "NA"
        count = self.run.device_count if self.run is not None else self.job.device_count
        if self.is_running and self.run is not None and self.run.counts.total:
            return f"{self.run.counts.successful}/{self.run.counts.total}"
        return "NA" if count is None else str(count)


def run_lines(mirror: Mirror, now: datetime, *, utc: bool, ascii_only: bool) -> list[RunLine]:
    """Every run, and every job that has none."""
    lines = [listed_line(row, mirror, now, utc=utc, ascii_only=ascii_only) for row in mirror.runs.values()]
    with_run = {row.run.job_id for row in mirror.runs.values()}
    lines += [RunLine(job, utc=utc, ascii_only=ascii_only) for job in mirror.jobs.values() if job.id not in with_run]
    return lines


def listed_line(row: RunRow, mirror: Mirror, now: datetime, *, utc: bool, ascii_only: bool) -> RunLine:
    """The line of one run with how far it is, which takes a look at every task."""
    fraction = mirror.fraction(row.run.id) if row.run.status is RunStatus.RUNNING else None
    return replace(line_of(row, now, utc=utc, ascii_only=ascii_only), fraction=fraction)


def line_of(row: RunRow, now: datetime, *, utc: bool, ascii_only: bool) -> RunLine:
    """The line of one run, for whoever does not show how far it is."""
    running = row.run.status is RunStatus.RUNNING
    start, end = row.run.started_at, row.run.ended_at or (now if running else None)
    elapsed = int((end - start).total_seconds()) if start is not None and end is not None else 0
    eta_s = row.eta_s if running and not row.run.stopped_because else None
    return RunLine(row.job, row.run, eta_s, elapsed_s=max(0, elapsed), utc=utc, ascii_only=ascii_only)


def held_by(line: RunLine) -> tuple[str, Tone] | None:
    """What keeps a running run from going on, in the words of its status."""
    if line.run is None or not line.is_running:
        return None
    if line.run.cancel_requested:
        return "Cancelling", Tone.WAIT
    if line.run.stopped_because:
        return "Stopped", Tone.FAIL
    return ("On hold", Tone.WAIT) if line.run.hold else None


def status_cell(line: RunLine) -> Cell:
    """Status with what holds it."""
    held = held_by(line)
    return state_cell(line.status) if held is None else Cell(f"! {held[0]}", held[1])


def status_words(line: RunLine) -> str:
    """`Running`, or `Running, on hold`."""
    held = held_by(line)
    return line.status if held is None else f"{line.status}, {held[0].lower()}"


def _progress(line: RunLine) -> Cell:
    if line.is_running:
        share = line.fraction or 0.0
        return Cell(f"{bar(share, _BAR, ascii_only=line.ascii_only)} {share:4.0%}", Tone.RUN)
    return Cell("")


def says(line: RunLine) -> str:
    """What a person should know of the run now."""
    if line.run is None:
        return line.job.note
    return line.run.stopped_because or line.run.barrier or line.run.message or line.job.note


def _type_column(priority: int) -> Column[RunLine]:
    """The job's type; without the word that they have in common where the name needs the room."""
    short = Brief[RunLine]("Job Type", lambda r: Cell(r.job.request.type.removeprefix("SWIM ")))
    return Column("type", "Job Type", 17, lambda r: Cell(r.job.request.type), priority, "t", least=14, brief=short)


def name_column(priority: int = 1, width: int = 46) -> Column[RunLine]:
    """The job's name; where it has no room a default one begins with what tells it from the next one."""
    short = Brief[RunLine]("Job Name", lambda r: Cell(short_job_name(r.job.name)))
    return Column("name", "Job Name", width, _name, priority, "n", flex=True, keep_start=True, least=14, brief=short)


def _name(line: RunLine) -> Cell:
    return Cell(line.job.name)


def _recent_spec_columns() -> tuple[Column[RunLine], ...]:
    return (
        Column("run", "Run ID", 10, lambda r: Cell(r.run.id if r.run else "-", Tone.PLAIN), 1, "r"),
        _type_column(5),
        name_column(2),
        Column(
            "devices", "Device Count", 12, lambda r: Cell(r.devices), 4, "d", lambda r: r.job.device_count, right=True,
            least=7, brief=Brief("Devices", lambda r: Cell(r.devices)),
        ),
        Column("status", "Status", 17, status_cell, 1, "s"),
        Column("start", "Start Timestamp", 23, lambda r: Cell(list_time(r.started, utc=r.utc)), 3, "b", _started),
        Column("end", "End Timestamp", 23, _ended, 6, "e", lambda r: r.run.ended_at if r.run else None),
    )  # fmt: skip


def _started(line: RunLine) -> datetime | None:
    return line.started


def _ended(line: RunLine) -> Cell:
    return Cell(list_time(line.run.ended_at if line.run is not None else None, utc=line.utc))


def needs_attention(line: RunLine) -> bool:
    """Failed, partly failed, interrupted, stopped or waiting for a person."""
    if line.run is None:
        return line.job.status is JobStatus.PAUSED
    return line.run.is_faulty or bool(line.run.stopped_because)


RECENT = TableSpec[RunLine](
    "last10",
    _recent_spec_columns(),
    name=lambda r: r.job.name,
    attention=needs_attention,
    sort="start",
    reverse=True,
    empty="No job has run yet. i imports an image, d distributes it; : start shows the first steps.",
    marks=False,
)

JOBS = TableSpec[RunLine](
    "jobs",
    (
        Column("state", "Status", 17, status_cell, 1, "s"),
        Column("run", "Run ID", 10, lambda r: Cell(r.run.id if r.run else "-"), 2, "r"),
        _type_column(6),
        name_column(1),
        Column("hosts", "Devices", 8, lambda r: Cell(r.devices), 3, "d", lambda r: r.job.device_count, right=True),
        Column("progress", "Progress", _BAR + 5, _progress, 3, "p", lambda r: r.fraction),
        Column("eta", "ETA", 8, lambda r: Cell(duration(r.eta_s)), 4, "e", lambda r: r.eta_s, right=True),
        Column(
            "age",
            "Duration",
            8,
            lambda r: Cell(duration(r.elapsed_s) if r.run else ""),
            5,
            "u",
            lambda r: r.elapsed_s,
            right=True,
        ),
        Column("start", "Start", 23, lambda r: Cell(list_time(r.started, utc=r.utc)), 7, "b", _started),
        Column("says", "Note", 20, lambda r: Cell(says(r), Tone.DIM), 8, "o"),
        Column("by", "By", 10, lambda r: Cell(r.job.created_by), 9, "y"),
    ),
    name=lambda r: r.job.name,
    attention=needs_attention,
    sort="start",
    reverse=True,
    empty="No jobs. n makes one: import, distribute, activate, commit, roll back.",
)

INSTANCES = TableSpec[RunLine](
    "instances",
    (
        Column("run", "Run ID", 10, lambda r: Cell(r.run.id if r.run else "-"), 1, "r"),
        Column("status", "Status", 17, status_cell, 1, "s"),
        Column(
            "duration", "Duration", 8, lambda r: Cell(duration(r.elapsed_s)), 2, "d", lambda r: r.elapsed_s, right=True
        ),
        Column("start", "Start Time", 23, lambda r: Cell(list_time(r.started, utc=r.utc)), 3, "b", _started),
        Column("end", "Completion Time", 23, _ended, 4, "e", lambda r: r.run.ended_at if r.run else None),
        Column("says", "Note", 10, lambda r: Cell(says(r), Tone.DIM), 5, "o", flex=True),
    ),
    attention=needs_attention,
    sort="start",
    reverse=True,
    empty="This job has not run yet.",
    marks=False,
)


@dataclass(frozen=True)
class TaskLine:
    """A device task with its progress."""

    task: DeviceTask
    progress: TaskProgress | None = None
    ascii_only: bool = False
    silent_s: int = 0

    @property
    def key(self) -> str:
        """The device's name."""
        return self.task.device

    @property
    def name(self) -> str:
        """The device, or the SWIM server that images are put on."""
        task = self.task
        return f"SWIM server {task.device.removeprefix(SERVER_TASK)}" if task.is_server else task.device


def current_operation(task: DeviceTask) -> OperationState | None:
    """The operation that runs, else the one that failed, else the last that ended."""
    for wanted in (OpStatus.RUNNING, OpStatus.FAILURE):
        found = next((op for op in task.operations if op.status is wanted), None)
        if found is not None:
            return found
    ended = [op for op in task.operations if op.ended_at is not None]
    return ended[-1] if ended else None


def doing(line: TaskLine) -> Cell:
    """What the device does, waits for, or died of."""
    task = line.task
    if task.waiting_for:
        return Cell(task.waiting_for, Tone.WAIT)
    if task.status.is_final:
        tone = (
            Tone.FAIL if task.status in (TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.EXCLUDED) else Tone.DIM
        )
        words = ": ".join(part for part in (str(task.outcome), in_row(task.message, task.device, task.address)) if part)
        return Cell(words, tone)
    operation = current_operation(task)
    if operation is None:
        return Cell("")
    note = line.progress.note if line.progress is not None else ""
    return Cell(": ".join(part for part in (operation.title, note or operation.message) if part), Tone.PLAIN)


def task_progress(line: TaskLine) -> Cell:
    """Bar, share, rate; how long nothing came where it stalls."""
    progress = line.progress
    if line.task.status is not TaskStatus.RUNNING or line.task.waiting_for:
        return Cell("")  # who waits shows none, so that who acts is found among a hundred
    if line.silent_s >= STALLED_S and progress is not None:
        return Cell(f"no data for {line.silent_s}s", Tone.WAIT)
    if progress is None or not progress.total:
        steps, done = len(line.task.operations), sum(1 for op in line.task.operations if op.ended_at is not None)
        return Cell(f"step {min(done + 1, steps)}/{steps}" if steps else "", Tone.RUN)
    share = min(1.0, progress.done / progress.total)
    rate = f" {short_size(progress.rate)}/s" if progress.unit == "B" and progress.rate else ""
    if progress.unit == "s":
        rate = f" {int(progress.done)}/{int(progress.total)} s"
    return Cell(f"{bar(share, _TASK_BAR, ascii_only=line.ascii_only)} {share:4.0%}{rate}", Tone.RUN)


def _done(line: TaskLine) -> int | None:
    return line.progress.done if line.progress is not None else None


def _task_attention(line: TaskLine) -> bool:
    bad = (TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.EXCLUDED)
    return line.task.status in bad or line.task.waiting_for.startswith(PERSON)


def status_brief(line: TaskLine) -> Cell:
    """The status in fourteen columns."""
    status = line.task.status
    return state_cell("Yet To Start" if status is TaskStatus.YET_TO_START else str(status))


_STATUS = Column[TaskLine](
    "status", "Status", 24, lambda r: state_cell(r.task.status), 1, "s", least=14, brief=Brief("Status", status_brief)
)

TASKS = TableSpec[TaskLine](
    "tasks",
    (
        Column(
            "position",
            "#",
            3,
            lambda r: Cell(str(r.task.position or "")),
            7,
            "o",
            lambda r: r.task.position or 10**6,
            right=True,
        ),
        Column("device", "Device Name", 20, lambda r: Cell(r.name), 1, "d", least=16),
        Column("address", "Device IP", 15, lambda r: Cell(r.task.address), 5, "i"),
        Column("image", "Image Name", 24, lambda r: Cell(r.task.image_file), 6, "m"),
        _STATUS,
        Column(
            "progress",
            "Progress",
            _TASK_BAR + 15,
            task_progress,
            3,
            "p",
            lambda r: r.progress.done if r.progress else None,
        ),
        Column("eta", "ETA", 7, lambda r: Cell(duration(r.progress.eta_s) if r.progress else ""), 4, "e", right=True),
        Column("doing", "Operation", 21, doing, 2, "n", flex=True),
        Column("code", "Code", 5, lambda r: Cell(r.task.code), 8, "c"),
    ),
    name=lambda r: r.task.device,
    attention=_task_attention,
    empty="No devices here yet: a run is planned when it starts.",
)


def waits(task: DeviceTask) -> bool:
    """Whether it has begun and waits: for its turn, for another device, for a person."""
    return task.status is TaskStatus.RUNNING and bool(task.waiting_for)


def with_servers(table: LiveTable[TaskLine]) -> str:
    """` with 3 servers`: what of a count of device tasks is no device."""
    servers = sum(1 for row in table.model.rows.values() if row.task.is_server)
    return f" with {counted(servers, 'server')}" if servers else ""


def _from_device(line: TaskLine) -> str:
    return line.task.device if line.task.source.startswith(DEVICE) else "N/A"


COLLECTED = TableSpec[TaskLine](
    "collected",
    (
        Column("address", "Device IP", 15, lambda r: Cell(r.task.address or "N/A"), 4, "i"),
        Column("device", "Device Name", 12, lambda r: Cell(_from_device(r)), 3, "d"),
        Column("image", "Image Name", 26, lambda r: Cell(r.task.image_file), 1, "m", flex=True),
        _STATUS,
        Column("progress", "Progress", _TASK_BAR + 15, task_progress, 2, "p"),
        Column("doing", "Operation", 16, doing, 3, "n", flex=True),
        Column("source", "Source", 30, lambda r: Cell(r.task.source), 5, "o", flex=True),
    ),
    name=lambda r: r.task.image_file,
    attention=_task_attention,
    empty="No image in this run yet.",
)
