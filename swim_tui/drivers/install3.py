"""The phases of 3650 and 3850 that run packages of XE 3 (DEVICE_FACTS 6.3): install, reload and proof per member."""

from __future__ import annotations

import re
from collections.abc import Sequence

from swim_tui.drivers import look
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.clean import erase
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install16 import send
from swim_tui.drivers.install_prove import prove_packages
from swim_tui.drivers.instant import Shown
from swim_tui.drivers.recover import NeitherShown, read_whether, settle_reload
from swim_tui.drivers.reload import evidence_of
from swim_tui.drivers.task import Handler, OpDone, Task
from swim_tui.drivers.wait import Watch, wait_for_boot
from swim_tui.errors import CommandError
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished, OpStarted, PhaseResult
from swim_tui.model.plan import Operation, OpKind

_FINISHED = re.compile(r"Finished installing software|New software will load on reboot", re.I)
_EXPANDED = re.compile(r"Finished expanding bundle", re.I)
_FAILED = re.compile(r"^\s*(?:\[[\d ]+\]:\s*)?%.*|Operation aborted", re.M)
_RELOADING = (OpKind.INSTALL, OpKind.ROLLBACK)


def run_install3(task: Task) -> PhaseResult:
    """All operations of the phase."""
    reloads = any(op.kind is OpKind.RELOAD for op in task.plan.of_phase(task.request.phase))
    return success(task, run_operations(task, HANDLERS, settle_reload if reloads else settle_install3))


def expand(task: Task, op: Operation) -> OpDone:
    """`software expand file`: the packages lie on flash afterwards, nothing boots them yet; may be repeated."""
    line = op.lines[0]
    task.barrier(op, line.text)
    reply = send(task, line)
    failed = [" ".join(m.group().split()) for m in _FAILED.finditer(reply.text)] if reply is not None else []
    if failed or (reply is not None and not _EXPANDED.search(reply.text)):
        reason = "; ".join(dict.fromkeys(failed)) or "no line of success in the answer"
        raise InstallFailed(command=line.text, detail=reason)
    if look.file_size(task, op.file_system, op.path) is None:
        raise InstallFailed(command=line.text, detail=f"{op.path} is not on {op.file_system} afterwards")
    return OpDone("the packages are on the flash; packages.conf names them")


def install(task: Task, op: Operation) -> OpDone:
    """The command with its reload question: intent on disk, sent once."""
    line = op.lines[0]
    task.evidence = evidence_of(task, look.read_version(task))
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    try:
        reply = send(task, line)
    except CommandError:
        task.is_reload_sent = False  # stopped at a question, or refused: nothing boots other software yet
        raise
    if reply is None:
        return OpDone("sent; the session ended")
    failed = [" ".join(m.group().split()) for m in _FAILED.finditer(reply.text)]
    asked = any("reload" in q.lower() for q in reply.questions)
    if failed or not _FINISHED.search(reply.text):
        task.is_reload_sent = False
        reason = "; ".join(dict.fromkeys(failed)) or "no line of success in the answer"
        raise InstallFailed(command=line.text, detail=reason)
    return OpDone("installed; the device reloads now" if asked else "installed, without a reload question")


def wait_install3(task: Task, op: Operation) -> OpDone:
    """Wait for the boot. A device that stays up has its new packages set for the next reload: that is said."""
    try:
        return wait_for_boot(task)
    except CommandError as err:
        left = "the install may have ended without its reload: the next reload may boot the new packages"
        task.left_behind.append(left)
        raise InstallFailed(command="software install", detail=f"{err.detail or err}; {left}") from err


def settle_install3(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: XE 3 keeps no install log, so only the boot shows what happened."""
    op = next((o for o in operations if o.kind in _RELOADING), None)
    intents = task.intents_of(op.kind) if op is not None else []
    if op is None or not intents:
        return 0
    intent, at = intents[-1]
    task.op_id, task.op_kind = op.id, op.kind
    task.emit(OpStarted(op.id, task.now()))
    task.is_reload_sent, task.evidence, task.sent_at = True, dict(intent.evidence), at
    task.say("an earlier attempt announced this install: reading whether it happened")
    limit = op.lines[0].timeout_s
    started = task.clock.monotonic()
    while True:
        if read_whether(task, Watch(task, task.evidence, at, task.clock.monotonic())) is Shown.YES:
            task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, "shown to have happened by the boot time"))
            return list(operations).index(op) + 1
        if task.clock.monotonic() - started > limit:
            raise NeitherShown(detail="the device did not reload, and its packages may be set for the next reload")
        task.progress_s(task.clock.monotonic() - started, limit, "waiting for an install that may be running")
        task.pause(task.waits.login_interval_s)


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.DELETE_FILES: erase,
    OpKind.INSTALL_ADD: expand,
    OpKind.INSTALL: install,
    OpKind.ROLLBACK: install,
    OpKind.WAIT_RELOAD: wait_install3,
    OpKind.PROVE: prove_packages,
}
