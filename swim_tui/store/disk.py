"""The few disk operations the store is made of, behind a Protocol so that a test can refuse them."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from swim_tui.errors import StoreError, StoreFull

FILE_MODE = 0o600
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_sync_data = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class Disk(Protocol):
    """Writing, syncing, cutting and renaming, each as one call that may raise OSError."""

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`."""
        ...

    def sync(self, fd: int) -> None:
        """Return when the data is on the disk."""
        ...

    def cut(self, fd: int, size: int) -> None:
        """Make the file `size` bytes long."""
        ...

    def replace(self, source: Path, target: Path) -> None:
        """Rename over `target`."""
        ...

    def sync_directory(self, path: Path) -> None:
        """Return when the names in a directory are on the disk."""
        ...


class OsDisk:
    """The machine's own disk."""

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`."""
        view = memoryview(data)
        while view:
            done = os.pwrite(fd, view, offset)
            view, offset = view[done:], offset + done

    def sync(self, fd: int) -> None:
        """Return when the data is on the disk."""
        _sync_data(fd)

    def cut(self, fd: int, size: int) -> None:
        """Make the file `size` bytes long."""
        os.ftruncate(fd, size)

    def replace(self, source: Path, target: Path) -> None:
        """Rename over `target`."""
        source.replace(target)

    def sync_directory(self, path: Path) -> None:
        """Return when the names in a directory are on the disk."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def as_store_error(err: OSError, path: Path) -> StoreError:
    """The store's error for what the disk refused: StoreFull where space would help."""
    detail = err.strerror or str(err)
    if err.errno in _NO_SPACE:
        return StoreFull(path=str(path), detail=detail)
    return StoreError(path=str(path), detail=detail)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block into the store's errors."""
    try:
        yield
    except OSError as err:
        raise as_store_error(err, path) from err


def open_file(path: Path) -> int:
    """Open for reading and writing, made with mode 0600 if it is not there."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)


def write_whole(disk: Disk, path: Path, data: bytes) -> None:
    """Write and sync a new file; on failure nothing of it is left."""
    path.unlink(missing_ok=True)
    fd = open_file(path)
    try:
        disk.write_at(fd, data, 0)
        disk.sync(fd)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)


def free_name(path: Path) -> Path:
    """`path`, or the first of path.2, path.3, ... that does not exist: what was set aside is never overwritten."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.{number}")
    return candidate
