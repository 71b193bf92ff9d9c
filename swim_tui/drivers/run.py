"""Run one phase: the one boundary where errors become results."""

from __future__ import annotations

import logging

from swim_tui.clock import Clock, SystemClock
from swim_tui.drivers.contract import PhaseContext, PhaseRequest
from swim_tui.drivers.importing import run_import
from swim_tui.drivers.outcomes import outcome_of
from swim_tui.drivers.prepare import run_prepare
from swim_tui.drivers.recover import NeitherShown
from swim_tui.drivers.registry import driver_of
from swim_tui.drivers.task import HeldBack, Task, message_of
from swim_tui.drivers.upload import run_upload
from swim_tui.errors import Cancelled, CheckFailed, SwimError, describe
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.net.contract import Net

log = logging.getLogger(__name__)
_NEEDS_CONSOLE = frozenset({Outcome.UNREACHABLE, Outcome.LOGIN_REFUSED, Outcome.OTHER_IMAGE, Outcome.BACK_ON_OLD})


def run_phase(request: PhaseRequest, ctx: PhaseContext, net: Net, *, clock: Clock | None = None) -> PhaseResult:
    """Run a phase to its end; every error, a bug included, is a result."""
    task = Task(request, ctx, net, clock or SystemClock())
    try:
        return _dispatch(task)
    except Cancelled as err:
        return _stopped(task, err)
    except SwimError as err:
        return _failed(task, err)
    except Exception as err:  # the boundary: a bug fails one device, not the worker
        log.exception("bug in phase %s of %s", request.phase, request.device.name)
        return _failed(task, err)
    finally:
        task.drop()


def _dispatch(task: Task) -> PhaseResult:
    if task.request.phase is Phase.PREPARE:
        return run_prepare(task)
    if task.request.phase is Phase.IMPORT:
        return run_import(task)
    if task.request.phase is Phase.UPLOAD:
        return run_upload(task)
    plan = task.plan
    if not plan.included:
        task.outcome = Outcome.EXCLUDED
        raise CheckFailed(check="Plan", expected="included", actual=plan.excluded_because)
    if plan.skipped_because:
        message = plan.skipped_because
        return PhaseResult(PhaseStatus.SUCCESS, Outcome.ALREADY_THERE, message, proven_version=plan.from_version)
    return driver_of(plan.device_class)(task)


def _stopped(task: Task, err: Cancelled) -> PhaseResult:
    is_held = isinstance(err, HeldBack) and not task.left_behind
    outcome = Outcome.ARMED if task.armed else Outcome.NONE if is_held else Outcome.CANCELLED
    return PhaseResult(
        PhaseStatus.HELD if is_held else PhaseStatus.CANCELLED,
        outcome,
        message_of(err),
        describe(err),
        left_behind=tuple(task.left_behind),
        recovery=recovery_steps(task) if task.armed else (),
    )


def _failed(task: Task, err: Exception) -> PhaseResult:
    problem = describe(err)
    version = task.proven.version.version if task.proven else ""
    if isinstance(err, NeitherShown):
        return PhaseResult(PhaseStatus.INTERRUPTED, Outcome.INTERRUPTED, problem.message, problem)
    outcome = task.outcome
    if outcome in (Outcome.NONE, Outcome.UPGRADED):
        outcome = outcome_of(err, task.op_kind) if isinstance(err, SwimError) else Outcome.FAILED
    if task.armed:
        outcome = Outcome.ARMED
    return PhaseResult(
        PhaseStatus.FAILURE,
        outcome,
        problem.message,
        problem,
        proven_version=version,
        left_behind=tuple(task.left_behind),
        recovery=recovery_steps(task) if outcome in _NEEDS_CONSOLE else (),
        next_server=task.next_server and not task.left_behind,
        server_failed=task.server_failed,
        probe_failed=task.probe_failed,
    )


def recovery_steps(task: Task) -> tuple[str, ...]:
    """Console steps of the pack with the names of this device filled in."""
    plan = task.request.plan
    if plan is None or task.request.pack is None:
        return ()
    fs = next((op.file_system for op in plan.operations if op.kind is OpKind.SET_BOOT), task.pack.boot_file_system)
    names = {"{old}": plan.from_image, "{new}": plan.to_image, "{fs}": fs}
    steps = []
    for step in task.pack.recovery:
        for key, value in names.items():
            step = step.replace(key, value)
        steps.append(step)
    if task.request.device.console:
        steps.insert(0, f"console: {task.request.device.console}")
    return tuple(steps)
