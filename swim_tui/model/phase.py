"""What a phase says while it runs and what it ends with; all of it plain values that can be pickled or journalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from swim_tui.errors import Problem
from swim_tui.model.checks import Check
from swim_tui.model.endpoint import HostKey
from swim_tui.model.facts import Facts
from swim_tui.model.job import OpStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind


class PhaseStatus(StrEnum):
    """How a phase ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    HELD = "held"  # stopped before its reload because the run is on hold; nothing is left behind
    INTERRUPTED = "interrupted"  # state cannot be shown either way: a person must look


@dataclass(frozen=True)
class ImageRef:
    """An image handed to a worker by reference: local workers open `path` read-only, others would fetch `url`."""

    id: str
    file_name: str
    size_bytes: int
    md5: str
    sha512: str
    path: str = ""
    url: str = ""


@dataclass(frozen=True)
class Intent:
    """What is about to be done to a device, on disk before it is done.

    `evidence` holds what proves later whether it happened: boot time, boot list, running image before.
    """

    op_id: str
    kind: OpKind
    line: str
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class IntentRecord:
    """An intent found in the journal by recovery; `at` is when it was journalled."""

    intent: Intent
    at: datetime
    attempt: int


@dataclass(frozen=True)
class OpStarted:
    """An operation began."""

    op_id: str
    at: datetime


@dataclass(frozen=True)
class OpProgress:
    """Bytes or seconds of a running operation; never written to disk. `note` as `ssh refused, 214 s of 900 s`."""

    op_id: str
    done: int
    total: int
    unit: str = "B"  # B or s
    rate: float = 0.0  # bytes a second
    eta_s: float | None = None
    note: str = ""


@dataclass(frozen=True)
class OpFinished:
    """An operation ended."""

    op_id: str
    at: datetime
    status: OpStatus
    message: str = ""
    problem: Problem | None = None


class Direction(StrEnum):
    """Which way a line went."""

    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"  # said by the tool itself


@dataclass(frozen=True)
class OutputLine:
    """Text of a session, secrets masked. `changes`: a line that can change the device."""

    at: datetime
    direction: Direction
    text: str
    op_id: str = ""
    changes: bool = False


@dataclass(frozen=True)
class FactsRead:
    """A fresh reading of the device."""

    facts: Facts


@dataclass(frozen=True)
class ConfigCaptured:
    """Running or startup configuration as read; the engine encrypts it into configs/, it goes nowhere else."""

    name: str  # running or startup
    text: str


@dataclass(frozen=True)
class HostKeyLearned:
    """A key trusted on first use; the engine writes it down."""

    key: HostKey
    fingerprint: str


@dataclass(frozen=True)
class ChecksDone:
    """Checks made on the device during the run (pre-checks, post-checks)."""

    op_id: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class RateMeasured:
    """Bytes a second of a finished copy, remembered for ETA."""

    bytes_per_s: float


PhaseEvent = (
    OpStarted
    | OpProgress
    | OpFinished
    | OutputLine
    | FactsRead
    | ConfigCaptured
    | HostKeyLearned
    | ChecksDone
    | RateMeasured
)


@dataclass(frozen=True)
class PhaseResult:
    """How a phase ended on its device."""

    status: PhaseStatus
    outcome: Outcome = Outcome.NONE
    message: str = ""
    problem: Problem | None = None
    proven_version: str = ""
    left_behind: tuple[str, ...] = ()  # what stays on the device: partial file, armed boot variable
    recovery: tuple[str, ...] = ()  # console steps for this platform
    commit_by: datetime | None = None  # when it goes back by itself, unless it is committed
    next_server: bool = False  # the SWIM server is at fault, nothing is left on the device: another may be tried
    server_failed: bool = False  # it would fail for every other device too
    probe_failed: bool = False  # it cannot be reached from devices of this platform and version
    image_path: str = ""  # import phase: where the incoming file was written
    file_name: str = ""
    size_bytes: int = 0
    md5: str = ""
    sha512: str = ""
