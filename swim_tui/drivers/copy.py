"""Copying the image to the device: no false success, no false failure (SPEC 7)."""

from __future__ import annotations

import re

from swim_tui.drivers import look
from swim_tui.drivers.push import push_file
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import (
    AuthError,
    Cancelled,
    CheckFailed,
    ConnectError,
    DigestMismatch,
    HostKeyError,
    NoSpace,
    SizeMismatch,
    Stalled,
    SwimError,
    TransferLost,
    TransferRefused,
)
from swim_tui.model.device_path import join_path, split_path
from swim_tui.model.options import Protocol
from swim_tui.model.phase import RateMeasured
from swim_tui.model.plan import Line, LineMode, Operation, OpKind
from swim_tui.net.contract import Ended
from swim_tui.parse import device_refusal

_RETRIES = 2
_OWN_RATE = 0.9  # of its budget: a push that is faster shows the budget's rate, not the device's
# NX-OS says `Copy complete, now saving to disk` first: only the line of its own is the end.
_COPIED = re.compile(r"\d+ bytes copied|\[OK|^\s*Copy complete\.\s*$", re.I | re.M)
_PASSING = (TransferLost, Stalled, SizeMismatch, DigestMismatch, ConnectError)
_FINAL = (AuthError, HostKeyError)


def copy_image(task: Task, op: Operation) -> OpDone:
    """Bring the image to its file system; Skipped when it is there with the right size and hash."""
    if already_there(task, op):
        return OpDone("already there with the right size and hash", is_skipped=True)
    remote = join_path(op.file_system, op.path)
    check_space(task, op)
    task.barrier(op, op.lines[0].text, {"file": remote, "size": str(op.size_bytes)})
    tried = 0
    while True:
        try:
            return _push_once(task, op, tried)
        except _PASSING as err:
            if isinstance(err, _FINAL) or tried == _RETRIES:
                clean_up(task, op)
                raise
            tried += 1
            task.say(f"{err}; trying again ({tried} of {_RETRIES})")
            task.checkpoint()
        except (Cancelled, TransferRefused, NoSpace):
            clean_up(task, op)
            raise


def copy_again(task: Task, op: Operation) -> None:
    """Delete a copy whose hash is wrong and push it once more; the file is gone when this fails."""
    delete(task, op.file_system, op.path, op.undo[0])
    task.checkpoint()
    try:
        _push_once(task, op, 0)
    except SwimError:
        clean_up(task, op)
        raise


def already_there(task: Task, op: Operation) -> bool:
    """True when the file needs no copy. A partial or wrong copy of ours is deleted here."""
    size = look.file_size(task, op.file_system, op.path)
    if size is None:
        return False
    if size == op.size_bytes and hash_is_right(task, op):
        return True
    _refuse_running(task, op)
    found = "wrong content" if size == op.size_bytes else f"{size} of {op.size_bytes} bytes"
    task.say(f"{op.path} on {op.file_system} has {found}: deleted before the copy")
    clean = op.undo[0]
    task.barrier(op, clean.text, {"size": str(size)})
    delete(task, op.file_system, op.path, clean)
    return False


def _refuse_running(task: Task, op: Operation) -> None:
    """Never delete what runs: the planner excludes this, and the device may have changed since."""
    running = look.read_version(task).version.image_file
    if split_path(running)[1].lower() == op.path.lower():
        raise CheckFailed(check="Overwrite", expected="the running image stays", actual=f"{running} runs")


def check_space(task: Task, op: Operation, there: int = 0) -> None:
    """`there` bytes of it are on the device already, and stay."""
    free = look.free_bytes(task, op.file_system)
    if free is not None and free < op.size_bytes - there:
        raise NoSpace(file=op.path, file_system=op.file_system, required=op.size_bytes, available=free)


def _push_once(task: Task, op: Operation, tried: int) -> OpDone:
    if tried and is_whole_after_loss(task, op):
        return OpDone("copied, the file is whole although the connection broke")
    if tried:
        check_space(task, op, (look.file_size(task, op.file_system, op.path) or 0) if _can_resume(op) else 0)
    try:
        rate = _push(task, op, tried)
    except (TransferLost, Stalled, ConnectError) as err:
        if isinstance(err, _FINAL):
            raise
        if is_whole_after_loss(task, op):
            return OpDone("copied, the file is whole although the connection broke")
        full_is_full(task, op)
        raise
    except TransferRefused:
        full_is_full(task, op)
        raise
    size = look.file_size(task, op.file_system, op.path)
    if size != op.size_bytes:
        raise SizeMismatch(file=op.path, expected=op.size_bytes, actual=size or 0)
    budget = task.request.bytes_per_s
    if op.lines[0].mode is LineMode.TOOL and (not budget or rate < budget * _OWN_RATE):
        task.emit(RateMeasured(rate))
    return OpDone(f"{op.size_bytes} bytes at {rate / 1e6:.2f} MB/s")


def _copy_on_device(task: Task, op: Operation) -> float:
    """From one file system of the device to another: to the members of a stack, to the standby."""
    line = op.lines[0]
    reply = task.change(line)
    if reply.ended is Ended.LOST:
        task.drop()
        raise TransferLost(file=op.path, sent=0, size=op.size_bytes, detail=f"the session ended during {line.text}")
    refusal = device_refusal(reply.text)
    if refusal is not None or not _COPIED.search(reply.text):
        raise TransferRefused(file=op.path, detail=refusal or "no word of bytes copied in the answer")
    return op.size_bytes / max(reply.seconds, 0.001)


def _push(task: Task, op: Operation, tried: int) -> float:
    if op.lines[0].mode is not LineMode.TOOL:
        return _copy_on_device(task, op)
    return push_file(task, op, op.protocol or Protocol.SCP, resume=tried > 0)


def is_whole_after_loss(task: Task, op: Operation) -> bool:
    """Look before anything is called failed; what is not whole is deleted for the next try."""
    task.drop()
    with task.shielded():
        size = look.file_size(task, op.file_system, op.path)
        if size == op.size_bytes and hash_is_right(task, op):
            return True
        if size is not None and not (_can_resume(op) and size < op.size_bytes):
            delete(task, op.file_system, op.path, op.undo[0])
    return False


def _can_resume(op: Operation) -> bool:
    """SFTP goes on behind a partial file."""
    return op.lines[0].mode is LineMode.TOOL and op.protocol is Protocol.SFTP


def full_is_full(task: Task, op: Operation) -> None:
    """A device that closes in the middle may be full: say that instead."""
    free = look.free_bytes(task, op.file_system)
    there = look.file_size(task, op.file_system, op.path) or 0  # a part is kept where the copy can go on behind it
    if free is not None and free + there < op.size_bytes:
        raise NoSpace(file=op.path, file_system=op.file_system, required=op.size_bytes, available=free)


def hash_is_right(task: Task, op: Operation) -> bool:
    command, digest, limit = hash_of(task, op)
    right = look.device_hash(task, command, limit) == digest
    if right:
        task.verified.add((op.file_system, op.path))
    return right


def hash_of(task: Task, op: Operation) -> tuple[str, str, float]:
    """Command, expected digest and time-out: from the planned verify operation, else by the pack's command."""
    planned = (v for v in task.plan.operations if v.kind is OpKind.VERIFY_IMAGE and v.digest and len(v.lines) > 1)
    for verify in planned:
        if (verify.file_system, verify.path) == (op.file_system, op.path):
            return verify.lines[-1].text, verify.digest.lower(), verify.lines[-1].timeout_s
    command = task.pack.hash_command.format(fs=op.file_system, path=op.path)
    image = task.image_of(op.path)
    if task.pack.hash_algorithm == "sha512" and image is not None and image.sha512:
        return command, image.sha512.lower(), max(60.0, 600.0 / task.waits.scale)
    return command, op.digest.lower(), max(60.0, 600.0 / task.waits.scale)


def delete(task: Task, file_system: str, path: str, line: Line) -> None:
    """Send a planned delete line and look whether the file is gone."""
    reply = task.change(line)
    if reply.ended is Ended.LOST:
        task.drop()
    if look.file_size(task, file_system, path) is not None:
        detail = "the file is still there: " + " ".join(reply.text.split())[-200:]
        raise CheckFailed(check="Delete", expected=f"{path} gone", actual=detail)


def clean_up(task: Task, op: Operation) -> None:
    """Remove the partial file of a copy that is given up; what cannot be removed is written down."""
    remote = join_path(op.file_system, op.path)
    try:
        with task.shielded():
            size = look.file_size(task, op.file_system, op.path)
            if size is not None:
                delete(task, op.file_system, op.path, op.undo[0])
                task.say(f"removed the partial file {remote}")
    except SwimError as err:
        task.left_behind.append(f"{remote} may be left behind partially ({err})")
