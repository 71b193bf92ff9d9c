"""The phases of devices provisioned by `request platform software package`: packages first, then a reload (6.5)."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.clean import erase
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install16 import send
from swim_tui.drivers.install_prove import prove_packages
from swim_tui.drivers.recover import settle_reload
from swim_tui.drivers.task import Handler, OpDone, Task
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import Line, Operation, OpKind
from swim_tui.model.version import parse_version, same_version
from swim_tui.parse import device_refusal, parse_packages_conf

# Inner steps of a failing run print their own SUCCESS lines: the last of both decides.
_VERDICT = re.compile(r"^\s*(?P<word>SUCCESS|FAILED):(?P<rest>.*)$", re.M)
_REASON = re.compile(r"^\s*(?:\[[^\]\n]{1,40}\]:?\s*)?(?:ERROR|FAILED|Error|%\s?Error)\b.*$", re.M)
_VERSION = re.compile(r"\.(\d{2}\.\d{2}\.\d{2}[a-z]?(?:\.S(?=\.))?)(?=\.)")


def run_subpackages(task: Task) -> PhaseResult:
    """All operations of the phase."""
    return success(task, run_operations(task, HANDLERS, settle_reload))


def provision(task: Task, op: Operation) -> OpDone:
    """The provisioning commands; each may be repeated, since it changes nothing but what the next reload starts."""
    wanted = task.plan.to_version
    ours = any(intent.op_id == op.id for intent, _ in task.intents_of(op.kind))
    if provisioned(task, op, wanted) and ours:
        task.undo.append(op)
        return OpDone(f"the packages of {wanted} are provisioned already", is_skipped=True)
    task.barrier(op, "; ".join(line.text for line in op.lines))
    if op.undo:
        task.undo.append(op)
    for line in op.lines:
        _run(task, op, line)
    if provisioned(task, op, wanted) is False:
        raise InstallFailed(command=op.lines[-1].text, detail=f"packages.conf does not name {wanted} afterwards")
    return OpDone(f"the packages of {wanted} start at the next reload")


def _attached(task: Task, op: Operation, limit_s: float) -> bool:
    """Follow a command whose session broke: the work goes on without it. True once packages.conf names the release."""
    started, patience = task.clock.monotonic(), min(limit_s, task.pack.waits.install_limit_s / task.waits.scale)
    while (spent := task.clock.monotonic() - started) < patience:
        with task.shielded():
            if provisioned(task, op, task.plan.to_version):
                return True
        task.progress_s(spent, patience, "the install goes on without its session")
        task.pause(max(1.0, task.waits.poll_s))
    return False


def _run(task: Task, op: Operation, line: Line) -> None:
    """One command to its end; where the session broke it is followed, and sent once more when nothing came of it."""
    other = task.pack.members.file_system or next(iter(task.pack.standby_prefixes), op.file_system)
    where = op if line is op.lines[-1] else replace(op, file_system=other)  # the standby comes first
    for _ in range(2):
        reply = send(task, line)
        if reply is None:
            if _attached(task, where, line.timeout_s):
                return
            continue
        verdicts = list(_VERDICT.finditer(reply.text))
        if verdicts and verdicts[-1]["word"] == "SUCCESS":
            return
        lines = [" ".join(m.group().split()) for m in _REASON.finditer(reply.text)]
        reason = "; ".join(dict.fromkeys(lines)) or device_refusal(reply.text) or "no line of success in the answer"
        raise InstallFailed(command=line.text, detail=reason)
    raise InstallFailed(command=line.text, detail="the session was lost twice")


def provisioned(task: Task, op: Operation, version: str) -> bool | None:
    """Whether the provisioning file names packages of this version; None when it is not readable."""
    text = task.try_read(f"more {op.file_system}{op.path}")
    conf = parse_packages_conf(text) if text is not None else None
    if conf is None or parse_version(version) is None:
        return None
    said = [m[1] for name in conf.files() if (m := _VERSION.search(name))]
    return any(same_version(v, version) for v in said) if said else None


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.DELETE_FILES: erase,
    OpKind.INSTALL: provision,
    OpKind.ROLLBACK: provision,
    OpKind.PROVE: prove_packages,
}
