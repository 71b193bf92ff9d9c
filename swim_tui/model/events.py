"""Events that the engine sends to its subscribers; one union, ids are (engine epoch, sequence)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from swim_tui.model.job import DeviceTask, Job, Run
from swim_tui.model.phase import OutputLine


@dataclass(frozen=True)
class JobChanged:
    """A job is new or has changed."""

    job: Job
    kind: Literal["job"] = "job"


@dataclass(frozen=True)
class JobRemoved:
    """A job was deleted, with the records of its runs."""

    job_id: str
    kind: Literal["job-removed"] = "job-removed"


@dataclass(frozen=True)
class RunChanged:
    """A run is new or has changed."""

    run: Run
    kind: Literal["run"] = "run"


@dataclass(frozen=True)
class TaskChanged:
    """A device task is new or has changed (status, operation, outcome)."""

    task: DeviceTask
    kind: Literal["task"] = "task"


@dataclass(frozen=True)
class TaskProgress:
    """Progress of the running operation of a task; coalesced to two a second, never on disk."""

    run_id: str
    device: str
    op_id: str
    done: int
    total: int
    unit: str = "B"
    rate: float = 0.0
    eta_s: float | None = None
    note: str = ""
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True)
class TaskOutput:
    """Lines of a device session, batched."""

    run_id: str
    device: str
    lines: tuple[OutputLine, ...]
    kind: Literal["output"] = "output"


@dataclass(frozen=True)
class InventoryChanged:
    """Devices, groups, jump hosts or facts changed; `devices` names them (empty = take the list again)."""

    devices: tuple[str, ...] = ()
    kind: Literal["inventory"] = "inventory"


@dataclass(frozen=True)
class RepositoryChanged:
    """Images changed."""

    images: tuple[str, ...] = ()
    kind: Literal["repository"] = "repository"


@dataclass(frozen=True)
class SettingsChanged:
    """A setting changed."""

    key: str = ""
    kind: Literal["settings"] = "settings"


@dataclass(frozen=True)
class Notice:
    """Something a person should know; kept in the Log view. level: info, warning, error."""

    at: datetime
    level: str
    text: str
    run_id: str = ""
    device: str = ""
    kind: Literal["notice"] = "notice"


@dataclass(frozen=True)
class EngineChanged:
    """The engine's own figures: attached clients; tasks that run, wait and failed (see `EngineStatus`)."""

    clients: int
    running: int
    waiting: int
    failed: int
    vault_locked: bool = False  # somebody must give its passphrase
    jumps: Mapping[str, bool] = field(default_factory=dict)  # jump host -> whether it answered when last needed
    kind: Literal["engine"] = "engine"


@dataclass(frozen=True)
class Resync:
    """The subscriber fell behind or knows another epoch: take the snapshots again."""

    why: str = ""
    kind: Literal["resync"] = "resync"


Event = (
    JobChanged
    | JobRemoved
    | RunChanged
    | TaskChanged
    | TaskProgress
    | TaskOutput
    | InventoryChanged
    | RepositoryChanged
    | SettingsChanged
    | Notice
    | EngineChanged
    | Resync
)


@dataclass(frozen=True)
class EventId:
    """Where in the stream something is true."""

    epoch: str
    seq: int


@dataclass(frozen=True)
class Envelope:
    """An event on the wire."""

    id: EventId
    event: Event
