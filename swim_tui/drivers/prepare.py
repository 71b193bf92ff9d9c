"""Phase prepare: log in, find the device pack if none is set, read facts. Read-only."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.task import Task
from swim_tui.errors import CheckFailed
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import FactsRead, OpFinished, OpStarted, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.packs.detect import detect as detect_pack
from swim_tui.packs.pack import Pack
from swim_tui.parse import parse_show_version

OP_ID = f"{Phase.PREPARE.value}.{OpKind.READ_STATE.value}"


def run_prepare(task: Task) -> PhaseResult:
    """Facts as an event; the result's message names the pack, `file_name` carries its name when it was detected."""
    task.op_id, task.op_kind = OP_ID, OpKind.READ_STATE
    task.checkpoint()
    task.emit(OpStarted(OP_ID, task.now()))
    pack = task.request.pack or detect(task)
    facts = look.read_deep(task, pack, tuple(dict.fromkeys((*pack.read_commands, *pack.pre_check_commands))))
    task.emit(FactsRead(facts))
    said = f"{pack.title}, {facts.version.version or 'version not understood'}"
    task.emit(OpFinished(OP_ID, task.now(), OpStatus.SUCCESS, said))
    return PhaseResult(PhaseStatus.SUCCESS, message=said, file_name="" if task.request.pack else pack.name)


def detect(task: Task) -> Pack:
    """The pack that recognises this device. Errors: CheckFailed when none does, or two do equally well."""
    version = parse_show_version(task.read("show version"))
    found = detect_pack(task.request.packs, version)
    if found is not None:
        return found
    shown = f"{version.pid or '?'}, family {version.family or '?'}, {version.os}"
    raise CheckFailed(
        check="Platform",
        expected="a device pack that knows it",
        actual=shown,
        action="set the platform of the device, or write a pack: swim-tui packs check FILE",
    )
