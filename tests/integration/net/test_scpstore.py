"""A SWIM server that has SCP and a shell, and no SFTP: a real OpenSSH server without its subsystem."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from swim_tui.errors import ServerError
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Login
from swim_tui.model.server import ServerProtocol, ServerWay
from swim_tui.net.contract import PushProgress
from swim_tui.net.servers import probe_way
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import StartSshd, Watcher

pytestmark = pytest.mark.sshd


def test_a_server_without_sftp_is_verified_and_given_images_by_scp(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, tmp_path: Path
) -> None:
    server, home = start_sshd("sshd"), tmp_path / "images of O'Brien ü"
    home.mkdir()
    source = tmp_path / "image.bin"
    source.write_bytes(os.urandom(3_000_000))

    def way(protocol: Protocol) -> ServerWay:
        end = Endpoint("S", "127.0.0.1", server.port, key_login)
        return ServerWay("S", ServerProtocol(protocol, server.port, home=str(home)), end)

    with pytest.raises(ServerError, match="SWIM server S: it has no SFTP server"):
        net.store(way(Protocol.SFTP), watcher, 20.0)
    assert probe_way(net, way(Protocol.SCP), None, watcher).startswith("logged in, wrote, read back and deleted")
    assert list(home.iterdir()) == []

    store = net.store(way(Protocol.SCP), watcher, 20.0)
    told: list[PushProgress] = []
    part, whole = f"{home}/.image.bin.part", f"{home}/image.bin"
    try:
        assert (store.size(part), store.size(str(home))) == (None, None)
        assert (store.free(str(home)) or 0) > 3_000_000
        assert store.write(str(source), part, resume=True, report=told.append, bytes_per_s=0.0) == 3_000_000
        assert (store.size(part), told[-1].sent) == (3_000_000, 3_000_000)
        store.rename(part, whole)
        assert store.digest(whole, "sha512") == hashlib.sha512(source.read_bytes()).hexdigest()
        back = bytearray()
        store.read(whole, back.extend)
        assert bytes(back) == source.read_bytes()
        assert [path.name for path in home.iterdir()] == ["image.bin"]
        store.remove(whole)
        store.remove(whole)  # what is not there is no error
        assert list(home.iterdir()) == []
        with pytest.raises(ServerError, match=r"No such file"):
            store.write(str(source), f"{home}/nowhere/x", resume=False, report=told.append, bytes_per_s=0.0)
        with pytest.raises(ServerError, match=r"renaming .*No such file"):
            store.rename(part, whole)
    finally:
        store.close()
