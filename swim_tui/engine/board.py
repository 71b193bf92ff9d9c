"""What the dispatcher decides on, and what it can decide: plain values, no time, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from swim_tui.model.job import TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Phase

DISRUPTIVE = frozenset({Phase.ACTIVATE, Phase.ROLLBACK})
"""Phases that take a device out of service."""


@dataclass(frozen=True)
class Slot:
    """One device of a run as the dispatcher sees it.

    What follows from its fields is worked out once: a slot that did not change stays the same object from turn to turn,
    and a run may have ten thousand of them.
    """

    device: str
    status: TaskStatus = TaskStatus.YET_TO_START
    wants: tuple[Phase, ...] = ()
    done: frozenset[Phase] = frozenset()
    running: Phase | None = None
    cancel: bool = False  # a person asked
    is_skipped: bool = False  # ... before its turn came
    cancel_sent: bool = False
    counts_for_stop: bool = False
    ended_as: str = ""  # its outcome in words
    is_down: bool = False  # it did not come back, or not whole
    is_proven: bool = False  # it was reloaded by this run and runs what was planned
    profiles: frozenset[str] = frozenset()
    location: str = ""
    batch: int = 0
    is_path: bool = False  # between the engine and the rest: last and alone
    owner: str = ""  # another run that has the device
    server: str = ""  # server it pulls from; empty = it is pushed to
    is_planned: bool = False  # also while others are still read
    is_server: bool = False  # the row of a server itself
    is_at_gate: bool = False  # ready to pull, and waiting for its turn
    hops: tuple[str, ...] = ()  # jump hosts on the way
    line: str = ""  # the SWIM server whose budget the line into its site has; empty = no budget
    line_bytes_per_s: float = 0.0
    push_bytes_per_s: float = 0.0  # expected of a push to it, or of the upload
    share_bytes_per_s: float = 0.0  # of that line, while the phase that has it runs
    not_before: datetime | None = None  # of a disruptive phase
    not_after: datetime | None = None

    @cached_property
    def next_phase(self) -> Phase | None:
        """The phase that comes next (or runs), None when all are done."""
        return next((phase for phase in self.wants if phase not in self.done), None)

    @cached_property
    def is_open(self) -> bool:
        """True while something may still happen to the task."""
        return not self.status.is_final

    @cached_property
    def is_idle(self) -> bool:
        """True when it is open and no phase runs."""
        return self.is_open and self.running is None

    @cached_property
    def is_in_flight(self) -> bool:
        """True while it is, or may be, out of service."""
        return self.is_open and self.running in DISRUPTIVE

    @cached_property
    def is_uncommitted(self) -> bool:
        """True between an activation that is proven and its commit."""
        return self.is_open and self.next_phase is Phase.COMMIT and bool(self.done & DISRUPTIVE)

    @cached_property
    def awaits_reload(self) -> bool:
        """True when a disruptive phase is still to come or runs."""
        return self.is_open and any(phase in DISRUPTIVE and phase not in self.done for phase in self.wants)

    @cached_property
    def failed(self) -> bool:
        """True when the task failed (an excluded one did not); a server's devices go elsewhere."""
        return not self.is_server and self.status in (TaskStatus.FAILURE, TaskStatus.INTERRUPTED)


@dataclass(frozen=True)
class ServerStand:
    """A SWIM server: whether it has its images, and how many may pull at once."""

    is_ready: bool = False
    max_pulls: int = 10


@dataclass(frozen=True)
class Network:
    """Who is reached through whom, and who stands in for whom; over the whole inventory."""

    upstream: Mapping[str, frozenset[str]] = field(default_factory=dict)  # device -> all it is reached through
    pair: Mapping[str, str] = field(default_factory=dict)  # both ways

    def partner(self, device: str) -> str:
        """The redundancy partner; empty if none."""
        return self.pair.get(device, "")

    def conflict(self, device: str, other: str) -> str:
        """Why the two may not be down together; empty if they may."""
        if self.partner(device) == other or self.partner(other) == device:
            return f"its pair {other} is being activated"
        if other in self.upstream.get(device, frozenset()):
            return f"it is reached through {other}, which is being activated"
        if device in self.upstream.get(other, frozenset()):
            return f"{other} is reached through it and is being activated"
        return ""


def network_of(upstream: Mapping[str, tuple[str, ...]], pair: Mapping[str, str]) -> Network:
    """The network with upstream taken transitively, and pairs known from whichever of the two names the other."""
    closed: dict[str, frozenset[str]] = {}
    for device in upstream:
        seen: set[str] = set()
        queue = list(upstream[device])
        while queue:
            step = queue.pop()
            if step not in seen and step != device:
                seen.add(step)
                queue.extend(upstream.get(step, ()))
        closed[device] = frozenset(seen)
    both = {other: one for one, other in pair.items() if other} | {one: other for one, other in pair.items() if other}
    return Network(closed, both)


@dataclass(frozen=True)
class Board:
    """A run, whole, at one moment. `slots` are in activation order."""

    slots: tuple[Slot, ...]
    now: datetime
    mode: ActivateMode = ActivateMode.SEQUENTIAL
    needs_plan: bool = True
    is_planned: bool = False
    plans_early: bool = False  # what is read is planned and moved while others are still read
    hold: bool = False
    stopped: bool = False
    cancel: bool = False
    continue_on_failure: bool = True
    activate_when_ready: bool = False
    failures_before_stop: int = 0
    forgiven: frozenset[str] = frozenset()  # devices that counted for the stop when a person resumed the run
    max_distribution: int = 20
    max_activation: int = 10
    parked: Mapping[str, str] = field(default_factory=dict)  # profile -> why
    proven: frozenset[str] = frozenset()  # profiles that logged in in this run
    network: Network = Network()
    in_flight_elsewhere: frozenset[str] = frozenset()
    moving_elsewhere: tuple[Slot, ...] = ()  # copies and uploads that run for other runs
    servers: Mapping[str, ServerStand] = field(default_factory=dict)
    max_per_jump: int = 0  # pushes at once through one jump host; 0 = no limit


@dataclass(frozen=True)
class Start:
    """Send this phase of this device to a worker."""

    device: str
    phase: Phase
    bytes_per_s: float = 0.0  # what it may send at most; 0 = as fast as it goes


@dataclass(frozen=True)
class CancelPhase:
    """Ask the running phase of this device to stop at its next safe point."""

    device: str


@dataclass(frozen=True)
class End:
    """End a task that no phase works on."""

    device: str
    status: TaskStatus
    outcome: Outcome
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class MakePlan:
    """All facts that can be had are there: compute the plan."""


@dataclass(frozen=True)
class Stop:
    """The activation stop: no further reload until a person resumes the run."""

    because: str


@dataclass(frozen=True)
class Finish:
    """Nothing more will happen: end the run."""


Action = Start | CancelPhase | End | MakePlan | Stop | Finish


@dataclass(frozen=True)
class Decision:
    """What to do now, and why the rest waits: device -> words, and what the whole run waits for."""

    actions: tuple[Action, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    barrier: str = ""
    wake_at: datetime | None = None  # when time alone would change the decision
