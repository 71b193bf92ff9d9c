"""How a device task changes: an operation replaced, the task ended with its outcome, code and remedy. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from swim_tui.model.job import DeviceTask, OperationState, OpStatus, TaskStatus
from swim_tui.model.outcome import OUTCOMES, Outcome
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import Phase


def with_operation(task: DeviceTask, fresh: OperationState) -> DeviceTask:
    """The task with this operation in place of the one with its id."""
    return replace(task, operations=tuple(fresh if op.id == fresh.id else op for op in task.operations))


def close_operations(task: DeviceTask, status: TaskStatus) -> DeviceTask:
    """No operation of an ended task is left Pending or Running."""
    fate = OpStatus.FAILURE if status in (TaskStatus.FAILURE, TaskStatus.INTERRUPTED) else OpStatus.CANCELLED
    if status is TaskStatus.SUCCESS:
        fate = OpStatus.SKIPPED
    closed = []
    for op in task.operations:
        if op.status is OpStatus.RUNNING:
            op = replace(op, status=fate)
        elif op.status is OpStatus.PENDING:
            op = replace(op, status=OpStatus.SKIPPED if status is TaskStatus.SUCCESS else OpStatus.CANCELLED)
        closed.append(op)
    return replace(task, operations=tuple(closed))


def success_outcome(result: PhaseResult, task: DeviceTask, phase: Phase) -> Outcome:
    """What a task ended as when its last phase succeeded and did not name an outcome."""
    if result.outcome in (Outcome.NONE, Outcome.UPGRADED, Outcome.FPD_PENDING):
        if phase is Phase.ROLLBACK:
            return Outcome.ROLLED_BACK
        if phase is Phase.COMMIT and not {Phase.ACTIVATE, Phase.ROLLBACK} & set(task.phases_done):
            return Outcome.COMMITTED
    if result.outcome is not Outcome.NONE:
        return result.outcome
    if phase is Phase.COMMIT and task.outcome is not Outcome.NONE:
        return task.outcome
    by_phase = {
        Phase.DISTRIBUTE: Outcome.DISTRIBUTED,
        Phase.UPLOAD: Outcome.DISTRIBUTED,
        Phase.ACTIVATE: Outcome.UPGRADED,
    }
    return by_phase.get(phase, Outcome.NONE)


def end_task(task: DeviceTask, status: TaskStatus, outcome: Outcome, at: datetime, result: PhaseResult) -> DeviceTask:
    """The task ended by the result of a phase."""
    words = OUTCOMES[outcome]
    problem = result.problem
    message = result.message or (problem.message if problem else "") or task.message
    if result.left_behind:
        message = f"{message}; left behind: {', '.join(result.left_behind)}"
    is_named = problem is not None and (outcome in (Outcome.FAILED, Outcome.COPY_FAILED) or not words.remedy)
    return replace(
        close_operations(task, status),
        status=status,
        outcome=outcome,
        message=message,
        code=words.code,
        remedy=problem.remedy if is_named and problem is not None and problem.remedy else words.remedy,
        waiting_for="",
        ended_at=at,
    )
