"""The probe pull: a small file from the SWIM server onto the flash and off it again, before anything is erased.

One device of each platform and version does it (SPEC 5); the engine tells the others.
"""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.copy import clean_up, delete
from swim_tui.drivers.pull import ServerRefused, is_unpacked, run_copy, sources_of, why_not
from swim_tui.drivers.task import OpDone, Task, message_of
from swim_tui.errors import (
    CommandRejected,
    NoSpace,
    PromptTimeout,
    ServerError,
    Stalled,
    SwimError,
    TransferLost,
    TransferRefused,
)
from swim_tui.model.checks import Check, Verdict, server_reachable
from swim_tui.model.phase import ChecksDone
from swim_tui.model.plan import CopySource, Operation, OpKind, Phase

_NOT_REACHED = (TransferRefused, CommandRejected, TransferLost, Stalled, PromptTimeout)


def probe_server(task: Task, op: Operation) -> OpDone:
    """Pull the small file by the first protocol that works; Skipped where another device showed it already."""
    if task.intents_of(op.kind):  # an attempt before this one was torn: its file goes, whoever probes now
        _remove(task, op)
    sources = sources_of(task, op)
    if not sources:
        return OpDone("the image does not come from a SWIM server", is_skipped=True)
    if _needs_no_pull(task):
        return OpDone("the image is on the device: nothing will be pulled", is_skipped=True)
    done_by = task.barrier_once(op, sources[0].line.text)
    if done_by:
        _tell(task, op, sources[0].server, Verdict.OK, f"shown by {done_by}, of this platform and version")
        return OpDone(f"shown by {done_by}, of this platform and version", is_skipped=True)
    try:
        _remove(task, op)  # left by another run
        return _by_any(task, op, sources)
    except SwimError:
        clean_up(task, op)
        raise


def _by_any(task: Task, op: Operation, sources: tuple[CopySource, ...]) -> OpDone:
    server, said = sources[0].server, list[str]()
    for source in sources:
        started = task.clock.monotonic()
        try:
            _pull(task, op, source)
        except NoSpace as err:  # room is made after the probe: the copy itself will show it
            _tell(task, op, server, Verdict.WARNING, f"not tried: {message_of(err)}")
            return OpDone(f"not shown: {message_of(err)}", is_warning=True)
        except ServerRefused as err:
            task.next_server, task.server_failed = True, True
            _tell(task, op, server, Verdict.FAILED, message_of(err), "correct the login: swim-tui servers verify")
            raise
        except _NOT_REACHED as err:
            said.append(f"{source.protocol}: {message_of(err)}")
            task.not_by.add((server, source.protocol))
            task.say(f"the probe by {source.protocol} from {server} does not work: {message_of(err)}")
            task.checkpoint()
            continue
        how = f"pulled by {source.protocol} in {task.clock.monotonic() - started:.1f} s"
        shown = "; ".join((how, *said))
        _tell(task, op, server, Verdict.OK, shown)
        return OpDone(shown)
    task.next_server, task.probe_failed = True, True
    _tell(task, op, server, Verdict.FAILED, "; ".join(said), _remedy(task, server))
    raise ServerError(server=server, detail=f"it is not reached from the device: {'; '.join(said)}")


def _pull(task: Task, op: Operation, source: CopySource) -> None:
    """One try; the file is gone from the device afterwards."""
    text = run_copy(task, op, source)
    size = look.file_size(task, op.file_system, op.path)
    if size is not None:
        delete(task, op.file_system, op.path, op.undo[0])
    if size != op.size_bytes:
        raise why_not(op, source, text, size, None)


def _remove(task: Task, op: Operation) -> None:
    if look.file_size(task, op.file_system, op.path) is not None:
        delete(task, op.file_system, op.path, op.undo[0])


def _needs_no_pull(task: Task) -> bool:
    """True when every file of the plan is there with its size: its copy will compare the hash, and be skipped."""
    copies = [op for op in task.plan.of_phase(Phase.DISTRIBUTE) if op.kind is OpKind.COPY_IMAGE and op.sources]
    return all(_is_there(task, op) for op in copies)


def _is_there(task: Task, op: Operation) -> bool:
    size = look.file_size(task, op.file_system, op.path)
    return size is not None if is_unpacked(op) else size == op.size_bytes


def _remedy(task: Task, server: str) -> str:
    device = task.request.device
    vrf = device.vrf or task.pack.copy.vrf
    where = [f"VRF {vrf}"] if vrf else []
    if device.source_interface:
        where.append(f"source interface {device.source_interface}")
    seen = ", ".join((*where, "access lists", f"the address devices use for {server}"))
    return f"look at the route from the device to it: {seen}; or choose another server"


def _tell(task: Task, op: Operation, server: str, verdict: Verdict, actual: str, action: str = "") -> None:
    expected = f"a probe of {op.size_bytes} bytes pulled from {server}"
    task.emit(ChecksDone(op.id, (Check(server_reachable(server), verdict, expected, actual, action),)))
