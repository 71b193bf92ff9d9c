"""Many SSH data packets for one system call and no copies: what makes a push as fast as OpenSSH's.

Paramiko's own path costs, for each packet: a Message, three copies of the data, two lock rounds, one send. Here a
`Burst` holds the plain text of several CHANNEL_DATA packets in one reused buffer (a file is read straight into it), and
`BulkPacketizer` encrypts them into a second reused buffer and sends that. It enters through the documented
`packetizer_class` of `paramiko.Transport`, works for AES-GCM, and leaves every other cipher to Paramiko.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, cast

import paramiko
from paramiko.packet import NeedRekeyException, Packetizer
from paramiko.ssh_exception import SSHException

PACKET_DATA = 32_704  # what sshd takes in one packet (32,768) less the 64 that Paramiko leaves for headers
SLOTS = 4  # more makes nothing faster, and each transfer holds twice this many packets in memory
_HEAD = 10  # padding length, message number, channel, data length
_SLOT = 32_736  # _HEAD + PACKET_DATA + padding, a multiple of 16
_TAG = 16
_CHANNEL_DATA = 94
_READ = 65_536
_SMALL = 4_096  # a control session never needs the burst buffer
# AES may encrypt far more than this under one key; Paramiko's 512 MB would renegotiate in the middle of every image,
# which some old devices do not survive. OpenSSH's own limit for AES is 64 GB.
_AES_REKEY_BYTES = 1 << 34


class ByteSocket(Protocol):
    """What a packetizer needs of a socket; a Channel to the next hop is one too."""

    def send(self, data: Any, /) -> int: ...
    def recv(self, size: int, /) -> bytes: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def close(self) -> None: ...


class Burst:
    """Plain text of up to SLOTS data packets of one channel; `room` are the views to fill, in order."""

    def __init__(self, remote_channel: int, packet_data: int = PACKET_DATA, slots: int = SLOTS) -> None:
        self.packet_data = min(packet_data, PACKET_DATA)
        self.capacity = self.packet_data * slots
        self._plain = bytearray(_SLOT * slots)
        self._view = memoryview(self._plain)
        self.room = [self._view[i * _SLOT + _HEAD : i * _SLOT + _HEAD + self.packet_data] for i in range(slots)]
        self._head = struct.Struct(">BBII")
        self._remote_channel = remote_channel
        self.packets: list[memoryview] = []
        self.size = 0

    def seal(self, size: int) -> None:
        """Declare that the first `size` bytes of the room are filled; writes the packet heads."""
        self.size = size
        self.packets = []
        slot = 0
        while size > 0:
            length = min(size, self.packet_data)
            padding = 16 - (_HEAD + length) % 16
            if padding < 4:
                padding += 16
            start = slot * _SLOT
            self._head.pack_into(self._plain, start, padding, _CHANNEL_DATA, self._remote_channel, length)
            self.packets.append(self._view[start : start + _HEAD + length + padding])
            size -= length
            slot += 1


class BulkPacketizer(Packetizer):
    """Paramiko's packetizer with a send path for bursts, buffered reads and writes that never wait for ever."""

    def __init__(self, sock: ByteSocket) -> None:
        super().__init__(cast(Any, sock))
        self._sock = sock
        self._send_lock = threading.RLock()
        self._cipher: Any = None  # the AESGCM object while AES-GCM is in use outbound
        self._nonce_fixed = b""
        self._nonce_count = 0
        self._sent_bytes = 0
        self._out: memoryview | None = None
        self._in = bytearray()
        self._in_at = 0
        self._ping: Callable[[], Any] | None = None
        self._ping_every = 0.0
        self._last_write = time.monotonic()
        self.write_limit_s = 60.0  # the peer's TCP takes nothing for this long: the connection is dead
        self.on_wait: Callable[[], None] | None = None  # called while a write waits; may raise to give up

    @property
    def takes_bursts(self) -> bool:
        """True while the outbound cipher is AES-GCM."""
        return self._cipher is not None

    def set_outbound_cipher(self, block_engine: Any, block_size: int, *args: Any, **kwargs: Any) -> None:
        """Take part in the switch of keys: remember the AES-GCM engine and its nonce."""
        with self._send_lock:
            super().set_outbound_cipher(block_engine, block_size, *args, **kwargs)
            self.REKEY_BYTES = _AES_REKEY_BYTES if block_size >= 16 else Packetizer.REKEY_BYTES
            self._sent_bytes = 0
            self._cipher = None
            if kwargs.get("aead") and hasattr(block_engine, "encrypt_into"):
                iv: bytes = kwargs["iv_out"]
                self._cipher, self._nonce_fixed = block_engine, iv[:4]
                self._nonce_count = int.from_bytes(iv[4:], "big")

    def send_message(self, data: Any) -> None:
        """Send a paramiko Message, or a Burst (only while `takes_bursts`)."""
        with self._send_lock:
            if isinstance(data, Burst):
                if self._cipher is None:
                    raise SSHException("the cipher changed under a burst")
                self._send_packets(data.packets)
            elif self._cipher is not None:
                self._send_packets([_plain_packet(data.asbytes())])
            else:
                super().send_message(data)

    def _send_packets(self, packets: list[memoryview]) -> None:
        total = sum(len(p) for p in packets) + (4 + _TAG) * len(packets)
        if self._out is None or len(self._out) < total:
            self._out = memoryview(bytearray(total))
        out, at = self._out, 0
        encrypt_into, fixed, count = self._cipher.encrypt_into, self._nonce_fixed, self._nonce_count
        for plain in packets:
            size = len(plain)
            head = size.to_bytes(4, "big")  # in the clear: it is the associated data (RFC 5647 section 7.3)
            out[at : at + 4] = head
            encrypt_into(fixed + count.to_bytes(8, "big"), plain, head, out[at + 4 : at + 4 + size + _TAG])
            count = (count + 1) & 0xFFFFFFFFFFFFFFFF
            at += 4 + size + _TAG
        self._nonce_count = count
        self.write_all(out[:at])
        self._sent_bytes += at
        if self._sent_bytes >= self.REKEY_BYTES and not self.need_rekey():
            self._trigger_rekey()  # type: ignore[attr-defined]  # not in the stubs

    def write_all(self, out: Any) -> None:
        """Write everything or raise EOFError: also when nothing can be written for `write_limit_s`."""
        left = memoryview(out)
        moved = time.monotonic()
        while len(left):
            try:
                sent = self._sock.send(left)
            except TimeoutError:
                sent = 0
                if self.on_wait is not None:
                    self.on_wait()
                if self.closed or time.monotonic() - moved > self.write_limit_s:
                    raise EOFError from None
            except OSError as err:
                raise EOFError from err
            else:
                if sent == 0:  # a channel that was closed answers 0
                    raise EOFError
            if sent:
                left = left[sent:]
                moved = time.monotonic()
        self._last_write = moved

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Read n bytes; one recv serves many small packets (window adjusts come by the thousand)."""
        while len(self._in) - self._in_at < n:
            if self.handshake_timed_out():
                raise EOFError
            try:
                data = self._sock.recv(_READ)
            except TimeoutError:
                if self.closed:
                    raise EOFError from None
                if check_rekey and self.need_rekey():
                    raise NeedRekeyException from None
                self._check_keepalive()
                continue
            except OSError:
                if self.closed:
                    raise EOFError from None
                raise
            if not data:
                raise EOFError
            if self._in_at:
                del self._in[: self._in_at]
                self._in_at = 0
            self._in += data
        out = bytes(memoryview(self._in)[self._in_at : self._in_at + n])
        self._in_at += n
        return out

    def readline(self, timeout: float) -> str:
        """One line of the peer's greeting; at most 64 kB of it are looked at."""
        limit = time.monotonic() + timeout
        while b"\n" not in self._in:
            if len(self._in) > _READ:
                raise SSHException("no SSH greeting in 64 kB")
            try:
                data = self._sock.recv(_READ)
            except TimeoutError:
                if self.closed:
                    raise EOFError from None
                if time.monotonic() >= limit:
                    raise
                continue
            if not data:
                raise EOFError
            self._in += data
        line, _, rest = bytes(self._in).partition(b"\n")
        self._in = bytearray(rest)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def set_keepalive(self, interval: float, callback: Callable[..., Any]) -> None:
        """Call back when nothing was written for `interval` seconds (the base class keeps its clock private)."""
        self._ping_every, self._ping = interval, callback

    def _check_keepalive(self) -> None:
        now = time.monotonic()
        if self._ping and self._ping_every and not self.need_rekey() and now > self._last_write + self._ping_every:
            self._last_write = now
            self._ping()


def _plain_packet(payload: bytes) -> memoryview:
    padding = 16 - (1 + len(payload)) % 16
    if padding < 4:
        padding += 16
    return memoryview(bytes((padding,)) + payload + bytes(padding))


class BulkWriter:
    """Writes to one channel in bursts where the cipher allows it, else through `Channel.send`."""

    def __init__(self, channel: paramiko.Channel, transport: paramiko.Transport) -> None:
        self._channel = channel
        self._transport = transport
        self._packetizer = transport.packetizer
        self._burst: Burst | None = None
        self.packet_data = min(max(channel.out_max_packet_size - 64, 64), PACKET_DATA)
        self.capacity = self.packet_data * SLOTS
        self.window_seen = channel.out_window_size

    @property
    def bursts(self) -> bool:
        """True while bursts can be sent."""
        return isinstance(self._packetizer, BulkPacketizer) and self._packetizer.takes_bursts

    def burst(self) -> Burst:
        """The reused buffer."""
        if self._burst is None:
            self._burst = Burst(self._channel.remote_chanid, self.packet_data)
        return self._burst

    def reserve(self, wanted: int, wait_s: float) -> int:
        """Take up to `wanted` bytes of the peer's window; 0 after `wait_s` without room. OSError: closed.

        A slow peer opens its window a few kB at a time: waiting for a packet's worth of it saves most wake-ups.
        """
        channel = self._channel
        enough = min(wanted, self.window_seen // 4, max(self.window_seen // 16, self.packet_data))
        with channel.lock:
            limit = time.monotonic() + wait_s
            while channel.out_window_size < enough:
                if channel.closed or channel.eof_sent:
                    raise OSError("channel closed")
                left = limit - time.monotonic()
                if left <= 0:
                    break
                channel.out_buffer_cv.wait(left)
            if channel.closed or channel.eof_sent:
                raise OSError("channel closed")
            self.window_seen = max(self.window_seen, channel.out_window_size)
            size = min(wanted, channel.out_window_size, self.capacity)
            channel.out_window_size -= size
        return size

    def send_sealed(self, burst: Burst) -> None:
        """Send a sealed burst whose bytes were reserved before. OSError: the connection is gone."""
        self._user_message(burst)

    def send(self, data: memoryview) -> None:
        """Send reserved bytes of any buffer."""
        if self.bursts and len(data) > _SMALL:
            burst, at = self.burst(), 0
            for room in burst.room:
                part = data[at : at + len(room)]
                room[: len(part)] = part
                at += len(part)
                if at >= len(data):
                    break
            burst.seal(len(data))
            self._user_message(burst)
            return
        for at in range(0, len(data), self.packet_data):
            message = paramiko.Message()
            message.add_byte(bytes((_CHANNEL_DATA,)))
            message.add_int(self._channel.remote_chanid)
            message.add_string(bytes(data[at : at + self.packet_data]))
            self._user_message(message)

    def _user_message(self, message: Any) -> None:
        # the one protected call: it waits out a renegotiation of keys, and a dead transport drops the message silently
        self._transport._send_user_message(message)  # type: ignore[attr-defined]
        if not self._transport.is_active():
            raise OSError("connection closed")


class ChannelSocket:
    """A channel as the socket of the next transport; `ahead` was read from it already."""

    def __init__(self, channel: paramiko.Channel, transport: paramiko.Transport, ahead: bytes = b"") -> None:
        self._ahead = ahead
        self._channel = channel
        self._writer = BulkWriter(channel, transport)
        self._timeout: float | None = None

    def send(self, data: bytes | memoryview) -> int:
        """Send some bytes; TimeoutError when the hop takes none in time."""
        view = memoryview(data)
        size = self._writer.reserve(len(view), 3600.0 if self._timeout is None else self._timeout)
        if size == 0:
            raise TimeoutError
        try:
            self._writer.send(view[:size])
        except EOFError as err:
            raise OSError("jump host connection closed") from err
        return size

    def recv(self, size: int) -> bytes:
        """Receive; b"" at the end, TimeoutError when nothing came in time."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return self._channel.recv(size)

    def settimeout(self, seconds: float | None) -> None:
        """As socket.settimeout."""
        self._timeout = seconds
        self._channel.settimeout(seconds)

    def close(self) -> None:
        """Close the channel, not the hop's connection."""
        self._channel.close()

    @property
    def _closed(self) -> bool:  # paramiko's Transport.stop_thread asks its socket for this
        return bool(self._channel.closed)

    def getpeername(self) -> Any:
        """The hop's address."""
        return self._channel.getpeername()


def tcp_options(sock: socket.socket, *, idle_s: float, dead_s: float) -> None:
    """No Nagle; a peer that is gone is noticed by the kernel, idle or in the middle of a write."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", max(1, int(idle_s))),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", int(dead_s * 1000)),
    ):
        if hasattr(socket, name):  # not every platform has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
