"""The seam between engine, worker and drivers: a phase as a value, and the one context it talks through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import JobOptions
from swim_tui.model.options import Protocol as TransferProtocol
from swim_tui.model.phase import ImageRef, Intent, IntentRecord, PhaseEvent, PhaseResult
from swim_tui.model.plan import DevicePlan, Operation, Phase, Waits
from swim_tui.model.server import ServerWay
from swim_tui.packs.pack import Pack


@dataclass(frozen=True)
class UploadOrder:
    """What an upload phase puts on a SWIM server; `bytes_per_s` is its budget, 0 = none."""

    way: ServerWay
    operations: tuple[Operation, ...]
    images: tuple[ImageRef, ...]
    bytes_per_s: float = 0.0


@dataclass(frozen=True)
class PhaseRequest:
    """Everything a worker needs for one phase of one device task; self-contained and picklable.

    `plan` is None in phase prepare (which reads facts). `intents` are those of earlier attempts, found in the
    journal by recovery: the driver settles them by reading the device before it sends anything.
    """

    id: str
    run_id: str
    attempt: int
    phase: Phase
    device: Device
    endpoint: Endpoint
    pack: Pack | None  # None: detect the platform first (prepare only)
    packs: tuple[Pack, ...] = ()  # candidates for detection
    plan: DevicePlan | None = None
    waits: Waits = Waits()
    image: ImageRef | None = None
    images: tuple[ImageRef, ...] = ()  # every file of an image set, found by file name; () = `image` alone
    software: SoftwareImage | None = None
    options: JobOptions = JobOptions()
    intents: tuple[IntentRecord, ...] = ()
    incoming_dir: str = ""  # import from a device: where the worker writes
    source_file: str = ""
    source_protocol: TransferProtocol | None = None  # import from a server: SFTP or SCP; None = from the device
    server: str = ""  # SWIM server to pull from, "local" = push although servers are planned, "" = as planned
    upload: UploadOrder | None = None  # phase upload; `device` stands for the server then
    bytes_per_s: float = 0.0  # what a push may send at most: its share of the line into the site; 0 = no budget
    read_only: bool = False  # dry run: a changing line is refused by command class


@dataclass(frozen=True)
class Question:
    """Something only a person can answer during a phase: a one-time code."""

    kind: str
    text: str
    secret: bool = True


class PhaseContext(Protocol):
    """The only way a running phase talks to the engine; a lost context means stop, not go."""

    def emit(self, event: PhaseEvent) -> None:
        """Report something; never blocks for long."""

    def barrier(self, intent: Intent) -> bool:
        """True when the intent is on disk and the act may be done; False: stop at this safe point."""

    def held(self) -> bool:
        """True when the last refused barrier was a hold, not a cancel."""

    def spared(self) -> str:
        """The device that did the last refused act already, for this one too; "" when it was refused otherwise."""

    def cancelled(self) -> bool:
        """True when this task should stop at its next safe point (also when the context is lost)."""

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds`; True at once when cancelled."""

    def ask(self, question: Question) -> str | None:
        """The person's answer, or None after the time-out."""


PhaseRunner = Callable[[PhaseRequest, PhaseContext], PhaseResult]
