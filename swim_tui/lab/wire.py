"""Carries the bytes of SSH connections: over TCP, or inside a channel of the jump host without any socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

import asyncssh

Peer = tuple[str, int]


class Wire(asyncio.Transport, ABC):
    """The transport under one SSH server connection; can go silent (`freeze`) as a dying device does."""

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self.peer = peer
        self.conn: asyncssh.SSHServerConnection | None = None
        self._is_frozen = False

    def carry(self, conn: asyncssh.SSHServerConnection) -> None:
        """Start the SSH server connection on this wire."""
        self.conn = conn
        conn.connection_made(self)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """asyncssh asks for peer and socket names."""
        return self.peer if name == "peername" else default

    def freeze(self) -> None:
        """Drop everything in both directions from now on."""
        self._is_frozen = True

    def received(self, data: bytes) -> None:
        """Bytes from the client."""
        if self.conn is not None and not self._is_frozen:
            self.conn.data_received(data)

    def lost(self) -> None:
        """The client is gone."""
        conn, self.conn = self.conn, None
        if conn is not None:
            conn.connection_lost(None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Bytes to the client."""
        if not self._is_frozen:
            self.send(bytes(data))

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Put bytes on the medium."""

    def reset(self) -> None:
        """End it the hard way (RST where there is TCP)."""
        self.abort()


class TcpWire(Wire, asyncio.Protocol):
    """A wire over an accepted TCP connection."""

    def __init__(self, peer: Peer, on_made: Callable[[Wire], None]) -> None:
        super().__init__(peer)
        self._on_made = on_made
        self._tcp: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: accepted."""
        self._tcp = cast(asyncio.Transport, transport)
        sock = cast(socket.socket, transport.get_extra_info("socket"))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_made(self)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes."""
        self.received(data)

    def eof_received(self) -> bool | None:
        """asyncio: the client closed its side."""
        self.lost()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: closed."""
        self.lost()

    def send(self, data: bytes) -> None:
        """Put bytes on the medium."""
        if self._tcp is not None and not self._tcp.is_closing():
            self._tcp.write(data)

    def is_closing(self) -> bool:
        """Whether it is closed or closing."""
        return self._tcp is None or self._tcp.is_closing()

    def close(self) -> None:
        """Close after what is written has been sent."""
        if self._tcp is not None:
            self._tcp.close()

    def abort(self) -> None:
        """Close now (what is already written is still tried)."""
        # asyncio's abort would throw away a disconnect message that is still in its buffer.
        self.close()

    def reset(self) -> None:
        """Close with RST."""
        if self._tcp is not None:
            sock = self._tcp.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._tcp.abort()


class SessionWire(Wire):
    """A wire inside a channel of another SSH connection."""

    _chan: Any = None

    def connection_made(self, chan: Any) -> None:
        """asyncssh: the channel is there."""
        self._chan = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """asyncssh: bytes."""
        self.received(data)

    def eof_received(self) -> bool:
        """asyncssh: the client closed its side."""
        self.lost()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncssh: channel or connection closed."""
        self._chan = None
        self.lost()

    def send(self, data: bytes) -> None:
        """Put bytes on the medium."""
        if not self.is_closing():
            self._chan.write(data)

    def is_closing(self) -> bool:
        """Whether it is closed or closing."""
        return self._chan is None or self._chan.is_closing()

    def close(self) -> None:
        """Close after what is written has been sent."""
        if self._chan is not None:
            self._chan.close()

    def abort(self) -> None:
        """A jump host passes no RST on: the channel just closes."""
        self.close()


class ChannelWire(SessionWire, asyncssh.SSHTCPSession[bytes]):
    """A wire inside a direct-tcpip channel of the jump host."""

    def __init__(self, peer: Peer, on_made: Callable[[Wire], None]) -> None:
        super().__init__(peer)
        self._on_made = on_made

    def session_started(self) -> None:
        """asyncssh: the channel may be used."""
        self._on_made(self)


class Host(Protocol):
    """Something that can be connected to: a device or a jump host."""

    def is_listening(self) -> bool:
        """Whether a connect succeeds now."""

    def accept(self, wire: Wire) -> None:
        """Serve a new connection, or close it."""


class Listener:
    """A TCP port of a host. While the host is down the port stays bound, so that connects are refused."""

    def __init__(self, address: str, port: int, host: Host) -> None:
        self._host = host
        self._task: asyncio.Task[None] | None = None
        self._sock = self._bound(address, port)
        self.address, self.port = self._sock.getsockname()[:2]

    @staticmethod
    def _bound(address: str, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, port))
            if port == 0:
                # Linux frees a port that it chose itself when the socket stops listening: ask for it by number.
                chosen = sock.getsockname()[1]
                sock.close()
                return Listener._bound(address, chosen)
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        return sock

    def open(self) -> None:
        """Start to listen."""
        if self._task is None:
            self._sock.listen(256)
            self._task = asyncio.get_running_loop().create_task(self._serve())

    def close(self) -> None:
        """Stop listening, but keep the port."""
        if self._task is None:
            return
        self._task.cancel()
        self._task = None
        try:
            # Linux turns a listening socket back into a merely bound one.
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._sock.close()
            self._sock = self._bound(self.address, self.port)

    def give_up(self) -> None:
        """Close for good."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._sock.close()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(self._sock)
            except OSError:
                return
            sock.setblocking(False)
            wire = TcpWire((peer[0], peer[1]), self._host.accept)
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(partial(_same, wire), sock)


def _same(wire: TcpWire) -> TcpWire:
    return wire
