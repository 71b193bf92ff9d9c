"""An activation of IOS-XR found in the journal: did it happen, does it run, did it fail? (SPEC 4)"""

from __future__ import annotations

from collections.abc import Sequence

from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.instant import Shown
from swim_tui.drivers.recover import NeitherShown, boot_words, resume, settled
from swim_tui.drivers.task import Task
from swim_tui.drivers.wait import Watch
from swim_tui.drivers.xr_request import is_busy, newer_operations, result_of
from swim_tui.model.install import InstallResult
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished
from swim_tui.model.plan import Operation, OpKind
from swim_tui.model.version import same_version

NUMBER = "install_operation"  # newest operation before the line was sent
RUNNING = "running_operation"  # the one that the line began


def settle_xr(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: 0, or the wait after an activation that is shown to have been taken."""
    op = next((o for o in operations if o.kind is OpKind.INSTALL), None)
    intents = task.intents_of(OpKind.INSTALL)
    if op is None or not intents:
        return 0
    intent, at = intents[-1]
    after = list(operations).index(op) + 1
    resume(task, op, intent, at, "activation")

    def judge(watch: Watch) -> int:
        is_booted = watch.shown is Shown.YES
        said = "shown to have happened by the boot time" if is_booted else _by_state(task)
        if not said and watch.shown is not Shown.NO:
            raise NeitherShown(detail=f"boot time {boot_words(task)}")
        is_new = watch.facts is not None and same_version(watch.facts.version.version, task.plan.to_version)
        if not said and is_new:
            task.stays_up, said = True, "the new version runs"
        if said:
            task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, said))
            return after
        task.say("shown not to have happened: same boot, no new operation; it is sent again as second intent")
        task.is_reload_sent, task.sent_at, task.evidence = False, None, {}
        return 0

    return settled(task, at, judge)


def _by_state(task: Task) -> str:
    """Words when an operation newer than the last one before is known, "" when there is none. Errors: InstallFailed."""
    before = task.evidence.get(NUMBER, "")
    newer = newer_operations(task, int(before)) if before.isdigit() else ()
    if not newer:
        return "an operation runs on the router: attached to it" if is_busy(task) else ""
    number = newer[0]
    task.evidence[RUNNING] = str(number)
    result, why = result_of(task, number)
    if result in (InstallResult.FAILED, InstallResult.ABORTED):
        task.is_reload_sent = False
        raise InstallFailed(command="install activate", detail=why or f"operation {number} {result}")
    return f"operation {number} is on the router: attached to it"


def added_before(task: Task) -> int | None:
    """The add operation that an earlier attempt began, None when it began none or it failed."""
    intents = task.intents_of(OpKind.INSTALL_ADD)
    before = intents[-1][0].evidence.get(NUMBER, "") if intents else ""
    newer = newer_operations(task, int(before)) if before.isdigit() else ()
    if not newer or result_of(task, newer[0])[0] in (InstallResult.FAILED, InstallResult.ABORTED):
        return None
    task.say(f"operation {newer[0]} of an earlier attempt adds the packages: attached to it")
    return newer[0]
