"""The SFTP subsystem of one connection: requests, their answers, and every way to stop waiting for them."""

from __future__ import annotations

import contextlib
import time
from pathlib import PurePosixPath
from types import TracebackType
from typing import NoReturn, Self

import paramiko

from swim_tui.errors import NoSpace, Stalled, SwimError, TransferError
from swim_tui.net import sftp_wire as wire
from swim_tui.net.bulk import BulkWriter
from swim_tui.net.contract import SessionObserver
from swim_tui.net.sftp_wire import Kind, Reply
from swim_tui.net.transfer import ANSWER_S, TICK_S, Transfer, close_quietly
from swim_tui.net.transport import SwimTransport

_READ = 1 << 17


class SftpLink(Transfer):
    """What `SftpSession` is built on."""

    def __init__(self, transport: SwimTransport, device: str, observer: SessionObserver, stall_s: float) -> None:
        super().__init__(device, observer, stall_s)
        self._transport = transport
        self._in = bytearray()
        self._next_id = 0
        self._extensions: frozenset[bytes] = frozenset()
        self._channel = self._open_channel(
            transport, lambda made: made.invoke_subsystem("sftp"), "SFTP", "it has no SFTP server"
        )
        self._writer = BulkWriter(self._channel, transport)
        self._greet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; never raises."""
        close_quietly(self._channel)
        self._transport.close()

    def free_bytes(self, path: str) -> int | None:
        """Room in the file system of `path`; None when the server cannot tell."""
        if b"statvfs@openssh.com" not in self._extensions:
            return None
        reply = self._ask(path, Kind.EXTENDED, wire.text("statvfs@openssh.com"), wire.text(path or "."))
        if reply.kind != Kind.EXTENDED_REPLY:
            return None
        fields = wire.Fields(reply.body)
        values = [fields.huge() for _ in range(5)]  # block size, fragment size, blocks, free, free for this user
        return values[1] * values[4]

    # --- requests and answers ---

    def _greet(self) -> None:
        self._send(memoryview(wire.init()))
        reply = self._receive(ANSWER_S)
        if reply.kind != Kind.VERSION:
            self._refused("it does not speak SFTP")
        fields, found = wire.Fields(reply.body), set()
        while not fields.ended:
            found.add(fields.data())
            fields.data()
        self._extensions = frozenset(found)

    def _id(self) -> int:
        self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        return self._next_id

    def _ask(self, path: str, kind: Kind, *parts: bytes, limit_s: float = ANSWER_S) -> Reply:
        """Send one request and wait for its answer; late answers of an abandoned copy are passed over."""
        self._file = path
        self._meter.moved_at = time.monotonic()
        id = self._id()
        self._send(memoryview(wire.packet(kind, id, *parts)))
        limit = time.monotonic() + limit_s
        while (reply := self._receive(max(TICK_S, limit - time.monotonic()))).id != id:
            pass
        return reply

    def _handle(self, path: str, kind: Kind, *parts: bytes) -> bytes:
        reply = self._ask(path, kind, *parts)
        self._expect(reply, Kind.HANDLE)
        return wire.Fields(reply.body).data()

    def _close_quietly(self, handle: bytes) -> None:
        """Close what was only read: its answer tells nothing, and what was raised before matters more."""
        with contextlib.suppress(SwimError):
            self._send(memoryview(wire.packet(Kind.CLOSE, self._id(), wire.text(handle))))

    def _expect(self, reply: Reply, kind: Kind) -> None:
        if reply.kind != kind:
            self._refused(wire.status_of(reply)[1] if reply.kind == Kind.STATUS else "an answer nobody understands")

    def _expect_ok(self, reply: Reply) -> None:
        self._expect(reply, Kind.STATUS)
        code, said = wire.status_of(reply)
        if code != wire.OK:
            self._refused(said)

    def _send(self, data: memoryview) -> None:
        try:
            while data:
                count = self._writer.reserve(len(data), TICK_S)
                if count == 0:
                    self._may_wait()
                    continue
                self._writer.send(data[:count])
                data = data[count:]
        except Stalled:
            raise  # it is an OSError too
        except (OSError, EOFError, paramiko.SSHException) as err:
            self._lost(str(err) or "connection closed")

    def _receive(self, limit_s: float) -> Reply:
        while (size := self._whole()) == 0:
            data = self._receive_some(self._channel, _READ, limit_s)
            if not data:
                self._lost("the server closed the connection")
            self._in += data
        with memoryview(self._in) as view:
            kind = view[4]
            is_version = kind == Kind.VERSION  # the one answer without a request number
            id = 0 if is_version else int.from_bytes(view[5:9], "big")
            body = bytes(view[9:size])
        del self._in[:size]
        return Reply(kind, id, body)

    def _whole(self) -> int:
        """Length of the first packet received, 0 while it is not whole."""
        if len(self._in) < 4:
            return 0
        length = int.from_bytes(self._in[:4], "big")
        if not 5 <= length <= wire.PACKET_MAX:
            self._refused("it does not speak SFTP")
        return length + 4 if len(self._in) >= length + 4 else 0

    # --- ways to stop ---

    def _full_or_refused(self, said: str, needed: int) -> NoReturn:
        """A full disk answers `Failure` and nothing else: its free space tells."""
        remote = self._file
        with contextlib.suppress(TransferError):
            free = self.free_bytes(str(PurePosixPath(remote).parent))
            if free is not None and free < needed:
                raise NoSpace(device=self._device, file=remote, file_system=remote, required=needed, available=free)
        self._file = remote
        self._refused(said)
