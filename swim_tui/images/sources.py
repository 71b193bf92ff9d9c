"""Where images come from: each source gives its bytes piece by piece."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from swim_tui.errors import Cancelled, ImageError, ImageHashWrong
from swim_tui.images.repository import Repository, safe_name
from swim_tui.model.checksums import MOST_BYTES, NOTHING_DECLARED, Declared, declared_in, names_beside
from swim_tui.model.image import SoftwareImage
from swim_tui.paths import user_path

_CHUNK = 1 << 20
MAX_IMAGE_BYTES = 16 * 1024**3


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is; `total_bytes` None = not known, `checked_by` the checksum file that is compared with.

    The first `begin_bytes` were there from an earlier process.
    """

    done_bytes: int
    total_bytes: int | None
    checked_by: str = ""
    begin_bytes: int = 0


@dataclass(frozen=True)
class OpenSource:
    """An opened source: the name it gives the file, its size if it knows it, its bytes from an offset on, the hash it
    declares. `version` tells these bytes from others of the same source; empty: they are read from the beginning."""

    name: str
    total_bytes: int | None
    chunks: Callable[[int], Iterator[bytes]]
    declared: Declared = NOTHING_DECLARED
    version: str = ""


class ImageSource(Protocol):
    """Something an image can be read from; `label` is shown and stored, so it holds no credentials."""

    @property
    def label(self) -> str:
        """What is shown and stored as the image's source."""
        ...

    def open(self) -> AbstractContextManager[OpenSource]:
        """Start to read; ImageError with the reason when that does not work."""
        ...

    def beside(self, name: str) -> bytes | None:
        """A small file that stands next to the image; None when there is none, or none can be had."""
        ...


@dataclass(frozen=True)
class DownloadLimits:
    """When a download is given up. A connection that breaks is opened again, and goes on where it broke."""

    max_bytes: int = MAX_IMAGE_BYTES
    silence_s: float = 60.0
    total_s: float = 6 * 3600.0
    redirects: int = 5
    retries: int = 5
    retry_wait_s: float = 2.0


def import_image(
    repository: Repository,
    source: ImageSource,
    *,
    name: str = "",
    expect_md5: str = "",
    expect_sha512: str = "",
    expect_size: int | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    is_leaving: Callable[[], bool] = lambda: False,
) -> Generator[ImportProgress, None, SoftwareImage]:
    """Read a source into the repository, telling progress; the generator's value is the image. Closing the generator
    leaves nothing behind; when `is_leaving` says so, or the process dies, what came stays for the next import of the
    same version. A hash that nobody declared is looked for in a checksum file next to the image."""
    with source.open() as opened, repository.begin(name or opened.name, source.label, opened.version) as incoming:
        if expect_size is not None and opened.total_bytes is not None and opened.total_bytes != expect_size:
            raise ImageHashWrong(
                file=incoming.name, algorithm="size", expected=str(expect_size), actual=str(opened.total_bytes)
            )
        declared = Declared(expect_md5, expect_sha512) or opened.declared or declared_beside(source, opened.name)
        if opened.total_bytes is not None and incoming.size_bytes > opened.total_bytes:
            incoming.begin_again()
        begin = incoming.size_bytes
        yield ImportProgress(begin, opened.total_bytes, declared.by, begin)
        for data in opened.chunks(begin):
            if is_leaving() and opened.version:
                incoming.leave()
            if is_leaving() or is_cancelled():
                raise Cancelled(detail=f": import of {incoming.name}")
            incoming.write(data)
            yield ImportProgress(incoming.size_bytes, opened.total_bytes, declared.by, begin)
        return incoming.finish(declared.md5, declared.sha512, expect_size)


def declared_beside(source: ImageSource, name: str) -> Declared:
    """What the first checksum file next to the image says of it."""
    plain = safe_name(name)
    for beside in names_beside(plain):
        data = source.beside(beside)
        if data is not None and (declared := declared_in(data.decode("utf-8", "replace"), plain, beside)):
            return declared
    return NOTHING_DECLARED


@dataclass(frozen=True)
class LocalFile:
    """A file of this machine."""

    path: Path

    @property
    def label(self) -> str:
        """The path."""
        return str(self.path)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Only regular files: a pipe or a directory is refused."""
        path = user_path(self.path)
        try:
            if not path.is_file():
                detail = "is not a file" if path.exists() else "does not exist"
                raise ImageError(file=str(self.path), detail=detail)
            with path.open("rb") as file:
                yield OpenSource(path.name, path.stat().st_size, lambda offset: self._chunks(file, offset))
        except OSError as err:
            raise ImageError(file=str(self.path), detail=err.strerror or str(err)) from err

    def beside(self, name: str) -> bytes | None:
        """A small file of the same directory."""
        path = user_path(self.path).with_name(name)
        with contextlib.suppress(OSError):
            if path.is_file() and path.stat().st_size <= MOST_BYTES:
                return path.read_bytes()
        return None

    def _chunks(self, file: IO[bytes], offset: int) -> Iterator[bytes]:
        file.seek(offset)
        while data := file.read(_CHUNK):
            yield data


class Broken(Exception):
    """A connection broke in the middle of a file; `can_go_on`: another one may begin where it broke."""

    def __init__(self, words: str, *, can_go_on: bool) -> None:
        super().__init__(words)
        self.can_go_on = can_go_on


def resumed(
    begin: Callable[[int], Iterator[bytes]],
    total: int | None,
    limits: DownloadLimits,
    failed: Callable[[str], ImageError],
    wait: Callable[[float], None] = time.sleep,
    *,
    offset: int = 0,
) -> Iterator[bytes]:
    """The bytes of a file from `offset` on, over as many connections as it takes; `begin` reads from an offset on."""
    started, done, tries = time.monotonic(), offset, 0
    while not (done and done == total):
        can_go_on, words = True, f"the server closed after {done} of {total} bytes"
        try:
            for data in begin(done):
                done += len(data)
                tries = 0
                if done > limits.max_bytes:
                    raise failed(f"more than the limit of {limits.max_bytes} bytes")
                if time.monotonic() - started > limits.total_s:
                    raise failed(f"not done after {limits.total_s:g} s")
                yield data
            if total is None or done == total:
                return
            words = f"the server closed after {done} of {total} bytes"
        except Broken as err:
            if total is not None and done == total:
                return  # only the last word of the server is missing
            can_go_on, words = err.can_go_on, str(err)
        if total is None or done > total or not can_go_on or tries == limits.retries:
            raise failed(words)
        tries += 1
        wait(limits.retry_wait_s * tries)
