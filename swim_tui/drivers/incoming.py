"""A file that a worker receives for the repository: hashed as it arrives, gone when it does not become whole."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swim_tui.errors import StoreFull


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came from elsewhere, with its hashes."""

    path: str
    file_name: str
    size_bytes: int
    md5: str
    sha512: str


class Receiver:
    """Writes to the incoming directory; StoreFull when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self.version: object = None  # what the source said of the file whose bytes these are
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()
        with _disk(path):
            self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        """The next bytes."""
        with _disk(self.path):
            self._file.write(data)
        self._md5.update(data)
        self._sha512.update(data)
        self.size_bytes += len(data)

    def begin_again(self) -> None:
        """Forget what came, for a protocol that cannot go on in the middle."""
        with _disk(self.path):
            self._file.seek(0)
            self._file.truncate()
        self.size_bytes = 0
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()

    def finish(self, file_name: str) -> ReceivedFile:
        """The whole file, on the disk."""
        with _disk(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())
        return ReceivedFile(str(self.path), file_name, self.size_bytes, self._md5.hexdigest(), self._sha512.hexdigest())

    def close(self) -> None:
        """Close the file."""
        with _disk(self.path):
            self._file.close()


@contextmanager
def receiving(incoming_dir: str, stored_as: str) -> Iterator[Receiver]:
    """A receiver; when the body fails, nothing is left of it."""
    # Device and run names become a file name: nothing but plain characters, no path parts.
    path = Path(incoming_dir) / re.sub(r"[^A-Za-z0-9_-]", "_", stored_as)
    whole = False
    try:
        receiver = Receiver(path)
        try:
            yield receiver
            whole = True
        finally:
            receiver.close()
    finally:
        if not whole:
            path.unlink(missing_ok=True)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise StoreFull(path=str(path.parent), detail=err.strerror or str(err)) from err
