"""What is offered in a KEXINIT: modern sessions never show an old algorithm, legacy sessions can."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import paramiko
import pytest

from swim_tui.net.algorithms import WEAK, settle_rsa_signature
from swim_tui.net.session import _ReadyClient
from swim_tui.net.transport import SwimTransport


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    yield left, right
    left.close()
    right.close()


def offer_on_the_wire(pair: tuple[socket.socket, socket.socket], *, legacy: bool) -> dict[str, list[str]]:
    """The KEXINIT as the other side receives it."""
    from swim_tui.net.algorithms import prefer

    client = SwimTransport(pair[0], legacy=legacy)
    prefer(client, legacy=legacy)
    client.active = True
    threading.Thread.start(client)
    theirs = pair[1]
    theirs.settimeout(10)
    theirs.sendall(b"SSH-2.0-test\r\n")
    data = b""
    while b"\r\n" not in data:
        data += theirs.recv(4096)
    packet = data.partition(b"\r\n")[2]
    while len(packet) < 4 or len(packet) < 4 + int.from_bytes(packet[:4], "big"):
        packet += theirs.recv(65536)
    client.close()
    message = paramiko.Message(packet[6:])
    message.get_bytes(16)
    names = ("kex", "keys", "ciphers", "ciphers_back", "macs", "macs_back")
    return {name: message.get_list() for name in names}


@pytest.mark.parametrize("name", ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"])
def test_the_installed_paramiko_can_still_speak_to_old_devices(name: str) -> None:
    assert name in paramiko.Transport._kex_info
    assert "ssh-rsa" in paramiko.Transport._key_info
    assert "aes128-cbc" in paramiko.Transport._cipher_info


def test_the_installed_paramiko_offers_old_algorithms_unless_told_otherwise() -> None:
    # the reason for net/algorithms.py; when this fails, the weak list has become shorter
    assert "diffie-hellman-group14-sha1" in paramiko.Transport._preferred_kex
    assert "ssh-rsa" in paramiko.Transport._preferred_keys


def test_a_modern_session_offers_no_old_algorithm(pair: tuple[socket.socket, socket.socket]) -> None:
    offer = offer_on_the_wire(pair, legacy=False)
    shown = {name for names in offer.values() for name in names}
    weak = {name for names in WEAK.values() for name in names}
    assert not shown & weak
    assert not [name for name in shown if "cbc" in name or name.endswith(("sha1", "md5", "-96")) or name == "ssh-rsa"]
    assert offer["ciphers"][0] == "aes128-gcm@openssh.com"
    assert offer["keys"][0] == "ssh-ed25519"
    assert "curve25519-sha256@libssh.org" in offer["kex"]


def test_a_legacy_session_offers_old_algorithms_last(pair: tuple[socket.socket, socket.socket]) -> None:
    offer = offer_on_the_wire(pair, legacy=True)
    for name, kind in (("kex", "kex"), ("keys", "keys"), ("ciphers", "ciphers"), ("macs", "macs")):
        assert set(WEAK[kind]) <= set(offer[name])
    assert offer["ciphers"][0] == "aes128-gcm@openssh.com"
    assert offer["kex"].index("diffie-hellman-group14-sha256") < offer["kex"].index("diffie-hellman-group14-sha1")
    assert offer["kex"].index("diffie-hellman-group14-sha1") < offer["kex"].index("diffie-hellman-group1-sha1")


def test_a_modern_session_signs_with_no_sha1_key(pair: tuple[socket.socket, socket.socket]) -> None:
    assert "ssh-rsa" not in SwimTransport(pair[0], legacy=False).preferred_pubkeys


def test_a_legacy_session_signs_as_the_server_can(pair: tuple[socket.socket, socket.socket]) -> None:
    transport = SwimTransport(pair[0], legacy=True)
    settle_rsa_signature(transport, legacy=True)
    assert [n for n in transport.preferred_pubkeys if "rsa" in n] == ["ssh-rsa"]
    transport = SwimTransport(pair[0], legacy=True)
    transport.server_extensions = {"server-sig-algs": b"rsa-sha2-256"}
    settle_rsa_signature(transport, legacy=True)
    assert "rsa-sha2-512" in transport.preferred_pubkeys


def test_netmiko_never_logs_in_by_itself(pair: tuple[socket.socket, socket.socket]) -> None:
    transport = SwimTransport(pair[0], legacy=False)
    client = _ReadyClient(transport)
    client.connect("10.0.0.1", username="x", password="y")
    assert client.get_transport() is transport
    assert not transport.active
