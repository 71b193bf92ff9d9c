"""Where a session goes: hops, target, the host keys known, the algorithms allowed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swim_tui.model.secret import Login


class HostKeyPolicy(StrEnum):
    """What happens at a host whose key is not known yet; a changed key always stops."""

    STRICT = "strict"
    TRUST_FIRST = "trust-first"


@dataclass(frozen=True)
class HostKey:
    """One known host key: `key` is `ssh-ed25519 AAAA...` without comment."""

    host: str
    port: int
    key: str


@dataclass(frozen=True)
class Hop:
    """One SSH server on the way; `name` is the jump host's name in the inventory."""

    name: str
    address: str
    port: int
    login: Login


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
