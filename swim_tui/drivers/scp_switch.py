"""The SCP server switched on for the copy and off again, before any save (SPEC 7)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed
from swim_tui.model.plan import Operation


def _is_on(task: Task) -> bool:
    """The first line that the pack types to switch it on is what the configuration shows: `ip scp server enable`,
    `feature scp-server`."""
    wanted = task.pack.copy.scp_on[0]
    shown = task.read(f"show running-config | include {_SHOWN.get(wanted, wanted)}")
    return any(line.strip() == wanted for line in shown.splitlines())


_SHOWN = {"ip scp server enable": "ip scp server", "feature scp-server": "scp-server"}


def enable_scp(task: Task, op: Operation) -> OpDone:
    """Switch it on over a clean configuration; left alone when it was on before."""
    if _is_on(task):
        if any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind)):
            task.undo.append(op)
            return OpDone("on already, by an earlier attempt of this run", is_skipped=True)
        return OpDone("on already", is_skipped=True)
    facts = look.read_all(task)
    if facts.config_dirty:
        raise CheckFailed(
            check="Saved configuration", expected="saved", actual="it is not", action="save the configuration first"
        )
    task.barrier(op, op.lines[0].text, {"scp_server": "off"})
    task.undo.append(op)
    task.configure(op.lines)
    if not _is_on(task):
        raise CheckFailed(check="SCP server", expected="on", actual="off after the command")
    return OpDone("on, for this copy")


def disable_scp(task: Task, op: Operation) -> OpDone:
    """Take it back, if it was this run that switched it on."""
    ours = [u for u in task.undo if u.id == op.restores]
    if not ours:
        return OpDone("it was on before this run and stays on", is_skipped=True)
    task.configure(op.lines)
    if _is_on(task):
        raise CheckFailed(check="SCP server", expected="off", actual="on after the command")
    task.undo.remove(ours[0])
    return OpDone("off again")
