"""What earlier runs did to a device: which software it was given, from which it came, which hashes were right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from swim_tui.engine.journal import read_plan
from swim_tui.engine.state import State
from swim_tui.model.job import DeviceTask, OpStatus, TaskStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import DevicePlan, OpKind

CHANGED_SOFTWARE = frozenset(
    {
        Outcome.UPGRADED,
        Outcome.FPD_PENDING,
        Outcome.NOT_COMMITTED,
        Outcome.OTHER_IMAGE,
        Outcome.MEMBER_NOT_READY,
        Outcome.UNREACHABLE,
        Outcome.LOGIN_REFUSED,
    }
)
"""Outcomes after which a device runs, or may soon run, other software; a rollback is not undone by another."""
_SETTLED = frozenset({Outcome.COMMITTED, Outcome.ROLLED_BACK})


class Past:
    """Tasks and plans of runs that are over. Blocks for the disk."""

    def __init__(self, state: State) -> None:
        self._state = state

    def last_upgrade(self, device: str) -> DevicePlan | None:
        """The plan of the newest task that gave, or may have given, the device other software."""
        plans = (self._plan_of(task) for task in self._newest(device, CHANGED_SOFTWARE))
        return next((plan for plan in plans if plan is not None), None)

    def not_committed(self, device: str) -> str:
        """The version that was activated last and was left without a commit, "" when there is none."""
        newest = next(self._newest(device, CHANGED_SOFTWARE | _SETTLED), None)
        return newest.to_version if newest is not None and newest.outcome is Outcome.NOT_COMMITTED else ""

    def verified_at(self, device: str, image_id: str, files: tuple[str, ...]) -> datetime | None:
        """When the hashes of this image, and of every file of its set, were last right on this device."""
        ends = [
            op.ended_at
            for task in self._state.tables.tasks.where(device=device, image_id=image_id)
            if not files or set(files) <= self._files_of(task)
            for op in task.operations
            if op.kind is OpKind.VERIFY_IMAGE and op.status is OpStatus.SUCCESS and op.ended_at is not None
        ]
        return max(ends, default=None)

    def _newest(self, device: str, outcomes: frozenset[Outcome]) -> Iterator[DeviceTask]:
        tasks = [task for task in self._state.tables.tasks.where(device=device) if task.outcome in outcomes]
        return iter(sorted(tasks, key=lambda task: int(task.run_id), reverse=True))

    def _plan_of(self, task: DeviceTask) -> DevicePlan | None:
        plan = read_plan(self._state.paths.run(task.run_id))
        return next((p for p in plan.devices if p.device == task.device), None) if plan else None

    def _files_of(self, task: DeviceTask) -> set[str]:
        """The files that a successful task verified, as its plan names them."""
        plan = self._plan_of(task) if task.status is TaskStatus.SUCCESS else None
        return set(plan.image_ids or (plan.image_id,)) if plan is not None else set()
