"""Every fault an import can meet, from real servers: nginx, vsftpd and OpenSSH."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import SwimError, describe
from swim_tui.images.ftp_source import FtpFile
from swim_tui.images.http_source import Download
from swim_tui.images.repository import Repository
from swim_tui.images.sources import DownloadLimits, ImageSource, import_image
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.phase import ImageRef, OpProgress, PhaseEvent
from swim_tui.model.plan import Phase, Waits
from swim_tui.model.secret import Login, Secret
from swim_tui.model.source import parse_source
from swim_tui.net.service import SshNet
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Nginx, Vsftpd

pytestmark = pytest.mark.sshd
CONTENT = os.urandom(16_000_000)
NAME = "x.bin"
QUICK = DownloadLimits(silence_s=1.5, retry_wait_s=0.02)
WAYS = (Protocol.HTTP, Protocol.HTTPS, Protocol.FTP, Protocol.SFTP, Protocol.SCP)
WEB = (Protocol.HTTP, Protocol.HTTPS)
Act = Callable[[], object]


@dataclass
class Servers:
    """The three of them, over one folder."""

    web: Nginx
    ftp: Vsftpd
    ssh: Sshd
    key: Path

    @property
    def file(self) -> Path:
        """What is imported."""
        return self.ftp.home / NAME

    def cut(self, way: Protocol) -> None:
        """Every connection is lost; new ones are taken."""
        if way in WEB:
            self.web.stop()
            self.web.start()
        elif way is Protocol.FTP:
            self.ftp.kill_serving()
        else:
            self.ssh.kill_serving()

    def freeze(self, way: Protocol) -> None:
        """Nothing moves for two seconds."""

        def tell(number: int) -> None:
            if way in WEB and self.web.process is not None:
                os.kill(self.web.process.pid, number)
            elif way is Protocol.FTP:
                self.ftp.kill_serving(number)
            else:
                self.ssh.kill_serving(number)

        tell(signal.SIGSTOP)
        threading.Timer(2.0, tell, (signal.SIGCONT,)).start()

    def stop(self, way: Protocol) -> None:
        """It is gone."""
        if way in WEB:
            self.web.stop()
        elif way is Protocol.FTP:
            self.ftp.stop()
        else:
            self.ssh.kill()

    def start(self) -> None:
        """Those that are gone come back."""
        for server in (self.web, self.ftp, self.ssh):
            if server.process is None:
                server.start()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if not Path(SSHD).exists() and os.environ.get("CI") != "true":
        pytest.skip("sshd is not installed")
    folder = tmp_path_factory.mktemp("servers")
    key = make_key(folder / "key")
    (folder / "nginx").mkdir()
    ftp = Vsftpd(folder / "vsftpd")
    with ftp, Nginx(folder / "nginx", served=ftp.home) as web:
        ssh = Sshd(folder / "sshd", key, ["Subsystem sftp internal-sftp"]).start()
        try:
            yield Servers(web, ftp, ssh, key)
        finally:
            ssh.kill()


@pytest.fixture(autouse=True)
def _ready(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.start()
    servers.file.write_bytes(CONTENT)
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.web.certificate))
    monkeypatch.setattr("swim_tui.net.meter._REPORT_S", 0.0)


@dataclass
class Bringing:
    """One import; `act` is done once, when `at` of it came."""

    servers: Servers
    way: Protocol
    folder: Path
    at: float = 2.0
    act: Act = lambda: None
    password: str = ""

    def bring(self) -> str:
        """What became of it: nothing, or the error in words."""
        try:
            sha512 = self._by_worker() if self.way in (Protocol.SFTP, Protocol.SCP) else self._here()
        except SwimError as err:
            return describe(err).one_line()
        assert sha512 == hashlib.sha512(CONTENT).hexdigest()
        return ""

    def _struck(self, done: int) -> None:
        if done >= self.at * len(CONTENT):
            self.at = 2.0
            self.act()

    def _here(self) -> str:
        steps = import_image(
            Repository(self.folder / "images"), self._source(), expect_sha512=hashlib.sha512(CONTENT).hexdigest()
        )
        while True:
            try:
                self._struck(next(steps).done_bytes)
            except StopIteration as end:
                return str(end.value.sha512)

    def _source(self) -> ImageSource:
        if self.way is Protocol.FTP:
            source = parse_source(f"ftp://127.0.0.1:{self.servers.ftp.port}/{NAME}")
            return FtpFile(source, Login("files", FTP_USER, Secret(self.password or FTP_PASSWORD)), QUICK)
        web, login = self.servers.web, Login("files", "jane", Secret(self.password)) if self.password else None
        port = web.tls_port if self.way is Protocol.HTTPS else web.port
        return Download(f"{self.way.lower()}://127.0.0.1:{port}/{NAME}", login, QUICK)

    def _by_worker(self) -> str:
        login = Login("files", USER, key_file=str(self.servers.key))
        if self.password:
            login = Login("files", USER, Secret(self.password))
        incoming = self.folder / "images" / "incoming"
        incoming.mkdir(parents=True)
        request = PhaseRequest(
            "7/x/import/1", "7", 1, Phase.IMPORT, Device(NAME, "127.0.0.1"),
            Endpoint("127.0.0.1", "127.0.0.1", self.servers.ssh.port, login), None,
            waits=Waits(scale=1000.0, poll_s=0.01, stall_s=1.5),
            image=ImageRef("", NAME, 0, "", hashlib.sha512(CONTENT).hexdigest()),
            incoming_dir=str(incoming), source_file=str(self.servers.file), source_protocol=self.way,
        )  # fmt: skip

        def on_event(event: PhaseEvent) -> None:
            if isinstance(event, OpProgress):
                self._struck(event.done)

        net = SshNet(self.folder / "no-known-hosts")
        try:
            result = run_phase(request, SerialContext(on_event=on_event), net)
        finally:
            net.close()
        if result.problem is not None:
            raise Failed(detail=result.problem.one_line())
        found = Path(result.image_path)
        assert found.stat().st_size == result.size_bytes == len(CONTENT)
        found.unlink()
        return result.sha512

    def left(self) -> list[Path]:
        """Everything that was left in the repository's incoming folder."""
        return [path for path in (self.folder / "images" / "incoming").rglob("*") if path.is_file()]


class Failed(SwimError):
    """What a phase said."""


CASES: dict[str, tuple[float, Callable[[Servers, Protocol], object]]] = {
    "lost at the first byte": (0.0, Servers.cut),
    "lost half way": (0.5, Servers.cut),
    "lost before the last answer": (1.0, Servers.cut),
    "stalled half way": (0.5, Servers.freeze),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("way", WAYS)
def test_an_import_that_is_struck_once_ends_well(servers: Servers, tmp_path: Path, way: Protocol, case: str) -> None:
    at, act = CASES[case]
    bringing = Bringing(servers, way, tmp_path, at, lambda: act(servers, way))
    assert bringing.bring() == ""
    assert bringing.at == 2.0, "it was struck"
    assert bringing.left() == []


@pytest.mark.parametrize("way", WAYS)
def test_an_import_that_cannot_be_done_says_why_and_leaves_nothing(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Protocol
) -> None:
    wrong = bytearray(CONTENT)
    wrong[1000] ^= 0xFF
    servers.file.write_bytes(wrong)
    bringing = Bringing(servers, way, tmp_path / "wrong")
    assert "SHA-512" in bringing.bring()
    assert bringing.left() == []

    servers.file.write_bytes(CONTENT)
    bringing = Bringing(servers, way, tmp_path / "gone", 0.02, lambda: servers.stop(way))
    said = bringing.bring()
    assert "refuse" in said.lower(), said
    assert bringing.left() == []
    servers.start()

    if way not in WEB:  # this nginx asks for no password
        bringing = Bringing(servers, way, tmp_path / "refused", password="wr0ng")
        said = bringing.bring()
        assert "refuses" in said, said
        assert "wr0ng" not in said
        assert bringing.left() == []

    with full_disk(monkeypatch):
        bringing = Bringing(servers, way, tmp_path / "full")
        assert "No space left" in bringing.bring()
    assert bringing.left() == []


@contextlib.contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No room on the engine's disk after some bytes."""

    class Full:
        written = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def write(self, descriptor: int, data: bytes) -> int:
            self.written += len(data)
            if self.written > len(CONTENT) // 2:
                raise OSError(28, os.strerror(28))
            return os.write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr("swim_tui.parts.os", Full())
        yield
