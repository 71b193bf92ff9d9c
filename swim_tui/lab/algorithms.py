"""What SSH algorithms hosts offer: old devices only SHA-1 and CBC, new ones only what is good today."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import asyncssh

if TYPE_CHECKING:
    from .device import Device

MODERN: dict[str, Any] = {
    "kex_algs": [
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "diffie-hellman-group14-sha256",
    ],
    "encryption_algs": ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"],
    "mac_algs": ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
}
LEGACY: dict[str, Any] = {
    "kex_algs": ["diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc", "3des-cbc"],
    "mac_algs": ["hmac-sha1"],
}


def new_host_key(*, is_legacy: bool) -> asyncssh.SSHKey:
    """A host key: RSA for old devices, Ed25519 otherwise."""
    if is_legacy:
        return asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    return asyncssh.generate_private_key("ssh-ed25519")


def make_options(key: asyncssh.SSHKey, version: str, *, is_legacy: bool) -> asyncssh.SSHServerConnectionOptions:
    """Server options of one host."""
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=asyncssh.SSHServer,
        server_host_keys=[key],
        server_version=version,
        gss_host=None,
        allow_scp=False,
        line_editor=False,
        encoding=None,
        x11_forwarding=False,
        agent_forwarding=False,
        public_key_auth=True,
        password_auth=True,
        kbdint_auth=True,
        compression_algs=["none"],
        keepalive_interval=0,
        rekey_bytes=1 << 40,
        login_timeout=60,
        config=None,
        **(LEGACY if is_legacy else MODERN),
    )
    if key.get_algorithm() == "ssh-rsa":
        # asyncssh would offer the SHA-2 signatures of an RSA key too; these devices do not know them.
        options.server_host_keys = OrderedDict({b"ssh-rsa": options.server_host_keys[b"ssh-rsa"]})
    return options


def server_options(device: Device) -> asyncssh.SSHServerConnectionOptions:
    """The options of a device, made once (again when the legacy fault changes)."""
    if device.options is None:
        is_legacy = device.platform.legacy_ssh or device.faults.has("legacy_kex")
        device.options = make_options(device.key, device.platform.ssh_version, is_legacy=is_legacy)
    return device.options


def served_by(
    options: asyncssh.SSHServerConnectionOptions, factory: Callable[[], asyncssh.SSHServer]
) -> asyncssh.SSHServerConnectionOptions:
    """The same options for one connection whose server object knows its own wire."""
    mine = copy.copy(options)
    mine.protocol_factory = factory
    return mine
