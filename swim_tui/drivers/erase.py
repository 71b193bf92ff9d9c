"""The smart erase: exactly the planned files, and none of them when something changed (SPEC 3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from swim_tui.drivers import look
from swim_tui.drivers.copy import delete
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed
from swim_tui.model.device_path import boot_entries, split_path
from swim_tui.model.plan import Operation, OpKind


def delete_files(task: Task, op: Operation) -> OpDone:
    """Delete the planned files that are still needed to go and still what the plan saw."""
    copy = next((c for c in _copies(task) if c.file_system == op.file_system), None)
    present = look.file_size(task, copy.file_system, copy.path) if copy is not None else None
    is_whole = copy is not None and present == copy.size_bytes
    need = _required(task, op, copy) - (copy.size_bytes if copy is not None and is_whole else 0)
    if is_whole and need <= 0:
        return OpDone("nothing deleted, the image is there already", is_skipped=True)
    partial = 0 if is_whole else present or 0
    used = in_use(task)
    gone: list[str] = []
    for line, deletion in zip(op.lines, op.deletions, strict=True):
        free = look.free_bytes(task, op.file_system)
        if free is not None and free + partial >= need:
            break
        size = look.file_size(task, op.file_system, deletion.path)
        if size is None:
            continue
        if size != deletion.size_bytes or deletion.path.lower() in used:
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


def _copies(task: Task) -> Iterator[Operation]:
    return (c for c in task.plan.operations if c.kind is OpKind.COPY_IMAGE)


def _required(task: Task, op: Operation, copy: Operation | None) -> int:
    """Bytes that must be free, as planned: a member that gets its image from the active has no copy of its own."""
    planned = next((line.required_bytes for line in task.plan.space if line.file_system == op.file_system), 0)
    return max(planned, copy.size_bytes if copy is not None else 0)


def in_use(task: Task) -> set[str]:
    """Lower case paths that run or boot, whatever their file system: members of a stack boot the same path."""
    facts = look.read_facts(task, (*look.VERSION_COMMANDS, *look.boot_commands(task)))
    names = [facts.version.image_file]
    for state in facts.boot:
        for text in (*state.current, *state.next_reload, *state.config_lines):
            names += boot_entries(text)
    return {split_path(name)[1].lower() for name in names if name}
