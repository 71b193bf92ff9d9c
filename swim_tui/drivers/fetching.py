"""An image from a server over SSH: SFTP goes on where a connection broke, SCP begins again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from swim_tui.drivers.incoming import ReceivedFile, Receiver, receiving
from swim_tui.drivers.task import Task
from swim_tui.errors import (
    AuthError,
    ConnectError,
    HostKeyError,
    ImageError,
    ImageHashWrong,
    SizeMismatch,
    Stalled,
    TransferError,
    TransferLost,
)
from swim_tui.model.checksums import MOST_BYTES, NOTHING_DECLARED, Declared, declared_in, names_beside
from swim_tui.model.options import Protocol
from swim_tui.model.phase import OpProgress
from swim_tui.net.contract import PushProgress, Sftp

_RETRIES = 4
_PASSING = (TransferLost, Stalled, ConnectError)
_FINAL = (AuthError, HostKeyError)
Report = Callable[[PushProgress], None]
Found = TypeVar("Found")


def fetch_file(task: Task, protocol: Protocol, path: str, op_id: str) -> tuple[ReceivedFile, str]:
    """Bring `path` of the server into the incoming directory; the file, and the checksum file it was compared with."""

    def report(p: PushProgress) -> None:
        eta = (p.size - p.sent) / p.rate if p.rate > 0 else None
        task.emit(OpProgress(op_id, p.sent, p.size, "B", p.rate, eta))

    name = path.rpartition("/")[2]
    given = task.request.image
    declared = Declared(given.md5, given.sha512) if given is not None else NOTHING_DECLARED
    fetch = _by_sftp if protocol is Protocol.SFTP else _by_scp
    with receiving(task.request.incoming_dir, *task.received_as, path) as receiver:
        declared = patiently(task, lambda: fetch(task, path, name, receiver, declared, report), receiver)
        file = receiver.finish(name)
        for algorithm, expected, actual in (("MD5", declared.md5, file.md5), ("SHA-512", declared.sha512, file.sha512)):
            if expected and expected != actual:
                raise ImageHashWrong(file=name, algorithm=algorithm, expected=expected, actual=actual)
    return file, declared.by


def patiently(task: Task, attempt: Callable[[], Found], receiver: Receiver) -> Found:
    """Once more after a passing fault; the count begins anew whenever bytes came."""
    tried, had = 0, 0
    while True:
        try:
            return attempt()
        except _PASSING as err:
            tried = 0 if receiver.size_bytes > had else tried
            had = receiver.size_bytes
            if isinstance(err, _FINAL) or tried == _RETRIES:
                raise
            tried += 1
            task.say(f"{err}; trying again ({tried} of {_RETRIES})")
            task.checkpoint()
            task.ctx.wait(task.waits.poll_s * tried)


def _by_sftp(task: Task, path: str, name: str, receiver: Receiver, declared: Declared, report: Report) -> Declared:
    with task.net.sftp(task.endpoint, task.observer, stall_s=task.waits.stall_s) as sftp:
        there = sftp.stat(path)
        if there is None or there.is_dir:
            raise ImageError(file=path, detail="is a directory" if there else "does not exist on the server")
        _is_size(task, path, there.size_bytes)
        receiver.of_version(there)  # it may have changed while the connection was gone
        if receiver.size_bytes > (there.size_bytes or 0):
            receiver.begin_again()
        declared = declared or _beside_by_sftp(sftp, path, name)
        if receiver.size_bytes:
            task.say(f"{receiver.size_bytes} bytes of it are here: resumed after them")
        sftp.get(path, receiver.write, on_progress=report, offset=receiver.size_bytes)
    return declared


def _by_scp(task: Task, path: str, name: str, receiver: Receiver, declared: Declared, report: Report) -> Declared:
    """The receiver begins anew; checksum files cost a login each, so only the two usual names are looked for."""
    receiver.begin_again()
    result = task.net.pull_scp(
        task.endpoint, task.observer, path, receiver.write, on_progress=report, stall_s=task.waits.stall_s
    )
    _is_size(task, path, result.sent)
    for beside in () if declared else (f"{name}.sha512", f"{name}.md5"):
        small = _Small(beside)
        try:
            task.net.pull_scp(
                task.endpoint,
                task.observer,
                _next_to(path, beside),
                small.write,
                on_progress=lambda _p: None,
                stall_s=task.waits.stall_s,
            )
        except TransferError:
            continue
        if found := declared_in(small.text, name, beside):
            return found
    return declared


def _beside_by_sftp(sftp: Sftp, path: str, name: str) -> Declared:
    for beside in names_beside(name):
        where = _next_to(path, beside)
        there = sftp.stat(where)
        if there is None or there.is_dir or not there.size_bytes or there.size_bytes > MOST_BYTES:
            continue
        small = _Small(beside)
        sftp.get(where, small.write, on_progress=lambda _p: None)
        if found := declared_in(small.text, name, beside):
            return found
    return NOTHING_DECLARED


class _Small:
    """A file of which no more than `MOST_BYTES` are taken."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise TransferError(file=self._name, detail="too long for a checksum file")
        self._parts.append(data)

    @property
    def text(self) -> str:
        return b"".join(self._parts).decode("utf-8", "replace")


def _next_to(path: str, name: str) -> str:
    head, slash, _ = path.rpartition("/")
    return f"{head}{slash}{name}"


def _is_size(task: Task, path: str, size: int | None) -> None:
    wanted = task.request.image.size_bytes if task.request.image is not None else 0
    if wanted and size is not None and size != wanted:
        raise SizeMismatch(file=path, expected=wanted, actual=size)
