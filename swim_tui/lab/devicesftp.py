"""The SFTP server of devices that have one (NX-OS, IOS-XR): their flash, file by file."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import asyncssh
from asyncssh.sftp import run_sftp_server

from .content import Content, Growing
from .flash import File, FileSystem
from .scp import Refusal, Sink
from .throttle import Throttle, take

if TYPE_CHECKING:
    from .sessions import Link

COPY = 1 << 20


@dataclass(eq=False)
class Handle:
    """An open file: read from `content`, or written through `sink`."""

    content: Content | None = None
    sink: Sink | None = None

    def seek(self, offset: int, whence: int) -> int:
        """Asked by clients that look for holes: there are none."""
        size = self.content.size if self.content else 0
        return offset if whence == os.SEEK_DATA else size


class _Reader(asyncio.StreamReader):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__()
        self._channel = channel

    @property
    def logger(self) -> Any:
        return self._channel.logger

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._channel.get_extra_info(name, default)


class _Writer:
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = channel

    def write(self, data: bytes) -> None:
        if not self.channel.is_closing():
            self.channel.write(data)

    def close(self) -> None:
        if not self.channel.is_closing():
            self.channel.exit(0)


class SftpSession:
    """One SFTP session on a device's channel."""

    def __init__(self, link: Link, channel: asyncssh.SSHServerChannel[bytes], rate: float) -> None:
        self._reader = _Reader(channel)
        self._writer = _Writer(channel)
        self._sftp = DeviceSftp(channel, link, rate)

    def data(self, data: bytes) -> None:
        """Bytes from the client."""
        self._reader.feed_data(data)

    def eof(self) -> None:
        """The client sends no more."""
        self._reader.feed_eof()

    async def run(self) -> None:
        """Serve until the client goes."""
        await run_sftp_server(self._sftp, cast(Any, self._reader), cast(Any, self._writer), 3)


class DeviceSftp(asyncssh.SFTPServer):
    """asyncssh's view of the flash of a device."""

    def __init__(self, channel: Any, link: Link, rate: float) -> None:
        super().__init__(channel)
        self._link = link
        self._device = link.device
        self._pace = [Throttle(rate), self._device.services.site_line(self._device.spec.location)]

    def _place(self, path: bytes) -> tuple[FileSystem, str]:
        """`bootflash:x`, `/bootflash/x`, `/bootflash:/x`, or `x` on the file system that boots."""
        text = path.decode("utf-8", "replace").strip("/")
        first, _, rest = text.partition("/")
        prefix, colon, name = first.partition(":")
        storage = self._device.storage
        system = storage.system(prefix)
        if system is None or not (colon or system.prefix == prefix or prefix in system.aliases):
            default = storage.system(storage.default)
            assert default is not None
            return default, text if text != "." else ""
        return system, "/".join(part for part in (name, rest) if part)

    def _file(self, path: bytes) -> File:
        system, name = self._place(path)
        if not name:
            return File("", Growing(0), self._device.booted_at, "drwx", is_folder=True)
        file = system.files.get(name)
        if file is None:
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        return file

    @staticmethod
    def _attrs(file: File) -> asyncssh.SFTPAttrs:
        kind = stat.S_IFDIR | 0o755 if file.is_folder else stat.S_IFREG | 0o644
        at = int(file.modified.timestamp())
        return asyncssh.SFTPAttrs(size=file.size, uid=0, gid=0, permissions=kind, atime=at, mtime=at)

    # -- names -----------------------------------------------------------------------------

    def realpath(self, path: bytes) -> bytes:
        """Paths are what they are."""
        return path if path not in (b"", b".") else b"/"

    def stat(self, path: bytes) -> Any:
        """Size and time of a file."""
        return self._attrs(self._file(path))

    def lstat(self, path: bytes) -> Any:
        """There are no links."""
        return self.stat(path)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Taken and forgotten."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """The files of a directory."""
        system, name = self._place(path)
        for file in system.listing(name):
            yield asyncssh.SFTPName(file.name.rpartition("/")[2].encode(), attrs=self._attrs(file))

    def remove(self, path: bytes) -> None:
        """Delete a file."""
        self._file(path)
        system, name = self._place(path)
        self._device.changed()
        del system.files[name]

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a file."""
        file = self._file(oldpath)
        system, name = self._place(oldpath)
        _, wanted = self._place(newpath)
        self._device.changed()
        del system.files[name]
        system.put(wanted, file.content, file.modified, file.perms)

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Make a directory."""
        system, name = self._place(path)
        system.make_folder(name, self._device.booted_at)

    # -- content ---------------------------------------------------------------------------

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Handle:
        """Read a file, write a new one, or go on where an old one ends."""
        if not pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND):
            return Handle(content=self._file(path).content)
        system, name = self._place(path)
        if "w" not in system.flags or not system.has_sizes:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        old = None if pflags & asyncssh.FXF_TRUNC else system.files.get(name)
        self._device.changed()
        shown = f"{system.prefix}:/{name}"
        software = self._device.services.software.get(name.rpartition("/")[2])
        size = software.size_bytes if software else -2
        before = old.content if old is not None else None
        sink = Sink(self._link, system, name, shown, size)
        self._link.log("sftp-begin", shown)
        for offset in range(0, before.size if before is not None else 0, COPY):
            assert before is not None
            sink.write(before.read(offset, COPY))
        return Handle(sink=sink)

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """A range of a file."""
        content = cast(Handle, file_obj).content
        assert content is not None
        data = content.read(offset, size)
        await take(self._pace, len(data))
        return data

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """The next bytes of a file."""
        sink = cast(Handle, file_obj).sink
        assert sink is not None
        if offset != sink.receiver.received:
            raise asyncssh.SFTPFailure("Failure")
        end, known = offset + len(data), max(sink.size, 0)
        if sink.drop_at <= min(known, end):  # at the last byte: written, and never answered
            sink.write(data[: max(0, sink.drop_at - offset)])
            self._link.log("sftp-dropped", sink.path)
            self._link.wire.reset()
            raise asyncssh.SFTPConnectionLost("cut")
        if sink.stall_at <= min(known, end - 1):
            sink.write(data[: max(0, sink.stall_at - offset)])
            self._link.log("sftp-stalled", sink.path)
            await asyncio.get_running_loop().create_future()  # until the connection is closed
        try:
            sink.write(data)
        except Refusal as err:
            raise asyncssh.SFTPFailure(str(err)) from None
        await take(self._pace, len(data))
        return len(data)

    def close(self, file_obj: object) -> None:
        """The end of a file; also of one that was cut."""
        sink = cast(Handle, file_obj).sink
        if sink is not None:
            sink.finish()

    def fstat(self, file_obj: object) -> Any:
        """The size of an open file."""
        handle = cast(Handle, file_obj)
        size = (
            handle.content.size if handle.content is not None else handle.sink.receiver.received if handle.sink else 0
        )
        return asyncssh.SFTPAttrs(size=size, permissions=stat.S_IFREG | 0o644)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Taken and forgotten."""

    def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        """Room of the file system."""
        system, _ = self._place(path)
        free = self._device.free(system) // 4096
        return asyncssh.SFTPVFSAttrs(4096, 4096, system.total // 4096, free, free, 65536, 65000, 65000, 1, 0, 255)

    def fsync(self, file_obj: object) -> None:
        """Nothing is held back."""
