"""Accept and commit of an ISSU, then the old active with the new image (DEVICE_FACTS 6.7)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install16 import send
from swim_tui.drivers.issu_state import is_hot, read, runs, stage_of, wait_for
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import BootStateWrong, ReloadTimeout, VersionMismatch
from swim_tui.model.device_path import boot_entries, same_file
from swim_tui.model.facts import Facts
from swim_tui.model.install import IssuStage
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Line, Operation
from swim_tui.parse import device_refusal


def commit(task: Task, op: Operation) -> OpDone:
    """The planned lines that are still due by the state of the device, each read again after it."""
    task.outcome = Outcome.NOT_COMMITTED
    limit, wanted = task.waits.reload_limit_s, task.plan.to_version
    facts = wait_for(task, is_hot, limit, "waiting for the standby")
    if wanted and not runs(facts, wanted):
        task.outcome = Outcome.BACK_ON_OLD
        raise VersionMismatch(expected=f"{wanted}, to be committed", actual=facts.version.version)
    for line in op.lines:
        if line.changes and _is_due(task, op, line, read(task)):
            _send(task, op, line)
    facts = wait_for(task, _is_settled, limit, "waiting for both processors")
    task.proven, task.commit_by, task.outcome = facts, None, Outcome.NONE
    look.tell_all(task)
    boot = _boots(task, facts)
    return OpDone(f"{facts.version.version} is committed{boot}", is_warning=bool(boot))


def _is_settled(facts: Facts) -> bool:
    return is_hot(facts) and stage_of(facts) in (IssuStage.INIT, None)


def _is_due(task: Task, op: Operation, line: Line, facts: Facts) -> bool:
    stage, text = stage_of(facts), line.text
    timer = facts.issu.timer if facts.issu is not None else None
    if text.startswith("issu accept"):
        return stage is IssuStage.RUN and (timer is None or timer.is_active)
    if text.startswith("hw-module"):
        return all(intent.line != text for intent, _ in task.intents_of(op.kind))
    return stage in (IssuStage.RUN, IssuStage.ACCEPTED)


def _send(task: Task, op: Operation, line: Line) -> None:
    if line.text.startswith("hw-module"):
        wrong = _boots(task, task.proven or read(task))
        if wrong:  # the other processor would come up with what its boot variable says
            raise BootStateWrong(expected=task.plan.to_image, actual=wrong.lstrip("; "))
    task.barrier(op, line.text, {"version": task.plan.to_version})
    reply = send(task, line)
    if reply is not None:
        reason = device_refusal(reply.text) or ("" if "FAILED:" not in reply.text else "the device says FAILED")
        if reason:
            raise InstallFailed(command=line.text, detail=reason)
    if not line.text.startswith(("issu commit", "hw-module")):
        return
    task.committed = True
    task.pause(task.waits.settle_s)
    try:
        wait_for(task, _is_settled, task.waits.reload_limit_s, "the other processor restarts")
    except ReloadTimeout as err:
        task.outcome = Outcome.MEMBER_NOT_READY
        raise InstallFailed(command=line.text, detail=f"the other processor is not ready: {err.detail}") from err


def _boots(task: Task, facts: Facts) -> str:
    """Words when the next reload would boot something else than what runs."""
    boot = look.boot_facts(task)
    state = boot.boot_state()
    entries = [e for text in state.next_reload or state.current for e in boot_entries(text)]
    if entries and same_file(entries[0], facts.version.image_file, boot):
        return ""
    shown = entries[0] if entries else "nothing"
    return f"; the boot variable names {shown} first: set it to {facts.version.image_file} and save"
