"""Backups before any change: configurations to the engine, the running image into the incoming directory."""

from __future__ import annotations

import re

from swim_tui.drivers import look
from swim_tui.drivers.fetching import patiently
from swim_tui.drivers.incoming import ReceivedFile, receiving
from swim_tui.drivers.task import OpDone, Task
from swim_tui.drivers.vty import has_spare_line
from swim_tui.errors import CheckFailed, CommandRejected, SizeMismatch
from swim_tui.model.device_path import split_path
from swim_tui.model.phase import ConfigCaptured, OpProgress
from swim_tui.model.plan import Operation
from swim_tui.net.contract import PushProgress
from swim_tui.parse import device_refusal

_NO_STARTUP = re.compile(r"startup-config is not present|not present", re.IGNORECASE)
_LOOKS_LIKE_CONFIG = re.compile(r"^(version|hostname|interface|line vty)\b", re.MULTILINE)


def backup_config(task: Task, op: Operation) -> OpDone:
    """Running and startup configuration, whole, before anything is changed."""
    for line in op.lines:
        name = "startup" if "startup" in line.text else "running"
        text = _config(task, line.text, line.timeout_s)
        if text:
            task.emit(ConfigCaptured(name, text))
    return OpDone("running and startup configuration are stored")


def _config(task: Task, command: str, timeout_s: float) -> str:
    try:
        text = task.read(command, timeout_s)
    except CommandRejected as err:
        raise _unreadable(command, err.detail) from err
    if "startup" in command and _NO_STARTUP.search(text[:400]):
        return ""
    refusal = device_refusal(text[:2000])
    if refusal or not _LOOKS_LIKE_CONFIG.search(text):
        raise _unreadable(command, refusal or "no configuration in the answer")
    return text


def _unreadable(command: str, detail: str) -> CheckFailed:
    return CheckFailed(
        check="Configuration backup",
        expected=f"the answer of {command}",
        actual=detail,
        action="use a profile that may read it, or choose 'without configuration backup'",
    )


def backup_image(task: Task, op: Operation) -> OpDone:
    """The running image into the repository's incoming directory, with its hashes."""
    task.backup = pull_file(task, op.path, op.id)
    return OpDone(f"{task.backup.file_name}, {task.backup.size_bytes} bytes")


def pull_file(task: Task, remote: str, op_id: str) -> ReceivedFile:
    """Read a file from the device by SCP, hashing as it comes; nothing is left when it is not whole."""
    fs, path = split_path(remote)
    expected = look.file_size(task, fs, path)
    if expected is None:
        raise CheckFailed(
            check="File on device", expected=remote, actual="not there", action="look at dir on the device"
        )

    def on_progress(p: PushProgress) -> None:
        eta = (p.size - p.sent) / p.rate if p.rate > 0 else None
        task.emit(OpProgress(op_id, p.sent, p.size, "B", p.rate, eta))

    with receiving(task.request.incoming_dir, *task.received_as, remote) as receiver:

        def attempt() -> None:
            if not has_spare_line(task):
                task.drop()  # the copy takes the line of the control session
            receiver.begin_again()  # SCP knows no place to go on from
            result = task.net.pull_scp(
                task.endpoint,
                task.observer,
                remote,
                receiver.write,
                on_progress=on_progress,
                stall_s=task.waits.stall_s,
            )
            if result.sent != expected:
                raise SizeMismatch(file=remote, expected=expected, actual=result.sent)

        patiently(task, attempt, receiver)
        return receiver.finish(path.rpartition("/")[2])
