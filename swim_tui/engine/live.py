"""A run that is not over: its state, its journal, and what nobody needs after a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from swim_tui.engine.board import Board, Network, ServerStand, Slot
from swim_tui.engine.history import Record
from swim_tui.engine.journal import RunJournal
from swim_tui.engine.runstate import DOWN_OUTCOMES, RunState
from swim_tui.engine.serverstate import TaskState
from swim_tui.errors import StoreError
from swim_tui.model.facts import Facts
from swim_tui.model.job import SERVER_TASK, JobType, TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import OUTCOMES
from swim_tui.model.phase import OpProgress, OutputLine
from swim_tui.model.plan import DevicePlan, OpKind, Phase, RunPlan, ServerPlan
from swim_tui.model.server import LOCAL_SERVER
from swim_tui.planning.probe import is_external

_MOVING = (Phase.DISTRIBUTE, Phase.UPLOAD)
MOVING_TYPES = frozenset({JobType.DISTRIBUTION, JobType.ACTIVATION, JobType.COMMIT, JobType.ROLLBACK})


@dataclass(frozen=True)
class Times:
    """When a device may go out of service: from the job's window and its expected outage."""

    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True)
class _Line:
    """A line into a site, named by the server whose budget it has; the rate expected of one transfer."""

    server: str = ""
    bytes_per_s: float = 0.0
    expected_bytes_per_s: float = 0.0


@dataclass
class LiveRun:
    """One run under way."""

    state: RunState
    journal: RunJournal
    profiles: dict[str, frozenset[str]] = field(default_factory=dict)
    hops: dict[str, tuple[str, ...]] = field(default_factory=dict)  # jump hosts on the way to each device
    max_per_jump: int = 0
    plan: RunPlan | None = None
    plans: dict[str, DevicePlan] = field(default_factory=dict)
    uploads: dict[str, ServerPlan] = field(default_factory=dict)  # by the name of the server's row
    batches: dict[str, int] = field(default_factory=dict)  # of the plan
    network: Network = Network()
    windows: dict[str, Times] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)  # read in this run
    is_planning: bool = False
    is_finishing: bool = False  # its last record is on its way to the disk
    unwritten: list[Record] = field(default_factory=list)  # refused by the disk, and what came after
    refused_by: StoreError | None = None
    cancel_sent: set[str] = field(default_factory=set)
    progress: dict[str, OpProgress] = field(default_factory=dict)
    moved_bytes: dict[str, int] = field(default_factory=dict)  # of copies that ended
    lines: dict[str, list[OutputLine]] = field(default_factory=dict)  # not yet published
    lost: dict[str, int] = field(default_factory=dict)  # workers that died under a device
    at_gate: set[str] = field(default_factory=set)  # devices that are ready and wait for their turn to pull
    served: set[str] = field(default_factory=set)  # servers that a device of this run has pulled from
    shown: dict[tuple[str, str], str] = field(default_factory=dict)  # (server, sort) -> the device whose probe came
    dirty: set[str] = field(default_factory=set)  # tasks to store and publish
    is_run_dirty: bool = False
    images: list[str] = field(default_factory=list)
    _slots: dict[str, Slot] = field(default_factory=dict)
    _batch_of: dict[str, int] = field(default_factory=dict)  # in the order that holds now
    _batched: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The run's id."""
        return self.state.run.id

    @property
    def plans_early(self) -> bool:
        """True when devices may move their image before the last one is read: one image for all, nothing waits for all.

        Distribution needs no order, and each device is still planned from its own fresh facts.
        """
        request = self.state.job.request
        is_simple = len(request.images) == 1 and not request.image_of and not request.options.dry_run
        return is_simple and request.type is JobType.DISTRIBUTION and request.options.continue_on_failure

    @property
    def owns_devices(self) -> bool:
        """True when its tasks are devices (a collection from a file or URL has none)."""
        request = self.state.job.request
        return request.type is not JobType.COLLECTION or request.source.startswith("device:")

    def use_plan(self, plan: RunPlan) -> None:
        """Follow this plan."""
        self.plan = plan
        self.plans = {device.device: device for device in plan.devices}
        self.uploads = {f"{SERVER_TASK}{server.server}": server for server in plan.servers}
        self.batches = {entry.device: entry.batch for entry in plan.order}
        self._slots.clear()
        self._batched = ()

    def touch(self, device: str) -> None:
        """A task changed: store it, publish it, look at it anew."""
        self.dirty.add(device)
        self.is_run_dirty = True
        self._slots.pop(device, None)

    def touch_all(self) -> None:
        """The run changed as a whole."""
        self.is_run_dirty = True
        self._slots.clear()

    def board(
        self,
        now: datetime,
        parked: Mapping[str, str],
        owners: Mapping[str, str],
        flying: frozenset[str],
        moving: Sequence[Slot] = (),
    ) -> Board:
        """The run as the dispatcher sees it; `owners`: device -> oldest run that has it; `flying` and `moving` are what
        other runs have out of service, and what they copy and upload."""
        options = self.state.job.request.options
        run = self.state.run
        return Board(
            slots=tuple(self._slot(device, owners) for device in self.state.order),
            now=now,
            mode=options.activate if options.activate is not ActivateMode.OFF else ActivateMode.SEQUENTIAL,
            needs_plan=self.state.needs_plan,
            is_planned=self.state.is_planned,
            plans_early=self.plans_early,
            hold=run.hold,
            stopped=bool(run.stopped_because),
            cancel=run.cancel_requested,
            continue_on_failure=options.continue_on_failure,
            activate_when_ready=options.activate_when_ready,
            failures_before_stop=options.failures_before_stop,
            forgiven=self.state.forgiven,
            max_distribution=options.max_distribution,
            max_activation=options.max_activation,
            parked=parked,
            proven=self.proven_profiles(),
            network=self.network,
            in_flight_elsewhere=flying,
            moving_elsewhere=tuple(moving),
            servers=self._stands(),
            max_per_jump=self.max_per_jump,
        )

    def _stands(self) -> dict[str, ServerStand]:
        """How the servers of this run stand."""
        found = {}
        for row, plan in self.uploads.items():
            state = self.state.tasks.get(row)
            is_ready = state is not None and state.task.status is TaskStatus.SUCCESS
            found[plan.server] = ServerStand(is_ready, self.max_pulls(plan.server))
        return found

    def max_pulls(self, server: str) -> int:
        """How many devices may pull from a server at once; one alone until its login for devices is known to work."""
        plan = self.uploads.get(f"{SERVER_TASK}{server}")
        if plan is None:
            return 1
        if plan.is_login_proven or server in self.served:
            return plan.max_pulls
        return 1

    def moving(self) -> tuple[Slot, ...]:
        """Copies and uploads under way: other runs share servers, jump hosts and lines with them."""
        running = (s for s in self.state.tasks.values() if s.running and s.running.phase in _MOVING)
        return tuple(self._new_slot(state) for state in running)

    def proven_profiles(self) -> frozenset[str]:
        """Profiles whose login worked in this run."""
        logged_in = (self.profiles.get(d, frozenset()) for d, s in self.state.tasks.items() if s.logged_in)
        return frozenset().union(*logged_in)

    def in_flight(self) -> frozenset[str]:
        """Devices that are, or may be, out of service because of this run."""
        return frozenset(
            device
            for device, state in self.state.tasks.items()
            if state.running is not None and state.running.phase in (Phase.ACTIVATE, Phase.ROLLBACK)
        )

    def _slot(self, device: str, owners: Mapping[str, str]) -> Slot:
        owner = owners.get(device, self.id) if self.owns_devices else self.id
        owner = "" if owner == self.id else owner
        slot = self._slots.get(device)
        if slot is None:
            slot = self._slots[device] = self._new_slot(self.state.tasks[device])
        is_sent, waits = device in self.cancel_sent, device in self.at_gate
        if (slot.owner, slot.cancel_sent, slot.is_at_gate) != (owner, is_sent, waits):
            slot = self._slots[device] = replace(slot, owner=owner, cancel_sent=is_sent, is_at_gate=waits)
        return slot

    def _new_slot(self, state: TaskState) -> Slot:
        task = state.task
        plan = self.plans.get(task.device)
        line = self._line(task.device)
        times = self.windows.get(task.device, Times())
        return Slot(
            device=task.device,
            status=task.status,
            wants=state.wants,
            done=frozenset(task.phases_done),
            running=state.running.phase if state.running else None,
            cancel=state.cancel,
            is_skipped=state.is_skipped,
            counts_for_stop=self.state.counts(state),
            ended_as=task.outcome if OUTCOMES[task.outcome].stops_activation else "post-checks found a loss",
            is_down=task.outcome in DOWN_OUTCOMES,
            is_proven=state.has_reloaded,
            profiles=self.profiles.get(task.device, frozenset()),
            location=plan.location if plan else "",
            server=task.server if task.server != LOCAL_SERVER else "",
            is_planned=state.is_planned or task.is_server,
            is_server=task.is_server,
            hops=self.hops.get(task.device, ()),
            line=line.server,
            line_bytes_per_s=line.bytes_per_s,
            push_bytes_per_s=line.expected_bytes_per_s,
            share_bytes_per_s=state.running.bytes_per_s if state.running else 0.0,
            batch=self.batch(task.device),
            is_path=plan is not None and plan.role == "path",
            not_before=times.not_before,
            not_after=times.not_after,
        )

    def _line(self, device: str) -> _Line:
        """The line that what is sent to a device, or to a server, crosses."""
        plan, upload = self.plans.get(device), self.uploads.get(device)
        if upload is not None and upload.bytes_per_s:
            return _Line(upload.server, upload.bytes_per_s, upload.bytes_per_s)  # an upload wants all of it
        if plan is not None and plan.site_line:
            return _Line(plan.site_line, plan.site_bytes_per_s, _push_rate(plan))
        return _Line()

    def batch(self, device: str) -> int:
        """The batch of a device: the plan's batches, filled again in the order that a person set meanwhile."""
        if self._batched is not self.state.order:
            placed = [name for name in self.state.order if name in self.batches]
            self._batch_of = dict(zip(placed, sorted(self.batches.values()), strict=False))
            self._batched = self.state.order
        return self._batch_of.get(device, 0)

    def eta_s(self, now: datetime) -> float | None:
        """Seconds until the run should be over, from the plan's durations and what is done; None when not known."""
        is_part = self.state.needs_plan and not self.state.is_planned  # what is still read would be left out
        if self.plan is None or self.state.run.started_at is None or is_part:
            return None
        left = 0.0
        moving = [self.plans[d] for d, s in self.state.tasks.items() if d in self.plans and not s.task.status.is_final]
        for plan in moving:
            done = self.state.tasks[plan.device].task.phases_done
            left += 0.0 if Phase.DISTRIBUTE in done else self._copy_left_s(plan)
        left /= max(1, min(len(moving), self.state.job.request.options.max_distribution, self._copies_at_once(moving)))
        outages = [p.outage_s for p in moving if self.state.tasks[p.device].task.phases_done[-1:] != (Phase.ACTIVATE,)]
        at_once = 1
        if self.state.job.request.options.activate is ActivateMode.PARALLEL:
            at_once = max(1, self.state.job.request.options.max_activation)
        return left + sum(outages) / at_once

    def _copies_at_once(self, moving: Sequence[DevicePlan]) -> int:
        """What the engine sends is limited by the run alone, pulls by their servers."""
        servers = [self.state.tasks[plan.device].task.server for plan in moving]
        external = [server for server in servers if server and is_external(server)]
        return len(servers) - len(external) + sum(self.max_pulls(server) for server in set(external))

    def _copy_left_s(self, plan: DevicePlan) -> float:
        progress = self.progress.get(plan.device)
        if progress is not None and progress.unit == "B" and progress.eta_s is not None:
            return progress.eta_s
        return plan.distribution_s

    def bytes_done(self) -> int:
        """Bytes brought to devices so far."""
        under_way = (p.done for p in self.progress.values() if p.unit == "B")
        return sum(self.moved_bytes.values()) + sum(under_way)


def _push_rate(plan: DevicePlan) -> float:
    """Bytes a second that a push to this device is expected to take."""
    copies = [op for op in plan.operations if op.kind is OpKind.COPY_IMAGE and op.expected_s > 0]
    return max((op.size_bytes / op.expected_s for op in copies), default=0.0)
