"""The smart erase: exactly the planned files, and none of them when something changed (SPEC 3.7)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.copy import delete
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed
from swim_tui.model.device_path import boot_entries, split_path
from swim_tui.model.plan import Operation, OpKind


def delete_files(task: Task, op: Operation) -> OpDone:
    """Delete the planned files that are still needed to go and still what the plan saw."""
    copy = next(c for c in task.plan.operations if c.kind is OpKind.COPY_IMAGE and c.file_system == op.file_system)
    present = look.file_size(task, copy.file_system, copy.path)
    if present == copy.size_bytes:
        return OpDone("nothing deleted, the image is there already", is_skipped=True)
    in_use = _in_use(task)
    gone: list[str] = []
    for line, deletion in zip(op.lines, op.deletions, strict=True):
        free = look.free_bytes(task, op.file_system)
        if free is not None and free + (present or 0) >= copy.size_bytes:
            break
        size = look.file_size(task, op.file_system, deletion.path)
        if size is None:
            continue
        if size != deletion.size_bytes or deletion.path.lower() in in_use:
            found = "it runs or is a boot target now" if size == deletion.size_bytes else f"{size} bytes"
            raise CheckFailed(
                check="Erase",
                expected=f"{deletion.path} with {deletion.size_bytes} bytes, not in use",
                actual=found,
                action="the device changed since the plan; plan again",
            )
        task.checkpoint()
        task.barrier(op, line.text, {"size": str(size)})
        delete(task, op.file_system, deletion.path, line)
        gone.append(deletion.path)
    return OpDone(f"deleted {', '.join(gone)}") if gone else OpDone("enough is free already", is_skipped=True)


def _in_use(task: Task) -> set[str]:
    """Paths that run or boot, whatever their file system: members of a stack boot the same path."""
    facts = look.read_facts(task, (*look.VERSION_COMMANDS, *look.boot_commands(task)))
    names = [facts.version.image_file]
    for state in facts.boot:
        for text in (*state.current, *state.next_reload, *state.config_lines):
            names += boot_entries(text)
    return {split_path(name)[1].lower() for name in names if name}
