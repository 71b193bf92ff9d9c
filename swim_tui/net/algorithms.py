"""Which SSH algorithms are offered: modern everywhere, SHA-1, CBC and ssh-rsa only to a device marked legacy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import paramiko

# Paramiko 4 offers all of these by default; a session that is not legacy takes every one of them out.
WEAK: Mapping[str, tuple[str, ...]] = {
    "kex": ("diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1"),
    "keys": ("ssh-rsa",),
    "pubkeys": ("ssh-rsa",),
    "ciphers": ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"),
    "macs": ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"),
}
# aes128-gcm first: it needs no separate MAC and moves the most bytes for a second of CPU.
MODERN_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
# ETM first: with a counter-mode cipher it is the sounder of the two.
MODERN_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
MODERN_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


def disabled_algorithms(*, legacy: bool) -> dict[str, tuple[str, ...]]:
    """What `paramiko.Transport(disabled_algorithms=...)` must be given."""
    return {} if legacy else dict(WEAK)


def prefer(transport: paramiko.Transport, *, legacy: bool, known_key_types: Sequence[str] = ()) -> None:
    """Set the order of what is offered; host key types already known for this host come first.

    A server with several host keys would otherwise show one that is not the one on record.
    """
    options = transport.get_security_options()
    options.ciphers = MODERN_CIPHERS + (WEAK["ciphers"] if legacy else ())
    options.digests = MODERN_MACS + (WEAK["macs"] if legacy else ())
    options.kex = tuple(k for k in options.kex if k not in WEAK["kex"]) + (WEAK["kex"] if legacy else ())
    offered = MODERN_KEYS + (WEAK["keys"] if legacy else ())
    first = tuple(name for name in offered if _key_type(name) in known_key_types)
    options.key_types = first + tuple(name for name in offered if name not in first)


def settle_rsa_signature(transport: paramiko.Transport, *, legacy: bool) -> None:
    """Choose the signature of an RSA login key for an old server that does not name what it knows.

    Without `server-sig-algs` Paramiko signs with SHA-512, which a server of the SHA-1 age refuses.
    """
    extensions: Mapping[str, object] = getattr(transport, "server_extensions", {})  # not in the type stubs
    if legacy and "server-sig-algs" not in extensions:
        disabled = dict(transport.disabled_algorithms or {})
        disabled["pubkeys"] = tuple(name for name in _RSA_SIGNATURES if name != "ssh-rsa")
        transport.disabled_algorithms = disabled


def _key_type(algorithm: str) -> str:
    return "ssh-rsa" if algorithm in _RSA_SIGNATURES else algorithm
