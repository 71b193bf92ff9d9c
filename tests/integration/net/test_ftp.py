"""Uploads by FTP to a real vsftpd: gone on with where they broke, and every fault by its right name."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.errors import AuthError, Cancelled, ConnectRefused, ServerError, Stalled, TransferError, TransferLost
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Login, Secret
from swim_tui.model.server import ServerProtocol, ServerWay
from swim_tui.net import ftpstore
from swim_tui.net.contract import PushProgress, Store
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import Watcher
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Vsftpd
from tests.support.ftpd import Ftpd

CONTENT = os.urandom(16_000_000)
Told = Callable[[PushProgress], None]


@pytest.fixture(scope="module")
def vsftpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vsftpd]:
    with Vsftpd(tmp_path_factory.mktemp("vsftpd")) as server:
        yield server


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "image"
    path.write_bytes(CONTENT)
    return str(path)


@pytest.fixture(autouse=True)
def _reports_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swim_tui.net.meter._REPORT_S", 0.0)
    monkeypatch.setattr(ftpstore, "_LEAST_S", 0.5)
    monkeypatch.setattr(ftpstore, "_LAST_ANSWER_S", 1.0)


def way(port: int, home: Path, password: str = FTP_PASSWORD) -> ServerWay:
    login = Login("files", FTP_USER, Secret(password))
    return ServerWay("S", ServerProtocol(Protocol.FTP, port, home=str(home)), Endpoint("S", "127.0.0.1", port, login))


def opened(net: SshNet, server: Vsftpd, watcher: Watcher | None = None, stall_s: float = 20.0) -> Store:
    return net.store(way(server.port, server.home), watcher or Watcher(), stall_s)


def put(store: Store, image: str, path: Path, told: Told = lambda _: None, bytes_per_s: int = 0) -> int:
    return store.write(image, str(path), resume=True, report=told, bytes_per_s=bytes_per_s)


def half_way(act: Callable[[], object]) -> Told:
    """Does something once, when half of the bytes are sent."""
    left = [act]

    def told(progress: PushProgress) -> None:
        if progress.sent >= len(CONTENT) // 2 and left:
            left.pop()()

    return told


def test_an_upload_goes_on_behind_its_part_and_gets_its_name(net: SshNet, vsftpd: Vsftpd, image: str) -> None:
    part = vsftpd.home / ".x.part"
    slow = 20_000_000  # else the sockets hold the second half before the server is gone
    with pytest.raises(TransferLost) as caught:
        put(opened(net, vsftpd), image, part, half_way(vsftpd.kill_serving), slow)
    assert len(CONTENT) // 2 <= caught.value.sent < len(CONTENT)
    there = part.stat().st_size
    assert 0 < there < len(CONTENT)

    store = opened(net, vsftpd)
    assert put(store, image, part) == len(CONTENT) - there, "only what was missing was sent"
    assert f"REST {there}" in vsftpd.said()
    back = hashlib.sha256()
    assert store.read(str(part), back.update) == len(CONTENT)
    assert back.digest() == hashlib.sha256(CONTENT).digest()
    assert put(store, image, part) == 0, "a part that is whole needs no byte more"
    (vsftpd.home / "x.bin").write_bytes(b"an older one")
    store.rename(str(part), str(vsftpd.home / "x.bin"))
    assert (vsftpd.home / "x.bin").read_bytes() == CONTENT
    store.remove(str(vsftpd.home / "x.bin"))
    assert store.size(str(vsftpd.home / "x.bin")) is None
    store.remove(str(vsftpd.home / "x.bin"))
    store.close()


@pytest.mark.parametrize(
    "part", [b"", CONTENT[:100_000] + b"\xff" * 10, CONTENT + b"x"], ids=["empty", "another tail", "too long"]
)
def test_a_part_that_is_not_of_this_image_is_written_anew(net: SshNet, vsftpd: Vsftpd, image: str, part: bytes) -> None:
    path = vsftpd.home / "part"
    path.write_bytes(part)
    store = opened(net, vsftpd)
    assert put(store, image, path) == len(CONTENT)
    assert path.read_bytes() == CONTENT
    store.close()


def test_faults_of_an_ftp_upload_have_their_right_names(net: SshNet, vsftpd: Vsftpd, image: str) -> None:
    with pytest.raises(AuthError) as refused:
        net.store(way(vsftpd.port, vsftpd.home, "wr0ng"), Watcher(), 5.0)
    assert refused.value.profile == "files"
    assert "wr0ng" not in str(refused.value)
    with pytest.raises(ConnectRefused):
        net.store(way(1, vsftpd.home), Watcher(), 5.0)

    with pytest.raises(ServerError, match="nowhere"):
        put(opened(net, vsftpd), image, vsftpd.home / "nowhere" / "x")
    with pytest.raises(TransferError, match="No such file"):
        put(opened(net, vsftpd), f"{image}-gone", vsftpd.home / "x")

    silent = opened(net, vsftpd, stall_s=0.5)
    with pytest.raises(Stalled):
        put(silent, image, vsftpd.home / "stalled", half_way(lambda: vsftpd.kill_serving(signal.SIGSTOP)))
    vsftpd.kill_serving()

    watcher = Watcher()
    with pytest.raises(Cancelled):
        put(
            opened(net, vsftpd, watcher),
            image,
            vsftpd.home / "cancelled",
            half_way(lambda: setattr(watcher, "is_cancelled", lambda: True)),
        )


def test_a_full_disk_of_an_ftp_server_is_said(net: SshNet, image: str, tmp_path: Path) -> None:
    (tmp_path / "ftp").mkdir()
    server = Ftpd(tmp_path / "ftp", FTP_PASSWORD)
    try:
        server.is_full = True
        at = way(server.port, Path("/"))
        login = replace(at.endpoint.login, username="jane")
        store = net.store(replace(at, endpoint=replace(at.endpoint, login=login)), Watcher(), 5.0)
        with pytest.raises(ServerError, match="no room for"):
            put(store, image, Path("/x.bin"))
    finally:
        server.close()


def test_a_server_without_sizes_is_refused_for_that(net: SshNet, tmp_path: Path) -> None:
    server = Ftpd(tmp_path, lacks=("SIZE",))
    login = Login("files", "jane", Secret("p@ss word"))
    row = ServerProtocol(Protocol.FTP, server.port)
    store = net.store(ServerWay("S", row, Endpoint("S", "127.0.0.1", server.port, login)), Watcher(), 20.0)
    try:
        with pytest.raises(ServerError, match=r"does not know SIZE.*give it SFTP or SCP"):
            store.size("x.bin")
    finally:
        store.close()
        server.close()
