"""Size, then hash, on the device (SPEC 7)."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CommandRejected, DigestMismatch, SizeMismatch
from swim_tui.model.plan import Operation


def verify_image(task: Task, op: Operation) -> OpDone:
    """Right size and right hash, or the error that says what is wrong; nothing is deleted here."""
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
        image = task.request.image
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
