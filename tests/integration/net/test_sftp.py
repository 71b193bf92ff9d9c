"""SFTP against real OpenSSH and against the lab's devices."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from pathlib import Path

import pytest

from swim_tui.errors import Cancelled, SizeMismatch, Stalled, TransferLost, TransferRefused
from swim_tui.model.secret import Login
from swim_tui.net.contract import PushProgress
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import StartSshd, Watcher, endpoint
from tests.integration.net.sshd import Sshd

pytestmark = pytest.mark.sshd
SIZE = 9_000_001


def quiet(_progress: PushProgress) -> None:
    """Nobody looks."""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def server(start_sshd: StartSshd) -> Sshd:
    return start_sshd("target", ["Subsystem sftp internal-sftp"])


def test_a_file_goes_is_listed_renamed_comes_back_and_goes_on_where_it_was_cut(
    net: SshNet, watcher: Watcher, server: Sshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "swim"
    folder.mkdir()
    (folder / "sub").mkdir()
    (folder / "odd\x1b[2Jname").write_text("x")
    part, whole = str(folder / "x.part"), str(folder / "x.bin")
    seen: list[PushProgress] = []
    with net.sftp(endpoint(server, key_login), watcher, stall_s=10) as sftp:
        assert sftp.stat(part) is None
        assert not sftp.remove(part)
        result = sftp.put(str(image), part, on_progress=seen.append)
        assert (result.sent, result.begin, seen[-1].sent) == (SIZE, 0, SIZE)
        assert Path(part).read_bytes() == image.read_bytes()

        Path(whole).write_text("older")
        sftp.rename(part, whole)
        listed = {f.name: f for f in sftp.listing(str(folder))}
        assert set(listed) == {"sub", "x.bin"}, "a name that moves the cursor is no file to pick"
        assert listed["sub"].is_dir
        assert (listed["x.bin"].size_bytes, listed["x.bin"].is_dir) == (SIZE, False)
        assert listed["x.bin"].modified_at is not None
        assert (sftp.free_bytes(str(folder)) or 0) > SIZE

        read = hashlib.sha256()
        assert sftp.get(whole, read.update, on_progress=seen.append).sent == SIZE
        assert read.hexdigest() == hashlib.sha256(image.read_bytes()).hexdigest()
        rest = bytearray()
        assert sftp.get(whole, rest.extend, on_progress=quiet, offset=SIZE - 70_001).begin == SIZE - 70_001
        assert bytes(rest) == image.read_bytes()[-70_001:]

        os.truncate(whole, 5_000_003)
        resumed = sftp.put(str(image), whole, on_progress=quiet, resume=True)
        assert (resumed.begin, resumed.sent) == (5_000_003, SIZE - 5_000_003)
        assert Path(whole).read_bytes() == image.read_bytes()

        Path(whole).write_bytes(b"\0" * 6_000_000)
        anew = sftp.put(str(image), whole, on_progress=quiet, resume=True)
        assert anew.begin == 0, "what ends differently is not the beginning of this file"
        assert Path(whole).read_bytes() == image.read_bytes()
        assert sftp.remove(whole)
        assert sftp.home().startswith("/")


def test_refusals_carry_the_servers_words_and_leave_the_session_usable(
    net: SshNet, watcher: Watcher, server: Sshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    with net.sftp(endpoint(server, key_login), watcher, stall_s=10) as sftp:
        with pytest.raises(TransferRefused, match="No such file"):
            sftp.put(str(image), str(tmp_path / "nowhere" / "x"), on_progress=quiet)
        with pytest.raises(TransferRefused, match="No such file"):
            sftp.listing(str(tmp_path / "nowhere"))
        with pytest.raises(SizeMismatch):
            sftp.get(str(image), lambda _d: None, on_progress=quiet, offset=SIZE + 1)
        assert sftp.stat(str(image)) is not None


def test_a_server_without_sftp_says_so(net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login) -> None:
    server = start_sshd("plain")
    with (
        pytest.raises(TransferRefused, match="no SFTP server"),
        net.sftp(endpoint(server, key_login), watcher, stall_s=5),
    ):
        pytest.fail("a session was opened")


def test_cancel_a_stopped_server_and_a_killed_one_are_told_apart(
    net: SshNet, server: Sshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    place = endpoint(server, key_login)
    stop = threading.Event()

    def cancel_at_once(progress: PushProgress) -> None:
        stop.set()

    image.write_bytes(b"\1" * 60_000_000)
    watcher = Watcher(is_cancelled=stop.is_set)
    with net.sftp(place, watcher, stall_s=10) as sftp, pytest.raises(Cancelled):
        sftp.put(str(image), str(tmp_path / "a"), on_progress=cancel_at_once)

    def freeze(progress: PushProgress) -> None:
        for pid in server.children():
            os.kill(pid, signal.SIGSTOP)

    with net.sftp(place, Watcher(), stall_s=1) as sftp, pytest.raises(Stalled):
        sftp.put(str(image), str(tmp_path / "b"), on_progress=freeze)

    with net.sftp(place, Watcher(), stall_s=10) as sftp, pytest.raises(TransferLost) as lost:
        sftp.put(str(image), str(tmp_path / "c"), on_progress=lambda _p: server.kill())
    assert 0 < lost.value.sent < 60_000_000
