"""The phases of devices that run packages of XE 16 and later (DEVICE_FACTS 6.4, 7)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.drivers import look, smu
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.clean import erase
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install_output import judge_install
from swim_tui.drivers.install_prove import prove_packages
from swim_tui.drivers.install_settle import settle_install
from swim_tui.drivers.install_state import entries_since, install_evidence, is_busy
from swim_tui.drivers.reload import evidence_of
from swim_tui.drivers.task import Handler, OpDone, Task
from swim_tui.drivers.wait import wait_for_boot
from swim_tui.errors import CommandError, PromptTimeout, UnknownPrompt, VersionMismatch
from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallResult
from swim_tui.model.job import commit_due
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import Line, Operation, OpKind, Phase
from swim_tui.model.version import same_version
from swim_tui.net.contract import Ended, Reply

_COMMIT_TRIES = 2
_BASELINE = ("interfaces", "neighbours")  # as before the first of several activations


class _NoReload(Exception):
    """What was activated runs, and no reload is to come."""


def run_install16(task: Task) -> PhaseResult:
    """All operations of the phase; an activation that is not committed yet says until when it must be."""
    operations = run_operations(task, HANDLERS, settle_install)
    result = success(task, operations)
    if task.request.phase is Phase.DISTRIBUTE or task.commit_by is None:
        return result
    message = f"{result.message}; {commit_due(task.commit_by)}"
    return replace(result, outcome=Outcome.NOT_COMMITTED, message=message, commit_by=task.commit_by)


def send(task: Task, line: Line) -> Reply | None:
    """An install command, never interrupted; None when its end was not seen: the session broke, or it takes longer."""
    try:
        reply = task.change(line)
    except PromptTimeout as err:
        task.drop()
        task.say(f"no end of '{line.text}' after {err.limit_s:.0f} s: it is followed by reading the install state")
        return None
    if reply.ended is Ended.LOST:
        task.drop()
        task.say(f"the session ended during '{line.text}': it is followed by reading the install state")
        return None
    return reply


def wait_idle(task: Task, limit_s: float) -> Facts:
    """Attach to an install that runs already and wait for its end; the facts read last. Errors: InstallFailed."""
    started = task.clock.monotonic()
    while True:
        with task.shielded():
            facts = look.read_install(task)
        spent = task.clock.monotonic() - started
        if not is_busy(facts):
            return facts
        if spent >= limit_s:
            raise InstallFailed(command="install", detail=f"another install still runs after {spent:.0f} s")
        task.progress_s(spent, limit_s, "an install is running on the device")
        task.pause(max(1.0, task.waits.poll_s))


def add_packages(task: Task, op: Operation) -> OpDone:
    """`install add`: skipped when the packages are on the device; proven by the state read again."""
    line, what = op.lines[0], smu.subject(task, op)
    before = wait_idle(task, line.timeout_s)
    if smu.is_installed(task, op, before):
        return OpDone("the packages are on the device already", is_skipped=True)
    task.barrier(op, line.text, install_evidence(before))
    left = f"packages of {what} are added, not activated: install remove inactive takes them away"
    reply = send(task, line)
    reason = ""
    if reply is not None:
        said = judge_install(reply.text)
        if not said.is_success and not said.is_added:
            raise InstallFailed(command=line.text, detail=said.reason)
    after = wait_idle(task, line.timeout_s)
    failed = [e for e in entries_since(before, after) if e.result is InstallResult.FAILED]
    if failed:
        reason = f"the install log says that {failed[-1].operation} failed"
    if not smu.is_installed(task, op, after):
        detail = reason or f"{what} is not among the packages after the command"
        raise InstallFailed(command=line.text, detail=detail)
    task.left_behind.append(left)
    return OpDone(f"{what} is added")


def activate(task: Task, op: Operation) -> OpDone:
    """The command that reloads the device: intent on disk, sent once, its end followed by the wait."""
    line, is_patch = op.lines[0], smu.is_of_smu(op)
    facts = wait_idle(task, line.timeout_s)
    task.stays_up, task.sent_at = False, None
    reloads = None
    if is_patch:
        if op.kind is OpKind.INSTALL and smu.is_installed(task, op, facts, smu.RUNS):
            task.stays_up = True
            return OpDone("it is active already", is_skipped=True)
        reloads = smu.detail_of(task, op).reloads
    kept = {key: task.evidence[key] for key in _BASELINE if key in task.evidence}
    task.evidence = {**kept, **evidence_of(task, facts), **install_evidence(facts)}
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    try:
        reply = send(task, line)
    except (UnknownPrompt, CommandError):
        task.is_reload_sent = False  # stopped at a question, or refused by parser or AAA: nothing was activated
        raise
    if reply is None:
        return OpDone("sent; the session ended")
    said = judge_install(reply.text)
    if said.stays_up:
        task.is_reload_sent, task.sent_at, task.stays_up = False, None, True
        return OpDone("the device says that nothing changes: no reload", is_warning=True)
    if not said.is_success:
        task.is_reload_sent = False
        raise InstallFailed(command=line.text, detail=said.reason)
    task.left_behind.clear()
    done = "taken back" if op.kind is OpKind.ROLLBACK else "activated"
    if is_patch and reloads is False and not said.reloads:
        task.is_reload_sent, task.sent_at, task.stays_up = False, None, True
        return OpDone(f"{smu.subject(task, op)} is {done}, without a reload")
    return OpDone(f"{done}; the device reloads now")


def wait_install(task: Task, op: Operation) -> OpDone:
    """Wait for the boot; a device that is still up is asked whether its install failed."""
    if task.stays_up:
        return OpDone("there is no reload to wait for", is_skipped=True)
    act, started = smu.act_before(task, op), task.clock.monotonic()

    def look_for_failure() -> None:
        facts = look.read_install(task)
        failed = [e for e in entries_since(task.evidence, facts) if e.result is InstallResult.FAILED]
        if failed and not is_busy(facts):
            task.is_reload_sent = False
            raise InstallFailed(command="install", detail=f"the install log says that {failed[-1].operation} failed")
        spent = task.clock.monotonic() - started
        is_patch = act is not None and smu.is_of_smu(act) and not is_busy(facts)
        if act is not None and is_patch and smu.stays_up_since(task, act, facts, spent):
            raise _NoReload

    try:
        return wait_for_boot(task, look_for_failure)
    except _NoReload:
        task.is_reload_sent, task.sent_at, task.stays_up = False, None, True
        return OpDone("it runs without a reload")
    except CommandError as err:
        raise InstallFailed(command="install", detail=err.detail or str(err)) from err


def commit(task: Task, op: Operation) -> OpDone:
    """`install commit`, proven by the state; sent again when the session broke and the state shows that it is due."""
    line = op.lines[0]
    task.outcome = Outcome.NOT_COMMITTED
    for _ in range(_COMMIT_TRIES):
        facts = wait_idle(task, line.timeout_s)
        wanted, runs = task.plan.to_version, facts.version.version
        if wanted and not same_version(runs, wanted):
            task.outcome = Outcome.BACK_ON_OLD
            raise VersionMismatch(expected=f"{wanted}, to be committed", actual=runs)
        pending = facts.install.is_uncommitted() if facts.install is not None else None
        if pending is False:
            task.proven, task.commit_by, task.outcome = facts, None, Outcome.NONE
            look.tell_all(task)
            return OpDone(f"{runs} is committed", is_skipped=not task.committed)
        task.barrier(op, line.text, {"version": runs})
        task.committed = True
        reply = send(task, line)
        if reply is not None:
            said = judge_install(reply.text)
            if not said.is_success:
                raise InstallFailed(command=line.text, detail=said.reason)
    facts = wait_idle(task, line.timeout_s)
    if facts.install is None or facts.install.is_uncommitted() is not False:
        raise InstallFailed(command=line.text, detail="the device still shows it as not committed after the command")
    task.proven, task.commit_by, task.outcome = facts, None, Outcome.NONE
    look.tell_all(task)
    return OpDone(f"{facts.version.version} is committed")


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.DELETE_FILES: erase,
    OpKind.INSTALL_ADD: add_packages,
    OpKind.INSTALL: activate,
    OpKind.ROLLBACK: activate,
    OpKind.WAIT_RELOAD: wait_install,
    OpKind.PROVE: prove_packages,
    OpKind.COMMIT: commit,
}
