"""An install intent found in the journal: did it happen, does it run, did it fail? (SPEC 4)"""

from __future__ import annotations

from collections.abc import Sequence

from swim_tui.drivers import look
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install_state import entries_since, is_busy
from swim_tui.drivers.instant import Shown
from swim_tui.drivers.recover import NeitherShown, boot_words, resume, settled
from swim_tui.drivers.smu import is_done
from swim_tui.drivers.task import Task
from swim_tui.drivers.wait import Watch
from swim_tui.model.install import InstallResult
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished
from swim_tui.model.plan import Operation, OpKind

_RELOADING = (OpKind.INSTALL, OpKind.ROLLBACK)


def settle_install(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: 0, or the wait after a command that is shown to have been taken."""
    op = next((o for o in reversed(operations) if o.kind in _RELOADING and task.intents_for(o)), None)
    if op is None:
        return 0
    intent, at = task.intents_for(op)[-1]
    after = list(operations).index(op) + 1
    resume(task, op, intent, at, "install")

    def judge(watch: Watch) -> int:
        if watch.shown is Shown.UNKNOWN:
            raise NeitherShown(detail=f"boot time {boot_words(task)}")
        is_booted = watch.shown is Shown.YES
        said = "shown to have happened by the boot time" if is_booted else _by_state(task, op, intent.line)
        if said:
            task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, said))
            return after
        task.say("shown not to have happened: same boot, no install; it is sent again as second intent")
        task.is_reload_sent, task.sent_at = False, None
        return _again_from(operations, op)

    return settled(task, at, judge)


def _again_from(operations: Sequence[Operation], op: Operation) -> int:
    """The first of several activations begins anew; before a later one everything was done, its own add apart."""
    index = list(operations).index(op)
    if not any(o.kind in _RELOADING for o in operations[:index]):
        return 0
    return index - 1 if operations[index - 1].kind is OpKind.INSTALL_ADD else index


def _by_state(task: Task, op: Operation, command: str) -> str:
    """Words when the command was taken, "" when it was not. Errors: InstallFailed, NeitherShown."""
    facts = look.read_install(task)
    if facts.install is None and task.plan.from_image.endswith("packages.conf"):
        raise NeitherShown(detail="the install state is not readable")
    new = entries_since(task.evidence, facts)
    if is_busy(facts):
        return "it is running on the device: attached to it"
    if new and new[-1].result is InstallResult.FAILED:
        task.is_reload_sent = False
        raise InstallFailed(command=command, detail=f"the install log says that {new[-1].operation} failed")
    if new or is_done(task, op, facts):
        return "it has ended on the device: the reload is to come"
    return ""
