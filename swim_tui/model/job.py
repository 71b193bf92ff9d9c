"""Jobs, runs, device tasks, operations: what the job screens show and the store keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from swim_tui.model.checks import Check
from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind, Phase

SERVER_TASK = "server:"
"""How the names of server rows begin among the device tasks of a run."""


class JobType(StrEnum):
    """Job types, with the reference's names."""

    COLLECTION = "SWIM Collection"
    DISTRIBUTION = "SWIM Distribution"
    ACTIVATION = "SWIM Activation"
    COMMIT = "SWIM Commit"
    ROLLBACK = "SWIM Rollback"
    INVENTORY_SYNC = "Inventory Sync"
    CONFIG_ARCHIVE = "Configuration Archive"


class JobStatus(StrEnum):
    """Status of a job."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETED = "Completed"
    PAUSED = "Paused"
    CANCELLED = "Cancelled"


class RunStatus(StrEnum):
    """Status of a run (shown as Last Run Status)."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    SUCCESS = "Success"
    PARTIAL = "Partial Success"
    FAILURE = "Failure"
    INTERRUPTED = "Interrupted"
    CANCELLED = "Cancelled"

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen to the run."""
        return self not in (RunStatus.SCHEDULED, RunStatus.RUNNING)


class TaskStatus(StrEnum):
    """Status of a device task."""

    YET_TO_START = "Yet To Start Operation"
    RUNNING = "Running"
    SUCCESS = "Success"
    FAILURE = "Failure"
    CANCELLED = "Cancelled"
    EXCLUDED = "Excluded"
    INTERRUPTED = "Interrupted"

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen to the task."""
        return self not in (TaskStatus.YET_TO_START, TaskStatus.RUNNING)


class OpStatus(StrEnum):
    """Status of an operation."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESS = "Success"
    WARNING = "Warning"
    FAILURE = "Failure"
    SKIPPED = "Skipped"
    CANCELLED = "Cancelled"


class RecurKind(StrEnum):
    """Recurrence of a job."""

    NONE = "None"
    MINUTE = "Minute"
    HOURLY = "Hourly"
    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    YEARLY = "Yearly"


@dataclass(frozen=True)
class Schedule:
    """When a job runs: `at` None = now. Times are UTC; `zone` is how they are shown and recur."""

    at: datetime | None = None
    recur: RecurKind = RecurKind.NONE
    interval: int = 1
    until: datetime | None = None
    zone: str = "UTC"
    misfire_grace_s: float = 600.0


@dataclass(frozen=True)
class Window:
    """Maintenance window; `local`: wall-clock times of each device's location instead of one instant."""

    start: str
    end: str
    local: bool = False


@dataclass(frozen=True)
class JobRequest:
    """What a client submits. `images` are image ids or file names; `devices` and `groups` are names."""

    type: JobType
    images: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    options: JobOptions = JobOptions()
    schedule: Schedule = Schedule()
    window: Window | None = None
    name: str = ""
    description: str = ""
    from_run: str = ""  # activation from a completed distribution run
    source: str = ""  # collection: path, folder, URL, cisco:PID/IMAGE or device:NAME
    source_file: str = ""  # collection from a device: file on it; empty = the running image
    sources: tuple[str, ...] = ()  # collection: further sources of the same kind, one task each
    source_credentials: str = ""  # collection from a server: credential profile; its secrets stay in the vault
    md5: str = ""
    sha512: str = ""
    size_bytes: int | None = None
    change: str = ""
    reason: str = ""
    image_of: dict[str, str] = field(default_factory=dict)  # per-device image override
    location_of: dict[str, str] = field(default_factory=dict)  # per-device destination override
    server_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonAct:
    """What a person did to a job or a run under way, and who: the Unix user, with the SSH client it came from."""

    at: datetime
    what: str
    by: str


ACTS_KEPT = 50  # of one job or run, the newest


def with_act(acts: tuple[PersonAct, ...], at: datetime, what: str, by: str) -> tuple[PersonAct, ...]:
    """The acts with one more, oldest first."""
    return (*acts, PersonAct(at, what, by or "unknown"))[-ACTS_KEPT:]


@dataclass(frozen=True)
class MissedRun:
    """A run that was due and did not start, and why."""

    due_at: datetime
    why: str


@dataclass(frozen=True)
class Job:
    """A request with a schedule. `expect_sha256`: an approved plan allows no difference."""

    id: str
    request: JobRequest
    name: str
    status: JobStatus
    created_at: datetime
    created_by: str = ""
    last_run: str = ""
    last_run_status: RunStatus | None = None
    next_run_at: datetime | None = None
    device_count: int | None = None  # None shows as NA
    expect_sha256: str = ""
    plan_sha256: str = ""
    note: str = ""
    retry_of: str = ""  # run id whose failed devices this run takes
    missed: tuple[MissedRun, ...] = ()  # the last ones, oldest first
    acts: tuple[PersonAct, ...] = ()  # what people changed since its submit


def status_between_runs(job: Job) -> JobStatus:
    """The status of a job of which no run is under way; what a person paused or cancelled stays so."""
    if job.status in (JobStatus.PAUSED, JobStatus.CANCELLED):
        return job.status
    return JobStatus.COMPLETED if job.next_run_at is None else JobStatus.SCHEDULED


@dataclass(frozen=True)
class OperationState:
    """An operation of a device task as it stands."""

    id: str
    kind: OpKind
    phase: Phase
    title: str
    status: OpStatus = OpStatus.PENDING
    message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class DeviceTask:
    """One device's part of a run. `waiting_for` says why it does not go on, in words."""

    run_id: str
    device: str
    address: str = ""
    image_id: str = ""
    image_file: str = ""
    status: TaskStatus = TaskStatus.YET_TO_START
    phase: Phase | None = None
    outcome: Outcome = Outcome.NONE
    message: str = ""
    code: str = ""
    remedy: str = ""
    waiting_for: str = ""
    operations: tuple[OperationState, ...] = ()
    checks: tuple[Check, ...] = ()
    from_version: str = ""
    to_version: str = ""
    proven_version: str = ""  # re-read from the device after its reload
    position: int = 0  # in the activation order, 1 = canary; 0 = not activated
    started_at: datetime | None = None
    ended_at: datetime | None = None
    phases_done: tuple[Phase, ...] = ()
    recovery: tuple[str, ...] = ()  # console steps of the recovery card
    post_checks: tuple[Check, ...] = ()
    commit_by: datetime | None = None  # activated and not committed: when it goes back by itself
    source: str = ""  # of a collection: where this task's image comes from
    server: str = ""  # SWIM server it pulls from, "local" = pushed after servers failed, "" = pushed
    servers: tuple[str, ...] = ()  # all its choices, best first

    @property
    def is_server(self) -> bool:
        """True for the row of a SWIM server that images are put on; it counts for nothing."""
        return self.device.startswith(SERVER_TASK)


def commit_due(by: datetime) -> str:
    """What the message of a device says that is not committed yet: true before and after the time it names."""
    return f"not committed: goes back by itself unless it is committed before {by:%Y-%m-%d %H:%M:%S} UTC"


def as_of(task: DeviceTask, now: datetime) -> DeviceTask:
    """The task with a message that is true now: a time to commit that has passed is told as past."""
    if task.commit_by is None or now < task.commit_by:
        return task
    past = f"its time to commit ended {task.commit_by:%Y-%m-%d %H:%M:%S} UTC: synchronise it to see what it runs"
    return replace(task, message=task.message.replace(commit_due(task.commit_by), past))


@dataclass(frozen=True)
class Counts:
    """Counters of the Job Summary pop-up."""

    total: int = 0
    successful: int = 0
    failed: int = 0
    in_progress: int = 0
    not_started: int = 0
    cancelled: int = 0
    excluded: int = 0


@dataclass(frozen=True)
class Run:
    """One execution of a job. `hold` = no new reloads; `stopped_because` = the activation stop, waits for a person."""

    id: str
    job_id: str
    job_name: str
    job_type: JobType
    status: RunStatus
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    counts: Counts = Counts()
    device_count: int | None = None
    hold: bool = False
    hold_by: str = ""
    stopped_because: str = ""
    cancel_requested: bool = False
    cancelled_by: str = ""
    message: str = ""
    plan_sha256: str = ""
    attempt: int = 1
    started_by: str = ""
    images_collected: tuple[str, ...] = ()
    barrier: str = ""  # what the whole run waits for, in words
    acts: tuple[PersonAct, ...] = ()  # what people asked of it

    @property
    def failures(self) -> int:
        """Its failed tasks, at least one when the run itself failed."""
        return self.counts.failed or int(self.is_faulty)

    @property
    def is_faulty(self) -> bool:
        """True when a device of it failed, or the run itself did; also while it goes on."""
        faulty = (RunStatus.FAILURE, RunStatus.PARTIAL, RunStatus.INTERRUPTED)
        return self.status in faulty or bool(self.counts.failed)


def count_tasks(tasks: list[DeviceTask] | tuple[DeviceTask, ...]) -> Counts:
    """Counters from device tasks; Interrupted counts as failed."""
    by = [t.status for t in tasks if not t.is_server]
    return Counts(
        total=len(by),
        successful=by.count(TaskStatus.SUCCESS),
        failed=by.count(TaskStatus.FAILURE) + by.count(TaskStatus.INTERRUPTED),
        in_progress=by.count(TaskStatus.RUNNING),
        not_started=by.count(TaskStatus.YET_TO_START),
        cancelled=by.count(TaskStatus.CANCELLED),
        excluded=by.count(TaskStatus.EXCLUDED),
    )


def final_run_status(tasks: list[DeviceTask] | tuple[DeviceTask, ...]) -> RunStatus:
    """Success only if every included device succeeded; Partial Success if some did (SPEC 2)."""
    included = [t.status for t in tasks if t.status is not TaskStatus.EXCLUDED and not t.is_server]
    good = included.count(TaskStatus.SUCCESS)
    if included and good == len(included):
        return RunStatus.SUCCESS
    if good:
        return RunStatus.PARTIAL
    if TaskStatus.CANCELLED in included and TaskStatus.FAILURE not in included:
        return RunStatus.CANCELLED
    if included and all(s is TaskStatus.INTERRUPTED for s in included):
        return RunStatus.INTERRUPTED
    return RunStatus.FAILURE
