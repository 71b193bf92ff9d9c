"""Phase import: a file from the device's flash into the repository's incoming directory."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.backup import pull_file
from swim_tui.drivers.task import Task
from swim_tui.errors import CheckFailed
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import OpFinished, OpStarted, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase

OP_ID = f"{Phase.IMPORT.value}.{OpKind.BACKUP_IMAGE.value}"


def run_import(task: Task) -> PhaseResult:
    """Pull `source_file`, or the running image when it is empty; path and hashes are in the result."""
    task.op_id, task.op_kind = OP_ID, OpKind.BACKUP_IMAGE
    task.emit(OpStarted(OP_ID, task.now()))
    source = task.request.source_file or look.read_version(task).version.image_file
    if not source:
        raise CheckFailed(check="File on device", expected="a running image", actual="not understood")
    file = pull_file(task, source, f"{task.request.id}-{task.request.device.name}", OP_ID)
    said = f"{source}, {file.size_bytes} bytes"
    task.emit(OpFinished(OP_ID, task.now(), OpStatus.SUCCESS, said))
    return PhaseResult(
        PhaseStatus.SUCCESS,
        message=said,
        image_path=file.path,
        file_name=file.file_name,
        size_bytes=file.size_bytes,
        md5=file.md5,
        sha512=file.sha512,
    )
