"""The phases of devices that boot one .bin: operations one after another, and the way back when they stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from swim_tui.drivers.backup import backup_config, backup_image
from swim_tui.drivers.boot import check_boot, restore, save_config, set_boot
from swim_tui.drivers.bring import bring_image
from swim_tui.drivers.erase import delete_files
from swim_tui.drivers.fallback import remove_fallback
from swim_tui.drivers.pre_checks import pre_checks
from swim_tui.drivers.probe import probe_server
from swim_tui.drivers.prove import post_checks, prove
from swim_tui.drivers.recover import settle_reload
from swim_tui.drivers.reload import reload_device
from swim_tui.drivers.scp_switch import disable_scp, enable_scp
from swim_tui.drivers.task import Handler, OpDone, Task, message_of
from swim_tui.drivers.verify import verify_image
from swim_tui.drivers.wait import wait_reload
from swim_tui.errors import BootStateWrong, Cancelled, CommandError, SwimError, describe
from swim_tui.model.job import OpStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import OpFinished, OpStarted, PhaseResult, PhaseStatus
from swim_tui.model.plan import LineMode, Operation, OpKind, Phase
from swim_tui.parse import device_refusal

HANDLERS: dict[OpKind, Handler] = {
    OpKind.BACKUP_CONFIG: backup_config,
    OpKind.BACKUP_IMAGE: backup_image,
    OpKind.ENABLE_SCP: enable_scp,
    OpKind.DISABLE_SCP: disable_scp,
    OpKind.DELETE_FILES: delete_files,
    OpKind.PROBE_SERVER: probe_server,
    OpKind.COPY_IMAGE: bring_image,
    OpKind.VERIFY_IMAGE: verify_image,
    OpKind.PRE_CHECKS: pre_checks,
    OpKind.SET_BOOT: set_boot,
    OpKind.SAVE_CONFIG: save_config,
    OpKind.CHECK_BOOT: check_boot,
    OpKind.RELOAD: reload_device,
    OpKind.WAIT_RELOAD: wait_reload,
    OpKind.PROVE: prove,
    OpKind.POST_CHECKS: post_checks,
    OpKind.REMOVE_FALLBACK: remove_fallback,
}
# Between set and checked, and from the reload to its proof, there is no safe point.
_NO_STOP_BEFORE = frozenset(
    {
        OpKind.SAVE_CONFIG,
        OpKind.CHECK_BOOT,
        OpKind.DISABLE_SCP,
        OpKind.WAIT_RELOAD,
        OpKind.PROVE,
        OpKind.REMOVE_FALLBACK,
        OpKind.POST_CHECKS,
    }
)


def run_bundle(task: Task) -> PhaseResult:
    """All operations of the phase; errors come out after the way back was gone."""
    operations = run_operations(task, HANDLERS, settle_reload)
    return success(task, operations)


def run_operations(
    task: Task, handlers: Mapping[OpKind, Handler], settle: Callable[[Task, Sequence[Operation]], int]
) -> tuple[Operation, ...]:
    """The operations of the phase, one after another; `settle` says with which one to begin after a crash."""
    operations = task.plan.of_phase(task.request.phase)
    done = False
    try:
        for op in operations[settle(task, operations) :]:
            _run_one(task, op, handlers)
        done = True
    finally:
        # Also for a bug: a boot variable that is set and not yet booted must not stay behind unsaid.
        if not done and not task.is_reload_sent:
            unwind(task)
    return operations


def _run_one(task: Task, op: Operation, handlers: Mapping[OpKind, Handler]) -> None:
    task.op_id, task.op_kind = op.id, op.kind
    if op.kind not in _NO_STOP_BEFORE:
        task.checkpoint()
    task.emit(OpStarted(op.id, task.now()))
    try:
        result = handlers[op.kind](task, op)
    except Cancelled as err:
        task.emit(OpFinished(op.id, task.now(), OpStatus.CANCELLED, message_of(err)))
        raise
    except SwimError as err:
        problem = describe(err)
        task.emit(OpFinished(op.id, task.now(), OpStatus.FAILURE, problem.message, problem))
        raise
    task.emit(OpFinished(op.id, task.now(), _status(result), result.message))


def _status(result: OpDone) -> OpStatus:
    if result.is_skipped:
        return OpStatus.SKIPPED
    return OpStatus.WARNING if result.is_warning else OpStatus.SUCCESS


def unwind(task: Task) -> None:
    """Take back what is temporary or not yet effective, newest first; what cannot be is written down as left behind."""
    while task.undo:
        op = task.undo.pop()
        try:
            with task.shielded():
                if op.boot_list and op.undo:
                    restore(task, op)
                    task.say("the recorded boot list was restored and saved")
                elif op.boot_list:
                    raise BootStateWrong(expected=task.plan.from_image, actual="deleted, it cannot be booted any more")
                else:
                    take_back(task, op)
        except SwimError as err:
            if op.boot_list:
                task.armed = op.boot_list[0]
                task.left_behind.append(f"boots {op.boot_list[0]} at the next reload ({message_of(err)})")
            else:
                typed = "; ".join(line.text for line in op.undo)
                task.left_behind.append(f"still to be typed: {typed} ({message_of(err)})")


def take_back(task: Task, op: Operation) -> None:
    """Type the lines that undo an operation. Errors: what the device says against one of them."""
    typed = [line for line in op.undo if line.mode is LineMode.CONFIG]
    if typed:
        task.configure(typed)
    for line in op.undo:
        if line.mode is not LineMode.EXEC:
            continue
        reply = task.change(line)
        refusal = device_refusal(reply.text)
        if refusal is not None:
            raise CommandError(command=line.text, detail=refusal)


def success(task: Task, operations: tuple[Operation, ...]) -> PhaseResult:
    """How a phase without an error ended."""
    backup = task.backup
    if task.request.phase is Phase.DISTRIBUTE:
        armed = next((op.boot_list[0] for op in operations if op.kind is OpKind.SET_BOOT), "")
        outcome = Outcome.ARMED if armed else Outcome.DISTRIBUTED
        message = f"boots {armed} at the next reload" if armed else "the image is on the device"
        return PhaseResult(
            PhaseStatus.SUCCESS,
            outcome,
            message,
            left_behind=tuple(task.left_behind),
            image_path=backup.path if backup else "",
            file_name=backup.file_name if backup else "",
            size_bytes=backup.size_bytes if backup else 0,
            md5=backup.md5 if backup else "",
            sha512=backup.sha512 if backup else "",
        )
    version = task.proven.version.version if task.proven else ""
    return PhaseResult(PhaseStatus.SUCCESS, Outcome.UPGRADED, f"runs {version}", proven_version=version)
