"""Re-attaching to `install all`: its status, and an intent found in the journal (SPEC 4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.instant import Shown
from swim_tui.drivers.recover import NeitherShown, boot_words, resume, settled
from swim_tui.drivers.task import Task
from swim_tui.drivers.wait import Watch
from swim_tui.model.device_path import join_path, same_file
from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallReport, InstallResult
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished
from swim_tui.model.plan import Operation, OpKind
from swim_tui.model.version import same_version
from swim_tui.parse import parse_install_report

STATUS = "show install all status"
_GOING = re.compile(r"Install is in progress|Continuing with installation process")


def status_text(task: Task) -> str:
    """The log of the last install, empty when this software has none."""
    return task.try_read(STATUS) or ""


def status_digest(task: Task) -> str:
    """What tells the log of one install from that of the next."""
    return hashlib.sha256(" ".join(status_text(task).split()).encode()).hexdigest()[:16]


def report_of(task: Task) -> InstallReport | None:
    """How the last install stands, None when it is not said."""
    return parse_install_report(status_text(task))


def is_going(task: Task) -> bool:
    """True when the log says that an install goes on; a compatibility check alone leaves a log without an end too."""
    text = status_text(task)
    report = parse_install_report(text)
    return report is not None and report.result is InstallResult.RUNNING and _GOING.search(text) is not None


def is_there(task: Task, op: Operation, facts: Facts) -> bool:
    """True when target version and target image run."""
    running = facts.version.image_file.removesuffix(".upg")
    is_version = not task.plan.to_version or same_version(facts.version.version, task.plan.to_version)
    return is_version and same_file(running, join_path(op.file_system, op.path), facts)


def settle_nxos(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: 0, or the wait after an install that is shown to have been taken."""
    op = next((o for o in operations if o.kind is OpKind.INSTALL), None)
    intents = task.intents_of(OpKind.INSTALL)
    if op is None or not intents:
        return 0
    intent, at = intents[-1]
    after = list(operations).index(op) + 1
    resume(task, op, intent, at, "install")

    def judge(watch: Watch) -> int:
        is_booted = watch.shown is Shown.YES
        said = "shown to have happened by the boot time" if is_booted else _by_status(task, op, watch.facts)
        if said:
            task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, said))
            return after
        if watch.shown is not Shown.NO:
            raise NeitherShown(detail=f"boot time {boot_words(task)}")
        task.say("shown not to have happened: same boot, same install status; it is sent again as second intent")
        task.is_reload_sent, task.sent_at = False, None
        return 0

    return settled(task, at, judge)


def _by_status(task: Task, op: Operation, facts: Facts | None) -> str:
    """Words when the install was taken, "" when it was not. Errors: InstallFailed."""
    if facts is not None and is_there(task, op, facts):
        task.stays_up = True
        return "the new version runs: installed in service"
    if status_digest(task) == task.evidence.get("install_status"):
        return ""
    report = report_of(task)
    if report is not None and report.result is InstallResult.FAILED:
        task.is_reload_sent = False
        raise InstallFailed(detail="; ".join(report.failures) or "show install all status says that it failed")
    return "it is running on the device: attached to it" if report is not None else ""
