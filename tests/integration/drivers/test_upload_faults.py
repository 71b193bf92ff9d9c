"""Every fault an upload to a SWIM server can meet, with a real OpenSSH server and a real vsftpd."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swim_tui.drivers.contract import PhaseRequest, UploadOrder
from swim_tui.drivers.frames import Event
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.phase import ImageRef, OpFinished, OpProgress, OutputLine, PhaseEvent, PhaseResult, PhaseStatus
from swim_tui.model.plan import Line, LineMode, Operation, OpKind, Phase, Waits
from swim_tui.model.secret import Login, Secret
from swim_tui.model.server import ServerProtocol, ServerWay
from swim_tui.net import ftpstore
from swim_tui.net.service import SshNet
from tests.integration.drivers.workerkit import WorkerProcess
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Vsftpd

pytestmark = pytest.mark.sshd
CONTENT = os.urandom(16_000_000)
NAME = "x.bin"


@dataclass
class Server:
    """A server that can be struck."""

    way: ServerWay
    home: Path
    signal: Callable[[int], None]
    """To every process that serves a connection."""
    stop: Callable[[], object]
    start: Callable[[], object]

    @property
    def part(self) -> Path:
        """Where an upload grows."""
        return self.home / f".{NAME}.part"

    def damage(self) -> None:
        """Another byte in what came already."""
        with self.part.open("r+b") as file:
            file.seek(1000)
            file.write(bytes([CONTENT[1000] ^ 0xFF]))


def way(protocol: Protocol, port: int, home: Path, login: Login) -> ServerWay:
    return ServerWay("S", ServerProtocol(protocol, port, home=str(home)), Endpoint("S", "127.0.0.1", port, login))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Protocol, Server]]:
    if not Path(SSHD).exists() and os.environ.get("CI") != "true":
        pytest.skip("sshd is not installed")
    folder = tmp_path_factory.mktemp("servers")
    home, key = folder / "files", make_key(folder / "key")
    home.mkdir()
    sshd = Sshd(folder / "sshd", key, ["Subsystem sftp internal-sftp"]).start()
    ftpd = Vsftpd(folder / "vsftpd").start()
    by_key, by_password = Login("files", USER, key_file=str(key)), Login("files", FTP_USER, Secret(FTP_PASSWORD))
    ssh_way, ftp_way = (
        way(Protocol.SFTP, sshd.port, home, by_key),
        way(Protocol.FTP, ftpd.port, ftpd.home, by_password),
    )
    yield {
        Protocol.SFTP: Server(ssh_way, home, sshd.kill_serving, sshd.kill, sshd.start),
        Protocol.FTP: Server(ftp_way, ftpd.home, ftpd.kill_serving, ftpd.stop, ftpd.start),
    }
    sshd.kill()
    ftpd.stop()


@pytest.fixture(autouse=True)
def _in_fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swim_tui.net.meter._REPORT_S", 0.0)
    monkeypatch.setattr(ftpstore, "_LEAST_S", 4.0)
    monkeypatch.setattr(ftpstore, "_LAST_ANSWER_S", 2.0)


def request_of(server: Server, folder: Path, content: bytes = CONTENT, bytes_per_s: float = 0.0) -> PhaseRequest:
    """To put the image there."""
    source = folder / "content"
    source.write_bytes(content)
    digest = hashlib.sha512(content).hexdigest()
    image = ImageRef("i", NAME, len(content), "", digest, str(source))
    op = Operation(
        "upload.x", OpKind.UPLOAD_IMAGE, Phase.UPLOAD, "Uploading x", (Line("put x", LineMode.TOOL),),
        path=str(server.home / NAME), size_bytes=len(content), digest=digest, digest_algorithm="sha512",
    )  # fmt: skip
    return PhaseRequest(
        "p", "7", 1, Phase.UPLOAD, Device("server:S", "127.0.0.1"), server.way.endpoint, None,
        waits=Waits(scale=1000.0, poll_s=0.001, stall_s=1.0),
        upload=UploadOrder(server.way, (op,), (image,), bytes_per_s),
    )  # fmt: skip


def upload(
    server: Server, folder: Path, at: float, act: Callable[[], object], times: int = 1
) -> tuple[PhaseResult, str]:
    """Put the image there, striking the first `times` tries when so much was sent; the result, and what was said."""
    request = request_of(server, folder)
    left, is_armed = times, True

    def on_event(event: PhaseEvent) -> None:
        nonlocal left, is_armed
        if isinstance(event, OutputLine) and "trying again" in event.text:
            is_armed = True
            server.signal(signal.SIGCONT)  # one that was stopped finds its connection closed, and lets go of the file
        elif isinstance(event, OpProgress) and not event.note and event.done >= at * len(CONTENT) and is_armed and left:
            left, is_armed = left - 1, False
            act()

    context, net = SerialContext(on_event=on_event), SshNet(folder / "no-known-hosts")
    try:
        result = run_phase(request, context, net)
    finally:
        net.close()
    said = [e.message for e in context.events if isinstance(e, OpFinished)]
    said += [e.text for e in context.events if isinstance(e, OutputLine)]
    return result, "\n".join([result.message, *said])


CASES = {
    "lost at the first byte": (0.0, lambda s: s.signal(signal.SIGKILL), "trying again (1 of 2)"),
    "lost half way": (0.5, lambda s: s.signal(signal.SIGKILL), "resumed after"),
    "lost before the last answer": (1.0, lambda s: s.signal(signal.SIGKILL), "trying again (1 of 2)"),
    "stalled half way": (0.5, lambda s: s.signal(signal.SIGSTOP), "stalled"),
    "one byte wrong": (0.5, Server.damage, "uploaded once more"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("protocol", [Protocol.SFTP, Protocol.FTP])
def test_an_upload_that_is_struck_once_ends_well(
    servers: dict[Protocol, Server], tmp_path: Path, protocol: Protocol, case: str
) -> None:
    server = servers[protocol]
    at, act, words = CASES[case]
    result, said = upload(server, tmp_path, at, lambda: act(server))
    server.signal(signal.SIGKILL)
    assert (result.status, result.left_behind) == (PhaseStatus.SUCCESS, ()), said
    assert words in said
    assert [path.name for path in server.home.iterdir()] == [NAME]
    assert (server.home / NAME).read_bytes() == CONTENT
    (server.home / NAME).unlink()


@pytest.mark.parametrize("protocol", [Protocol.SFTP, Protocol.FTP])
def test_an_upload_that_cannot_be_done_fails_and_leaves_nothing(
    servers: dict[Protocol, Server], tmp_path: Path, protocol: Protocol
) -> None:
    server = servers[protocol]
    result, said = upload(server, tmp_path, 0.5, lambda: server.signal(signal.SIGKILL), times=3)
    assert (result.status, result.left_behind) == (PhaseStatus.FAILURE, ()), said
    assert "connection lost after" in result.message
    assert list(server.home.iterdir()) == []

    try:  # it never comes back: what may lie there is written down
        result, said = upload(server, tmp_path, 0.5, server.stop)
    finally:
        server.start()
    assert result.status is PhaseStatus.FAILURE, said
    assert "refuses connections" in result.message
    assert [words for words in result.left_behind if server.part.name in words]
    assert [path.name for path in server.home.iterdir()] == [server.part.name]
    result, said = upload(server, tmp_path, 2.0, lambda: None)
    assert (result.status, "resumed after" in said) == (PhaseStatus.SUCCESS, True), "the next run goes on with it"
    (server.home / NAME).unlink()

    login = Login("files", FTP_USER if protocol is Protocol.FTP else USER, Secret("wr0ng"))
    refused = replace(server, way=replace(server.way, endpoint=replace(server.way.endpoint, login=login)))
    result, said = upload(refused, tmp_path, 2.0, lambda: None)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-4030", said
    assert "trying again" not in said, "a refused login is not tried again"
    assert "wr0ng" not in said
    assert list(server.home.iterdir()) == []


def test_an_upload_goes_on_where_a_killed_worker_was(servers: dict[Protocol, Server], tmp_path: Path) -> None:
    server = servers[Protocol.SFTP]

    content = CONTENT * 6  # so much that it tells of its progress, and is held up then

    def has_begun(frame: object) -> bool:
        return isinstance(frame, Event) and isinstance(frame.event, OpProgress)

    with WorkerProcess(tmp_path / "lock") as worker:  # a worker dies with its engine
        assert worker.run(request_of(server, tmp_path, content, 5e6), has_begun) is None
    assert 0 < server.part.stat().st_size < len(content)
    with WorkerProcess(tmp_path / "lock") as worker:
        result = worker.run(replace(request_of(server, tmp_path, content), attempt=2))
        said = [event.message for event in worker.events if isinstance(event, OpFinished)]
        worker.shut_down()
    assert result is not None
    assert (result.status, "resumed after" in said[0]) == (PhaseStatus.SUCCESS, True), said
    assert [path.name for path in server.home.iterdir()] == [NAME]
    (server.home / NAME).unlink()
