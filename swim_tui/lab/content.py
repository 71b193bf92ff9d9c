"""What files hold: generated images, received bytes kept once, and cut or damaged versions of either."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from .images import ImageBytes
from .model import Software

CHUNK = 1 << 20
_CW = re.compile(rb"CW_BEGIN\$.{0,64}?\$(?P<body>.{1,8192}?)CW_END\$", re.DOTALL)
_PAIR = re.compile(rb"(CW_[A-Z]+)\$(.*?)\$", re.DOTALL)


class Content(Protocol):
    """Bytes with a size that can be read anywhere."""

    @property
    def size(self) -> int:
        """Size in bytes."""

    def read(self, offset: int, count: int) -> bytes:
        """The bytes of a range (short at the end)."""


@dataclass(frozen=True)
class Text:
    """A small file kept in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, count: int) -> bytes:
        return self.data[offset : offset + count]


@dataclass(frozen=True)
class Filler:
    """A file nobody will look into: zeros of a size."""

    size: int

    def read(self, offset: int, count: int) -> bytes:
        return bytes(max(0, min(count, self.size - offset)))


@dataclass(frozen=True)
class Stored:
    """Received bytes on disk."""

    path: Path
    size: int

    def read(self, offset: int, count: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(min(count, max(0, self.size - offset)))


@dataclass(eq=False)
class Growing:
    """A file while it arrives: its size is known, its bytes are not readable yet."""

    size: int = 0

    def read(self, offset: int, count: int) -> bytes:
        return b""


@dataclass(frozen=True)
class Part:
    """The first bytes of another content: what an interrupted transfer leaves."""

    base: Content
    size: int

    def read(self, offset: int, count: int) -> bytes:
        return self.base.read(offset, max(0, min(count, self.size - offset)))


@dataclass(frozen=True)
class Damaged:
    """Another content with one byte changed."""

    base: Content
    at: int

    @property
    def size(self) -> int:
        return self.base.size

    def read(self, offset: int, count: int) -> bytes:
        data = self.base.read(offset, count)
        where = self.at - offset
        if 0 <= where < len(data):
            data = data[:where] + bytes([data[where] ^ 0xFF]) + data[where + 1 :]
        return data


def digest(content: Content, algorithm: str, progress: Callable[[int], None] | None = None) -> str:
    """The hash of a content in hex; `progress` is told the bytes done."""
    hasher = hashlib.new(algorithm)
    for offset in range(0, content.size, CHUNK):
        hasher.update(content.read(offset, CHUNK))
        if progress is not None:
            progress(offset)
    return hasher.hexdigest()


def _describe(cw: dict[str, str], file: str, size: int) -> Software:
    words = cw.get("CW_SYSDESCR", "")
    xe = re.search(r"IOS[ -]XE Software, Version (\S+)", words)
    return Software(
        file=file,
        family=cw.get("CW_FAMILY", ""),
        image=cw.get("CW_IMAGE", ""),
        version=cw.get("CW_VERSION", ""),
        xe_version=xe[1] if xe else "",
        size=size,
        seed="",
        sysdescr=words.replace("\r\n", "\n"),
    )


def identify(content: Content, file: str) -> Software | None:
    """The software an image holds, or None when it is cut, damaged or none of ours or Cisco's."""
    if isinstance(content, ImageBytes):
        return content.software
    if isinstance(content, Part | Damaged | Filler | Growing):
        return None
    previous = b""
    for offset in range(0, content.size, CHUNK):
        data = content.read(offset, CHUNK)
        match = _CW.search(previous + data)
        if match:
            pairs = {key.decode(): value.decode("utf-8", "replace") for key, value in _PAIR.findall(match["body"])}
            return _describe(pairs, file, content.size)
        previous = data[-16384:]
    return None


class ContentStore:
    """Keeps received bytes once per content; known images are recognised while they arrive."""

    def __init__(self, folder: Path, images: Iterable[ImageBytes]) -> None:
        self.folder = folder
        self._images: dict[int, list[ImageBytes]] = {}
        for image in images:
            self._images.setdefault(image.size, []).append(image)
        self._digests: dict[tuple[Content, str], str] = {}
        self._kept: dict[tuple[int, str], Stored] = {}
        self._count = 0

    def candidates(self, size: int) -> list[ImageBytes]:
        """Known images of that size."""
        return list(self._images.get(size, ()))

    def digest(self, content: Content, algorithm: str) -> str:
        """The hash of a content, computed once."""
        key = (content, algorithm)
        if key not in self._digests:
            self._digests[key] = digest(content, algorithm)
        return self._digests[key]

    def new_file(self) -> Path:
        """A path for bytes that are not known yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._count += 1
        return self.folder / f"incoming-{self._count}"

    def keep(self, path: Path, size: int) -> Stored:
        """Adopt a received file; a second copy of the same bytes is thrown away."""
        sha = digest(Stored(path, size), "sha256")
        known = self._kept.get((size, sha))
        if known is not None:
            path.unlink()
            return known
        final = path.replace(self.folder / f"{sha[:32]}-{size}")
        self._kept[size, sha] = Stored(final, size)
        return self._kept[size, sha]


class Receiver:
    """Takes the bytes of one file in order: compares them with known images, and writes them only if none fits."""

    def __init__(self, store: ContentStore, size: int) -> None:
        self._store = store
        self._fits = store.candidates(size)
        self._last: ImageBytes | None = self._fits[0] if self._fits else None
        self._out: IO[bytes] | None = None
        self.received = 0

    def write(self, data: bytes) -> None:
        """The next bytes."""
        if self._fits:
            fits = [image for image in self._fits if image.matches(self.received, data)]
            if fits:
                self._fits = fits
                self._last = fits[0]
                self.received += len(data)
                return
            self._fits = []
        if self._out is None:
            self._out = self._spill()
        self._out.write(data)
        self.received += len(data)

    def _spill(self) -> IO[bytes]:
        out = self._store.new_file().open("wb")
        for offset in range(0, self.received, CHUNK):
            assert self._last is not None
            out.write(self._last.read(offset, min(CHUNK, self.received - offset)))
        return out

    def finish(self) -> Content:
        """What has arrived until now, as content."""
        if self._out is not None:
            self._out.close()
            return self._store.keep(Path(self._out.name), self.received)
        if self._last is not None and self.received == self._last.size:
            return self._last
        if self._last is not None and self.received:
            return Part(self._last, self.received)
        return Text(b"")
