"""SFTP on a connection of its own: stat, listing, put and get with resume, progress, cancel and stall detection.

Spoken here rather than by Paramiko's client for the reasons of `push`: its writes cost several copies and one lock
round each, and a wait in it can neither be cancelled nor limited without losing its place in the stream.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from swim_tui.errors import SizeMismatch, TransferRefused
from swim_tui.model.remote import RemoteFile
from swim_tui.net import sftp_wire as wire
from swim_tui.net.contract import PushProgress, PushResult
from swim_tui.net.meter import Meter
from swim_tui.net.sftp_link import SftpLink
from swim_tui.net.sftp_wire import Kind
from swim_tui.net.transfer import TICK_S, fill, local_file

_DATA = 32_768  # every server takes and gives this much in one packet (draft 02, section 3)
_GROUP = 4  # requests that leave in one write
_UNDER_WAY = 128  # unanswered requests: 4 MB, enough for 100 ms at 40 MB/s
_TAIL = 32_768  # of a partial file this much is compared before a copy goes on behind it
_LISTED = 20_000


class SftpSession(SftpLink):
    """One SFTP session; leave its `with` block to close the connection.

    Paths are the server's own (`/dir/x`, relative to the login directory without the slash, `bootflash:x` on NX-OS).
    Every method may raise TransferRefused (the server's words), TransferLost, Stalled (nothing moved for `stall_s`),
    Cancelled. After TransferRefused, NoSpace and SizeMismatch the session is usable: `remove` what was written.
    """

    # --- names ---

    def stat(self, path: str) -> RemoteFile | None:
        """Size, kind and time of a file; None when there is none of this name."""
        reply = self._ask(path, Kind.STAT, wire.text(path))
        if reply.kind == Kind.ATTRS:
            return wire.Fields(reply.body).attributes(PurePosixPath(path).name)
        code, said = wire.status_of(reply)
        if code != wire.NO_SUCH_FILE:
            self._refused(said)
        return None

    def home(self) -> str:
        """The directory of the login, absolute."""
        reply = self._ask(".", Kind.REALPATH, wire.text("."))
        self._expect(reply, Kind.NAME)
        fields = wire.Fields(reply.body)
        fields.number()
        return fields.data().decode("utf-8", "replace")

    def listing(self, path: str) -> list[RemoteFile]:
        """The entries of a directory, at most 20,000, as the server orders them."""
        handle = self._handle(path, Kind.OPENDIR, wire.text(path or "."))
        found: list[RemoteFile] = []
        try:
            while len(found) < _LISTED:
                reply = self._ask(path, Kind.READDIR, wire.text(handle))
                if reply.kind == Kind.STATUS and wire.status_of(reply)[0] == wire.EOF:
                    break
                self._expect(reply, Kind.NAME)
                found += wire.names(reply.body)
        finally:
            self._close_quietly(handle)
        return found

    def remove(self, path: str) -> bool:
        """Delete a file; False when there was none."""
        reply = self._ask(path, Kind.REMOVE, wire.text(path))
        if wire.status_of(reply)[0] == wire.NO_SUCH_FILE:
            return False
        self._expect_ok(reply)
        return True

    def rename(self, old: str, new: str) -> None:
        """Rename a file, replacing `new`: in one step where the server can."""
        if b"posix-rename@openssh.com" in self._extensions:
            self._expect_ok(
                self._ask(new, Kind.EXTENDED, wire.text("posix-rename@openssh.com"), wire.text(old), wire.text(new))
            )
            return
        self.remove(new)
        self._expect_ok(self._ask(new, Kind.RENAME, wire.text(old), wire.text(new)))

    def mkdir(self, path: str) -> None:
        """Make a directory (its parent exists)."""
        self._expect_ok(self._ask(path, Kind.MKDIR, wire.text(path), wire.number(0)))

    # --- content ---

    def put(
        self,
        source: str,
        remote: str,
        *,
        on_progress: Callable[[PushProgress], None],
        resume: bool = False,
        last_answer_s: float = 300.0,
    ) -> PushResult:
        """Write local file `source` to `remote`; the size there is compared at the end (SizeMismatch).

        With `resume` the copy goes on behind a partial file whose last 32 kB are those of the source; anything else
        is written anew. What proves the content is a hash, which the caller asks for. NoSpace: the server is full.
        `last_answer_s` is how long the server may take to close the file.
        """
        with local_file(source, self._device) as descriptor:
            size = os.fstat(descriptor).st_size
            begin = self._resume_at(descriptor, remote, size) if resume else 0
            flags = wire.Open.WRITE | wire.Open.CREATE | (wire.Open.TRUNCATE if begin == 0 else 0)
            handle = self._handle(remote, Kind.OPEN, wire.text(remote), wire.number(flags), wire.number(0))
            self._meter = Meter(size, on_progress, begin)
            self._meter.start()
            self._send_file(descriptor, handle, begin, size)
            self._expect_ok(self._ask(remote, Kind.CLOSE, wire.text(handle), limit_s=last_answer_s))
        there = self.stat(remote)
        actual = there.size_bytes if there is not None else 0
        if actual is not None and actual != size:
            raise SizeMismatch(device=self._device, file=remote, expected=size, actual=actual)
        self._meter.finish()
        return PushResult(size - begin, self._meter.seconds, begin)

    def get(
        self,
        remote: str,
        sink: Callable[[bytes], None],
        *,
        on_progress: Callable[[PushProgress], None],
        offset: int = 0,
    ) -> PushResult:
        """Read `remote` from `offset` to its end into `sink`, in order."""
        handle = self._handle(remote, Kind.OPEN, wire.text(remote), wire.number(wire.Open.READ), wire.number(0))
        try:
            reply = self._ask(remote, Kind.FSTAT, wire.text(handle))
            self._expect(reply, Kind.ATTRS)
            size = wire.Fields(reply.body).attributes().size_bytes
            if size is None:
                self._refused("the server does not tell the size of the file")
            if offset > size:
                raise SizeMismatch(device=self._device, file=remote, expected=offset, actual=size)
            self._meter = Meter(size, on_progress, offset)
            self._meter.start()
            for data in self._read_file(handle, offset, size):
                sink(data)
                self._meter.add(len(data))
        finally:
            self._close_quietly(handle)
        self._meter.finish()
        return PushResult(size - offset, self._meter.seconds, offset)

    # --- the bytes ---

    def _resume_at(self, descriptor: int, remote: str, size: int) -> int:
        """Where the copy may go on: the end of a partial file that ends as the source does there."""
        there = self.stat(remote)
        if there is None or there.is_dir or not there.size_bytes or there.size_bytes > size:
            return 0
        length = min(_TAIL, there.size_bytes)
        start = there.size_bytes - length
        try:
            handle = self._handle(remote, Kind.OPEN, wire.text(remote), wire.number(wire.Open.READ), wire.number(0))
            try:
                tail = b"".join(self._read_file(handle, start, there.size_bytes))
            finally:
                self._close_quietly(handle)
        except TransferRefused:  # a write-only drop box, or a file that another session still writes: begin anew
            return 0
        return there.size_bytes if tail == os.pread(descriptor, length, start) else 0

    def _send_file(self, descriptor: int, handle: bytes, offset: int, size: int) -> None:
        bulk = self._transport.bulk
        bulk.write_limit_s = self._stall_s + 2 * TICK_S
        bulk.on_wait = self._may_wait
        out = bytearray(_GROUP * (len(handle) + _DATA + 64))
        waiting: dict[int, int] = {}
        try:
            while offset < size or waiting:
                at = 0
                for _ in range(_GROUP):
                    if offset >= size or len(waiting) >= _UNDER_WAY:
                        break
                    count = min(_DATA, size - offset)
                    head = wire.write_head(self._id(), handle, offset, count)
                    out[at : at + len(head)] = head
                    at += len(head)
                    fill(descriptor, memoryview(out)[at : at + count], offset, self._device, self._file)
                    at += count
                    offset += count
                    waiting[self._next_id] = count
                self._send(memoryview(out)[:at])
                # a few answers are left for later, so that the line never runs dry
                self._take_answers(waiting, down_to=_UNDER_WAY - 2 * _GROUP if offset < size else 0)
                self._check_cancelled()
        finally:
            bulk.on_wait = None

    def _take_answers(self, waiting: dict[int, int], down_to: int) -> None:
        """Count what the server has written, waiting only while too much is unanswered."""
        while waiting and (len(waiting) > down_to or self._channel.recv_ready()):
            reply = self._receive(self._stall_s)
            count = waiting.pop(reply.id, None)
            if count is None:
                continue
            code, said = wire.status_of(reply)
            if code != wire.OK:
                self._full_or_refused(said, sum(waiting.values()) + count)
            self._meter.add(count)

    def _read_file(self, handle: bytes, offset: int, size: int) -> Iterator[bytes]:
        """The bytes from `offset` to `size`, asked for ahead, given in order."""
        asked: deque[tuple[int, int, int]] = deque()
        arrived: dict[int, bytes] = {}
        ahead = offset
        while asked or ahead < size:
            while ahead < size and len(asked) < _UNDER_WAY:
                count = min(_DATA, size - ahead)
                asked.append((self._ask_for(handle, ahead, count), ahead, count))
                ahead += count
            head, at, count = asked[0]
            if head not in arrived:
                reply = self._receive(self._stall_s)
                if reply.kind == Kind.DATA:
                    arrived[reply.id] = wire.Fields(reply.body).data()
                elif any(reply.id == id for id, _, _ in asked):
                    code, said = wire.status_of(reply)
                    self._refused("the file became shorter meanwhile" if code == wire.EOF else said)
                continue
            asked.popleft()
            data = arrived.pop(head)[:count]
            if not data:
                self._lost("the server answers without data")
            if len(data) < count:
                rest = self._ask_for(handle, at + len(data), count - len(data))
                asked.appendleft((rest, at + len(data), count - len(data)))
            yield data
            self._check_cancelled()

    def _ask_for(self, handle: bytes, offset: int, count: int) -> int:
        self._send(memoryview(wire.read_request(self._id(), handle, offset, count)))
        return self._next_id
