"""Boot variable: set, save, re-read, and take back (DEVICE_FACTS 6.1)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import BootStateWrong, CommandError
from swim_tui.model.device_path import boot_entries, device_file
from swim_tui.model.facts import BootState, Facts
from swim_tui.model.plan import Line, LineMode, Operation
from swim_tui.net.contract import Ended
from swim_tui.parse import device_refusal


def _names(entries: tuple[str, ...], facts: Facts) -> list[str]:
    return [device_file(e, facts).lower() or e.lower() for text in entries for e in boot_entries(text)]


def configured(facts: Facts) -> list[str]:
    """File names of the `boot system` lines, in one spelling."""
    return _names(facts.boot_state().config_lines, facts)


def wanted(entries: tuple[str, ...], facts: Facts) -> list[str]:
    """A planned list in the same spelling."""
    return _names(entries, facts)


def set_boot(task: Task, op: Operation) -> OpDone:
    """Write the planned list; refused when somebody else changed it since the plan."""
    facts = look.boot_facts(task)
    now = configured(facts)
    ours = any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind))
    if now == wanted(op.boot_list, facts):
        if ours:
            task.undo.append(op)
        return OpDone("set already", is_skipped=True)
    # With an intent of ours on disk any half-written list is ours.
    if not ours and now != wanted(op.previous_boot_list, facts):
        expected = "; ".join(op.previous_boot_list) or "empty"
        raise BootStateWrong(expected=f"{expected} (as planned)", actual="; ".join(now) or "empty")
    evidence = {"previous": "\n".join(facts.boot_state().config_lines), "next_reload": _shown(facts.boot_state())}
    task.barrier(op, "; ".join(line.text for line in op.lines), evidence)
    task.undo.append(op)
    reply = task.configure(op.lines)
    refusal = device_refusal(reply.text)
    facts = look.boot_facts(task)
    if configured(facts) != wanted(op.boot_list, facts):
        actual = "; ".join(configured(facts)) or "empty"
        raise BootStateWrong(expected="; ".join(op.boot_list), actual=actual, detail=refusal or "")
    return OpDone("; ".join(op.boot_list))


def _shown(state: BootState) -> str:
    return "; ".join(state.next_reload or state.current) or "empty"


def save_config(task: Task, op: Operation) -> OpDone:
    """Save, and see `[OK]`; saved again on a new session when the first one breaks (it may be repeated safely)."""
    save(task, op.lines[0])
    return OpDone("saved")


def save(task: Task, line: Line) -> None:
    """Send the save command and look for its success."""
    with task.shielded():
        for _ in range(2):
            reply = task.change(line)
            if reply.ended is Ended.LOST:
                task.drop()
                continue
            if "[OK]" in reply.text and device_refusal(reply.text) is None:
                return
            detail = device_refusal(reply.text) or "no [OK] in the answer"
            raise CommandError(command=line.text, detail=detail, output=reply.text[-500:])
    raise CommandError(command=line.text, detail="the session was lost twice")


def check_boot(task: Task, op: Operation) -> OpDone:
    """The boot variable at the next reload must begin with the new image, on every member that shows one."""
    problem = boot_problem(task, op)
    if problem is not None:
        raise problem
    return OpDone(f"boots {op.boot_list[0]} at the next reload")


def boot_problem(task: Task, op: Operation) -> BootStateWrong | None:
    """What is wrong with the boot variable as it stands, if anything."""
    facts = look.boot_facts(task)
    first = wanted(op.boot_list, facts)[0]
    states = [s for s in facts.boot if s.is_read]
    if not states:
        return BootStateWrong(expected=op.boot_list[0], actual="not understood")
    path = first.partition(":")[2]
    for index, state in enumerate(states):
        shown = _names(state.next_reload or state.current, facts)
        # A standby or member names the same path on its own file system.
        right = shown[:1] == [first] if index == 0 else not shown or shown[0].partition(":")[2] == path
        if not right:
            return BootStateWrong(expected=op.boot_list[0], actual=_shown(state))
    return None


def restore(task: Task, op: Operation) -> None:
    """Take the boot variable back with the planned lines, save, re-read. Errors: what the device says against it."""
    typed = tuple(line for line in op.undo if line.mode is LineMode.CONFIG)
    task.configure(typed)
    for line in op.undo:
        if line.mode is LineMode.EXEC:
            save(task, line)
    facts = look.boot_facts(task)
    if configured(facts) != wanted(op.previous_boot_list, facts):
        expected = "; ".join(op.previous_boot_list) or "empty"
        raise BootStateWrong(expected=expected, actual="; ".join(configured(facts)) or "empty")
