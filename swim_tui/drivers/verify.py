"""Size, then hash, on the device (SPEC 7)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.bring import bring_again
from swim_tui.drivers.copy import delete
from swim_tui.drivers.pull import sources_of
from swim_tui.drivers.task import OpDone, Task, message_of
from swim_tui.errors import CommandRejected, DigestMismatch, SizeMismatch
from swim_tui.model.plan import Operation, OpKind


def verify_image(task: Task, op: Operation) -> OpDone:
    """Right size and right hash. A fresh copy that is wrong is deleted and copied once more, then given up."""
    copy = _copy_of(task, op)
    try:
        return _verify(task, op)
    except DigestMismatch as err:
        if copy is None:
            raise
        task.say(f"{message_of(err)}; deleted, copied once more")
        bring_again(task, copy)
    try:
        return _verify(task, op)
    except DigestMismatch:
        delete(task, copy.file_system, copy.path, copy.undo[0])
        task.next_server = bool(sources_of(task, copy))  # what the server holds may have changed since its upload
        raise


def _copy_of(task: Task, op: Operation) -> Operation | None:
    """The copy that brought this file in the same phase."""
    copies = (c for c in task.plan.of_phase(op.phase) if c.kind is OpKind.COPY_IMAGE)
    return next((c for c in copies if (c.file_system, c.path) == (op.file_system, op.path)), None)


def _verify(task: Task, op: Operation) -> OpDone:
    size = look.file_size(task, op.file_system, op.path)
    if size != op.size_bytes:
        raise SizeMismatch(file=f"{op.file_system}{op.path}", expected=op.size_bytes, actual=size or 0)
    if not op.digest:
        return OpDone(f"{size} bytes; the hash was compared before")
    if (op.file_system, op.path) in task.verified:
        return OpDone("the hash was compared a moment ago", is_skipped=True)
    line = op.lines[-1]
    algorithm, wanted = op.digest_algorithm, op.digest.lower()
    try:
        found = look.device_hash(task, line.text, line.timeout_s)
    except CommandRejected:
        image = task.image_of(op.path)
        if algorithm != "sha512" or image is None or not image.md5:
            raise
        # Older trains know MD5 only.
        algorithm, wanted = "md5", image.md5.lower()
        found = look.device_hash(task, line.text.replace("sha512", "md5"), line.timeout_s)
    if found != wanted:
        file = f"{op.file_system}{op.path}"
        raise DigestMismatch(file=file, algorithm=algorithm.upper(), expected=wanted, actual=found)
    task.verified.add((op.file_system, op.path))
    return OpDone(f"{algorithm.upper()} {found[:16]}… is right")
