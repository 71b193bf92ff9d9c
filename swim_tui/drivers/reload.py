"""The reload command: evidence on disk, sent at most once per intent, the lost session expected (SPEC 8)."""

from __future__ import annotations

import re

from swim_tui.drivers import look
from swim_tui.drivers.boot import boot_problem, save
from swim_tui.drivers.instant import boot_evidence
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CommandError, ConfigBusy, UnknownPrompt
from swim_tui.model.facts import Facts
from swim_tui.model.plan import Operation, OpKind
from swim_tui.net.contract import Ended, Reply
from swim_tui.parse import device_refusal

_SAVE_QUESTION = re.compile(r"save\s*\?", re.IGNORECASE)
_CONFIGS = ("show running-config", "show startup-config")


def reload_device(task: Task, op: Operation) -> OpDone:
    """Last looks, the barrier, the command; ends when the session is gone."""
    check = next(o for o in task.plan.of_phase(op.phase) if o.kind is OpKind.CHECK_BOOT)
    problem = boot_problem(task, check)
    if problem is not None:
        raise problem
    for second_try in (False, True):
        task.evidence = evidence_of(task, look.read_version(task))
        task.checkpoint()
        task.barrier(op, op.lines[0].text, task.evidence)
        try:
            reply = _send(task, op)
        except UnknownPrompt as err:
            # The question was not answered, so nothing was executed.
            task.is_reload_sent = False
            if second_try or not _SAVE_QUESTION.search(err.question):
                raise
            _save_if_only_ours(task, op)
            continue
        _judge(task, op, reply)
        return OpDone("the session ended")
    raise CommandError(command=op.lines[0].text, detail="asked to save twice")


def evidence_of(task: Task, facts: Facts) -> dict[str, str]:
    """What proves later whether the reload happened, and what was up before it."""
    evidence = boot_evidence(facts)
    if task.before is not None:
        evidence["interfaces"] = "\n".join(task.before.interfaces_up)
        evidence["neighbours"] = "\n".join(task.before.neighbours)
    return evidence


def _send(task: Task, op: Operation) -> Reply:
    task.is_reload_sent = True
    task.sent_at = task.now()
    try:
        return task.change(op.lines[0])
    except UnknownPrompt:
        raise
    except CommandError:
        task.is_reload_sent = False  # refused by parser or AAA: nothing was executed
        raise


def _judge(task: Task, op: Operation, reply: Reply) -> None:
    """After the confirmation a prompt may still come; a refusal, or a session that stays, is a failure."""
    if reply.ended is Ended.LOST:
        task.drop()
        return
    refusal = device_refusal(reply.text)
    if refusal is not None:
        task.is_reload_sent = False
        raise CommandError(command=op.lines[0].text, detail=refusal, output=reply.text[-500:])
    started = task.clock.monotonic()
    session = task.session()
    while session.alive() and task.clock.monotonic() - started < max(5.0, task.waits.settle_s):
        task.pause(min(1.0, task.waits.poll_s))
    task.drop()


def _save_if_only_ours(task: Task, op: Operation) -> None:
    """`Save?` after our own save: somebody is editing, unless nothing but masked lines differs."""
    facts = look.read_facts(task, _CONFIGS)
    if facts.config_dirty is not False:
        count = len(facts.config_diff)
        detail = f"{count} lines changed since it was saved" if count else "running and startup could not be compared"
        raise ConfigBusy(detail=detail)
    saving = next(o for o in task.plan.of_phase(op.phase) if o.kind is OpKind.SAVE_CONFIG)
    save(task, saving.lines[0])
