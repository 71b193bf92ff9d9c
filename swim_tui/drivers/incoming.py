"""A file that a worker receives for the repository: hashed as it arrives, gone when it does not become whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swim_tui.parts import Part


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
        self._part = Part(incoming_dir, *what)
        self._part.begin_again()

    @property
    def size_bytes(self) -> int:
        """How much of the file is here."""
        return self._part.size_bytes

    def write(self, data: bytes) -> None:
        """The next bytes."""
        self._part.write(data)

    def begin_again(self) -> None:
        """Forget what came, for a protocol that cannot go on in the middle."""
        self._part.begin_again()

    def of_version(self, version: object) -> None:
        """What the source says of the file whose bytes come now: another one's bytes are forgotten, a part that an
        earlier process left of this one is taken in."""
        if version == self._version:
            return
        self._version = version
        self.discard()
        self._part = Part(self._folder, *self._what, repr(version))
        self._part.take_in()

    def finish(self, file_name: str) -> ReceivedFile:
        """The whole file, on the disk."""
        self._part.sync()
        return ReceivedFile(str(self._part.path), file_name, self._part.size_bytes, *self._part.hashes)

    def close(self) -> None:
        """Close the file."""
        self._part.close()

    def discard(self) -> None:
        """Close and remove the file."""
        self._part.path.unlink(missing_ok=True)
        self._part.close()


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
