"""The files of one SWIM server over SFTP and SCP: real files in a folder, with quota, rates and faults."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import asyncssh

from .login import PasswordLogin

if TYPE_CHECKING:
    from .servers import FileServer

BLOCK = 4096


@dataclass(eq=False)
class OpenFile:
    """A file a client has opened; what it wrote is counted when it closes it."""

    path: str
    local: Path
    file: IO[bytes]
    written: int = 0
    read: int = 0

    # The parent class calls these on what `open` returned.
    def flush(self) -> None:
        """Nothing is held back."""
        self.file.flush()

    def seek(self, offset: int, whence: int) -> int:
        """Asked by clients that look for holes."""
        return self.file.seek(offset, whence)

    def fileno(self) -> int:
        """The descriptor, for fstat."""
        return self.file.fileno()


class ServerSftp(asyncssh.SFTPServer):
    """asyncssh's view of one SFTP or SCP session on a server."""

    def __init__(self, channel: Any, server: FileServer) -> None:
        super().__init__(channel, chroot=os.fsencode(server.root))
        self._server = server

    def map_path(self, path: bytes) -> bytes:
        """Relative paths start in the home directory."""
        if not path.startswith(b"/"):
            path = self._server.spec.home.encode() + b"/" + path
        return super().map_path(path)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> OpenFile:
        """Open for reading, or for writing in place, as a resuming client needs it."""
        local = Path(os.fsdecode(self.map_path(path)))
        is_write = bool(pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND))
        if is_write and self._server.faults.has("no_permission"):
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        flags = os.O_RDWR if is_write else os.O_RDONLY
        flags |= os.O_CREAT if pflags & asyncssh.FXF_CREAT else 0
        flags |= os.O_TRUNC if pflags & asyncssh.FXF_TRUNC else 0
        flags |= os.O_EXCL if pflags & asyncssh.FXF_EXCL else 0
        descriptor = os.open(local, flags, 0o644)
        shown = "/" + str(local.relative_to(self._server.root))
        self._server.log("server-open", f"{'write' if is_write else 'read'} {shown}")
        return OpenFile(shown, local, cast(IO[bytes], os.fdopen(descriptor, "r+b" if is_write else "rb", buffering=0)))

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """A range of a file, at the server's rate."""
        handle = cast(OpenFile, file_obj)
        data = os.pread(handle.file.fileno(), size, offset)
        handle.read += len(data)
        await self._server.pace_upload(len(data))
        return data

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """A range of a file: until the disk is full, or a fault cuts it."""
        handle, server = cast(OpenFile, file_obj), self._server
        grows = max(0, offset + len(data) - os.fstat(handle.file.fileno()).st_size)
        if grows > server.free():
            raise OSError(errno.ENOSPC, "No space left on device")
        cut = server.cut_at(handle.local, offset + len(data))
        if cut >= 0:
            handle.written += os.pwrite(handle.file.fileno(), data[: max(0, cut - offset)], offset)
            server.took(max(0, cut - offset))
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("cut")
        os.pwrite(handle.file.fileno(), data, offset)
        handle.written += len(data)
        server.took(len(data))
        await server.pace_upload(len(data))
        return len(data)

    def close(self, file_obj: object) -> None:
        """The end of an upload or download."""
        handle = cast(OpenFile, file_obj)
        handle.file.close()
        if handle.written:
            self._server.uploaded(handle.path, handle.local, handle.written)
        elif handle.read:
            self._server.downloaded(handle.path, handle.read)

    def fstat(self, file_obj: object) -> Any:
        """Size and times of an open file."""
        return asyncssh.SFTPAttrs.from_local(os.fstat(cast(OpenFile, file_obj).fileno()))

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Only a size means something here: a client that resumes may cut a file."""
        if attrs.size is not None:
            os.ftruncate(cast(OpenFile, file_obj).fileno(), attrs.size)

    def fsync(self, file_obj: object) -> None:
        """Nothing is held back."""

    def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        """The disk as the network file describes it."""
        server = self._server
        total = server.disk or 1 << 40
        free = server.free() // BLOCK
        return asyncssh.SFTPVFSAttrs(
            bsize=BLOCK,
            frsize=BLOCK,
            blocks=total // BLOCK,
            bfree=free,
            bavail=free,
            files=65536,
            ffree=65000,
            favail=65000,
            fsid=1,
            flags=0,
            namemax=255,
        )

    def fstatvfs(self, file_obj: object) -> asyncssh.SFTPVFSAttrs:
        """The same, of an open file."""
        return self.statvfs(b"/")


class ServerLogin(PasswordLogin):
    """asyncssh's view of one connection to a server."""

    def __init__(self, server: FileServer) -> None:
        self._server = server
        self._failures = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """The connection starts."""
        super().connection_made(conn)
        self._server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._conn is not None:
            self._server.connections.discard(self._conn)

    def admits(self, username: str, password: str) -> bool:
        """Three wrong ones end the connection."""
        is_right = self._server.admits(username, password)
        self._failures += not is_right
        if self._failures >= 3:
            self.end_soon()
        return is_right
