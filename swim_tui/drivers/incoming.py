"""A file that a worker receives for the repository: hashed as it arrives, gone when it does not become whole."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swim_tui.errors import StoreFull
from swim_tui.parts import open_part, part_name, take_in


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came from elsewhere, with its hashes."""

    path: str
    file_name: str
    size_bytes: int
    md5: str
    sha512: str


class Receiver:
    """Writes the file that `what` tells apart from others to the incoming directory; StoreFull when the disk refuses.

    What an earlier try of the same phase left there is gone on with once its version is known (`of_version`), else
    it is written anew.
    """

    def __init__(self, incoming_dir: Path, *what: str) -> None:
        self._folder = incoming_dir
        self._what = what
        self._version: object = None
        self.size_bytes = 0
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()
        self.path, self._fd = self._open()
        self.begin_again()

    def write(self, data: bytes) -> None:
        """The next bytes."""
        with _disk(self.path):
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
        self._md5.update(data)
        self._sha512.update(data)
        self.size_bytes += len(data)

    def begin_again(self) -> None:
        """Forget what came, for a protocol that cannot go on in the middle."""
        with _disk(self.path):
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
        self.size_bytes = 0
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()

    def of_version(self, version: object) -> None:
        """What the source says of the file whose bytes come now: another one's bytes are forgotten, a part that an
        earlier process left of this one is taken in."""
        if version == self._version:
            return
        self._version = version
        self.discard()
        self._md5, self._sha512 = hashlib.md5(usedforsecurity=False), hashlib.sha512()
        self.path, self._fd = self._open(repr(version))
        with _disk(self.path):
            self.size_bytes = take_in(self._fd, self._md5, self._sha512)

    def finish(self, file_name: str) -> ReceivedFile:
        """The whole file, on the disk."""
        with _disk(self.path):
            os.fsync(self._fd)
        return ReceivedFile(str(self.path), file_name, self.size_bytes, self._md5.hexdigest(), self._sha512.hexdigest())

    def close(self) -> None:
        """Close the file."""
        with _disk(self.path):
            os.close(self._fd)

    def discard(self) -> None:
        """Close and remove the file."""
        self.path.unlink(missing_ok=True)
        self.close()

    def _open(self, *version: str) -> tuple[Path, int]:
        with _disk(self._folder / "x"):
            path = self._folder / part_name(*self._what, *version)
            while (descriptor := open_part(path)) is None:  # somebody else's, who is about to end
                path = self._folder / part_name(secrets.token_hex(16))
        return path, descriptor


@contextmanager
def receiving(incoming_dir: str, *what: str) -> Iterator[Receiver]:
    """A receiver of the file that `what` tells apart from others; when the body fails, nothing is left of it."""
    receiver = Receiver(Path(incoming_dir), *what)
    try:
        yield receiver
    except BaseException:
        receiver.discard()
        raise
    receiver.close()


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise StoreFull(path=str(path.parent), detail=err.strerror or str(err)) from err
