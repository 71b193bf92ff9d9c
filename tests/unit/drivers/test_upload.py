"""Uploads to a SWIM server: skipped, resumed, proven by hash, and nothing half left under the image's name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from swim_tui.drivers.contract import PhaseRequest, UploadOrder
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import AuthError, Cancelled, ServerError, SwimError, TransferLost
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.job import OpStatus
from swim_tui.model.options import Protocol
from swim_tui.model.phase import ImageRef, OpFinished, PhaseResult, PhaseStatus, RateMeasured
from swim_tui.model.plan import Line, LineMode, Operation, OpKind, Phase, Waits
from swim_tui.model.secret import Login
from swim_tui.model.server import ServerProtocol, ServerWay
from swim_tui.net.contract import PushProgress

CONTENT = bytes(range(256)) * 40
PATH, PART = "/swim/x.bin", "/swim/.x.bin.part"


@dataclass
class FakeServer:
    """Files, and what goes wrong with them."""

    files: dict[str, bytes] = field(default_factory=dict)
    room: int | None = None
    has_hashes: bool = True
    breaks: list[int] = field(default_factory=list)  # after so many bytes, one entry an upload
    damages: int = 0
    error: SwimError | None = None
    sent: int = 0
    read_back: int = 0
    logins: int = 0
    on_write: Callable[[], None] = lambda: None


class FakeStore:
    def __init__(self, server: FakeServer) -> None:
        self.server = server
        server.logins += 1

    def size(self, path: str) -> int | None:
        return len(self.server.files[path]) if path in self.server.files else None

    def free(self, folder: str) -> int | None:
        return self.server.room

    def rename(self, old: str, new: str) -> None:
        self.server.files[new] = self.server.files.pop(old)

    def remove(self, path: str) -> None:
        self.server.files.pop(path, None)

    def write(
        self, source: str, path: str, *, resume: bool, report: Callable[[PushProgress], None], bytes_per_s: float
    ) -> int:
        server, content = self.server, Path(source).read_bytes()
        begin = len(server.files.get(path, b"")) if resume else 0
        server.on_write()
        cut = server.breaks.pop(0) if server.breaks else len(content)
        got = content[: max(begin, cut)]
        if server.damages and len(got) == len(content):
            server.damages -= 1
            got = b"\xff" + got[1:]
        server.files[path] = got
        server.sent += len(got) - begin
        report(PushProgress(len(got), len(content), 1.0))
        if len(got) < len(content):
            raise TransferLost(file=path, sent=len(got), size=len(content), detail="cut")
        return len(got) - begin

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        self.server.read_back += 1
        sink(self.server.files[path])
        return len(self.server.files[path])

    def digest(self, path: str, algorithm: str) -> str | None:
        return hashlib.new(algorithm, self.server.files[path]).hexdigest() if self.server.has_hashes else None

    def close(self) -> None:
        """Nothing."""


class FakeNet:
    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def store(self, way: ServerWay, observer: object, stall_s: float) -> FakeStore:
        if self.server.error is not None:
            raise self.server.error
        return FakeStore(self.server)


@pytest.fixture
def image(tmp_path: Path) -> ImageRef:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    digest = hashlib.sha512(CONTENT).hexdigest()
    return ImageRef("i", "x.bin", len(CONTENT), "", digest, str(path))


def upload(server: FakeServer, image: ImageRef) -> tuple[PhaseResult, SerialContext]:
    op = Operation(
        "upload.x", OpKind.UPLOAD_IMAGE, Phase.UPLOAD, "Uploading x", (Line("put x", LineMode.TOOL),),
        path=PATH, size_bytes=len(CONTENT), digest=image.sha512, digest_algorithm="sha512",
    )  # fmt: skip
    endpoint = Endpoint("NY", "192.0.2.9", 22, Login("server NY", "swim"))
    way = ServerWay("NY", ServerProtocol(Protocol.SFTP, home="/swim"), endpoint)
    request = PhaseRequest(
        "p", "7", 1, Phase.UPLOAD, Device("server:NY", "192.0.2.9"), endpoint, None,
        waits=Waits(scale=1000.0, poll_s=0.001), upload=UploadOrder(way, (op,), (image,)),
    )  # fmt: skip
    ctx = SerialContext()
    return run_phase(request, ctx, FakeNet(server)), ctx  # type: ignore[arg-type]


def finished(ctx: SerialContext) -> OpFinished:
    return next(e for e in ctx.events if isinstance(e, OpFinished))


def test_a_file_grows_under_another_name_and_gets_its_own_when_its_hash_is_right(image: ImageRef) -> None:
    server = FakeServer()
    server.on_write = lambda: None
    result, ctx = upload(server, image)
    assert result.status is PhaseStatus.SUCCESS
    assert server.files == {PATH: CONTENT}
    assert "computed by the server" in finished(ctx).message
    assert any(isinstance(e, RateMeasured) for e in ctx.events)
    assert [record.intent.kind for record in ctx.intents] == [OpKind.UPLOAD_IMAGE]


def test_the_same_content_is_left_alone_and_another_under_its_name_is_replaced(image: ImageRef) -> None:
    server = FakeServer({PATH: CONTENT})
    result, ctx = upload(server, image)
    assert (result.status, finished(ctx).status, server.sent) == (PhaseStatus.SUCCESS, OpStatus.SKIPPED, 0)
    server = FakeServer({PATH: b"\xff" + CONTENT[1:]})
    upload(server, image)
    assert (server.files, server.sent) == ({PATH: CONTENT}, len(CONTENT))


def test_an_upload_goes_on_where_the_line_broke(image: ImageRef) -> None:
    server = FakeServer(breaks=[4000, 7000])
    result, ctx = upload(server, image)
    assert result.status is PhaseStatus.SUCCESS
    assert (server.files, server.sent) == ({PATH: CONTENT}, len(CONTENT))
    assert "resumed after 7000" in finished(ctx).message


def test_a_line_that_breaks_again_and_again_leaves_nothing(image: ImageRef) -> None:
    server = FakeServer(breaks=[1000, 2000, 3000])
    result, _ = upload(server, image)
    assert result.status is PhaseStatus.FAILURE
    assert server.files == {}
    assert result.left_behind == ()


def test_wrong_content_is_uploaded_once_more_and_then_given_up(image: ImageRef) -> None:
    server = FakeServer(damages=1)
    assert upload(server, image)[0].status is PhaseStatus.SUCCESS
    assert server.files == {PATH: CONTENT}
    server = FakeServer(damages=2)
    result, _ = upload(server, image)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-6030"
    assert server.files == {}


def test_a_server_without_a_command_for_hashes_is_read_back(image: ImageRef) -> None:
    server = FakeServer(has_hashes=False)
    result, ctx = upload(server, image)
    assert result.status is PhaseStatus.SUCCESS
    assert server.read_back == 1
    assert "read back" in finished(ctx).message


def test_a_full_disk_is_said_before_a_byte_is_sent(image: ImageRef) -> None:
    server = FakeServer(room=100)
    result, _ = upload(server, image)
    assert "no room for /swim/x.bin: 100 bytes free" in result.message
    assert (server.sent, server.files) == (0, {})


def test_a_refused_login_is_not_tried_again(image: ImageRef) -> None:
    server = FakeServer(error=AuthError(address="192.0.2.9", profile="server NY", detail="no"))
    result, _ = upload(server, image)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-4030"


def test_a_cancelled_upload_takes_its_part_along(image: ImageRef) -> None:
    server = FakeServer()

    def stop() -> None:
        server.files[PART] = CONTENT[:10]
        raise Cancelled

    server.on_write = stop
    result, _ = upload(server, image)
    assert result.status is PhaseStatus.CANCELLED
    assert server.files == {}


def test_an_image_that_left_the_repository_is_said(image: ImageRef) -> None:
    result, _ = upload(FakeServer(), replace(image, path=""))
    assert result.problem is not None
    assert result.problem.code == ServerError.code
