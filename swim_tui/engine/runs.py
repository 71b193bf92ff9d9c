"""The run service: turns jobs into runs, asks the dispatcher what to do, and does it. Lives on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from swim_tui.engine.board import Action, CancelPhase, Decision, End, Finish, MakePlan, Start, Stop
from swim_tui.engine.devicelog import DeviceLogs
from swim_tui.engine.dispatch import decide
from swim_tui.engine.effects import Background, Effects
from swim_tui.engine.ending import Endings
from swim_tui.engine.history import (
    Control,
    ControlKind,
    PhaseLost,
    Record,
    RunCreated,
    RunRecovered,
    RunStopped,
    TaskEnded,
)
from swim_tui.engine.journal import RunJournal, read_plan
from swim_tui.engine.live import LiveRun
from swim_tui.engine.phases import PhaseDesk
from swim_tui.engine.planmaking import make_plan
from swim_tui.engine.publish import Publisher
from swim_tui.engine.runner import Runner
from swim_tui.engine.runstate import RunState
from swim_tui.engine.seams import Imports, PhaseOrder, Planner, Requests
from swim_tui.engine.stall import Stalls
from swim_tui.engine.state import State
from swim_tui.engine.syncwait import SyncWait
from swim_tui.errors import Conflict, NotFound, StoreError, describe
from swim_tui.model.events import JobChanged
from swim_tui.model.job import DeviceTask, Job, JobStatus, Run, RunStatus, TaskStatus
from swim_tui.model.plan import Phase

log = logging.getLogger(__name__)

FIRST_RUN_ID = 20_010_001
BIG_RUN = 500  # tasks; above, turns are taken a few times a second only
BIG_TURN_S = 0.2
MAX_SLEEP_S = 60.0


async def _nothing_before(order: PhaseOrder) -> None:
    """A phase needs nothing else."""


class Runs:
    """All runs that are not over. Every method is called on the event loop."""

    def __init__(self, state: State, runner: Runner, requests: Requests, planner: Planner, imports: Imports) -> None:
        self.state = state
        self.runner = runner
        self.planner = planner
        self.background = Background()
        self.effects = Effects(state, self.background)
        self.logs = DeviceLogs()
        self.live: dict[str, LiveRun] = {}
        self.publisher = Publisher(state, self.live)
        self.on_ended: list[Callable[[Job, Run], None]] = []
        self.on_told: list[Callable[[str, Job, Run, Sequence[DeviceTask]], None]] = []
        """Hear that a run ended, or stopped and waits for a person."""
        self.profiles_of: Callable[[str], frozenset[str]] = lambda device: frozenset()
        self.hops_of: Callable[[str], tuple[str, ...]] = lambda device: ()
        self.max_per_jump: Callable[[], int] = lambda: 0
        self.before_build: Callable[[PhaseOrder], Awaitable[None]] = _nothing_before
        self.endings = Endings(self)
        self.stalls = Stalls(self)
        self.desk = PhaseDesk(self, requests, imports)
        self._last_id = 0
        self._is_turn_due = False
        self._waker: asyncio.Task[None] | None = None
        self._wakes_at: datetime | None = None
        self.is_stopping = False
        self.setting: Callable[[str], str] = {"sync.wait": "on", "sync.wait_limit_min": "0"}.__getitem__
        self._syncs = SyncWait()

    async def start(self) -> None:
        """Start the runner and the clockwork; recovery takes unfinished runs in before this returns to its caller."""
        known = [int(run.id) for run in self.state.tables.runs.all() if run.id.isdigit()]
        self._last_id = max([FIRST_RUN_ID - 1, *known, self._last_id])
        await self.runner.start(self.desk)
        self.publisher.begin()

    async def stop(self) -> None:
        """End workers and close journals; what was under way is recovered by the next engine."""
        self.is_stopping = True
        self.state.attention.ring()
        if self._waker is not None:
            self._waker.cancel()
        await self.runner.stop()
        await self.background.settle()
        self.publisher.stop()
        for live in self.live.values():
            try:
                await asyncio.to_thread(live.journal.close)
            except StoreError as err:  # what was acknowledged is on the disk; the rest is closed all the same
                log.error("run %s: %s", live.id, describe(err).one_line())
        await asyncio.to_thread(self.logs.close)

    # --- making runs ---

    async def create(
        self,
        job: Job,
        tasks: Sequence[DeviceTask],
        wants: tuple[Phase, ...],
        *,
        needs_plan: bool,
        by: str = "",
        attempt: int = 1,
    ) -> Run:
        """A new run of a job, on disk when this returns; its tasks start at once."""
        self._last_id = max(self._last_id + 1, FIRST_RUN_ID)
        run_id, now = str(self._last_id), self.state.clock.now()
        run = Run(
            id=run_id,
            job_id=job.id,
            job_name=job.name,
            job_type=job.request.type,
            status=RunStatus.RUNNING,
            created_at=now,
            device_count=len(tasks),
            attempt=attempt,
            started_by=by,
        )
        own = tuple(replace(task, run_id=run_id) for task in tasks)
        created = RunCreated(now, run, job, own, wants, needs_plan)
        journal = await asyncio.to_thread(RunJournal.open, self.state.paths.run(run_id), self.state.writer)
        live = LiveRun(RunState(created), journal)
        await asyncio.wrap_future(journal.append(created))
        self._adopt(live)
        self._job_began(job, run)
        self.wake()
        return live.state.run

    def _adopt(self, live: LiveRun) -> None:
        devices = live.state.tasks
        if live.owns_devices:
            live.profiles = {device: self.profiles_of(device) for device in devices}
            live.hops = {device: self.hops_of(device) for device in devices}
            live.max_per_jump = self.max_per_jump()
        elif named := live.state.job.request.source_credentials:
            live.profiles = dict.fromkeys(devices, frozenset({named}))
        self.live[live.id] = live
        for device in devices:
            live.touch(device)
            self._keep_busy(live, device)
        self.publisher.flush_later()

    async def recover(self, run_id: str, state: RunState) -> None:
        """Take over a run that an earlier engine left: phases that were under way are dispatched again."""
        folder = self.state.paths.run(run_id)
        journal = await asyncio.to_thread(RunJournal.open, folder, self.state.writer)
        if journal.dropped:
            self.state.notify("warning", f"its journal had {journal.dropped}: never acknowledged", run_id=run_id)
        live = LiveRun(state, journal)
        self._last_id = max(self._last_id, int(run_id) if run_id.isdigit() else 0)
        plan = await asyncio.to_thread(read_plan, folder) if state.has_plan else None
        if plan is not None:
            planned = await asyncio.to_thread(self.planner.surroundings, state.job, plan)
            live.use_plan(plan)
            live.network, live.windows = planned.network, dict(planned.windows)
        for device in state.tasks:
            facts = self.state.tables.facts.get(device)
            if facts is not None:
                live.facts[device] = facts
        self._adopt(live)
        known = self.state.tables.jobs.get(state.job.id)
        if known is None or known.last_run != run_id:  # the engine ended between the run and its job
            self._job_began(state.job, state.run)
        now = self.state.clock.now()
        self.record(live, RunRecovered(now, self.state.hub.epoch))
        for device, task in state.tasks.items():
            if task.running is not None:
                under_way = task.running
                lost = PhaseLost(now, device, under_way.phase, under_way.attempt, "the engine was restarted")
                self.record(live, lost)
                self.desk.dispatch(live, device, under_way.phase, under_way.bytes_per_s)
            elif task.auth_refused and not task.task.status.is_final:
                self.desk.park(live, task)
        self.wake()

    async def conclude(self, run_id: str, state: RunState) -> None:
        """A run whose end is in its journal and not in the store: everybody hears of it now."""
        journal = await asyncio.to_thread(RunJournal.open, self.state.paths.run(run_id), self.state.writer)
        live = LiveRun(state, journal, is_finishing=True)
        self._last_id = max(self._last_id, int(run_id))
        self.live[live.id] = live
        await self.endings.conclude(live)

    # --- what people ask ---

    def get(self, run_id: str) -> LiveRun:
        """A run that is not over; NotFound, or Conflict when it ended already."""
        live = self.live.get(run_id)
        if live is not None and not live.is_finishing:
            return live
        ended = live.state.run if live is not None else self.state.tables.runs.get(run_id)
        if ended is None:
            raise NotFound(kind="run", name=run_id, listing="runs list")
        raise Conflict(detail=f"run {run_id} is over: {ended.status}", action=f"see: swim-tui runs show {run_id}")

    async def control(
        self, run_id: str, action: ControlKind, by: str, *, devices: Sequence[str] = (), order: Sequence[str] = ()
    ) -> None:
        """Hold, resume, cancel, cancel devices (all that are named, or none), reorder; on disk when this returns."""
        live = self.get(run_id)
        for device in devices:
            if device not in live.state.tasks:
                raise NotFound(kind="device", name=device, detail=f" in run {run_id}", listing=f"runs show {run_id}")
        if live.refused_by is not None:
            raise live.refused_by
        now = self.state.clock.now()
        written = [self.record(live, Control(now, action, by, device, tuple(order))) for device in devices or ("",)]
        live.touch_all()
        self.wake()
        await asyncio.gather(*map(asyncio.wrap_future, written))
        for device in devices or ("",):
            said = f"{action} {device}".strip()
            self.state.notify("info", f"{said} by {by or 'unknown'}", run_id=run_id, device=device)

    # --- records ---

    def record(self, live: LiveRun, record: Record) -> Future[None]:
        """Journal and apply a record; the future resolves when it is on the disk."""
        if live.refused_by is not None:
            written = self.stalls.hold_back(live, record)
        else:
            written = live.journal.append(record)
            loop = asyncio.get_running_loop()
            written.add_done_callback(lambda done: self._written(loop, live, record, done))
        self._applied(live, record)
        return written

    def _written(self, loop: asyncio.AbstractEventLoop, live: LiveRun, record: Record, done: Future[None]) -> None:
        """In the log writer's thread: a record that could not be written makes its run wait for the disk."""
        err = done.exception()
        if err is not None:
            loop.call_soon_threadsafe(self.stalls.refused, live, record, err)

    def note(self, live: LiveRun, record: Record) -> None:
        """Journal and apply a record that nothing waits for."""
        live.journal.note(record)
        self._applied(live, record)

    def _applied(self, live: LiveRun, record: Record) -> None:
        for device in live.state.apply(record):
            if live.owns_devices and device not in live.profiles:  # the row of a SWIM server
                live.profiles[device] = self.profiles_of(device)
            live.touch(device)
            self._keep_busy(live, device)
        live.is_run_dirty = True
        self.publisher.flush_later()

    def _keep_busy(self, live: LiveRun, device: str) -> None:
        if not live.owns_devices:
            return
        if live.state.tasks[device].task.status is TaskStatus.RUNNING:
            self.state.busy[device] = live.id
        elif self.state.busy.get(device) == live.id:
            del self.state.busy[device]

    # --- turns ---

    def wake(self) -> None:
        """Something changed: decide again soon."""
        if self._is_turn_due or self.is_stopping:
            return
        self._is_turn_due = True
        loop = asyncio.get_running_loop()
        if any(len(live.state.tasks) > BIG_RUN for live in self.live.values()):
            loop.call_later(BIG_TURN_S, self._turn)
        else:
            loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._is_turn_due = False
        if self.is_stopping:
            return
        owners = self._owners()
        parked = {p.name: p.parked_reason for p in self.state.tables.profiles.all() if p.parked}
        wakes = self._syncs.apply(self, owners)
        for live in sorted(self.live.values(), key=lambda live: int(live.id)):
            if live.is_finishing or live.refused_by is not None:
                continue
            elsewhere = frozenset[str]().union(*(o.in_flight() for o in self.live.values() if o is not live))
            moving = [slot for other in self.live.values() if other is not live for slot in other.moving()]
            decision = decide(live.board(self.state.clock.now(), parked, owners, elsewhere, moving))
            self._show_waiting(live, decision)
            for action in decision.actions:
                self.act(live, action)
            if decision.wake_at is not None:
                wakes.append(decision.wake_at)
            if any(not isinstance(action, MakePlan) for action in decision.actions):
                self.wake()
        self._wake_at(min(wakes, default=None))

    def _owners(self) -> dict[str, str]:
        """Device -> the oldest run that still needs it: so runs cannot wait for each other in a ring."""
        owners: dict[str, str] = {}
        for live in sorted(self.live.values(), key=lambda live: int(live.id), reverse=True):
            if live.owns_devices:
                open_tasks = (d for d, task in live.state.tasks.items() if not task.task.status.is_final)
                owners.update(dict.fromkeys(open_tasks, live.id))
        return owners

    def _show_waiting(self, live: LiveRun, decision: Decision) -> None:
        for device, state in live.state.tasks.items():
            words = decision.waiting.get(device, "")
            is_idle = state.running is None and not state.task.status.is_final
            if is_idle and state.task.waiting_for != words:
                state.task = replace(state.task, waiting_for=words)
                live.dirty.add(device)
        if live.state.run.barrier != decision.barrier:
            live.state.run = replace(live.state.run, barrier=decision.barrier)
            live.is_run_dirty = True
        if live.dirty or live.is_run_dirty:
            self.publisher.flush_later()

    def act(self, live: LiveRun, action: Action) -> None:
        """Do what was decided."""
        now = self.state.clock.now()
        match action:
            case Start():
                self.desk.dispatch(live, action.device, action.phase, action.bytes_per_s)
            case CancelPhase():
                self.desk.cancel(live, action.device)
            case End():
                ended = TaskEnded(now, action.device, action.status, action.outcome, action.message, action.remedy)
                self.record(live, ended)
            case MakePlan():
                if not live.is_planning:
                    live.is_planning = True
                    self.background.spawn(make_plan(self, live))
            case Stop():
                self.record(live, RunStopped(now, action.because))
                live.touch_all()
                self.state.notify("error", f"activation stopped: {action.because}", run_id=live.id)
                self.endings.tell("stopped", live)
            case Finish():
                self.endings.finish(live)

    def _wake_at(self, at: datetime | None) -> None:
        if at == self._wakes_at and self._waker is not None and not self._waker.done():
            return
        if self._waker is not None:
            self._waker.cancel()
        self._wakes_at = at
        self._waker = asyncio.ensure_future(self._sleep_until(at)) if at is not None else None

    async def _sleep_until(self, at: datetime) -> None:
        left = max(0.0, (at - self.state.clock.now()).total_seconds())
        await self.state.clock.sleep(min(left, MAX_SLEEP_S))  # the wall clock may be set meanwhile
        self._wakes_at = None
        self.wake()

    # --- ends ---

    def _job_began(self, job: Job, run: Run) -> None:
        # One that is paused stays so, whatever a person retries by hand: its next time is not to be kept.
        status = JobStatus.PAUSED if job.status is JobStatus.PAUSED else JobStatus.RUNNING
        fresh = replace(job, status=status, last_run=run.id, last_run_status=run.status)
        self.state.keep(self.state.tables.jobs.put(fresh))
        self.state.hub.publish(JobChanged(fresh))

    def problem(self, live: LiveRun, device: str, err: BaseException) -> None:
        """A failure of the engine's own, said where a person sees it."""
        self.state.notify("error", describe(err).one_line(), run_id=live.id, device=device)
