"""What the run service needs of its neighbours: plans, phase requests, imports that need no device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.engine.board import Network
from swim_tui.engine.live import Times
from swim_tui.model.facts import Facts
from swim_tui.model.job import Job
from swim_tui.model.phase import IntentRecord, PhaseEvent, PhaseResult
from swim_tui.model.plan import DevicePlan, Phase, RunPlan, ServerPlan

NO_PLANS: Mapping[str, DevicePlan] = {}


@dataclass(frozen=True)
class Planned:
    """A plan with what the engine adds: who may not be down together, windows, what changed since the preview."""

    plan: RunPlan
    network: Network = Network()
    windows: Mapping[str, Times] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)  # device -> why the approved plan does not hold
    notes: tuple[str, ...] = ()


class Planner(Protocol):
    """Plans a run from fresh facts; blocks, so it is called in a thread."""

    def plan(self, job: Job, facts: Mapping[str, Facts], kept: Mapping[str, DevicePlan] = NO_PLANS) -> Planned:
        """The plan of all devices that have facts, those in `kept` as they are; SwimError when there can be none."""
        ...

    def surroundings(self, job: Job, plan: RunPlan) -> Planned:
        """The same for a plan that was made before a restart."""
        ...


@dataclass(frozen=True)
class PhaseOrder:
    """What the run service asks to be built into a PhaseRequest."""

    job: Job
    run_id: str
    device: str
    phase: Phase
    phase_id: str
    attempt: int
    plan: DevicePlan | None
    intents: tuple[IntentRecord, ...]
    facts: Facts | None = None
    source: str = ""  # of a collection
    server: str = ""  # the SWIM server that this device pulls from now
    uploads: ServerPlan | None = None  # of a server's own row
    bytes_per_s: float = 0.0  # what it may send at most; 0 = as fast as it goes


class Requests(Protocol):
    """Builds phase requests with credentials in memory; blocks, so it is called in a thread."""

    def build(self, order: PhaseOrder) -> PhaseRequest:
        """SwimError when something named in the inventory is missing."""
        ...


class Imports(Protocol):
    """Brings images into the repository."""

    def over_ssh(self, source: str) -> bool:
        """True when a worker has to fetch it."""
        ...

    async def run(
        self,
        job: Job,
        source: str,
        tell: Callable[[PhaseEvent], None],
        is_cancelled: Callable[[], bool],
        is_leaving: Callable[[], bool],
    ) -> tuple[PhaseResult, str]:
        """Import from a path or an address; the result and the image's id. When `is_leaving` says so it stops, and what
        came stays for the next engine."""
        ...

    async def adopt(self, job: Job, device: str, source: str, result: PhaseResult) -> tuple[PhaseResult, str]:
        """Take what an import phase wrote into the repository."""
        ...
