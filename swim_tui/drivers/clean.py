"""The platform's clean command: its list is looked at first, and accepted only when every file of it was planned."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.erase import delete_files, in_use
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install_output import files_to_delete, judge_install
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed, SessionLost
from swim_tui.model.plan import Line, Operation, OpKind
from swim_tui.net.contract import Ended

_DELETED = "SUCCESS: Files deleted"


def erase(task: Task, op: Operation) -> OpDone:
    """Single files, or the clean command, as the plan says."""
    is_clean = len(op.lines) == 2 and op.lines[0].text == op.lines[1].text
    return clean_inactive(task, op) if is_clean else delete_files(task, op)


def clean_inactive(task: Task, op: Operation) -> OpDone:
    """See the list with a no, check it, then say yes; nothing is removed when anything is not as planned."""
    if _is_enough(task):
        return OpDone("enough is free already", is_skipped=True)
    look_line, remove_line = op.lines
    task.barrier(op, remove_line.text, {"files": "\n".join(d.path for d in op.deletions)})
    listed = files_to_delete(_send(task, look_line))
    if not listed:
        return OpDone("the device has nothing to clean", is_skipped=True)
    _check(task, op, listed)
    task.checkpoint()
    text = _send(task, remove_line)
    said = judge_install(text)
    is_other = "Clean up completed" in text or (remove_line.text.startswith("request") and _DELETED in text)
    if not said.is_success and not is_other:
        raise InstallFailed(command=remove_line.text, detail=said.reason)
    removed = files_to_delete(text)
    more = [name for name in removed if name not in listed]
    if more:
        return OpDone(f"removed {len(removed)} files, also {', '.join(more)}", is_warning=True)
    return OpDone(f"removed {len(listed)} files: {', '.join(listed[:6])}{' ...' if len(listed) > 6 else ''}")


def _is_enough(task: Task) -> bool:
    for line in task.plan.space:
        free = look.free_bytes(task, line.file_system)
        if free is None or free < line.required_bytes:
            return False
    return bool(task.plan.space)


def _check(task: Task, op: Operation, listed: tuple[str, ...]) -> None:
    planned = {d.path.lower() for d in op.deletions}
    ours = {c.path.lower() for c in task.plan.operations if c.kind is OpKind.COPY_IMAGE}
    kept = in_use(task) | ours | {"packages.conf"}
    wrong = [name for name in listed if name.lower() not in planned or name.lower() in kept]
    if wrong:
        raise CheckFailed(
            check="List of the clean command",
            expected="files of the plan only",
            actual=", ".join(wrong[:8]),
            action="nothing was removed; read the facts again and plan again, or remove files by hand",
        )


def _send(task: Task, line: Line) -> str:
    reply = task.change(line)
    if reply.ended is Ended.LOST:
        task.drop()
        raise SessionLost(command=line.text, detail="look at the flash before another try")
    return reply.text
