"""Parts of files that are received, named so that a later process finds what it can go on with, and nothing else."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swim_tui.errors import StoreFull
from swim_tui.locks import is_locked

KEPT_S = 86_400.0
"""How long a part waits for somebody to go on with it."""

_NAME = re.compile(r"[0-9a-f]{32}-(?P<boot>[0-9a-f]{8})\.part")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_READ = 1 << 20


def part_name(*what: str) -> str:
    """Name of the part of a file that `what` tells apart from every other: its source, its size, its version.

    The start of the machine stands in it: after a power loss nobody knows how much of a part the disk really has.
    """
    digest = hashlib.sha256("\0".join(what).encode()).hexdigest()
    return f"{digest[:32]}-{_boot()}.part"


class Part:
    """A file that is being received, hashed as its bytes arrive; StoreFull when the disk refuses.

    It is that of `what` when nobody else writes it, else one of its own. Bytes that an earlier process left in it
    count only after `take_in`; without it, `begin_again` comes first.
    """

    def __init__(self, folder: Path, *what: str) -> None:
        self.size_bytes = 0
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()
        with disk(folder / "x"):
            self.path = folder / part_name(*(what or (secrets.token_hex(16),)))
            while (descriptor := _open(self.path)) is None:  # somebody else's, who is about to end
                self.path = folder / part_name(secrets.token_hex(16))
        self._fd = descriptor

    @property
    def hashes(self) -> tuple[str, str]:
        """(MD5, SHA-512) of what is there."""
        return self._md5.hexdigest(), self._sha512.hexdigest()

    def take_in(self) -> None:
        """Go on with what an earlier process left."""
        self.size_bytes = 0
        with disk(self.path):
            os.lseek(self._fd, 0, os.SEEK_SET)
            while data := os.read(self._fd, _READ):
                self._count(data)

    def write(self, data: bytes) -> None:
        """Append."""
        with disk(self.path):
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
        self._count(data)

    def begin_again(self) -> None:
        """Forget what came."""
        with disk(self.path):
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
        self.size_bytes = 0
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()

    def sync(self) -> None:
        """What came is on the disk when this returns."""
        with disk(self.path):
            os.fsync(self._fd)

    def close(self) -> None:
        """Stop here; the file stays."""
        with disk(self.path):
            os.close(self._fd)

    def _count(self, data: bytes) -> None:
        self._md5.update(data)
        self._sha512.update(data)
        self.size_bytes += len(data)


def is_left_over(path: Path) -> bool:
    """True for a received file that nobody writes, and that nobody will go on with."""
    if is_locked(path):
        return False
    match = _NAME.fullmatch(path.name)
    return match is None or match["boot"] != _boot() or _age_s(path) > KEPT_S


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Whatever the disk refuses, in our words: StoreFull of the folder that `path` is in."""
    try:
        yield
    except OSError as err:
        raise StoreFull(path=str(path.parent), detail=err.strerror or str(err)) from err


def _open(path: Path) -> int | None:
    """Descriptor of a part, made or found, that this process alone writes; None while another one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # says to others, and to the next start, who writes
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except OSError:  # locked, or removed meanwhile by the one who had it
        pass
    os.close(descriptor)
    return None


def _boot() -> str:
    try:
        return hashlib.sha256(_BOOT_ID.read_bytes()).hexdigest()[:8]
    except OSError:  # not Linux: nothing outlives the process
        return hashlib.sha256(f"{os.getpid()} {time.time_ns()}".encode()).hexdigest()[:8]


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
