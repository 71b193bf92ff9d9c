"""Copying the image by a pull: the device's own `copy`, judged by what lies on its flash afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from swim_tui.drivers import look
from swim_tui.drivers.copy import already_there, check_space, clean_up, delete, hash_is_right
from swim_tui.drivers.pullwatch import PullWatch
from swim_tui.drivers.task import OpDone, Task, message_of
from swim_tui.drivers.vty import has_spare_line
from swim_tui.errors import (
    Cancelled,
    CommandRejected,
    NoSpace,
    NotAuthorised,
    PromptTimeout,
    ServerError,
    SizeMismatch,
    Stalled,
    SwimError,
    TransferError,
    TransferLost,
    TransferRefused,
)
from swim_tui.model.device_path import join_path
from swim_tui.model.options import Protocol
from swim_tui.model.phase import OpProgress, RateMeasured
from swim_tui.model.plan import CopySource, Line, LineMode, Operation
from swim_tui.net.contract import Ended
from swim_tui.parse import device_refusal

_RETRIES = 2
_SECRET = "***"
_URL_SAFE = "~-._!$&'()*+,=:"
_PASSING = (TransferLost, Stalled, SizeMismatch)
_LOGIN = re.compile(
    r"authentication fail|permission denied|login (?:failed|incorrect)|access denied|\b401\b|\b530\b", re.I
)
_FULL = re.compile(r"no space left|not enough space", re.I)
_DEVICE = re.compile(r"exclusive use|read-only file system|low on memory|write failed|bad file number", re.I)
_BROKEN = re.compile(r"error reading|connection reset|lost connection|\[timed out\]|connection closed|i/o error", re.I)
_IO_ERROR = re.compile(r"\bi/o error", re.I)
# IOS says no more than "I/O error" of a certificate that it does not trust.
_NO_TRUST = "does the device trust the server's certificate (ip http client secure-trustpoint)?"
_SECOND_PASSWORD = "second time"


class ServerRefused(ServerError):
    """The server refuses the login, which no other device may repeat."""


def sources_of(task: Task, op: Operation) -> tuple[CopySource, ...]:
    """How this file is pulled in this phase; empty when it is pushed, or copied on the device."""
    server = task.request.server or (op.sources[0].server if op.sources else "")
    return tuple(s for s in op.sources if s.server == server and s.line.mode is not LineMode.TOOL)


def is_unpacked(op: Operation) -> bool:
    """True for an archive that is unpacked while it comes: its file has another size than what is pulled."""
    return op.lines[0].text.startswith("archive ")


def working(task: Task, sources: tuple[CopySource, ...]) -> tuple[CopySource, ...]:
    """Those that the probe did not show to fail; all of them where it showed nothing of this device."""
    return tuple(s for s in sources if (s.server, s.protocol) not in task.not_by) or sources


def pull_image(task: Task, op: Operation, sources: tuple[CopySource, ...]) -> OpDone:
    """Bring the image by the first protocol of the server that works; Skipped when it is there."""
    # A copy goes on in the device when the worker that asked for it died.
    if task.intents_of(op.kind) and _is_whole(task, op, waits=True):
        return OpDone("the copy that was under way before is whole")
    if already_there(task, op):
        return OpDone("already there with the right size and hash", is_skipped=True)
    check_space(task, op)
    said: list[str] = []
    for source in working(task, sources):
        task.barrier(op, source.line.text, {"file": join_path(op.file_system, op.path), "size": str(op.size_bytes)})
        try:
            return _by_protocol(task, op, source)
        except ServerRefused:
            clean_up(task, op)
            task.next_server, task.server_failed = True, True
            raise
        except (TransferRefused, CommandRejected, *_PASSING) as err:
            said.append(f"{source.protocol}: {message_of(err)}")
            task.say(f"{source.protocol} from {source.server} does not work: {message_of(err)}")
        except SwimError:
            clean_up(task, op)
            raise
        task.checkpoint()
    clean_up(task, op)
    task.next_server = True
    raise ServerError(server=sources[0].server, detail="; ".join(said))


def pull_again(task: Task, op: Operation, sources: tuple[CopySource, ...]) -> None:
    """Delete a copy whose hash is wrong and pull it once more; the file is gone when this fails."""
    delete(task, op.file_system, op.path, op.undo[0])
    task.checkpoint()
    try:
        _by_protocol(task, op, sources[0])
    except SwimError:
        clean_up(task, op)
        raise


def _by_protocol(task: Task, op: Operation, source: CopySource) -> OpDone:
    """One protocol, tried again when the line broke."""
    tried = 0
    while True:
        try:
            return _once(task, op, source)
        except _PASSING as err:
            if tried == _RETRIES:
                raise
            tried += 1
            task.say(f"{message_of(err)}; trying again ({tried} of {_RETRIES})")
        task.checkpoint()
        check_space(task, op)


def _once(task: Task, op: Operation, source: CopySource) -> OpDone:
    started = task.clock.monotonic()
    try:
        text = run_copy(task, op, source)
    except (TransferLost, Stalled, PromptTimeout) as err:
        if _is_whole(task, op, waits=isinstance(err, TransferLost)):
            return _done(task, op, source, started, "the file is whole although the session ended")
        if isinstance(err, PromptTimeout):
            raise Stalled(file=op.path, sent=0, idle_s=err.limit_s) from err
        raise
    size = look.file_size(task, op.file_system, op.path)
    if size == op.size_bytes:
        return _done(task, op, source, started, "")
    free = look.free_bytes(task, op.file_system) if _FULL.search(text) else None
    if size is not None:
        delete(task, op.file_system, op.path, op.undo[0])
    raise why_not(op, source, text, size, free)


def run_copy(task: Task, op: Operation, source: CopySource) -> str:
    """Type the line and work its questions, watching the file grow."""
    line = typed(task, source)
    watches = has_spare_line(task)
    session = task.session()
    with PullWatch(task, op, session, opens=watches) as watch:
        try:
            reply = session.run(line)
        except Cancelled:
            if watch.stalled:
                raise Stalled(file=op.path, sent=watch.seen, idle_s=task.waits.stall_s) from None
            raise
        except NotAuthorised as err:
            if _SECOND_PASSWORD not in err.detail:
                raise
            raise ServerRefused(server=source.server, detail=f"it refuses the login by {source.protocol}") from err
    if reply.ended is Ended.LOST:
        task.drop()
        detail = f"the session ended during {source.line.text}"
        raise TransferLost(file=op.path, sent=watch.seen, size=op.size_bytes, detail=detail)
    return reply.text


def typed(task: Task, source: CopySource) -> Line:
    """The planned line; where a person consented, with the password in the URL (masked in every log)."""
    if not source.password_in_url:
        return source.line
    secret = task.endpoint.login.named(f"server {source.server} {source.protocol}").reveal()
    if quote(secret, safe=_URL_SAFE) != secret or "@" in secret or ":" in secret:
        raise TransferRefused(file=source.server, detail="its password cannot be typed in a URL")
    return replace(source.line, text=source.line.text.replace(_SECRET, secret, 1))


def _is_whole(task: Task, op: Operation, *, waits: bool) -> bool:
    """Look before anything is called failed. A copy can go on after its session ended: wait while the file grows."""
    task.drop()
    with task.shielded():
        size = look.file_size(task, op.file_system, op.path)
        quiet_since = task.clock.monotonic()
        while waits and size is not None and size < op.size_bytes:
            if task.clock.monotonic() - quiet_since > task.waits.stall_s:
                break
            task.pause(max(1.0, task.waits.poll_s))
            now = look.file_size(task, op.file_system, op.path)
            if now != size:
                quiet_since = task.clock.monotonic()
                task.emit(OpProgress(op.id, now or 0, op.size_bytes, "B", 0.0, None, "goes on without a session"))
            size = now
        if size == op.size_bytes and hash_is_right(task, op):
            return True
        if size is not None:
            delete(task, op.file_system, op.path, op.undo[0])
    return False


def _done(task: Task, op: Operation, source: CopySource, started: float, note: str) -> OpDone:
    rate = op.size_bytes / max(task.clock.monotonic() - started, 0.001)
    task.emit(OpProgress(op.id, op.size_bytes, op.size_bytes, "B", rate, 0.0))
    task.emit(RateMeasured(rate))
    more = f"; {note}" if note else ""
    return OpDone(f"{op.size_bytes} bytes at {rate / 1e6:.2f} MB/s from {source.server} by {source.protocol}{more}")


def why_not(op: Operation, source: CopySource, text: str, size: int | None, free: int | None) -> SwimError:
    """What the device's words mean: its own trouble, a refused login, a broken line, or this protocol's trouble."""
    said = device_refusal(text) or " ".join(text.split())[-200:]
    if _FULL.search(text):
        return NoSpace(
            file=op.path, file_system=op.file_system, required=op.size_bytes, available=free or 0, detail=said
        )
    own = rf"error (?:opening|writing) {re.escape(op.file_system)}"
    if _DEVICE.search(text) or re.search(own, text, re.I):
        return _DeviceRefused(file=op.path, detail=said)
    if _LOGIN.search(text):
        return ServerRefused(server=source.server, detail=f"it refuses the login by {source.protocol}: {said}")
    if source.protocol is Protocol.HTTPS and size is None and _IO_ERROR.search(text):
        return TransferRefused(file=op.path, detail=f"{said}; {_NO_TRUST}")
    if size is not None or _BROKEN.search(text):
        return TransferLost(file=op.path, sent=size or 0, size=op.size_bytes, detail=said)
    return TransferRefused(file=op.path, detail=said or "no word of bytes copied in the answer")


class _DeviceRefused(TransferError):
    """The device itself is at fault: no other protocol or server would help."""
