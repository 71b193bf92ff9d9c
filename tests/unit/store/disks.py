"""Disks that misbehave: full, read-only, slow, and one that tells what a power cut would leave."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swim_tui.store.disk import OsDisk


class FullDisk(OsDisk):
    """Takes `space` more bytes, then writes what fits and refuses."""

    def __init__(self, space: int | None = None, error: int = errno.ENOSPC) -> None:
        self.space = space
        self.error = error
        self.refuses_cut = False
        self.syncs = 0

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        if self.space is not None and len(data) > self.space:
            super().write_at(fd, data[: self.space], offset)
            self.space = 0
            raise OSError(self.error, os.strerror(self.error))
        super().write_at(fd, data, offset)
        if self.space is not None:
            self.space -= len(data)

    def sync(self, fd: int) -> None:
        self.syncs += 1
        super().sync(fd)

    def cut(self, fd: int, size: int) -> None:
        if self.refuses_cut:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().cut(fd, size)


class GatedDisk(OsDisk):
    """Waits in every sync until `gate` is set."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.is_waiting = threading.Event()
        self.syncs = 0

    def sync(self, fd: int) -> None:
        self.syncs += 1
        self.is_waiting.set()
        assert self.gate.wait(20)
        super().sync(fd)


@dataclass(frozen=True)
class Image:
    """What a directory may hold after a power cut: file name -> content; and what was acknowledged before it."""

    acknowledged: int
    files: dict[str, bytes]


class PowerDisk(OsDisk):
    """Before each disk call, records what a power cut at that moment could leave of one directory.

    Two ways each time: only names and contents that were synced; and all names as they are now, where what was written
    since the last sync of a file is zeros.
    """

    def __init__(self, directory: Path, acknowledged: Callable[[], int]) -> None:
        self.directory = directory
        self.acknowledged = acknowledged
        self.images: list[Image] = []
        self._synced: dict[int, bytes] = {}
        self._names: dict[str, int] = {}
        self._held: dict[int, int] = {}
        self.before_replace: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Let go of the files."""
        for fd in self._held.values():
            os.close(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        inode = os.fstat(fd).st_ino
        if inode not in self._held:
            self._held[inode] = os.dup(fd)  # the number of a removed file must not come back as another file
        self._record()
        super().write_at(fd, data, offset)

    def sync(self, fd: int) -> None:
        self._record()
        super().sync(fd)
        size = os.fstat(fd).st_size
        self._synced[os.fstat(fd).st_ino] = os.pread(fd, size, 0)
        self._record()

    def cut(self, fd: int, size: int) -> None:
        self._record()
        super().cut(fd, size)

    def replace(self, source: Path, target: Path) -> None:
        self.before_replace()
        self._record()
        super().replace(source, target)
        self._record()

    def sync_directory(self, path: Path) -> None:
        self._record()
        super().sync_directory(path)
        if path == self.directory:
            self._names = self._names_now()
        self._record()

    def _names_now(self) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in self.directory.iterdir()}

    def _record(self) -> None:
        acknowledged = self.acknowledged()  # read first: the image is of this moment or later
        if not self.directory.exists():
            return
        self.images.append(Image(acknowledged, {name: self._synced.get(i, b"") for name, i in self._names.items()}))
        now = {}
        for path in self.directory.iterdir():
            content = self._synced.get(path.stat().st_ino, b"")
            now[path.name] = content.ljust(path.stat().st_size, b"\0")
        self.images.append(Image(acknowledged, now))
