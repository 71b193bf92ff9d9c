"""The phases of IOS-XR: add, activate, proof, post-checks; the commit only after them (DEVICE_FACTS 6.8, 6.9, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from swim_tui.drivers import look
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.recover import settle_reload
from swim_tui.drivers.reload import evidence_of
from swim_tui.drivers.task import Handler, OpDone, Task, message_of
from swim_tui.drivers.wait import wait_for_boot
from swim_tui.drivers.xr_prove import fpds_pending, post_checks_xr, pre_checks_xr, prove_xr
from swim_tui.drivers.xr_request import follow, is_busy, last_number, result_of, send, started, wait_idle
from swim_tui.drivers.xr_settle import NUMBER, RUNNING, added_before, settle_xr
from swim_tui.errors import CommandError, ConnectError, UnknownPrompt, VersionMismatch
from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallResult
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import Operation, OpKind, Phase
from swim_tui.model.version import same_version
from swim_tui.parse import device_refusal

_ADD_ID = "add_operation"
_COMMIT_TRIES = 4


def run_xr(task: Task) -> PhaseResult:
    """All operations of the phase; what is not committed says so, and so do FPDs that wait."""
    result = success(task, run_operations(task, HANDLERS, _settle))
    facts = task.proven
    if task.request.phase is Phase.DISTRIBUTE or facts is None:
        return result
    pending = facts.install.is_uncommitted() if facts.install is not None else None
    if pending:
        message = f"{result.message}; not committed: a reload brings the old software back"
        return PhaseResult(PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED, message, proven_version=result.proven_version)
    fpds = fpds_pending(facts)
    if fpds:
        message = f"{result.message}; FPDs to upgrade: {', '.join(fpds)}"
        return PhaseResult(PhaseStatus.SUCCESS, Outcome.FPD_PENDING, message, proven_version=result.proven_version)
    return result


def _settle(task: Task, operations: Sequence[Operation]) -> int:
    reloads = any(op.kind is OpKind.RELOAD for op in operations)
    return settle_reload(task, operations) if reloads else settle_xr(task, operations)


def reload_router(task: Task, op: Operation) -> OpDone:
    """A reload that boots the committed software: intent on disk, sent once."""
    line = op.lines[0]
    wait_idle(task, line.timeout_s)
    task.evidence = evidence_of(task, look.read_version(task))
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    try:
        said = send(task, line)
    except (UnknownPrompt, CommandError):
        task.is_reload_sent, task.sent_at = False, None
        raise
    refusal = device_refusal(said) if said is not None else None
    if refusal is not None:
        task.is_reload_sent, task.sent_at = False, None
        raise CommandError(command=line.text, detail=refusal)
    return OpDone("the session ended")


def add(task: Task, op: Operation) -> OpDone:
    """`install add`, followed to its end; its number is what is activated."""
    line = op.lines[0]
    number = added_before(task)
    if number is None:
        wait_idle(task, line.timeout_s)
        before = last_number(task)
        task.barrier(op, line.text, {NUMBER: str(before)})
        number = started(task, line, send(task, line), before)
    follow(task, line.text, number, line.timeout_s)
    task.evidence[_ADD_ID] = str(number)
    task.left_behind.append(f"packages of {task.plan.to_version} are added, not activated")
    return OpDone(f"added by operation {number}")


def activate(task: Task, op: Operation) -> OpDone:
    """The line that reloads the router: intent on disk, sent once, followed by its number while the router is up."""
    line = op.lines[0]
    number = task.evidence.get(_ADD_ID, "")
    if "{id}" in line.text and not number:
        raise InstallFailed(command=line.text, detail="the number of the add operation is not known")
    line = replace(line, text=line.text.replace("{id}", number))
    wait_idle(task, line.timeout_s)
    facts = look.read_version(task)
    task.evidence = {**evidence_of(task, facts), NUMBER: str(last_number(task)), _ADD_ID: number}
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    try:
        said = send(task, line)
    except (UnknownPrompt, CommandError):
        task.is_reload_sent, task.sent_at = False, None  # stopped at a question, or refused: nothing was activated
        raise
    if said is None:
        return OpDone("sent; the session ended")
    try:
        operation = started(task, line, said, int(task.evidence[NUMBER]))
    except InstallFailed:
        task.is_reload_sent, task.sent_at = False, None
        raise
    except (CommandError, ConnectError):
        return OpDone("sent; the router does not answer any more")
    task.left_behind.clear()
    task.evidence[RUNNING] = str(operation)
    return OpDone(f"operation {operation} runs")


def wait_install(task: Task, op: Operation) -> OpDone:
    """Wait for the boot; while the router is up its operation is followed: failed ends, done without reload ends."""
    limit = task.pack.waits.install_limit_s / task.waits.scale

    def look_at_operation() -> None:
        number = task.evidence.get(RUNNING, "")
        if is_busy(task) or not number:
            return
        result, why = result_of(task, int(number))
        if result in (InstallResult.FAILED, InstallResult.ABORTED):
            task.is_reload_sent = False
            raise InstallFailed(command="install activate", detail=why or f"operation {number} {result}")
        if result is InstallResult.SUCCESS and same_version(_version(task), task.plan.to_version):
            raise _NoReload

    task.say(f"the router reloads when its operation is ready; within {limit:.0f} s and its boot")
    try:
        return wait_for_boot(task, look_at_operation, lambda facts: _is_new(task, facts))
    except _NoReload:
        task.stays_up = True
        return OpDone("activated without a reload")
    except CommandError as err:
        raise InstallFailed(command="install activate", detail=err.detail or str(err)) from err


def _is_new(task: Task, facts: Facts) -> bool:
    """Other software than before the line runs, and it is the planned one: that takes a reload."""
    now, before = facts.version.version, task.evidence.get("version", "")
    return bool(before) and not same_version(now, before) and same_version(now, task.plan.to_version)


def _version(task: Task) -> str:
    return look.read_version(task).version.version


class _NoReload(Exception):  # no error: it ends the wait
    """The new version runs and the router did not boot."""


def commit(task: Task, op: Operation) -> OpDone:
    """Only what was to be activated is committed; refused while nodes come up, so it is tried again."""
    line = op.lines[0]
    before = task.outcome
    task.outcome = Outcome.NOT_COMMITTED
    for tried in range(_COMMIT_TRIES):
        wait_idle(task, line.timeout_s)
        facts = _all_facts(task)
        runs, wanted = facts.version.version, task.plan.to_version
        if wanted and not same_version(runs, wanted):
            task.outcome = Outcome.BACK_ON_OLD if same_version(runs, task.plan.from_version) else Outcome.OTHER_IMAGE
            raise VersionMismatch(expected=f"{wanted}, to be committed", actual=runs)
        pending = facts.install.is_uncommitted() if facts.install is not None else None
        if pending is False:
            task.proven, task.outcome = facts, before
            look.tell_all(task)
            return OpDone(f"{runs} is committed", is_skipped=not task.committed)
        if tried and pending is None:
            break
        number = last_number(task)
        task.barrier(op, line.text, {"version": runs, NUMBER: str(number)})
        task.committed = True
        try:
            follow(task, line.text, started(task, line, send(task, line), number), line.timeout_s)
        except InstallFailed as err:
            if tried == _COMMIT_TRIES - 1:
                raise
            task.say(f"{message_of(err)}; trying again ({tried + 1} of {_COMMIT_TRIES - 1})")
            task.pause(task.waits.settle_s)
    facts = _all_facts(task)
    if facts.install is None or facts.install.is_uncommitted() is not False:
        raise InstallFailed(command=line.text, detail="active and committed packages still differ")
    task.proven, task.outcome = facts, before
    look.tell_all(task)
    return OpDone(f"{facts.version.version} is committed")


def _all_facts(task: Task) -> Facts:
    """Version and package sets, and FPDs: what waits is said at the end."""
    commands = (*look.VERSION_COMMANDS, *task.pack.install.state, *task.pack.install.checks)
    with task.shielded():
        return look.read_facts(task, tuple(dict.fromkeys(commands)))


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.PRE_CHECKS: pre_checks_xr,
    OpKind.INSTALL_ADD: add,
    OpKind.INSTALL: activate,
    OpKind.RELOAD: reload_router,
    OpKind.WAIT_RELOAD: wait_install,
    OpKind.PROVE: prove_xr,
    OpKind.POST_CHECKS: post_checks_xr,
    OpKind.COMMIT: commit,
}
