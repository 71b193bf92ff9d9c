"""The fallback boot line is taken out again when the device is proven."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.boot import configured, save, wanted
from swim_tui.drivers.task import OpDone, Task, message_of
from swim_tui.errors import BootStateWrong, Cancelled, SwimError
from swim_tui.model.plan import LineMode, Operation


def remove_fallback(task: Task, op: Operation) -> OpDone:
    """Skipped when it is not there; a warning when it stays, as the device runs what was planned."""
    try:
        return _remove(task, op)
    except Cancelled:
        raise
    except SwimError as err:
        typed = "; ".join(line.text for line in op.lines)
        return OpDone(f"still to be typed: {typed} ({message_of(err)})", is_warning=True)


def _remove(task: Task, op: Operation) -> OpDone:
    facts = look.boot_facts(task)
    (line,) = wanted(op.boot_list, facts)
    before = configured(facts)
    if line not in before:
        return OpDone("it is not there", is_skipped=True)
    task.barrier(op, op.lines[0].text, {"previous": "; ".join(before)})
    task.configure([each for each in op.lines if each.mode is LineMode.CONFIG])
    now = configured(look.boot_facts(task))
    if now != [name for name in before if name != line]:
        raise BootStateWrong(expected="the same list without it", actual="; ".join(now) or "empty")
    for each in op.lines:
        if each.mode is LineMode.EXEC:
            save(task, each)
    return OpDone("removed and saved")
