"""What is put on each SWIM server, once for all its devices, and how long a distribution with servers takes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import SERVER_TASK
from swim_tui.model.plan import DevicePlan, Line, LineMode, Operation, OpKind, Phase, ServerPlan
from swim_tui.model.server import LOCAL_SERVER, PROBE_CONTENT, PROBE_FILE, ServerProtocol, SwimServer, path_on
from swim_tui.planning.durations import copy_seconds, limit_s, makespan_s

_UPLOAD_BYTES_PER_S = 5_000_000.0  # expected until an upload to the server was measured
_FLOOR_BYTES_PER_S = 20_000.0
_LEAST_LIMIT_S = 600.0


@dataclass(frozen=True)
class Uploads:
    """What planning knows of servers: by name, with the images they may be given and the rates measured."""

    servers: Mapping[str, SwimServer] = field(default_factory=dict)
    images: Sequence[SoftwareImage] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    max_pulls: int = 10
    unproven: Collection[str] = ()  # servers whose login for devices is neither the upload's nor verified
    scale: float = 1.0


NO_UPLOADS = Uploads()


def plan_uploads(copies: Sequence[DevicePlan], known: Uploads) -> tuple[ServerPlan, ...]:
    """One plan for each server that a device may pull from, in the order of the devices: the image goes there once."""
    names = dict.fromkeys(name for plan in copies for name in plan.servers if name != LOCAL_SERVER)
    return tuple(_server_plan(known.servers[name], copies, known) for name in names if name in known.servers)


def _server_plan(server: SwimServer, copies: Sequence[DevicePlan], known: Uploads) -> ServerPlan:
    users = [plan for plan in copies if server.name in plan.servers]
    digests = dict.fromkeys(
        op.digest for plan in users for op in plan.operations if any(s.server == server.name for s in op.sources)
    )
    by_md5 = {image.md5: image for image in known.images}
    images = [by_md5[digest] for digest in digests if digest in by_md5]
    writer = server.writer
    assert writer is not None, "no device pulls from a server that nothing can be put on"
    rate = known.rates.get(f"{SERVER_TASK}{server.name}", _UPLOAD_BYTES_PER_S)
    budget = server.mbit_per_s * 125_000
    rate = min(rate, budget) if budget else rate
    operations = tuple(_upload(server, writer, image, rate, known.scale) for image in images)
    if any(_probes(op, server.name) for plan in users for op in plan.operations):
        operations = (*operations, _upload_probe(server, writer, known.scale))
    return ServerPlan(
        server=server.name,
        address=server.address,
        protocol=writer.protocol,
        devices=sum(plan.servers[0] == server.name for plan in users),
        operations=operations,
        image_ids=tuple(image.id for image in images),
        max_pulls=server.max_pulls or known.max_pulls,
        upload_s=sum(op.expected_s for op in operations),
        bytes_per_s=budget,
        is_login_proven=server.name not in known.unproven,
    )


def _upload(server: SwimServer, writer: ServerProtocol, image: SoftwareImage, rate: float, scale: float) -> Operation:
    path = path_on(writer, image.file_name)
    kind, phase = OpKind.UPLOAD_IMAGE, Phase.UPLOAD
    place = f"{writer.protocol.lower()}://{server.address}/{path}"
    line = Line(
        f"put {image.file_name} {place}",
        LineMode.TOOL,
        changes=True,
        expect=f"{image.size_bytes} bytes with the right SHA-512; skipped when they are there",
        timeout_s=limit_s(max(_LEAST_LIMIT_S, image.size_bytes / _FLOOR_BYTES_PER_S), scale),
    )
    return Operation(
        f"{phase.value}.{kind.value}.{image.file_name}",
        kind,
        phase,
        f"Uploading image {image.file_name} to {server.name}",
        (line,),
        path=path,
        size_bytes=image.size_bytes,
        digest=image.sha512,
        digest_algorithm="sha512",
        protocol=writer.protocol,
        expected_s=copy_seconds(image.size_bytes, rate),
    )


def _probes(op: Operation, server: str) -> bool:
    return op.kind is OpKind.PROBE_SERVER and any(source.server == server for source in op.sources)


def _upload_probe(server: SwimServer, writer: ServerProtocol, scale: float) -> Operation:
    """The small file that devices pull first: its bytes are always the same, so it is there but for the first run."""
    path = path_on(writer, PROBE_FILE)
    kind, phase = OpKind.UPLOAD_PROBE, Phase.UPLOAD
    line = Line(
        f"put {PROBE_FILE} {writer.protocol.lower()}://{server.address}/{path}",
        LineMode.TOOL,
        changes=True,
        expect=f"{len(PROBE_CONTENT)} bytes with the right SHA-512; skipped when they are there",
        timeout_s=limit_s(_LEAST_LIMIT_S, scale),
    )
    return Operation(
        f"{phase.value}.{kind.value}",
        kind,
        phase,
        f"Uploading the probe file to {server.name}",
        (line,),
        path=path,
        size_bytes=len(PROBE_CONTENT),
        digest=hashlib.sha512(PROBE_CONTENT).hexdigest(),
        digest_algorithm="sha512",
        protocol=writer.protocol,
    )


def bytes_from_engine(copies: Sequence[DevicePlan], uploads: Sequence[ServerPlan]) -> int:
    """Uploads that are needed, and pushes."""
    up = sum(op.size_bytes for plan in uploads if plan.devices for op in plan.images)
    pushed = sum(
        op.size_bytes
        for plan in copies
        for op in plan.operations
        if op.kind is OpKind.COPY_IMAGE and (op.lines[0].mode is LineMode.TOOL or _pulls_from_us(op))
    )
    return up + pushed


def _pulls_from_us(op: Operation) -> bool:
    return bool(op.sources) and op.sources[0].server == LOCAL_PULL


def distribution_s(copies: Sequence[DevicePlan], uploads: Sequence[ServerPlan], at_once: int) -> float:
    """Expected seconds: each server's upload, then its pulls side by side; pushes beside all of them."""
    pushed = [plan.distribution_s for plan in copies if not plan.servers or plan.servers[0] == LOCAL_SERVER]
    ends = [makespan_s(pushed, at_once)]
    for server in uploads:
        pulls = [plan.distribution_s for plan in copies if plan.servers[:1] == (server.server,)]
        if pulls:
            ends.append(server.upload_s + makespan_s(pulls, min(at_once, server.max_pulls)))
    whole = makespan_s([plan.distribution_s for plan in copies], at_once)  # the limit of the run holds for all
    return max(*ends, whole)
