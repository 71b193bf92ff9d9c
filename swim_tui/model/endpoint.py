"""Where a session goes: hops, target, the host keys known, the algorithms allowed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swim_tui.model.device import HopMethod
from swim_tui.model.secret import Login


class HostKeyPolicy(StrEnum):
    """What happens at a host whose key is not known yet; a changed key always stops."""

    STRICT = "strict"
    TRUST_FIRST = "trust-first"


@dataclass(frozen=True)
class HostKey:
    """One known host key: `key` is `ssh-ed25519 AAAA...` without comment.

    `via` are the jump hosts on the way, first hop first: two sites may use the same address.
    """

    host: str
    port: int
    key: str
    via: tuple[str, ...] = ()
    origin: str = ""  # how it came: trusted on first use, imported, accepted
    at: datetime | None = None
    by: str = ""

    @property
    def place(self) -> str:
        """Where the key belongs, as one text."""
        return host_place(self.host, self.port, self.via)


ANY_WAY = ("*",)
"""The `via` of a key in a file that does not say on which way its address is reached."""


def fingerprint(key_blob: bytes) -> str:
    """The SHA256 fingerprint as OpenSSH prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key_blob).digest()).decode().rstrip("=")


def fingerprint_of(text: str) -> str:
    """The fingerprint of a key written as `type base64`."""
    parts = text.split()
    try:
        return fingerprint(base64.b64decode(parts[1], validate=True))
    except (IndexError, ValueError):
        return f"unreadable key '{text[:40]}'"


def host_place(host: str, port: int, via: tuple[str, ...] = ()) -> str:
    """`192.0.2.1:22`, or `192.0.2.1:22 via jump-a > jump-b`."""
    return f"{host}:{port} via {' > '.join(via)}" if via else f"{host}:{port}"


@dataclass(frozen=True)
class Hop:
    """One SSH server on the way; `name` is the jump host's name in the inventory."""

    name: str
    address: str
    port: int
    login: Login
    method: HopMethod = HopMethod.FORWARD
    template: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A device as a worker reaches it: through `hops` in order, then the device itself."""

    device: str
    address: str
    port: int
    login: Login
    hops: tuple[Hop, ...] = ()
    legacy_ssh: bool = False  # SHA-1 kex, ssh-rsa and CBC are offered to this device only
    netmiko_type: str = "cisco_ios"
    known_hosts: tuple[HostKey, ...] = ()
    host_keys: HostKeyPolicy = HostKeyPolicy.TRUST_FIRST
    connect_timeout_s: float = 15.0
    keepalive_s: float = 15.0
    trust_epoch: int = 0  # grows when a person accepts or removes a host key: what a worker learned before is void

    @property
    def via(self) -> tuple[str, ...]:
        """Names of the jump hosts on the way to the device."""
        return tuple(hop.name for hop in self.hops)
