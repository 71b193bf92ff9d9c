"""Parts of files that are received, named so that a later process finds what it can go on with, and nothing else."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from pathlib import Path

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


def open_part(path: Path) -> int | None:
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


def take_in(descriptor: int, *hashes: hashlib._Hash) -> int:
    """Feed what a part has to hashes; how many bytes that are. The descriptor stands at its end then."""
    size = 0
    os.lseek(descriptor, 0, os.SEEK_SET)
    while data := os.read(descriptor, _READ):
        for each in hashes:
            each.update(data)
        size += len(data)
    return size


def is_left_over(path: Path) -> bool:
    """True for a received file that nobody writes, and that nobody will go on with."""
    if _is_locked(path):
        return False
    match = _NAME.fullmatch(path.name)
    return match is None or match["boot"] != _boot() or _age_s(path) > KEPT_S


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


def _is_locked(path: Path) -> bool:
    """True while a receiver, in any process, holds the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
