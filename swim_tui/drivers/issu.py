"""The phases of an upgrade in service: load, run, prove; commit; and the way back when the proof fails (6.7, 7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from swim_tui.drivers import look
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success, take_back
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install16 import send
from swim_tui.drivers.issu_commit import commit
from swim_tui.drivers.issu_state import is_hot, read, runs, stage_of, wait_for
from swim_tui.drivers.prove import judge
from swim_tui.drivers.recover import NeitherShown, resume
from swim_tui.drivers.reload import evidence_of
from swim_tui.drivers.task import Handler, OpDone, Task, message_of
from swim_tui.errors import CheckFailed, CommandError, ReloadTimeout, SwimError, UnknownPrompt, VersionMismatch
from swim_tui.model.device_path import join_path
from swim_tui.model.facts import Facts
from swim_tui.model.install import IssuStage
from swim_tui.model.job import OpStatus, commit_due
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import FactsRead, OpFinished, PhaseResult
from swim_tui.model.plan import Operation, OpKind, Phase
from swim_tui.model.readiness import not_ready
from swim_tui.net.contract import Reply
from swim_tui.parse import device_refusal

_FAILED = re.compile(r"^\s*(?:FAILED:.*|ERROR:.*|%\s?(?:ISSU|Standby|There is no|No ISSU|Error).*)$", re.M | re.I)
_NOT_AN_ERROR = re.compile(r"executed successfully|rollback timer stopped", re.I)
_UNDER_WAY = (IssuStage.RUN, IssuStage.ACCEPTED)


def run_issu(task: Task) -> PhaseResult:
    """All operations of the phase; a switchover that cannot be proven is taken back."""
    try:
        operations = run_operations(task, HANDLERS, settle)
    except SwimError:
        if task.is_reload_sent and task.request.phase is Phase.ACTIVATE:
            _abort(task)
        raise
    result = success(task, operations)
    if task.request.phase is Phase.DISTRIBUTE or task.commit_by is None:
        return result
    message = f"{result.message}; {commit_due(task.commit_by)}"
    return replace(result, outcome=Outcome.NOT_COMMITTED, message=message, commit_by=task.commit_by)


def refused(reply: Reply) -> str:
    """The device's words against a step, "" when there are none; any `%` line alone is no error."""
    lines = [" ".join(m.group().split()) for m in _FAILED.finditer(reply.text) if not _NOT_AN_ERROR.search(m.group())]
    return "; ".join(dict.fromkeys(lines)) or device_refusal(reply.text) or ""


def load(task: Task, op: Operation) -> OpDone:
    """`issu loadversion`: the standby restarts; done when it is hot again with the new image."""
    line = op.lines[0]
    facts = read(task)
    stage = stage_of(facts)
    ours = any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind))
    if stage is not IssuStage.LOADED or not ours:
        if stage is not IssuStage.INIT:
            raise InstallFailed(command=line.text, detail=f"an ISSU is under way: {stage or 'not understood'}")
        task.barrier(op, line.text, {"stage": stage})
        reply = send(task, line)
        task.undo.append(op)
        reason = refused(reply) if reply is not None else ""
        if reason:
            task.undo.remove(op)
            raise InstallFailed(command=line.text, detail=reason)
    else:
        task.undo.append(op)

    def is_loaded(now: Facts) -> bool:
        return stage_of(now) is IssuStage.LOADED and is_hot(now)

    try:
        wait_for(task, is_loaded, task.waits.reload_limit_s, "the standby loads the new image")
    except ReloadTimeout as err:
        raise InstallFailed(
            command=line.text, detail=f"the standby is not hot with the new image: {err.detail}"
        ) from err
    return OpDone("the standby is hot with the new image")


def run_version(task: Task, op: Operation) -> OpDone:
    """The switchover, or the one command that does all: intent on disk, sent once."""
    line = op.lines[0]
    facts = read(task)
    steps = any(o.kind is OpKind.INSTALL_ADD for o in task.plan.of_phase(op.phase))
    if steps and (stage_of(facts) is not IssuStage.LOADED or not is_hot(facts)):
        said = f"{stage_of(facts) or 'no ISSU'}, standby {facts.redundancy.peer_state}"
        raise InstallFailed(command=line.text, detail=f"not ready for the switchover: {said}")
    task.evidence = evidence_of(task, facts)
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    try:
        reply = send(task, line)
    except (UnknownPrompt, CommandError):
        task.is_reload_sent = False
        raise
    reason = refused(reply) if reply is not None else ""
    if reason:
        task.is_reload_sent = False
        raise InstallFailed(command=line.text, detail=reason)
    return OpDone("sent; the other processor takes over")


def wait_switchover(task: Task, op: Operation) -> OpDone:
    """The planned version must run; a device that fell back to the old one is not waited for."""
    wanted, was = task.plan.to_version, task.plan.from_version
    idle_since: list[float] = []

    def is_done(now: Facts) -> bool:
        if runs(now, wanted):
            return True
        # Between the command and the switchover the old active still says Load Version.
        if stage_of(now) is IssuStage.INIT and runs(now, was) and task.pack.issu is not None and task.pack.issu.load:
            idle_since.append(task.clock.monotonic())
            if idle_since[-1] - idle_since[0] >= task.waits.settle_s:
                task.outcome = Outcome.BACK_ON_OLD
                raise VersionMismatch(expected=wanted, actual=f"{now.version.version}, no ISSU under way any more")
        return False

    facts = wait_for(task, is_done, task.waits.reload_limit_s, "waiting for the switchover")
    return OpDone(f"{facts.version.version} runs on the other processor")


def prove_switchover(task: Task, op: Operation) -> OpDone:
    """Version and image, the standby hot again, and until when it must be committed."""
    limit = task.waits.reload_limit_s
    try:
        now = wait_for(task, is_hot, limit, "waiting for the standby")
    except ReloadTimeout as err:
        task.outcome = Outcome.MEMBER_NOT_READY
        action = "look at show redundancy states"
        raise CheckFailed(check="Standby", expected="STANDBY HOT", actual=err.detail, action=action) from err
    facts = look.read_all(task)
    task.proven = facts
    task.emit(FactsRead(facts))
    target = join_path(op.file_system, op.path)
    task.outcome = judge(facts, task.plan, target)
    said = f"{facts.version.version} from {facts.version.image_file}"
    if task.outcome is not Outcome.UPGRADED:
        raise VersionMismatch(expected=f"{task.plan.to_version} from {target}", actual=said)
    bad = not_ready(facts)
    if bad:
        task.outcome = Outcome.MEMBER_NOT_READY
        raise CheckFailed(check="Members", expected="all ready", actual=", ".join(bad))
    if stage_of(now) not in _UNDER_WAY or op.phase is not Phase.ACTIVATE:
        return OpDone(f"runs {said}")
    timer = now.issu.timer if now.issu is not None else None
    if timer is not None and timer.is_active:
        left = timer.remaining_s if timer.remaining_s is not None else task.plan.commit_within_s
        ours = (task.sent_at or now.read_at) + timedelta(seconds=task.plan.commit_within_s)
        task.commit_by = min(ours, now.read_at + timedelta(seconds=left))
        return OpDone(f"runs {said}; to be committed before {task.commit_by:%Y-%m-%d %H:%M:%S} UTC")
    return OpDone(f"runs {said}; not committed, no rollback timer runs", is_warning=True)


def abort_version(task: Task, op: Operation) -> OpDone:
    """`issu abortversion` of a rollback job."""
    line = op.lines[0]
    facts = read(task)
    if stage_of(facts) is IssuStage.INIT and runs(facts, task.plan.to_version):
        return OpDone("no ISSU is under way any more", is_skipped=True)
    task.evidence = evidence_of(task, facts)
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    reply = send(task, line)
    reason = refused(reply) if reply is not None else ""
    if reason:
        task.is_reload_sent = False
        raise InstallFailed(command=line.text, detail=reason)
    return OpDone("sent; the old image takes over")


def _abort(task: Task) -> None:
    """Take an unproven switchover back; what cannot be done is said, and the device's own timer does it."""
    op = next((o for o in task.plan.of_phase(task.request.phase) if o.kind is OpKind.INSTALL and o.undo), None)
    if op is None:
        return
    by = f"the device goes back by itself within {task.plan.commit_within_s:.0f} s unless it is accepted"
    try:
        with task.shielded():
            if stage_of(read(task)) not in _UNDER_WAY:
                return
            take_back(task, op)
    except SwimError as err:
        if task.is_connected:
            task.left_behind.append(f"{op.undo[0].text} was not taken ({message_of(err)}); {by}")
        return
    task.say(f"{op.undo[0].text} was sent: the old image takes over again")
    task.left_behind.append(f"{op.undo[0].text} was sent because the proof failed")


def settle(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: the state of the ISSU shows how far an earlier attempt came."""
    op = next((o for o in operations if o.kind is OpKind.INSTALL), None)
    intents = task.intents_of(OpKind.INSTALL) if op is not None else []
    if op is None or not intents:
        return 0
    intent, at = intents[-1]
    resume(task, op, intent, at, "switchover")
    task.pause(task.waits.settle_s)
    facts = wait_for(task, lambda _: True, task.waits.reload_limit_s, "reading the state")
    if runs(facts, task.plan.to_version):
        task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, "shown to have happened by the version"))
        return list(operations).index(op) + 1
    task.is_reload_sent, task.sent_at = False, None
    if stage_of(facts) in (IssuStage.LOADED, IssuStage.INIT):
        task.say(f"shown not to have happened: {stage_of(facts)}; it is sent again as second intent")
        return 0
    raise NeitherShown(detail=f"the device runs {facts.version.version}, its ISSU state is not readable")


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.INSTALL_ADD: load,
    OpKind.INSTALL: run_version,
    OpKind.ROLLBACK: abort_version,
    OpKind.WAIT_RELOAD: wait_switchover,
    OpKind.PROVE: prove_switchover,
    OpKind.COMMIT: commit,
}
