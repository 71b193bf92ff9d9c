"""The file server's process: every protocol gives the images of a lease, to who may have them, and takes nothing."""

from __future__ import annotations

import ftplib
import io
import logging
import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pytest
import tftpy

from swim_tui.errors import AuthError, TransferRefused
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Login, Secret
from swim_tui.net.serve.messages import (
    SERVED,
    Done,
    Failed,
    Message,
    Publish,
    Ready,
    Sent,
    Setup,
    Withdraw,
    decode,
    encode,
)
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import Watcher

NAME = "x.bin"
CONTENT = os.urandom(300_000)


@dataclass
class Served:
    """A running file server."""

    process: subprocess.Popen[bytes]
    folder: Path
    ports: dict[str, int]

    @property
    def out(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def tell(self, message: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def heard(self) -> Message:
        return decode(self.out.readline())

    def url(self, scheme: str, path: str) -> str:
        return f"{scheme}://127.0.0.1:{self.ports[scheme.upper()]}/{path}"

    def login(self, password: str = "pw-1") -> Endpoint:
        return Endpoint("server", "127.0.0.1", self.ports["SFTP"], Login("run", "swim", Secret(password)))


def start(folder: Path, ports: dict[str, int]) -> Served:
    for name in ("keys", "shelf/run1", "shelf/run2"):
        (folder / name).mkdir(parents=True)
    command = [sys.executable, "-m", "swim_tui.net.serve"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    served = Served(process, folder, {})
    served.tell(Setup("127.0.0.1", "127.0.0.1", ports, str(folder / "keys"), str(folder / "shelf"), legacy=True))
    return served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = start(tmp_path, {protocol.value: 0 for protocol in SERVED})
    try:
        ready = served.heard()
        assert isinstance(ready, Ready)
        served.ports = dict(ready.ports)
        for run in ("run1", "run2"):
            (tmp_path / "shelf" / run / NAME).write_bytes(CONTENT if run == "run1" else b"of another run")
        served.tell(Publish("run1", "swim", "pw-1", "token-1", is_open=True))
        served.tell(Publish("run2", "swim", "pw-2", "token-2"))
        assert [served.heard(), served.heard()] == [Done("run1"), Done("run2")]
        yield served
    finally:
        assert served.process.stdin is not None
        served.process.stdin.close()
        assert served.process.wait(10) == 0
        served.out.close()


def fetch(url: str, span: str = "") -> bytes:
    trust = ssl._create_unverified_context()
    request = urllib.request.Request(url, headers={"Range": span} if span else {})
    with urllib.request.urlopen(request, timeout=10, context=trust) as answer:
        data: bytes = answer.read()
        return data


def test_each_protocol_gives_a_lease_its_images_and_nobody_anything_else(served: Served, net: SshNet) -> None:
    for scheme in ("http", "https"):
        assert fetch(served.url(scheme, f"token-1/{NAME}")) == CONTENT
    assert fetch(served.url("http", f"token-1/{NAME}"), "bytes=100-199") == CONTENT[100:200]
    for path in (f"token-3/{NAME}", "token-1/y.bin", "token-1/..%2f..%2fkeys%2fssh_rsa", "token-1/", NAME):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(served.url("http", path))

    ftp = ftplib.FTP()
    ftp.connect("127.0.0.1", served.ports["FTP"], 10)
    ftp.login("swim", "pw-1")
    got = io.BytesIO()
    ftp.retrbinary(f"RETR {NAME}", got.write)
    assert (got.getvalue(), ftp.nlst()) == (CONTENT, [NAME])
    for command in (f"DELE {NAME}", f"RNFR {NAME}", "MKD d", "CWD ..", "CWD ../run2", "RETR ../run2/x.bin", "STOR y"):
        if command == "CWD ..":  # the root of what it sees
            assert ftp.sendcmd(command).startswith("250")
            continue
        with pytest.raises(ftplib.error_perm):
            ftp.sendcmd(command)
    ftp.close()

    logging.getLogger("tftpy").setLevel(logging.CRITICAL)
    mine = served.folder / "mine"
    mine.write_bytes(b"mine")

    def ask(path: str) -> bytes:
        block = io.BytesIO()
        tftpy.TftpClient("127.0.0.1", served.ports["TFTP"], {"blksize": 8192}).download(path, _Kept(block), timeout=5)
        return block.getvalue()

    assert ask(NAME) == CONTENT, "an open lease answers a boot loader"
    assert ask(f"token-1/{NAME}") == CONTENT
    assert ask(f"token-2/{NAME}") == b"of another run"
    for path in ("y.bin", f"token-3/{NAME}", "token-1/../run2/x.bin"):
        with pytest.raises(tftpy.TftpShared.TftpException):
            ask(path)
    with pytest.raises(tftpy.TftpShared.TftpException):
        tftpy.TftpClient("127.0.0.1", served.ports["TFTP"]).upload("y.bin", str(mine), timeout=5)

    served.tell(Withdraw("run1"))
    told = [served.heard()]
    while not isinstance(told[-1], Done):
        told.append(served.heard())
    sent = {(m.protocol, m.size_bytes) for m in told if isinstance(m, Sent)}
    assert {("HTTP", len(CONTENT)), ("HTTPS", len(CONTENT)), ("HTTP", 100), ("FTP", len(CONTENT))} <= sent
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(served.url("http", f"token-1/{NAME}"))
    assert fetch(served.url("http", f"token-2/{NAME}")) == b"of another run"


class _Kept:
    """tftpy closes what it writes to."""

    def __init__(self, kept: io.BytesIO) -> None:
        self._kept = kept

    def write(self, data: bytes) -> int:
        return self._kept.write(data)

    def close(self) -> None:
        """Keep it."""


def test_sftp_and_scp_read_a_lease_and_change_nothing(served: Served, net: SshNet, tmp_path: Path) -> None:
    local = tmp_path / "mine"
    local.write_bytes(b"mine")

    def quiet(_p: object) -> None:
        """Nobody looks."""

    got = bytearray()
    net.pull_scp(served.login(), Watcher(), f"/{NAME}", got.extend, on_progress=quiet, stall_s=10)
    assert bytes(got) == CONTENT
    with pytest.raises(TransferRefused, match="only be read"):
        net.push_scp(served.login(), Watcher(), str(local), "/y.bin", on_progress=quiet, stall_s=10, last_answer_s=10)
    with net.sftp(served.login(), Watcher(), stall_s=10) as sftp:
        assert [(f.name, f.size_bytes) for f in sftp.listing("/")] == [(NAME, len(CONTENT))]
        got.clear()
        sftp.get(NAME, got.extend, on_progress=quiet)
        assert bytes(got) == CONTENT
        assert sftp.stat("/../run2/x.bin") is None or sftp.stat("/../run2/x.bin") == sftp.stat("/run2/x.bin")
        refused = [
            lambda: sftp.put(str(local), "/y.bin", on_progress=quiet),
            lambda: sftp.put(str(local), f"/{NAME}", on_progress=quiet),
            lambda: sftp.remove(f"/{NAME}"),
            lambda: sftp.rename(f"/{NAME}", "/z.bin"),
            lambda: sftp.mkdir("/d"),
            lambda: sftp.get("/../../keys/ssh_rsa", got.extend, on_progress=quiet),
        ]
        for act in refused:
            with pytest.raises(TransferRefused):
                act()
    with pytest.raises(AuthError):
        net.sftp(replace(served.login("pw-3")), Watcher(), stall_s=10)
    assert (served.folder / "shelf" / "run1" / NAME).read_bytes() == CONTENT


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = start(tmp_path, {Protocol.HTTP.value: port})
        failed = served.heard()
        assert isinstance(failed, Failed)
        assert (failed.protocol, failed.port) == ("HTTP", port)
        assert "in use" in failed.detail
        assert served.process.wait(10) == 1
        served.out.close()
