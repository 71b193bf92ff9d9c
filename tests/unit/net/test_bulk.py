"""The fast send path against a plain AES-GCM reader: packets are those of RFC 5647, for every size."""

from __future__ import annotations

import os
import socket

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui.net.bulk import PACKET_DATA, SLOTS, BulkPacketizer, Burst

KEY = bytes(range(16))
IV = b"fixd" + (0xFFFFFFFFFFFFFFFE).to_bytes(8, "big")  # the counter wraps within the test


class Collector:
    """A socket that takes a few bytes at a time."""

    def __init__(self, step: int = 1 << 30) -> None:
        self.data = bytearray()
        self.step = step

    def send(self, data: memoryview) -> int:
        part = data[: self.step]
        self.data += part
        return len(part)

    def recv(self, size: int) -> bytes:
        return b""

    def settimeout(self, seconds: float | None) -> None: ...

    def close(self) -> None: ...


def packetizer(sink: Collector) -> BulkPacketizer:
    sender = BulkPacketizer(sink)
    sender.set_outbound_cipher(AESGCM(KEY), 16, None, 16, None, sdctr=False, etm=False, aead=True, iv_out=IV)
    return sender


def payloads(stream: bytes) -> list[bytes]:
    """Decrypt a stream as a receiver would."""
    found, counter, at = [], int.from_bytes(IV[4:], "big"), 0
    while at < len(stream):
        head = stream[at : at + 4]
        size = int.from_bytes(head, "big")
        assert size % 16 == 0
        body = stream[at + 4 : at + 4 + size + 16]
        plain = AESGCM(KEY).decrypt(IV[:4] + counter.to_bytes(8, "big"), body, head)
        assert 4 <= plain[0] <= 19
        found.append(plain[1 : len(plain) - plain[0]])
        counter = (counter + 1) & 0xFFFFFFFFFFFFFFFF
        at += 4 + size + 16
    return found


@settings(max_examples=40, deadline=None)
@given(size=st.one_of(st.integers(1, PACKET_DATA * SLOTS), st.sampled_from([PACKET_DATA, PACKET_DATA + 1])))
def test_a_burst_becomes_data_packets_that_a_receiver_can_read(size: int) -> None:
    sink = Collector(step=10_007)
    sender = packetizer(sink)
    burst = Burst(7)
    data = os.urandom(size)
    at = 0
    for room in burst.room:
        part = data[at : at + len(room)]
        room[: len(part)] = part
        at += len(part)
    burst.seal(size)
    sender.send_message(burst)
    got = b""
    for payload in payloads(bytes(sink.data)):
        assert payload[0] == 94
        assert int.from_bytes(payload[1:5], "big") == 7
        assert int.from_bytes(payload[5:9], "big") == len(payload) - 9 <= PACKET_DATA
        got += payload[9:]
    assert got == data


def test_a_peer_that_takes_nothing_ends_the_write() -> None:
    left, right = socket.socketpair()
    left.settimeout(0.05)
    sender = BulkPacketizer(left)
    sender.write_limit_s = 0.3
    with pytest.raises(EOFError):
        sender.write_all(bytes(50_000_000))
    left.close()
    right.close()


def test_whoever_waits_in_a_write_is_asked_whether_to_go_on() -> None:
    left, right = socket.socketpair()
    left.settimeout(0.05)
    sender = BulkPacketizer(left)

    def give_up() -> None:
        raise KeyError("enough")

    sender.on_wait = give_up
    with pytest.raises(KeyError):
        sender.write_all(bytes(50_000_000))
    left.close()
    right.close()


def test_a_greeting_is_read_a_byte_at_a_time_and_the_rest_is_kept() -> None:
    left, right = socket.socketpair()
    left.settimeout(0.05)
    reader = BulkPacketizer(left)
    right.sendall(b"SSH-2.0-Cisco-1.25\r\nrest")
    assert reader.readline(1.0) == "SSH-2.0-Cisco-1.25"
    assert reader.read_all(4) == b"rest"
    left.close()
    right.close()
