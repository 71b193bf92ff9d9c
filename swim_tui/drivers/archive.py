"""The phases of classic Catalyst switches from a .tar: the switch unpacks, sets its boot variable, then reloads."""

from __future__ import annotations

import re
from collections.abc import Callable

from swim_tui.drivers import look
from swim_tui.drivers.boot import boot_problem, configured, wanted
from swim_tui.drivers.bring import bring_image
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install16 import send
from swim_tui.drivers.pull import is_unpacked, sources_of, typed, working
from swim_tui.drivers.recover import settle_reload
from swim_tui.drivers.task import Handler, OpDone, Task, message_of
from swim_tui.errors import CommandRejected, ServerError
from swim_tui.model.device_path import split_path
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import Operation, OpKind
from swim_tui.parse import parse_dir

_DONE = re.compile(r"^\s*All software images installed\.", re.M | re.I)
_FAILED = re.compile(r"^\s*(?:%?\s?error:.*|%error\s.*|% .*)$", re.M | re.I)
_TEMP = "update"
_QUIET_LOOKS = 3  # the directory appears some seconds after the command, when the archive was examined


def run_archive(task: Task) -> PhaseResult:
    """All operations of the phase."""
    return success(task, run_operations(task, HANDLERS, settle_reload))


def bring(task: Task, op: Operation) -> OpDone:
    """The archive as a file; or out of a server's hand right into its directory, where the plan says so."""
    return stream(task, op) if is_unpacked(op) else bring_image(task, op)


def stream(task: Task, op: Operation) -> OpDone:
    """Unpack while it is pulled; what a server cannot give is left to the next one."""
    ours = any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind))
    if ours:
        _follow(task, op, op.lines[0].timeout_s, lambda: not _absent(task, op))
    if not _absent(task, op):
        return OpDone("unpacked already", is_skipped=True)
    said: list[str] = []
    for source in working(task, sources_of(task, op)):
        task.barrier(op, source.line.text, {"file": op.path})
        line, reason = typed(task, source), ""
        try:
            reply = send(task, line)
        except CommandRejected as err:
            reply, reason = None, message_of(err)
        if reply is None and not reason:
            _follow(task, op, line.timeout_s, lambda: not _absent(task, op))
        elif reply is not None:
            reason = _reason(reply.text)
        absent = _absent(task, op)
        if not reason and not absent:
            return OpDone(f"unpacked from {source.server} by {source.protocol}")
        said.append(f"{source.protocol}: {reason or absent}")
        task.checkpoint()
    if _is_unpacking(task, op):
        task.left_behind.append(f"{op.file_system}{_TEMP} holds part of the archive: delete it before another try")
    else:
        task.next_server = True
    server = task.request.server or op.sources[0].server
    raise ServerError(server=server, detail="; ".join(said) or "no protocol of it can be used")


def _reason(text: str) -> str:
    lines = [" ".join(m.group().split()) for m in _FAILED.finditer(text)]
    return "; ".join(dict.fromkeys(lines)) or ("" if _DONE.search(text) else "no line of success in the answer")


def _absent(task: Task, op: Operation) -> str:
    """The first file system that has no new image; "" when all have it."""
    for shown in op.lines[1:]:
        name, path = split_path(shown.text.partition(" ")[2])
        if look.file_size(task, name, path) is None:
            return f"{path} is not on {name}"
    return ""


def download(task: Task, op: Operation) -> OpDone:
    """`archive download-sw`: sent once, followed by reading where the session breaks; proven by what is on flash."""
    line = op.lines[0]
    ours = any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind))
    if ours and not _is_set(task, op):
        task.say("an earlier attempt announced this download: reading whether it runs")
        _follow(task, op, line.timeout_s, lambda: _is_set(task, op))
    if _is_set(task, op):
        if ours:
            task.undo.append(op)
        return OpDone(f"{op.path} is unpacked already", is_skipped=True)
    facts = look.boot_facts(task)
    task.barrier(op, line.text, {"previous": "\n".join(configured(facts))})
    task.undo.append(op)
    reply = send(task, line)
    reason = ""
    if reply is None:
        _follow(task, op, line.timeout_s, lambda: _is_set(task, op))
    else:
        reason = _reason(reply.text)
    reason = reason or _missing(task, op)
    if reason:
        _look_at_damage(task, op)
        raise InstallFailed(command=line.text, detail=reason)
    return OpDone(f"unpacked; the switch boots {op.boot_list[0]} at its next reload")


def _is_set(task: Task, op: Operation) -> bool:
    """True when the boot variable of every member names the new image."""
    return boot_problem(task, op) is None


def _missing(task: Task, op: Operation) -> str:
    """What contradicts the switch's word: a boot variable that is not set, a member without the image."""
    problem = boot_problem(task, op)
    if problem is not None:
        return f"the boot variable is {problem.actual}"
    return _absent(task, op)


def _follow(task: Task, op: Operation, limit_s: float, is_done: Callable[[], bool]) -> None:
    """The work goes on without its session: wait until it is done or nothing is being unpacked."""
    started, quiet = task.clock.monotonic(), 0
    while (spent := task.clock.monotonic() - started) < limit_s:
        with task.shielded():
            if is_done():
                return
            quiet = 0 if _is_unpacking(task, op) else quiet + 1
        if quiet > _QUIET_LOOKS:
            return
        task.progress_s(spent, limit_s, "the switch unpacks the archive")
        task.pause(max(1.0, task.waits.poll_s))
    raise InstallFailed(command=op.lines[0].text, detail=f"still unpacking after {limit_s:.0f} s")


def _is_unpacking(task: Task, op: Operation) -> bool:
    listing = parse_dir(task.read(f"dir {op.file_system}"))
    return any(entry.is_dir and entry.path.lower() == _TEMP for entry in listing.files)


def _look_at_damage(task: Task, op: Operation) -> None:
    """What a failed download left: its own directory, and with /overwrite perhaps nothing that could be booted."""
    if _is_unpacking(task, op):
        task.left_behind.append(f"{op.file_system}{_TEMP} holds part of the archive: delete it before another try")
    name, path = split_path(task.plan.from_image)
    if look.file_size(task, name, path) is None:
        words = f"{task.plan.from_image} is deleted and nothing took its place: do not reload before an image is there"
        task.left_behind.append(words)
    facts = look.boot_facts(task)
    if configured(facts) == wanted(op.previous_boot_list, facts):
        task.undo.remove(op)


HANDLERS: dict[OpKind, Handler] = {**BUNDLE_HANDLERS, OpKind.COPY_IMAGE: bring, OpKind.INSTALL: download}
