"""A device task with what the engine needs to know of it, and the SWIM servers of a run: whom a failure sends where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from swim_tui.engine.board import DISRUPTIVE
from swim_tui.engine.history import PhaseDispatched, PhaseEnded, PlannedTask
from swim_tui.engine.tasks import end_task
from swim_tui.model.checks import NO_LOSS, Check, Verdict, server_reachable, worst
from swim_tui.model.job import SERVER_TASK, DeviceTask, OperationState, OpStatus, Run, TaskStatus
from swim_tui.model.outcome import OUTCOMES, Outcome
from swim_tui.model.phase import IntentRecord, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.server import LOCAL_SERVER

MAX_FAILED_PULLS = 3
"""Failed pulls after which a server is given up for the rest of a run."""


@dataclass
class TaskState:
    """A device task with what only the engine needs to know of it."""

    task: DeviceTask
    wants: tuple[Phase, ...]
    sort: str = ""  # platform and version
    is_planned: bool = False
    running: PhaseDispatched | None = None
    is_lost: bool = False  # the phase in `running` has no worker: dispatch it again
    attempts: dict[Phase, int] = field(default_factory=dict)
    open_intents: list[tuple[Phase, IntentRecord]] = field(default_factory=list)
    intents_of: dict[str, int] = field(default_factory=dict)
    result: PhaseResult | None = None  # of the last phase that ended
    cancel: bool = False
    cancelled_by: str = ""
    is_skipped: bool = False  # the person left it out before its turn came
    has_reloaded: bool = False
    logged_in: bool = False
    auth_refused: str = ""

    def intents(self, phase: Phase) -> tuple[IntentRecord, ...]:
        """Intents of attempts of this phase that never ended."""
        return tuple(record for of, record in self.open_intents if of is phase)

    @property
    def counts_for_stop(self) -> bool:
        """True when the outcome stops activation (SPEC 4)."""
        return OUTCOMES[self.task.outcome].stops_activation

    @property
    def has_begun(self) -> bool:
        """True when it had its turn in the order: it is out of service, was, or came to its end."""
        running = self.running is not None and self.running.phase in DISRUPTIVE
        return running or self.task.status.is_final or any(phase in DISRUPTIVE for phase in self.task.phases_done)

    @property
    def has_lost_something(self) -> bool:
        """True when post-checks found a loss."""
        return worst(tuple(c for c in self.task.post_checks if c.name not in NO_LOSS)) is not Verdict.OK


class Tasks(Protocol):
    """The state of a run, as far as servers need it."""

    run: Run
    tasks: dict[str, TaskState]
    order: tuple[str, ...]

    def set_task(self, device: str, task: DeviceTask) -> tuple[str, ...]:
        """Replace a task; the device, as what changed."""
        ...


class ServerChoices:
    """Which servers of a run failed, and where their devices go. Everything follows from the records of the run."""

    def __init__(self, state: Tasks) -> None:
        self._state = state
        self.spare: dict[str, PlannedTask] = {}  # rows of servers that nobody needs yet
        self._failed_pulls: Counter[str] = Counter()
        self.given_up: dict[str, str] = {}  # server -> why no device pulls from it any more
        self._unreached: dict[tuple[str, str], str] = {}  # (server, sort) -> what the probe of such a device said
        self.said: list[str] = []  # for people, a sentence for each server that devices left
        self._told: set[tuple[str, str]] = set()

    def against(self, state: TaskState) -> str:
        """Why this device does not pull from its present server any more; "" when it may."""
        server = state.task.server
        return self.given_up.get(server) or self._unreached.get((server, state.sort), "")

    def after_plan(self, at: datetime) -> tuple[str, ...]:
        """Devices were planned while others moved: what was learned of servers meanwhile holds for them too."""
        changed: tuple[str, ...] = ()
        for server, why in self.given_up.items():
            changed += self._leave(server, why, at)
        for (server, sort), why in self._unreached.items():
            changed += self._leave(server, why, at, sort)
        return changed

    def after_end(self, task: DeviceTask, at: datetime) -> tuple[str, ...]:
        """A task was ended by the engine: the devices of a server that never came to its upload go elsewhere."""
        return self._leave(server_of(task), task.message, at) if task.is_server else ()

    def after_phase(self, state: TaskState, record: PhaseEnded) -> tuple[str, ...]:
        """Whom the end of an upload, or of a pull, sends to another server."""
        task, result = state.task, record.result
        if task.is_server:
            is_lost = task.status.is_final and task.status is not TaskStatus.SUCCESS
            return self._leave(server_of(task), task.message, record.at) if is_lost else ()
        server = task.server
        is_copied = any(op.kind is OpKind.COPY_IMAGE and op.status is OpStatus.SUCCESS for op in task.operations)
        if result.outcome is Outcome.DISTRIBUTED and is_copied and server != next(iter(task.servers), server):
            said = f"{task.message}; it came from {shown_name(server)}, as {shown_name(task.servers[0])} failed"
            return self._state.set_task(task.device, replace(task, message=said))
        if result.status is PhaseStatus.HELD and record.phase is Phase.DISTRIBUTE and (why := self.against(state)):
            return self._leave(server, why, record.at, "" if server in self.given_up else state.sort)
        if not result.next_server or record.phase is not Phase.DISTRIBUTE or not server:
            return ()
        if server != LOCAL_SERVER:  # a push that fails says nothing of the next device's
            self._failed_pulls[server] += MAX_FAILED_PULLS if result.server_failed else 1
        why = result.message or (result.problem.message if result.problem else "")
        changed: tuple[str, ...] = ()
        if self._failed_pulls[server] >= MAX_FAILED_PULLS and server not in self.given_up:
            self.given_up[server] = why
            row = self._state.tasks.get(f"{SERVER_TASK}{server}")
            if row is not None:
                changed = self._state.set_task(row.task.device, replace(row.task, message=f"given up: {why}"))
        if result.probe_failed:
            self._unreached[server, state.sort] = why
        to = self._next(state)
        if to and task.status is TaskStatus.FAILURE:
            reopened = replace(task, outcome=Outcome.NONE, code="", remedy="", ended_at=None)
            changed += self._move(record.device, reopened, to, why)
        if server in self.given_up:
            changed += self._leave(server, why, record.at)
        elif result.probe_failed:
            changed += self._leave(server, why, record.at, state.sort)
        return changed

    def _leave(self, server: str, why: str, at: datetime, sort: str = "") -> tuple[str, ...]:
        """Every device (of this sort, if one is named) that waits for this server goes on with its next choice."""
        if self._state.run.cancel_requested:
            return ()  # they are ended as cancelled
        if not sort:
            self.given_up.setdefault(server, why)
        if (server, sort) not in self._told:
            self._told.add((server, sort))
            which = f"devices of {sort} go" if sort else "its devices go"
            self.said.append(f"SWIM server {server}: {why}; {which} on with their next choice")
        changed: tuple[str, ...] = ()
        for device, state in list(self._state.tasks.items()):
            if state.running is not None or not _waits_for(state.task, server) or sort not in ("", state.sort):
                continue
            to, task = self._next(state), _with_check(state.task, server, why) if sort else state.task
            if to:
                changed += self._move(device, task, to, why)
            else:
                changed += self._state.set_task(device, _without_server(task, why, at))
        return changed

    def _move(self, device: str, task: DeviceTask, to: str, why: str) -> tuple[str, ...]:
        row = self.spare.pop(f"{SERVER_TASK}{to}", None)
        if row is not None:
            self._state.tasks[row.task.device] = TaskState(row.task, row.wants)
            self._state.order = (row.task.device, *self._state.order)
        changed = self._state.set_task(device, _moved(task, to, why))
        return (*changed, row.task.device) if row is not None else changed

    def _next(self, state: TaskState) -> str:
        """The server after the present one; empty when none is left."""
        task = state.task
        behind = task.servers[task.servers.index(task.server) + 1 :] if task.server in task.servers else ()
        return next((name for name in behind if self._is_usable(name, state.sort)), "")

    def _is_usable(self, name: str, sort: str) -> bool:
        if (name, sort) in self._unreached:
            return False
        row = self._state.tasks.get(f"{SERVER_TASK}{name}")
        is_lost = row is not None and row.task.status.is_final and row.task.status is not TaskStatus.SUCCESS
        return name == LOCAL_SERVER or (name not in self.given_up and not is_lost)


def server_of(task: DeviceTask) -> str:
    """The server whose row this is."""
    return task.device.removeprefix(SERVER_TASK)


def shown_name(server: str) -> str:
    """A choice in words."""
    return "the Local File Server" if server == LOCAL_SERVER else server


def _waits_for(task: DeviceTask, server: str) -> bool:
    return task.server == server and not task.status.is_final and Phase.DISTRIBUTE not in task.phases_done


def _moved(task: DeviceTask, to: str, why: str) -> DeviceTask:
    """The task, waiting to get its image elsewhere; the operations of its copy begin anew."""
    said = f"{shown_name(task.server)} failed: {why}; goes on with {shown_name(to)}"
    operations = tuple(op if op.phase in task.phases_done else _again(op, task.server, to) for op in task.operations)
    return replace(task, server=to, status=TaskStatus.YET_TO_START, operations=operations, message=said)


def _with_check(task: DeviceTask, server: str, why: str) -> DeviceTask:
    """The task with what the probe of another device of its sort showed."""
    name = server_reachable(server)
    if any(check.name == name for check in task.checks):
        return task
    action = f"look at the route from the devices to {server}, or choose another server"
    return replace(
        task, checks=(*task.checks, Check(name, Verdict.FAILED, f"a probe pulled from {server}", why, action))
    )


def _again(op: OperationState, old: str, new: str) -> OperationState:
    title = op.title
    if op.kind is OpKind.PROBE_SERVER:
        title = f"Probing {shown_name(new)}"
    if op.kind is OpKind.COPY_IMAGE:
        title = title.replace(f" from {shown_name(old)} to ", f" from {shown_name(new)} to ", 1)
    return replace(op, title=title, status=OpStatus.PENDING, message="", started_at=None, ended_at=None)


def _without_server(task: DeviceTask, why: str, at: datetime) -> DeviceTask:
    """The task, failed: its servers cannot be used and there is no other way."""
    words = f"{shown_name(task.server)} failed: {why}; it has no other server, and the image cannot be pushed"
    result = PhaseResult(PhaseStatus.FAILURE, Outcome.COPY_FAILED, words)
    return end_task(task, TaskStatus.FAILURE, Outcome.COPY_FAILED, at, result)
