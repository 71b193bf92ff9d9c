"""Phase upload: images onto a SWIM server, each once; resumed where it broke, proven by hash, then named."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator

from swim_tui.drivers.task import OpDone, Task, message_of
from swim_tui.errors import (
    AuthError,
    Cancelled,
    CommandError,
    ConnectError,
    DigestMismatch,
    HostKeyError,
    ServerError,
    Stalled,
    SwimError,
    TransferLost,
    describe,
)
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import ImageRef, OpFinished, OpProgress, OpStarted, PhaseResult, PhaseStatus, RateMeasured
from swim_tui.model.plan import Operation, OpKind
from swim_tui.model.server import PROBE_CONTENT
from swim_tui.net.contract import PushProgress, Store

_RETRIES = 2
_PASSING = (TransferLost, Stalled, ConnectError)
_FINAL = (AuthError, HostKeyError)
_PART = ".part"


def run_upload(task: Task) -> PhaseResult:
    """Every image of the order; the first one that cannot be put there ends the phase."""
    order = task.request.upload
    if order is None:
        raise CommandError(command="upload", detail="this phase needs an order")
    for op in order.operations:
        task.op_id, task.op_kind = op.id, op.kind
        task.checkpoint()
        task.emit(OpStarted(op.id, task.now()))
        try:
            with _source(task, op) as path:
                done = _put(task, op, path)
        except Cancelled as err:
            task.emit(OpFinished(op.id, task.now(), OpStatus.CANCELLED, message_of(err)))
            raise
        except SwimError as err:
            problem = describe(err)
            task.emit(OpFinished(op.id, task.now(), OpStatus.FAILURE, problem.message, problem))
            raise
        task.emit(
            OpFinished(op.id, task.now(), OpStatus.SKIPPED if done.is_skipped else OpStatus.SUCCESS, done.message)
        )
    count = sum(op.kind is OpKind.UPLOAD_IMAGE for op in order.operations)
    return PhaseResult(PhaseStatus.SUCCESS, message=f"{count} image{'s' * (count != 1)} on the server")


@contextlib.contextmanager
def _source(task: Task, op: Operation) -> Iterator[str]:
    """The local file that is uploaded: of the repository, or the probe, made for the moment."""
    if op.kind is not OpKind.UPLOAD_PROBE:
        yield _image_of(task, op).path
        return
    with tempfile.NamedTemporaryFile(prefix="swim-tui-") as file:
        file.write(PROBE_CONTENT)
        file.flush()
        yield file.name


def _image_of(task: Task, op: Operation) -> ImageRef:
    name = op.path.rpartition("/")[2]
    images = task.request.upload.images if task.request.upload is not None else ()
    found = next((image for image in images if image.file_name == name), None)
    if found is None or not found.path:
        raise ServerError(server=_server(task), detail=f"{name} is not in the repository any more")
    return found


def _server(task: Task) -> str:
    return task.request.upload.way.server if task.request.upload is not None else ""


def _put(task: Task, op: Operation, source: str) -> OpDone:
    """Try, go on where the line broke, try anew once when the content is wrong."""
    task.barrier(op, op.lines[0].text, {"path": op.path, "size": str(op.size_bytes)})
    tried, was_wrong, has_part = 0, False, False
    while True:
        try:
            return _put_once(task, op, source)
        except DigestMismatch as err:
            if was_wrong:
                raise
            was_wrong = True
            task.say(f"{message_of(err)}; removed, uploaded once more")
        except _PASSING as err:
            has_part = has_part or not isinstance(err, ConnectError)  # of these nothing was reached
            if isinstance(err, _FINAL):
                if has_part:  # not looked for: a refused login is not tried again
                    _is_left(task, op, err)
                raise
            if tried == _RETRIES:
                if has_part:
                    _clean_up(task, op)
                raise
            tried += 1
            task.say(f"{message_of(err)}; trying again ({tried} of {_RETRIES})")
            task.ctx.wait(task.waits.poll_s * 2**tried / max(1.0, task.waits.scale))
        except (Cancelled, ServerError):
            _clean_up(task, op)
            raise
        task.checkpoint()


def _put_once(task: Task, op: Operation, source: str) -> OpDone:
    part = _part_of(op.path)
    with _store(task) as store:
        if store.size(op.path) == op.size_bytes and _digest(task, store, op, op.path)[0] == op.digest.lower():
            return OpDone("already there with the right size and hash", is_skipped=True)
        _check_room(task, store, op, part)
        started = task.clock.monotonic()

        def on_progress(p: PushProgress) -> None:
            eta = (p.size - p.sent) / p.rate if p.rate > 0 else None
            task.emit(OpProgress(op.id, p.sent, p.size, "B", p.rate, eta))

        budget = task.request.upload.bytes_per_s if task.request.upload is not None else 0.0
        sent = store.write(source, part, resume=True, report=on_progress, bytes_per_s=budget)
        rate = sent / max(task.clock.monotonic() - started, 0.001)
        found, how = _digest(task, store, op, part)
        if found != op.digest.lower():
            store.remove(part)
            raise DigestMismatch(
                file=f"{op.path} on {_server(task)}", algorithm=_algorithm(op), expected=op.digest, actual=found
            )
        store.rename(part, op.path)
        if store.size(op.path) != op.size_bytes:
            raise ServerError(server=_server(task), detail=f"{op.path} is gone, or another one, right after its upload")
    if sent and op.kind is OpKind.UPLOAD_IMAGE:  # the probe is too small to tell a rate
        task.emit(RateMeasured(rate))
    resumed = f" (resumed after {op.size_bytes - sent})" if sent < op.size_bytes else ""
    return OpDone(f"{op.size_bytes} bytes at {rate / 1e6:.2f} MB/s{resumed}; {_algorithm(op)} is right, {how}")


def _check_room(task: Task, store: Store, op: Operation, part: str) -> None:
    folder = op.path.rpartition("/")[0]
    free = store.free(folder)
    needed = op.size_bytes - min(op.size_bytes, store.size(part) or 0)
    if free is not None and free < needed:
        detail = f"no room for {op.path}: {free} bytes free, {needed} are needed"
        raise ServerError(server=_server(task), detail=detail)


def _digest(task: Task, store: Store, op: Operation, path: str) -> tuple[str, str]:
    """The hash of a file on the server, and who computed it."""
    said = store.digest(path, op.digest_algorithm)
    if said is not None:
        return said.lower(), "computed by the server"
    task.say("the server has no command for hashes: the file is read back")
    found = hashlib.new(op.digest_algorithm)
    done = 0

    def take(data: bytes) -> None:
        nonlocal done
        found.update(data)
        done += len(data)
        task.emit(OpProgress(op.id, done, op.size_bytes, "B", 0.0, None, "reading back"))

    store.read(path, take)
    return found.hexdigest(), "read back"


def _algorithm(op: Operation) -> str:
    return "SHA-512" if op.digest_algorithm == "sha512" else op.digest_algorithm.upper()


def _part_of(path: str) -> str:
    """Where a file grows until it is whole: hidden, beside its place."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}{_PART}"


@contextlib.contextmanager
def _store(task: Task) -> Iterator[Store]:
    order = task.request.upload
    assert order is not None, "run_upload looked"
    store = task.net.store(order.way, task.observer, task.waits.stall_s)
    try:
        yield store
    finally:
        store.close()


def _clean_up(task: Task, op: Operation) -> None:
    """Remove the part of an upload that is given up; what cannot be removed is written down."""
    try:
        with task.shielded(), _store(task) as store:
            store.remove(_part_of(op.path))
    except SwimError as err:
        _is_left(task, op, err)


def _is_left(task: Task, op: Operation, err: SwimError) -> None:
    task.left_behind.append(f"{_part_of(op.path)} on {_server(task)} may be left behind ({message_of(err)})")
