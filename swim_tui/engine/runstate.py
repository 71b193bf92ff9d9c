"""A run as its journal tells it: `apply` one record after the other. No I/O, no clock: recovery and the live engine
come to the same state from the same records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from swim_tui.engine.board import DISRUPTIVE
from swim_tui.engine.history import (
    ChecksMade,
    Control,
    ControlKind,
    IntentLogged,
    IntentRefused,
    OpBegan,
    OpEnded,
    PhaseDispatched,
    PhaseEnded,
    PhaseLost,
    PlanMade,
    Record,
    RunCreated,
    RunEnded,
    RunRecovered,
    RunStopped,
    TaskEnded,
)
from swim_tui.engine.serverstate import ServerChoices, TaskState
from swim_tui.engine.tasks import close_operations, end_task, success_outcome, with_operation
from swim_tui.model.job import (
    Counts,
    DeviceTask,
    Job,
    OperationState,
    OpStatus,
    Run,
    RunStatus,
    TaskStatus,
    with_act,
)
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import OUTCOMES, Outcome
from swim_tui.model.phase import ChecksDone, IntentRecord, OpFinished, OpStarted, PhaseStatus
from swim_tui.model.plan import OpKind, Phase

DOWN_OUTCOMES = frozenset({Outcome.UNREACHABLE, Outcome.LOGIN_REFUSED, Outcome.MEMBER_NOT_READY})
"""Outcomes after which a device is not up, or not whole."""
_TITLES = {
    Phase.PREPARE: "Reading device state",
    Phase.IMPORT: "Copying image",  # from a file, an address or a server as well
}
AUTH_REFUSED = "SWIM-4030"
UNNAMED = "?"
"""A login was refused and the error does not name its profile: that of the device is meant."""
_NO_LOGIN = frozenset(f"SWIM-{code}" for code in (4000, 4010, 4015, 4020, 4030, 4031, 4040, 4045, 4050, 4060))


class RunState:
    """The state of one run."""

    def __init__(self, created: RunCreated) -> None:
        self.run: Run = created.run
        self.job: Job = created.job
        self.needs_plan = created.needs_plan
        self.is_planned = False  # every task is
        self.has_plan = False  # some are
        self.tasks: dict[str, TaskState] = {t.device: TaskState(t, created.wants) for t in created.tasks}
        self.order: tuple[str, ...] = tuple(self.tasks)
        self.forgiven: frozenset[str] = frozenset()
        self._servers = ServerChoices(self)
        self._by_status = Counter(state.task.status for state in self.tasks.values())
        self._count()

    @classmethod
    def replay(cls, records: Iterable[Record]) -> RunState | None:
        """The state after all records; None when the run was never created on disk."""
        state: RunState | None = None
        for record in records:
            if isinstance(record, RunCreated):
                state = cls(record)
            elif state is not None:
                state.apply(record)
        return state

    @property
    def given_up(self) -> Mapping[str, str]:
        """SWIM servers that no device pulls from any more, with the reason."""
        return self._servers.given_up

    @property
    def server_failures(self) -> list[str]:
        """What was said of SWIM servers that devices left, oldest first."""
        return self._servers.said

    def against_server(self, device: str) -> str:
        """Why this device does not pull from its present server any more; "" when it may."""
        return self._servers.against(self.tasks[device])

    @property
    def guilty(self) -> frozenset[str]:
        """The devices that count for the activation stop."""
        return frozenset(device for device, state in self.tasks.items() if self.counts(state))

    def counts(self, state: TaskState) -> bool:
        """True when this task counts for the stop; in sequential activation a loss in the post-checks does too."""
        is_sequential = self.job.request.options.activate is not ActivateMode.PARALLEL
        return state.counts_for_stop or (is_sequential and state.has_reloaded and state.has_lost_something)

    def apply(self, record: Record) -> tuple[str, ...]:
        """Take one record in; returns the devices whose tasks changed."""
        match record:
            case PlanMade():
                return self._plan_made(record)
            case PhaseDispatched():
                return self._dispatched(record)
            case IntentLogged() | IntentRefused():
                return self._intent(record)
            case OpBegan():
                return self._op_began(record.device, record.phase, record.event)
            case OpEnded():
                return self._op_ended(record.device, record.phase, record.event)
            case ChecksMade():
                return self._checks(record.device, record.phase, record.event)
            case PhaseEnded():
                return self._phase_ended(record)
            case PhaseLost():
                self.tasks[record.device].is_lost = True
                return (record.device,)
            case TaskEnded():
                return self._task_ended(record)
            case Control():
                return self._control(record)
            case RunStopped():
                self.run = replace(self.run, stopped_because=record.because, message=record.because)
                return ()
            case RunEnded():
                return self._ended(record)
            case RunCreated() | RunRecovered():
                return ()

    def _awaits_plan(self, state: TaskState) -> bool:
        """True while it is not known yet which phases the task goes through."""
        return self.needs_plan and not (self.is_planned or state.is_planned)

    # --- one record each ---

    def set_task(self, device: str, task: DeviceTask) -> tuple[str, ...]:
        """Replace a task and keep the counters right; the device, as what changed."""
        state = self.tasks[device]
        before, state.task = state.task.status, task
        if before is not task.status and not task.is_server:
            self._by_status[before] -= 1
            self._by_status[task.status] += 1
            self._count()
        return (device,)

    def _count(self) -> None:
        by = self._by_status
        counts = Counts(
            total=sum(not state.task.is_server for state in self.tasks.values()),
            successful=by[TaskStatus.SUCCESS],
            failed=by[TaskStatus.FAILURE] + by[TaskStatus.INTERRUPTED],
            in_progress=by[TaskStatus.RUNNING],
            not_started=by[TaskStatus.YET_TO_START],
            cancelled=by[TaskStatus.CANCELLED],
            excluded=by[TaskStatus.EXCLUDED],
        )
        self.run = replace(self.run, counts=counts)

    def _plan_made(self, record: PlanMade) -> tuple[str, ...]:
        self.is_planned, self.has_plan = not record.is_part, True
        for planned in record.tasks:
            if planned.task.device not in self.tasks:  # the row of a server
                self.tasks[planned.task.device] = TaskState(planned.task, planned.wants)
            self.tasks[planned.task.device].wants = planned.wants
            self.tasks[planned.task.device].sort = planned.sort
            self.tasks[planned.task.device].is_planned = True
            self.set_task(planned.task.device, planned.task)
        self._servers.spare = {planned.task.device: planned for planned in record.spare}
        self.order = record.order
        sha256 = self.run.plan_sha256 if record.is_part else record.sha256
        message = "; ".join(filter(None, (self.run.message, record.note)))
        self.run = replace(self.run, plan_sha256=sha256, message=message)
        return (*(planned.task.device for planned in record.tasks), *self._servers.after_plan(record.at))

    def _dispatched(self, record: PhaseDispatched) -> tuple[str, ...]:
        state = self.tasks[record.device]
        state.running, state.is_lost = record, False
        state.attempts[record.phase] = record.attempt
        task = replace(
            state.task,
            status=TaskStatus.RUNNING,
            phase=record.phase,
            waiting_for="",
            started_at=state.task.started_at or record.at,
        )
        if self.run.started_at is None:
            self.run = replace(self.run, started_at=record.at)
        return self.set_task(record.device, task)

    def _intent(self, record: IntentLogged | IntentRefused) -> tuple[str, ...]:
        state = self.tasks[record.device]
        if isinstance(record, IntentLogged):
            state.open_intents.append((record.phase, IntentRecord(record.intent, record.at, record.attempt)))
            state.intents_of[record.intent.op_id] = record.number
            return ()
        for number, (_, known) in reversed(list(enumerate(state.open_intents))):
            if known.intent.op_id == record.op_id and known.attempt == record.attempt:
                del state.open_intents[number]
                state.intents_of[known.intent.op_id] -= 1
                break
        return ()

    def _op_began(self, device: str, phase: Phase, event: OpStarted) -> tuple[str, ...]:
        task = self._with_operation(device, phase, event.op_id)
        state = self._operation(task, event.op_id)
        fresh = replace(state, status=OpStatus.RUNNING, started_at=state.started_at or event.at, ended_at=None)
        return self.set_task(device, replace(with_operation(task, fresh), message=fresh.title))

    def _op_ended(self, device: str, phase: Phase, event: OpFinished) -> tuple[str, ...]:
        task = self._with_operation(device, phase, event.op_id)
        message = event.message or (event.problem.one_line() if event.problem else "")
        state = self._operation(task, event.op_id)
        fresh = replace(state, status=event.status, message=message, ended_at=event.at)
        return self.set_task(device, with_operation(task, fresh))

    def _checks(self, device: str, phase: Phase, event: ChecksDone) -> tuple[str, ...]:
        task = self.tasks[device].task
        kind = next((op.kind for op in task.operations if op.id == event.op_id), None)
        names = {check.name for check in event.checks}
        if kind is OpKind.POST_CHECKS:
            kept = tuple(check for check in task.post_checks if check.name not in names)
            return self.set_task(device, replace(task, post_checks=kept + event.checks))
        kept = tuple(check for check in task.checks if check.name not in names)
        return self.set_task(device, replace(task, checks=kept + event.checks))

    def _with_operation(self, device: str, phase: Phase, op_id: str) -> DeviceTask:
        """The task, with an operation the plan did not name (reading state in prepare) added."""
        task = self.tasks[device].task
        if any(op.id == op_id for op in task.operations):
            return task
        title = _TITLES.get(phase, op_id.replace("-", " ").capitalize())
        return replace(task, operations=(*task.operations, OperationState(op_id, OpKind.READ_STATE, phase, title)))

    @staticmethod
    def _operation(task: DeviceTask, op_id: str) -> OperationState:
        return next(op for op in task.operations if op.id == op_id)

    def _phase_ended(self, record: PhaseEnded) -> tuple[str, ...]:
        state = self.tasks[record.device]
        result = record.result
        state.running, state.is_lost, state.result = None, False, result
        state.open_intents = [pair for pair in state.open_intents if pair[0] is not record.phase]
        code = result.problem.code if result.problem else ""
        state.logged_in = (
            state.logged_in or result.status is PhaseStatus.SUCCESS or bool(code and code not in _NO_LOGIN)
        )
        if code == AUTH_REFUSED and result.outcome is not Outcome.LOGIN_REFUSED:
            state.auth_refused = str(result.problem.data.get("profile") or UNNAMED) if result.problem else ""
        if result.outcome is Outcome.UPGRADED or (
            result.status is PhaseStatus.SUCCESS
            and record.phase in DISRUPTIVE
            and result.outcome is not Outcome.ALREADY_THERE
        ):
            state.has_reloaded = True
        self.set_task(record.device, self._signed(self._after(state, record)))
        return (record.device, *self._servers.after_phase(state, record))

    def _signed(self, task: DeviceTask) -> DeviceTask:
        """A task that a person cancelled or skipped says who."""
        state = self.tasks[task.device]
        by = state.cancelled_by or self.run.cancelled_by
        if task.status is not TaskStatus.CANCELLED or not by:
            return task
        signature = f"by {by}" if state.is_skipped else f"cancelled by {by}"
        return replace(task, message=f"{task.message} ({signature})")

    def _after(self, state: TaskState, record: PhaseEnded) -> DeviceTask:
        """The task after a phase: on to the next one, waiting again, or ended."""
        result = record.result
        task = replace(
            state.task,
            proven_version=result.proven_version or state.task.proven_version,
            recovery=result.recovery or state.task.recovery,
            commit_by=_commit_by(state.task, record),
        )
        match result.status:
            case PhaseStatus.HELD:
                undone = tuple(
                    replace(op, status=OpStatus.PENDING, message="", started_at=None, ended_at=None)
                    if op.phase is record.phase
                    else op
                    for op in task.operations
                )
                return replace(task, operations=undone, message="stopped before its reload: the run is on hold")
            case PhaseStatus.SUCCESS:
                done = (*task.phases_done, record.phase)
                task = replace(task, phases_done=done, message=result.message or task.message)
                is_over = all(phase in done for phase in state.wants) and not self._awaits_plan(state)
                if not is_over and result.outcome is not Outcome.ALREADY_THERE:
                    # an activation that waits for its commit keeps its outcome, so that a crash shows it
                    keeps = record.phase in DISRUPTIVE
                    return replace(task, outcome=result.outcome if keeps else task.outcome)
                return end_task(
                    task, TaskStatus.SUCCESS, success_outcome(result, task, record.phase), record.at, result
                )
            case PhaseStatus.CANCELLED:
                outcome = result.outcome if result.outcome is not Outcome.NONE else Outcome.CANCELLED
                return end_task(task, TaskStatus.CANCELLED, outcome, record.at, result)
            case PhaseStatus.INTERRUPTED:
                outcome = result.outcome if result.outcome is not Outcome.NONE else Outcome.INTERRUPTED
                return end_task(task, TaskStatus.INTERRUPTED, outcome, record.at, result)
            case PhaseStatus.FAILURE:
                outcome = result.outcome if result.outcome is not Outcome.NONE else Outcome.FAILED
                return end_task(task, TaskStatus.FAILURE, outcome, record.at, result)

    def _task_ended(self, record: TaskEnded) -> tuple[str, ...]:
        words = OUTCOMES[record.outcome]
        task = replace(
            close_operations(self.tasks[record.device].task, record.status),
            status=record.status,
            outcome=record.outcome,
            message=record.message,
            code=words.code,
            remedy=record.remedy or words.remedy,
            waiting_for="",
            ended_at=record.at,
        )
        task = self._signed(task)
        self.set_task(record.device, task)
        return (record.device, *self._servers.after_end(task, record.at))

    def _control(self, record: Control) -> tuple[str, ...]:
        what = f"{record.action} {record.device}".strip()
        self.run = replace(self.run, acts=with_act(self.run.acts, record.at, what, record.by))
        match record.action:
            case ControlKind.HOLD:
                self.run = replace(self.run, hold=True, hold_by=record.by)
            case ControlKind.RESUME:
                self.forgiven = self.guilty
                self.run = replace(self.run, hold=False, hold_by="", stopped_because="", message="")
            case ControlKind.CANCEL:
                by = record.by or "a person"
                self.run = replace(self.run, cancel_requested=True, cancelled_by=by, message=f"cancelled by {by}")
            case ControlKind.CANCEL_DEVICE | ControlKind.SKIP_DEVICE:
                state = self.tasks[record.device]
                state.cancel, state.cancelled_by = True, record.by or "a person"
                state.is_skipped = record.action is ControlKind.SKIP_DEVICE
                return (record.device,)
            case ControlKind.REORDER:
                return self._reorder(record.order)
        return ()

    def _reorder(self, order: tuple[str, ...]) -> tuple[str, ...]:
        begun = [device for device in self.order if self.tasks[device].task.is_server or self.tasks[device].has_begun]
        known = [device for device in order if device in self.tasks and device not in begun]
        placed = {*begun, *known}
        self.order = (*begun, *known, *(device for device in self.order if device not in placed))
        position = 0
        for device in self.order:
            task = self.tasks[device].task
            if task.position:
                position += 1
                self.tasks[device].task = replace(task, position=position)
        return self.order

    def _ended(self, record: RunEnded) -> tuple[str, ...]:
        self.run = replace(
            self.run,
            status=record.status,
            ended_at=record.at,
            message=record.message or self.run.message,
            images_collected=record.images,
            barrier="",
        )
        return ()

    def since_start_s(self, now: datetime) -> float:
        """Seconds since the first phase was dispatched."""
        return (now - self.run.started_at).total_seconds() if self.run.started_at else 0.0

    @property
    def is_over(self) -> bool:
        """True when the run has ended."""
        return self.run.status not in (RunStatus.RUNNING, RunStatus.SCHEDULED)


def _commit_by(task: DeviceTask, record: PhaseEnded) -> datetime | None:
    """The deadline of the commit, until it is committed."""
    is_done = record.phase is Phase.COMMIT and record.result.status is PhaseStatus.SUCCESS
    return None if is_done else record.result.commit_by or task.commit_by
