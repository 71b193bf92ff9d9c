"""SCP by the legacy protocol (`scp -t`, `scp -f`), spoken here rather than by the scp package.

The scp package reads and sends in pieces of its own, gives up on a last answer that takes long, and cannot be told to
stop. Spoken here, a file is read straight into the packets it leaves in (see `bulk`), every wait has its own limit, and
the device's own words come back as TransferRefused.
"""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import paramiko

from swim_tui.errors import Stalled, TransferLost
from swim_tui.net.bulk import BulkWriter
from swim_tui.net.contract import PushProgress, PushResult, SessionObserver
from swim_tui.net.meter import Meter
from swim_tui.net.text import neutral
from swim_tui.net.transfer import ANSWER_S, TICK_S, Transfer, close_quietly, fill, local_file
from swim_tui.net.transport import SwimTransport

_TEXT_MAX = 1_000
_READ = 1 << 17
_HEADER = re.compile(rb"C[0-7]{4} (\d{1,19}) (.+)\Z", re.S)


class ScpTransfer(Transfer):
    """One file over one transport of its own."""

    def __init__(
        self, transport: SwimTransport, device: str, remote: str, observer: SessionObserver, stall_s: float
    ) -> None:
        super().__init__(device, observer, stall_s, remote)
        self._transport = transport
        self._before = b""  # received and not yet used

    def push(self, source: str, on_progress: Callable[[PushProgress], None], last_answer_s: float) -> PushResult:
        """Send local file `source`; see `Net.push_scp`."""
        with local_file(source, self._device) as descriptor:
            size = os.fstat(descriptor).st_size
            self._meter = Meter(size, on_progress)
            with self._channel("-t") as channel:
                self._meter.start()
                self._expect_ok(channel, ANSWER_S)
                self._say(channel, f"C0644 {size} {_basename(self._file)}\n".encode())
                self._expect_ok(channel, ANSWER_S)
                self._send_file(channel, descriptor, size)
                self._say(channel, b"\0")
                self._expect_ok(channel, last_answer_s)
                self._meter.finish()
        return PushResult(size, self._meter.seconds)

    def pull(self, sink: Callable[[bytes], None], on_progress: Callable[[PushProgress], None]) -> PushResult:
        """Read the remote file into `sink`; see `Net.pull_scp`."""
        with self._channel("-f") as channel:
            self._say(channel, b"\0")
            size = self._read_header(channel)
            self._meter = Meter(size, on_progress)
            self._meter.start()
            self._say(channel, b"\0")
            left = size
            while left:
                data = self._receive(channel, self._stall_s, min(left, _READ))
                left -= len(data)
                sink(data)
                self._meter.add(len(data))
            self._expect_ok(channel, self._stall_s)
            self._say(channel, b"\0")
            self._meter.finish()
        return PushResult(size, self._meter.seconds)

    # --- the bytes ---

    def _send_file(self, channel: paramiko.Channel, descriptor: int, size: int) -> None:
        writer = BulkWriter(channel, self._transport)
        bulk = self._transport.bulk
        bulk.write_limit_s = self._stall_s + 2 * TICK_S
        bulk.on_wait = self._may_wait
        plain = bytearray(0 if writer.bursts else writer.packet_data)
        offset = 0
        try:
            while offset < size:
                count = writer.reserve(size - offset, TICK_S)
                if count == 0:
                    self._look(channel)
                    self._may_wait()
                    continue
                if writer.bursts:
                    burst = writer.burst()
                    self._fill(descriptor, burst.room, count, offset)
                    burst.seal(count)
                    writer.send_sealed(burst)
                else:
                    count = self._send_plain(writer, descriptor, plain, count, offset)
                offset += count
                self._meter.add(count)
                self._check_cancelled()
                if channel.recv_ready():
                    self._look(channel)
        except Stalled:
            raise  # it is an OSError too
        except (OSError, EOFError) as err:
            self._look(channel)
            self._lost(str(err) or "connection closed")
        finally:
            bulk.on_wait = None

    def _send_plain(self, writer: BulkWriter, descriptor: int, plain: bytearray, count: int, offset: int) -> int:
        """Ciphers without a burst path: packet by packet."""
        at = 0
        while at < count:
            part = memoryview(plain)[: min(len(plain), count - at)]
            self._fill(descriptor, [part], len(part), offset + at)
            writer.send(part)
            at += len(part)
        return count

    def _fill(self, descriptor: int, room: list[memoryview], count: int, offset: int) -> None:
        """Read exactly `count` bytes of the file into the views, in order."""
        views, left = [], count
        for view in room:
            if left <= 0:
                break
            views.append(view[:left])
            left -= len(views[-1])
        done = os.preadv(descriptor, views, offset)
        for view in views if done < count else ():  # short reads are rare: refill view by view
            skip = min(done, len(view))
            done -= skip
            fill(descriptor, view[skip:], offset + skip, self._device, self._file)
            offset += len(view)

    # --- the protocol ---

    @contextmanager
    def _channel(self, direction: str) -> Iterator[paramiko.Channel]:
        line = f"scp {direction} {shlex.quote(self._file)}"
        missing = "the device does not run scp"
        channel = self._open_channel(self._transport, lambda made: made.exec_command(line), "scp", missing)
        try:
            yield channel
        finally:
            close_quietly(channel)
            self._transport.close()

    def _say(self, channel: paramiko.Channel, data: bytes) -> None:
        try:
            limit = time.monotonic() + self._stall_s
            while data:
                try:
                    data = data[channel.send(data) :]
                except TimeoutError:
                    self._check_cancelled()
                    if time.monotonic() >= limit:
                        self._stalled(self._stall_s)
        except Stalled:
            raise  # it is an OSError too
        except (OSError, EOFError, paramiko.SSHException) as err:
            self._look(channel)
            self._lost(str(err) or "connection closed")

    def _expect_ok(self, channel: paramiko.Channel, limit_s: float) -> None:
        code = self._receive(channel, limit_s, 1)
        if code == b"\0":
            return
        self._answer_text(channel, code)

    def _answer_text(self, channel: paramiko.Channel, code: bytes) -> NoReturn:
        """\\x01 and \\x02 carry a text; some devices send the bare text of their shell."""
        text = b"" if code in (b"\1", b"\2") else code
        while b"\n" not in text and len(text) < _TEXT_MAX:
            try:
                text += self._receive(channel, 5.0, _TEXT_MAX)
            except (TransferLost, Stalled):
                break
        shown = neutral(" ".join(text.decode("utf-8", "replace").split()))
        self._refused(shown or "without a reason")

    def _read_header(self, channel: paramiko.Channel) -> int:
        """`C0644 SIZE NAME`, a time line `T...` before it is acknowledged and passed over."""
        while True:
            first = self._receive(channel, ANSWER_S, 1)
            if first not in (b"C", b"T"):
                self._answer_text(channel, first)
            line = first
            while not line.endswith(b"\n"):
                line += self._receive(channel, ANSWER_S, 1)
                if len(line) > _TEXT_MAX:
                    self._refused("it sends no file header")
            if first == b"T":
                self._say(channel, b"\0")
                continue
            match = _HEADER.match(line.rstrip(b"\n"))
            if match is None:
                self._refused(f"it sends a header nobody understands: {neutral(line.decode('utf-8', 'replace'))}")
            return int(match.group(1))

    def _receive(self, channel: paramiko.Channel, limit_s: float, size: int) -> bytes:
        """Between 1 and `size` bytes. TransferLost at the end of the stream, Stalled after `limit_s`."""
        if self._before:
            data, self._before = self._before[:size], self._before[size:]
            return data
        data = self._receive_some(channel, size, limit_s)
        if not data:
            self._ended(channel)
        return data

    def _ended(self, channel: paramiko.Channel) -> NoReturn:
        """The stream ended where an answer was due; what was said on stderr is the reason if there is one."""
        text = b""
        if channel.recv_stderr_ready():
            text = channel.recv_stderr(_TEXT_MAX)
        shown = neutral(" ".join(text.decode("utf-8", "replace").split()))
        if shown and self._meter.done == 0:
            self._refused(shown)
        self._lost(shown or "the device closed the connection")

    def _look(self, channel: paramiko.Channel) -> None:
        """An answer in the middle of the bytes is an error text (flash full, for one)."""
        if not channel.recv_ready():
            return
        code = channel.recv(1)
        if code:
            self._answer_text(channel, code)

    def _check_cancelled(self) -> None:
        if self._observer.cancelled():
            self._transport.close()
        super()._check_cancelled()


def _basename(remote: str) -> str:
    """The name in the file header; a control character would end the header line early."""
    name = re.split(r"[/:]", remote)[-1] or "file"
    return re.sub(r"[\x00-\x1f\x7f]", "_", name)
