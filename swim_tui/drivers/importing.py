"""Phase import: a file of a device's flash, or of a server, into the repository's incoming directory."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.backup import pull_file
from swim_tui.drivers.fetching import fetch_file
from swim_tui.drivers.incoming import ReceivedFile
from swim_tui.drivers.task import Task
from swim_tui.errors import CheckFailed
from swim_tui.model.device_path import split_path
from swim_tui.model.job import OpStatus
from swim_tui.model.options import Protocol
from swim_tui.model.phase import OpFinished, OpStarted, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase

_PACKAGES = "packages.conf"  # install mode: no single file is the running image
OP_ID = f"{Phase.IMPORT.value}.{OpKind.BACKUP_IMAGE.value}"


def run_import(task: Task) -> PhaseResult:
    """Pull `source_file`, or the running image when it is empty; path and hashes are in the result."""
    task.op_id, task.op_kind = OP_ID, OpKind.BACKUP_IMAGE
    task.emit(OpStarted(OP_ID, task.now()))
    if task.request.source_protocol is not None:
        return _from_server(task, task.request.source_protocol)
    source = task.request.source_file or look.read_version(task).version.image_file
    if not source:
        raise CheckFailed(check="File on device", expected="a running image", actual="not understood")
    if not task.request.source_file and split_path(source)[1].endswith(_PACKAGES):
        raise CheckFailed(
            check="File on device",
            expected="a running image",
            actual=f"packages, named by {source}",
            action="name the image file on its flash that is to be imported (images import --device NAME --file FILE)",
        )
    file = pull_file(task, source, OP_ID)
    return _received(task, file, f"{source}, {file.size_bytes} bytes")


def _from_server(task: Task, protocol: Protocol) -> PhaseResult:
    """`source_file` of a server; `request.image` holds the hashes and the size that a person declared."""
    file, compared = fetch_file(task, protocol, task.request.source_file, OP_ID)
    said = f"{file.file_name}, {file.size_bytes} bytes"
    return _received(task, file, f"{said}, as {compared} says" if compared else said)


def _received(task: Task, file: ReceivedFile, said: str) -> PhaseResult:
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
