"""The records of a run's journal: everything that is needed to know, after any crash, how the run stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from swim_tui.model.job import DeviceTask, Job, Run, RunStatus, TaskStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, Intent, OpFinished, OpStarted, PhaseResult
from swim_tui.model.plan import Phase


@dataclass(frozen=True)
class RunCreated:
    """The run with the job it executes and its tasks; every task wants `wants` until a plan says otherwise."""

    at: datetime
    run: Run
    job: Job
    tasks: tuple[DeviceTask, ...]
    wants: tuple[Phase, ...]
    needs_plan: bool
    kind: Literal["run-created"] = "run-created"


@dataclass(frozen=True)
class PlannedTask:
    """A task after planning: with its operations, position and checks, and the phases it goes through.

    `sort` is platform and version: what is shown of a SWIM server on one device holds for those of its sort.
    """

    task: DeviceTask
    wants: tuple[Phase, ...]
    sort: str = ""


@dataclass(frozen=True)
class PlanMade:
    """plan.json is on disk; `order` is the activation order.

    `is_part`: others are still read, and nothing is reloaded yet.
    """

    at: datetime
    sha256: str
    tasks: tuple[PlannedTask, ...]
    order: tuple[str, ...]
    note: str = ""
    spare: tuple[PlannedTask, ...] = ()  # rows of SWIM servers that are needed only when another one fails
    is_part: bool = False
    kind: Literal["plan-made"] = "plan-made"


@dataclass(frozen=True)
class PhaseDispatched:
    """A phase goes to a worker."""

    at: datetime
    device: str
    phase: Phase
    phase_id: str
    attempt: int
    bytes_per_s: float = 0.0  # its share of the line into the site; 0 = no budget
    kind: Literal["phase-dispatched"] = "phase-dispatched"


@dataclass(frozen=True)
class IntentLogged:
    """What is about to be done; `number` counts the intents of this kind for this device in this run, from 1."""

    at: datetime
    device: str
    phase: Phase
    attempt: int
    intent: Intent
    number: int = 1
    kind: Literal["intent"] = "intent"


@dataclass(frozen=True)
class IntentRefused:
    """The act of an intent was not allowed after all: it was not done."""

    at: datetime
    device: str
    op_id: str
    attempt: int
    why: str
    kind: Literal["intent-refused"] = "intent-refused"


@dataclass(frozen=True)
class OpBegan:
    """An operation began."""

    device: str
    phase: Phase
    event: OpStarted
    kind: Literal["op-began"] = "op-began"


@dataclass(frozen=True)
class OpEnded:
    """An operation ended."""

    device: str
    phase: Phase
    event: OpFinished
    kind: Literal["op-ended"] = "op-ended"


@dataclass(frozen=True)
class ChecksMade:
    """Checks were made on the device."""

    device: str
    phase: Phase
    event: ChecksDone
    kind: Literal["checks"] = "checks"


@dataclass(frozen=True)
class PhaseEnded:
    """A phase ended with this result."""

    at: datetime
    device: str
    phase: Phase
    attempt: int
    result: PhaseResult
    kind: Literal["phase-ended"] = "phase-ended"


@dataclass(frozen=True)
class PhaseLost:
    """The worker of a phase is gone (or the engine was): it will be dispatched again with its intents."""

    at: datetime
    device: str
    phase: Phase
    attempt: int
    why: str
    kind: Literal["phase-lost"] = "phase-lost"


@dataclass(frozen=True)
class TaskEnded:
    """The engine ended a task that no phase worked on."""

    at: datetime
    device: str
    status: TaskStatus
    outcome: Outcome
    message: str
    remedy: str = ""
    kind: Literal["task-ended"] = "task-ended"


class ControlKind(StrEnum):
    """What a person asked of a run."""

    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    CANCEL_DEVICE = "cancel-device"
    SKIP_DEVICE = "skip"
    REORDER = "reorder"


@dataclass(frozen=True)
class Control:
    """A person's request, with who gave it."""

    at: datetime
    action: ControlKind
    by: str
    device: str = ""
    order: tuple[str, ...] = ()
    kind: Literal["control"] = "control"


@dataclass(frozen=True)
class RunStopped:
    """The activation stop."""

    at: datetime
    because: str
    kind: Literal["run-stopped"] = "run-stopped"


@dataclass(frozen=True)
class RunRecovered:
    """A new engine took the run over."""

    at: datetime
    epoch: str
    kind: Literal["run-recovered"] = "run-recovered"


@dataclass(frozen=True)
class RunEnded:
    """Nothing more happens."""

    at: datetime
    status: RunStatus
    message: str = ""
    images: tuple[str, ...] = ()
    kind: Literal["run-ended"] = "run-ended"


Record = (
    RunCreated
    | PlanMade
    | PhaseDispatched
    | IntentLogged
    | IntentRefused
    | OpBegan
    | OpEnded
    | ChecksMade
    | PhaseEnded
    | PhaseLost
    | TaskEnded
    | Control
    | RunStopped
    | RunRecovered
    | RunEnded
)

RecordByKind = Annotated[Record, Field(discriminator="kind")]
