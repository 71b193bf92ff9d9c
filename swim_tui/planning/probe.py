"""The probe pull: before an image is copied, one device of each platform and version shows that the SWIM server can be
reached from there (SPEC 5). It writes and deletes a small file on the device, so it belongs to the distribution."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.plan import CopySource, DevicePlan, Line, LineMode, Operation, OpKind, Phase
from swim_tui.model.server import LOCAL_SERVER, PROBE_CONTENT, PROBE_FILE, path_on
from swim_tui.planning.durations import limit_s
from swim_tui.planning.imagefiles import delete_text
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.sources import Pull, answers_of, copy_text, vrf_of

OP_ID = f"{Phase.DISTRIBUTE.value}.{OpKind.PROBE_SERVER.value}"
_LIMIT_S = 240.0
_BEFORE = frozenset({OpKind.READ_STATE, OpKind.BACKUP_CONFIG})
_NOTE = (
    "sent by the first device of each platform and version that pulls from a server, once a run; the others are told, "
    "and send nothing. When it fails, all of them go on with their next choice"
)


def with_probe(s: Situation, plan: DevicePlan, choice: ProtocolChoice) -> DevicePlan:
    """The plan with the probe before its first change; unchanged where nothing is pulled from a SWIM server."""
    pulls = [pull for pull in choice.pulls if is_external(pull.server.name)]
    copy = next((op for op in plan.operations if _is_pulled(op)), None)
    if copy is None or not pulls:
        return plan
    place = next((n for n, op in enumerate(plan.operations) if op.kind not in _BEFORE), 0)
    operations = (*plan.operations[:place], _operation(s, copy.file_system, pulls), *plan.operations[place:])
    servers = ", ".join(dict.fromkeys(pull.server.name for pull in pulls))
    said = f"{servers}: reached from the device or not is shown by a probe pull as the distribution begins"
    return replace(plan, operations=operations, protocol_reasons=(*plan.protocol_reasons, said))


def is_external(server: str) -> bool:
    """True for a SWIM server, False for the engine itself."""
    return server not in (LOCAL_SERVER, LOCAL_PULL)


def _is_pulled(op: Operation) -> bool:
    return op.kind is OpKind.COPY_IMAGE and any(is_external(source.server) for source in op.sources)


def _operation(s: Situation, file_system: str, pulls: list[Pull]) -> Operation:
    sources = tuple(_source(s, pull, file_system) for pull in pulls)
    clean = delete_text(s, file_system, PROBE_FILE)
    return Operation(
        OP_ID,
        OpKind.PROBE_SERVER,
        Phase.DISTRIBUTE,
        f"Probing {sources[0].server}",
        (sources[0].line, clean),
        file_system=file_system,
        path=PROBE_FILE,
        size_bytes=len(PROBE_CONTENT),
        protocol=sources[0].protocol,
        sources=sources,
        undo=(clean,),
        note=_NOTE,
    )


def _source(s: Situation, pull: Pull, file_system: str) -> CopySource:
    line = Line(
        copy_text(s, pull, PROBE_FILE, file_system, PROBE_FILE),
        LineMode.EXEC,
        changes=True,
        expect=f"{len(PROBE_CONTENT)} bytes copied",
        answers=answers_of(pull, path_on(pull.row, PROBE_FILE), vrf_of(s)),
        timeout_s=limit_s(_LIMIT_S, s.waits.scale),
    )
    return CopySource(pull.server.name, pull.row.protocol, line, pull.password_in_url)
