"""The client's copy of what the engine told: snapshots plus events; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from swim_tui.model.events import (
    EngineChanged,
    Event,
    InventoryChanged,
    JobChanged,
    JobRemoved,
    Notice,
    RepositoryChanged,
    Resync,
    RunChanged,
    SettingsChanged,
    TaskChanged,
    TaskOutput,
    TaskProgress,
)
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import DeviceTask, Job, OpStatus, Run
from swim_tui.model.views import (
    WAITS_FOR_CODE,
    Dashboard,
    DeviceRow,
    JobsSnapshot,
    PendingQuestion,
    RunDetail,
    RunRow,
)


@dataclass
class Changes:
    """What one batch of events touched, so that a page updates only that."""

    resync: bool = False
    jobs: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    tasks: set[tuple[str, str]] = field(default_factory=set)
    output: list[TaskOutput] = field(default_factory=list)
    devices: set[str] = field(default_factory=set)
    all_devices: bool = False
    repository: bool = False
    settings: bool = False
    questions: bool = False
    notices: list[Notice] = field(default_factory=list)
    engine: EngineChanged | None = None

    @property
    def inventory(self) -> bool:
        """Whether any device changed."""
        return self.all_devices or bool(self.devices)


@dataclass
class Mirror:
    """Jobs, runs, tasks of runs that were opened, progress, devices, images, dashboard."""

    jobs: dict[str, Job] = field(default_factory=dict)
    runs: dict[str, RunRow] = field(default_factory=dict)
    tasks: dict[str, dict[str, DeviceTask]] = field(default_factory=dict)
    progress: dict[tuple[str, str], TaskProgress] = field(default_factory=dict)
    devices: dict[str, DeviceRow] = field(default_factory=dict)
    images: dict[str, SoftwareImage] = field(default_factory=dict)
    dashboard: Dashboard | None = None
    questions: list[PendingQuestion] = field(default_factory=list)
    waiting_for_code: set[tuple[str, str]] = field(default_factory=set)
    engine: EngineChanged | None = None
    has_devices: bool = False
    has_images: bool = False

    def take_jobs(self, snapshot: JobsSnapshot) -> None:
        """Replace jobs and runs."""
        self.jobs = {job.id: job for job in snapshot.jobs}
        self.runs = {row.run.id: row for row in snapshot.runs}

    def take_dashboard(self, dashboard: Dashboard) -> None:
        """Replace the home's figures; its runs are newer than what is held."""
        self.dashboard = dashboard
        for row in dashboard.last_runs:
            self.runs.setdefault(row.run.id, row)
            self.jobs.setdefault(row.job.id, row.job)

    def take_single_run(self, run: Run, job: Job) -> None:
        """Hold one run and its job, without tasks."""
        old = self.runs.get(run.id)
        self.runs[run.id] = replace(old, run=run, job=job) if old is not None else RunRow(run, job)

    def take_run(self, detail: RunDetail) -> None:
        """Hold the tasks of one run from now on."""
        self.jobs[detail.job.id] = detail.job
        self.take_single_run(detail.run, detail.job)
        self.runs[detail.run.id] = replace(self.runs[detail.run.id], eta_s=detail.eta_s)
        self.tasks[detail.run.id] = {task.device: task for task in detail.tasks}

    def take_devices(self, rows: Iterable[DeviceRow]) -> None:
        """Replace all devices."""
        self.devices = {row.name: row for row in rows}
        self.has_devices = True

    def take_images(self, images: Iterable[SoftwareImage]) -> None:
        """Replace all images."""
        self.images = {image.id: image for image in images}
        self.has_images = True

    def take_questions(self, questions: Iterable[PendingQuestion]) -> None:
        """Replace what waits for a person."""
        self.questions = list(questions)
        self.waiting_for_code = {(q.run_id, q.device) for q in self.questions}

    def runs_of(self, job_id: str) -> list[RunRow]:
        """Runs of a job, newest first."""
        rows = [row for row in self.runs.values() if row.run.job_id == job_id]
        return sorted(rows, key=lambda row: row.run.created_at, reverse=True)

    def latest_run(self, job_id: str) -> RunRow | None:
        """The newest run of a job."""
        rows = self.runs_of(job_id)
        return rows[0] if rows else None

    def fraction(self, run_id: str) -> float | None:
        """How far a run is: finished devices, plus the shares of those that copy."""
        row = self.runs.get(run_id)
        if row is None or not row.run.counts.total:
            return None
        counts = row.run.counts
        done = float(counts.successful + counts.failed + counts.cancelled + counts.excluded)
        for (of_run, device), progress in self.progress.items():
            task = self.tasks.get(run_id, {}).get(device)
            if of_run == run_id and progress.total and not (task is not None and task.status.is_final):
                done += 0.9 * min(1.0, progress.done / progress.total)
        return min(1.0, done / counts.total)

    def tells_end(self, notice: Notice) -> bool:
        """Whether a notice says that a run ended; it has come after the change of the run itself."""
        row = self.runs.get(notice.run_id)
        return row is not None and row.run.status.is_final and notice.text.startswith(f"{row.run.job_name}: ")

    def apply(self, events: Sequence[Event]) -> Changes:
        """Take a batch of events and say what they touched."""
        changes = Changes()
        for event in events:
            self._one(event, changes)
        return changes

    def _one(self, event: Event, changes: Changes) -> None:
        match event:
            case JobChanged(job=job):
                self.jobs[job.id] = job
                changes.jobs.add(job.id)
                for row in self.runs_of(job.id):
                    self.runs[row.run.id] = replace(row, job=job)
            case JobRemoved(job_id=job_id):
                self.jobs.pop(job_id, None)
                for row in self.runs_of(job_id):
                    del self.runs[row.run.id]
                changes.jobs.add(job_id)
            case RunChanged(run=run):
                self._run(run)
                changes.runs.add(run.id)
            case TaskChanged(task=task):
                if task.run_id in self.tasks:
                    self.tasks[task.run_id][task.device] = task
                progress = self.progress.get((task.run_id, task.device))
                if progress is not None and not _runs(task, progress.op_id):
                    del self.progress[(task.run_id, task.device)]
                changes.tasks.add((task.run_id, task.device))
                waits = task.waiting_for.startswith(WAITS_FOR_CODE)
                changes.questions |= waits != ((task.run_id, task.device) in self.waiting_for_code)
            case TaskProgress(run_id=run_id, device=device):
                self.progress[(run_id, device)] = event
                changes.tasks.add((run_id, device))
            case TaskOutput():
                changes.output.append(event)
            case InventoryChanged(devices=devices):
                changes.devices.update(devices)
                changes.all_devices |= not devices
            case RepositoryChanged():
                changes.repository = True
            case SettingsChanged():
                changes.settings = True
            case Notice():
                changes.notices.append(event)
            case EngineChanged():
                self.engine = changes.engine = event
            case Resync():
                changes.resync = True

    def _run(self, run: Run) -> None:
        row = self.runs.get(run.id)
        job = self.jobs.get(run.job_id)
        if row is not None:
            self.runs[run.id] = replace(row, run=run)
        elif job is not None:
            self.runs[run.id] = RunRow(run, job)
        if run.status.is_final:
            for key in [key for key in self.progress if key[0] == run.id]:
                del self.progress[key]


def _runs(task: DeviceTask, op_id: str) -> bool:
    """Whether that operation still runs; its progress means nothing afterwards."""
    running = any(op.id == op_id and op.status is OpStatus.RUNNING for op in task.operations)
    return running and not task.status.is_final
