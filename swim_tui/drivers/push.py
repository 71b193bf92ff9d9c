"""One push of a file to the device by the engine: SCP, or SFTP where the device has it."""

from __future__ import annotations

from swim_tui.drivers.task import Task
from swim_tui.drivers.vty import has_spare_line
from swim_tui.errors import TransferRefused
from swim_tui.model.device_path import join_path
from swim_tui.model.options import Protocol
from swim_tui.model.phase import OpProgress
from swim_tui.model.plan import Operation
from swim_tui.net.contract import PushProgress, PushResult
from swim_tui.net.meter import paced

# A slow flash answers the last byte only when everything is written (DEVICE_FACTS 3.1).
_LAST_ANSWER_S = 300.0
# What lies in buffers on the way still drains at the device's own pace, whatever the scale.
_LEAST_LAST_ANSWER_S = 45.0


def push_file(task: Task, op: Operation, protocol: Protocol, *, resume: bool = False) -> float:
    """Bytes a second of what moved; with `resume` SFTP goes on behind a partial file. Errors as `Net.push_scp`."""
    image = task.image_of(op.path)
    if image is None or not image.path:
        raise TransferRefused(file=op.path, detail="the repository file was not handed to the worker")
    remote = join_path(op.file_system, op.path)
    if not has_spare_line(task):
        task.drop()  # the copy takes the line of the control session, which is opened again afterwards
    last_answer_s = max(_LEAST_LAST_ANSWER_S, _LAST_ANSWER_S / task.waits.scale)

    def tell(p: PushProgress) -> None:
        eta = (p.size - p.sent) / p.rate if p.rate > 0 else None
        task.emit(OpProgress(op.id, p.sent, p.size, "B", p.rate, eta))

    on_progress = paced(tell, task.request.bytes_per_s)
    if protocol is Protocol.SFTP:
        with task.net.sftp(task.endpoint, task.observer, stall_s=task.waits.stall_s) as sftp:
            result: PushResult = sftp.put(
                image.path, remote, on_progress=on_progress, resume=resume, last_answer_s=last_answer_s
            )
    else:
        result = task.net.push_scp(
            task.endpoint,
            task.observer,
            image.path,
            remote,
            on_progress=on_progress,
            stall_s=task.waits.stall_s,
            last_answer_s=last_answer_s,
        )
    return result.sent / max(result.seconds, 0.001)
