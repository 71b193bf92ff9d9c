"""SWIM servers as the engine and its workers reach them: a store to put files in, and a probe of each protocol."""

from __future__ import annotations

import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from swim_tui.errors import AuthError, ServerError
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol as Transfer
from swim_tui.model.server import SSH_PROTOCOLS, ServerWay
from swim_tui.net.bridge import bridge
from swim_tui.net.bulk import ByteSocket
from swim_tui.net.contract import PushProgress, SessionObserver, Store
from swim_tui.net.filestore import SshStore
from swim_tui.net.ftpstore import FtpStore
from swim_tui.net.plainstore import Dial, http_read
from swim_tui.net.push import ScpTransfer
from swim_tui.net.scpstore import ScpStore
from swim_tui.net.transport import SwimTransport

PROBE = ".swim-tui-probe-"


class Ways(Protocol):
    """How connections are made: what SshNet has."""

    def open(self, endpoint: Endpoint, observer: SessionObserver) -> SwimTransport:
        """A transport of its own, logged in."""
        ...

    def stream(self, endpoint: Endpoint, observer: SessionObserver) -> ByteSocket:
        """A byte stream to the endpoint's port."""
        ...


def dial_of(ways: Ways, way: ServerWay, observer: SessionObserver) -> Dial:
    """Sockets to any port of the server, through its hops."""

    def dial(port: int) -> socket.socket:
        return bridge(ways.stream(replace(way.endpoint, port=port), observer))

    return dial


def open_store(ways: Ways, way: ServerWay, observer: SessionObserver, stall_s: float) -> Store:
    """Log in, for writing. Errors: ConnectError and children, ServerError."""
    if way.row.protocol is Transfer.FTP:
        dial = dial_of(ways, way, observer)
        return FtpStore(dial, way.row.real_port, way.login, way.server, observer, stall_s)
    if way.row.protocol not in SSH_PROTOCOLS:
        raise ServerError(server=way.server, detail=f"nothing can be put there by {way.row.protocol}")
    transport = ways.open(way.endpoint, observer)
    try:
        return SshStore(transport, way.server, observer, stall_s)
    except ServerError:
        transport.close()
        if way.row.protocol is not Transfer.SCP:
            raise
    except BaseException:
        transport.close()
        raise
    return ScpStore(lambda: ways.open(way.endpoint, observer), way.server, observer, stall_s)


def probe_way(ways: Ways, way: ServerWay, writer: ServerWay | None, observer: SessionObserver) -> str:
    """Log in, write a probe file, read it back, delete it; what was done in words. Errors: as `open_store`.

    HTTP(S) reads what `writer` wrote; without a writer only its login and home directory are tried.
    """
    if way.row.protocol in (Transfer.HTTP, Transfer.HTTPS):
        return _probe_http(ways, way, writer, observer)
    name, content = PROBE + secrets.token_hex(6), secrets.token_bytes(4096)
    path = way.path(name)
    store = open_store(ways, way, observer, 30.0)
    try:
        if way.row.protocol is Transfer.SCP:
            found = _round_by_scp(ways, way, path, content, observer)
        else:
            _write(store, content, path)
            found = _read(store, path)
        _compare(way, found, content)
    finally:
        _remove(store, path)
    return f"logged in, wrote, read back and deleted a file in {way.row.home or 'the login directory'}"


def _round_by_scp(ways: Ways, way: ServerWay, path: str, content: bytes, observer: SessionObserver) -> bytes:
    """There and back by SCP itself, each over a connection of its own."""
    with _as_file(content) as source:
        push = ScpTransfer(ways.open(way.endpoint, observer), way.server, path, observer, 30.0)
        push.push(source, _nothing, 30.0)
    back = bytearray()
    ScpTransfer(ways.open(way.endpoint, observer), way.server, path, observer, 30.0).pull(back.extend, _nothing)
    return bytes(back)


def _probe_http(ways: Ways, way: ServerWay, writer: ServerWay | None, observer: SessionObserver) -> str:
    secure = way.row.protocol is Transfer.HTTPS
    host, dial = way.endpoint.address, dial_of(ways, way, observer)

    def get(path: str) -> tuple[int, bytes]:
        status, body = http_read(dial, host, way.row.real_port, path, way.login, way.server, secure=secure)
        if status in (401, 403):
            detail = f"HTTP status {status}"
            raise AuthError(device=way.server, address=host, port=way.row.real_port, profile=_who(way), detail=detail)
        return status, body

    if writer is None:
        status, _ = get(way.path("") if way.row.home else "")
        return f"answered with HTTP status {status}; nothing was written, as the server has no SFTP, SCP or FTP"
    name, content = PROBE + secrets.token_hex(6), secrets.token_bytes(4096)
    store = open_store(ways, writer, observer, 30.0)
    try:
        _write(store, content, writer.path(name))
        status, found = get(way.path(name))
        if status != 200:
            where = f"a file that {writer.row.protocol} put into {writer.row.home or 'its login directory'}"
            detail = f"{where} is not served as /{way.path(name).lstrip('/')} (HTTP status {status})"
            raise ServerError(server=way.server, detail=detail)
        _compare(way, found, content)
    finally:
        _remove(store, writer.path(name))
    return f"served a file that was written by {writer.row.protocol}, then deleted"


def _who(way: ServerWay) -> str:
    return way.login.profile or way.login.username


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(prefix="swim-tui-") as source:
        source.write(content)
        source.flush()
        yield source.name


def _write(store: Store, content: bytes, path: str) -> None:
    with _as_file(content) as source:
        store.write(source, path, resume=False, report=_nothing, bytes_per_s=0.0)


def _read(store: Store, path: str) -> bytes:
    back = bytearray()
    store.read(path, back.extend)
    return bytes(back)


def _compare(way: ServerWay, found: bytes, content: bytes) -> None:
    if found != content:
        raise ServerError(server=way.server, detail=f"{way.row.protocol} gave back other bytes than were written")


def _remove(store: Store, path: str) -> None:
    try:
        store.remove(path)
    finally:
        store.close()


def _nothing(_: PushProgress) -> None:
    """A probe is too small to report on."""
