"""SFTP and SCP on one port: a login sees the folder of its lease, and nothing can be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn, cast

import asyncssh

from swim_tui.net.serve.messages import Sent
from swim_tui.net.serve.shelf import Lease, Shelf

_KEX = [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
]
_CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"]
_SIGNATURES = ["ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512"]
_MACS = ["hmac-sha2-256", "hmac-sha2-512", "hmac-sha1"]
# What the SSH client of an old device speaks: only images pass here, with a password that is worth nothing tomorrow.
_OLD_KEX = ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"]
_OLD_CIPHERS = ["aes128-cbc", "aes256-cbc", "3des-cbc"]
_LEASE = "swim_lease"


class SshServer:
    """The SFTP and SCP sides."""

    def __init__(self, shelf: Shelf, folder: Path, *, legacy: bool) -> None:
        self._shelf = shelf
        self._folder = folder
        self._legacy = legacy
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def listen(self, bind: str, port: int) -> int:
        """Listen; the port. OSError when that is not possible."""
        self._acceptor = await asyncssh.listen(
            bind,
            port,
            server_factory=lambda: _Door(self._shelf),
            server_host_keys=[host_key(self._folder, kind) for kind in ("ssh-ed25519", "ssh-rsa")],
            sftp_factory=lambda chan: _Images(chan, self._shelf),
            allow_scp=True,
            password_auth=True,
            kbdint_auth=True,
            public_key_auth=False,
            gss_host=None,
            compression_algs=["none"],
            kex_algs=_KEX + (_OLD_KEX if self._legacy else []),
            encryption_algs=_CIPHERS + (_OLD_CIPHERS if self._legacy else []),
            mac_algs=_MACS,
            signature_algs=_SIGNATURES + (["ssh-rsa"] if self._legacy else []),
            agent_forwarding=False,
            x11_forwarding=False,
            rekey_bytes=1 << 34,
            config=None,
        )
        return int(self._acceptor.get_port())

    async def stop(self) -> None:
        """End it."""
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()


def host_key(folder: Path, kind: str) -> asyncssh.SSHKey:
    """Our key of this kind, made once: devices remember it."""
    path = folder / kind.replace("-", "_")
    if path.exists():
        return asyncssh.read_private_key(str(path))
    key = asyncssh.generate_private_key(kind)
    path.touch(0o600)
    key.write_private_key(str(path))
    return key


class _Door(asyncssh.SSHServer):
    """Lets in who has the login of a lease; no shell, no forwarding."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember it."""
        self._connection = conn

    def password_auth_supported(self) -> bool:
        """The only way."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """The login of a lease."""
        lease = self._shelf.by_login(username, password)
        if lease is not None and self._connection is not None:
            self._connection.set_extra_info(**{_LEASE: lease})
        return lease is not None


class _Images(asyncssh.SFTPServer):
    """A read-only view of one folder."""

    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], shelf: Shelf) -> None:
        self._shelf = shelf
        self._lease = cast(Lease, chan.get_connection().get_extra_info(_LEASE))
        self._peer = str((chan.get_extra_info("peername") or ("",))[0])
        self._read: dict[int, list[Any]] = {}
        super().__init__(chan, chroot=str(self._lease.folder).encode())

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """For reading."""
        if pflags & ~asyncssh.FXF_READ:
            self._refuse()
        return self._opened(path, super().open(path, pflags, attrs))

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Version 5 and later is not offered."""
        self._refuse()

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """A range; counted."""
        data = cast(bytes, super().read(file_obj, offset, size))
        count = self._read.get(id(file_obj))
        if count is not None:
            count[1] += len(data)
        return data

    def close(self, file_obj: object) -> None:
        """Say what was sent."""
        name, size = self._read.pop(id(file_obj), ("", 0))
        if name:
            self._shelf.report(Sent(self._lease.id, "SFTP", name, self._peer, size))
        super().close(file_obj)

    def _opened(self, path: bytes, file: object) -> object:
        name = path.decode("utf-8", "replace").rpartition("/")[2]
        self._read[id(file)] = [name, 0]
        return file

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise asyncssh.SFTPPermissionDenied("images can only be read here")

    write = setstat = lsetstat = fsetstat = _refuse
    remove = mkdir = rmdir = rename = posix_rename = _refuse
    readlink = symlink = link = lock = unlock = fsync = _refuse
