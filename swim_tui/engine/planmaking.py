"""From facts to tasks: the plan of a run is made, written, compared with what was approved, and given to its tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from swim_tui.engine.history import PlanMade, PlannedTask, TaskEnded
from swim_tui.engine.journal import write_plan
from swim_tui.engine.live import LiveRun
from swim_tui.engine.seams import Planned
from swim_tui.errors import PlanChanged, SwimError, describe
from swim_tui.model.job import SERVER_TASK, DeviceTask, Job, JobType, OperationState, OpStatus, TaskStatus
from swim_tui.model.outcome import OUTCOMES, Outcome
from swim_tui.model.plan import DevicePlan, Phase, ServerPlan

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs


async def make_plan(runs: Runs, live: LiveRun) -> None:
    """Plan the open tasks of a run from the facts it read; the plan is on disk before anything follows it.

    While some are still read this is a part of the plan. What is planned already keeps its plan.
    """
    tasks = live.state.tasks
    kept = {name: live.plans[name] for name, state in tasks.items() if state.is_planned and name in live.plans}
    waiting = [s for s in tasks.values() if not (s.task.status.is_final or s.task.is_server or s.is_planned)]
    devices = [s.task.device for s in waiting if Phase.PREPARE in s.task.phases_done or Phase.PREPARE not in s.wants]
    is_part = len(devices) < len(waiting)
    chosen = {*devices, *kept}
    facts = {name: live.facts[name] for name in tasks if name in chosen and name in live.facts}
    try:
        planned = await asyncio.to_thread(runs.planner.plan, live.state.job, facts, kept)
        await asyncio.to_thread(write_plan, live.journal.folder, planned.plan)
    except (SwimError, OSError) as err:
        problem = describe(err)
        for device in devices:
            ended = TaskEnded(
                runs.state.clock.now(), device, TaskStatus.FAILURE, Outcome.FAILED, problem.message, problem.remedy
            )
            runs.record(live, ended)
        runs.wake()
        return
    finally:
        live.is_planning = False
    _follow(runs, live, planned, devices, is_part=is_part)
    runs.wake()


def _follow(runs: Runs, live: LiveRun, planned: Planned, devices: Sequence[str], *, is_part: bool) -> None:
    plan = planned.plan
    live.use_plan(plan)
    live.network, live.windows = planned.network, dict(planned.windows)
    order = tuple(entry.device for entry in plan.order)
    positions = {device: number for number, device in enumerate(order, 1)}
    tasks = [
        _planned_task(runs, live, planned, device, positions.get(device, 0))
        for device in devices
        if not live.state.tasks[device].task.status.is_final
    ]
    for device, state in live.state.tasks.items():
        if state.is_planned and device in positions and not state.task.status.is_final:  # its place is known better now
            task = replace(state.task, position=positions[device])
            tasks.append(PlannedTask(task, state.wants, state.sort))
    rows = [_server_row(live, server) for server in plan.servers]
    new = [row for row in rows if row.task.device not in live.state.tasks]
    pulled = {task.task.server for task in tasks if not task.task.status.is_final}
    needed = tuple(row for row in new if row.task.device.removeprefix(SERVER_TASK) in pulled)
    spare = tuple(row for row in new if row not in needed)
    first = (*(row.task.device for row in rows if row not in spare),)
    rest = tuple(device for device in live.state.order if device not in {*positions, *first})
    note = "; ".join(planned.notes)
    now = runs.state.clock.now()
    record = PlanMade(now, plan.sha256, (*needed, *tasks), (*first, *order, *rest), note, spare, is_part)
    runs.record(live, record)
    live.touch_all()
    for words in planned.notes:
        runs.state.notify("warning", words, run_id=live.id)


def _planned_task(runs: Runs, live: LiveRun, planned: Planned, device: str, position: int) -> PlannedTask:
    """One task that was read: excluded with the reason, or with its operations and phases."""
    task, own = live.state.tasks[device].task, live.plans.get(device)
    if own is None:
        return _excluded(task, "no plan could be made for it", runs)
    if device in planned.changed:
        said = describe(PlanChanged(device=device, detail=planned.changed[device]))
        return _excluded(_with_plan(task, own, 0), said.message, runs, said.remedy)
    if not own.included:
        return _excluded(_with_plan(task, own, 0), own.excluded_because, runs)
    return _included(_with_plan(task, own, position), own, live.state.job, runs)


def _server_row(live: LiveRun, plan: ServerPlan) -> PlannedTask:
    """A SWIM server among the device tasks: it is given its images before its devices pull."""
    operations = tuple(OperationState(op.id, op.kind, op.phase, op.title) for op in plan.operations)
    name = f"{SERVER_TASK}{plan.server}"
    images = ", ".join(op.path.rpartition("/")[2] for op in plan.images)
    task = DeviceTask(live.id, name, plan.address, image_file=images, operations=operations)
    return PlannedTask(task, (Phase.UPLOAD,))


def _with_plan(task: DeviceTask, plan: DevicePlan, position: int) -> DeviceTask:
    """The task with the plan's operations; what was already done stays as it is."""
    done = {op.id: op for op in task.operations}
    planned = tuple(
        replace(done[op.id], kind=op.kind, title=op.title)
        if op.id in done
        else OperationState(op.id, op.kind, op.phase, op.title)
        for op in plan.operations
    )
    known = {op.id for op in planned}
    before = tuple(op for op in task.operations if op.id not in known and not _is_same_reading(op, planned))
    return replace(
        task,
        image_id=plan.image_id or task.image_id,
        image_file=plan.image_file or task.image_file,
        from_version=plan.from_version,
        to_version=plan.to_version,
        checks=plan.checks,
        operations=(*before, *_with_reading(planned, task)),
        position=position,
    )


def _is_same_reading(op: OperationState, planned: tuple[OperationState, ...]) -> bool:
    return op.phase is Phase.PREPARE and any(other.phase is Phase.PREPARE for other in planned)


def _with_reading(planned: tuple[OperationState, ...], task: DeviceTask) -> tuple[OperationState, ...]:
    """Reading the state came before the plan: its line shows as done, whatever id the worker gave it."""
    reading = next((op for op in task.operations if op.phase is Phase.PREPARE), None)
    if reading is None:
        return planned
    return tuple(
        replace(
            op, status=reading.status, message=reading.message, started_at=reading.started_at, ended_at=reading.ended_at
        )
        if op.phase is Phase.PREPARE and op.status is OpStatus.PENDING
        else op
        for op in planned
    )


def _excluded(task: DeviceTask, why: str, runs: Runs, remedy: str = "") -> PlannedTask:
    return _ended(task, Outcome.EXCLUDED, why, runs, status=TaskStatus.EXCLUDED, remedy=remedy)


def _included(task: DeviceTask, plan: DevicePlan, job: Job, runs: Runs) -> PlannedTask:
    if plan.skipped_because:
        return _ended(task, Outcome.ALREADY_THERE, plan.skipped_because, runs)
    if job.request.options.dry_run:
        return _ended(task, Outcome.NONE, "dry run: the plan was made, nothing was changed", runs)
    servers = plan.servers
    task = replace(task, server=servers[0] if servers else "", servers=servers)
    return PlannedTask(task, phases_to_do(plan, job), f"{plan.pack} {plan.from_version}")


def _ended(
    task: DeviceTask,
    outcome: Outcome,
    message: str,
    runs: Runs,
    *,
    status: TaskStatus = TaskStatus.SUCCESS,
    remedy: str = "",
) -> PlannedTask:
    """A task that is over with its plan: nothing of it is done."""
    words = OUTCOMES[outcome]
    skipped = tuple(
        replace(op, status=OpStatus.SKIPPED) if op.status is OpStatus.PENDING else op for op in task.operations
    )
    ended = replace(
        task,
        status=status,
        outcome=outcome,
        message=message,
        code=words.code,
        remedy=remedy or words.remedy,
        waiting_for="",
        operations=skipped,
        ended_at=runs.state.clock.now(),
    )
    return PlannedTask(ended, (Phase.PREPARE,))


_PHASES = (Phase.DISTRIBUTE, Phase.ACTIVATE, Phase.COMMIT, Phase.ROLLBACK)
_LAST = {JobType.DISTRIBUTION: Phase.DISTRIBUTE, JobType.CONFIG_ARCHIVE: Phase.DISTRIBUTE}


def phases_to_do(plan: DevicePlan, job: Job) -> tuple[Phase, ...]:
    """The phases a plan has operations for, in order; every job has at least the one it is named after."""
    planned = {op.phase for op in plan.operations}
    wanted = tuple(phase for phase in _PHASES if phase in planned)
    return (Phase.PREPARE, *(wanted or tuple(filter(None, (_LAST.get(job.request.type),)))))
