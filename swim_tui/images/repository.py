"""The images on disk: one file per content, named by its SHA-512; a file becomes an image only when it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from pathlib import Path
from types import TracebackType

from swim_tui.clock import Clock, SystemClock
from swim_tui.errors import ImageError, ImageHashWrong, StoreFull
from swim_tui.images.identify import identify_file
from swim_tui.model.image import SoftwareImage
from swim_tui.parts import Part, disk, is_left_over
from swim_tui.paths import private_dir

_CHUNK = 1 << 20
_NAME_BYTES = 200
_ID_DIGITS = 16


class Incoming:
    """A file that is being received; its hashes are computed as the bytes arrive. Use it in a `with` block: what was
    not finished is removed.

    With a `version` the part that an earlier process left of just that version is gone on with: `size_bytes` of it
    are there.
    """

    def __init__(self, repository: Repository, name: str, source: str, version: str = "") -> None:
        self._repository = repository
        self.name = safe_name(name)
        self.source = source
        self._is_open = True
        with disk(repository.incoming):
            private_dir(repository.root)
            private_dir(repository.incoming)
        self._part = Part(repository.incoming, *((source, version) if version else ()))
        self._part.take_in()

    @property
    def path(self) -> Path:
        """Where the bytes are meanwhile."""
        return self._part.path

    @property
    def size_bytes(self) -> int:
        """How much of the file is here."""
        return self._part.size_bytes

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        self.abort()

    def write(self, data: bytes) -> None:
        """Append; StoreFull when the disk refuses, and then nothing is left behind."""
        try:
            self._part.write(data)
        except StoreFull:
            self.abort()
            raise

    def finish(self, expect_md5: str = "", expect_sha512: str = "", expect_size: int | None = None) -> SoftwareImage:
        """Make it an image; ImageHashWrong when a declared hash or size is not that of the bytes."""
        try:
            md5, sha512 = self._part.hashes
            declared = (
                ("size", "" if expect_size is None else str(expect_size), str(self.size_bytes)),
                ("MD5", _hex(expect_md5), md5),
                ("SHA-512", _hex(expect_sha512), sha512),
            )
            for algorithm, expected, actual in declared:
                if expected and expected != actual:
                    raise ImageHashWrong(file=self.name, algorithm=algorithm, expected=expected, actual=actual)
            if self.size_bytes == 0:
                raise ImageError(file=self.name, detail="has no bytes; nothing was kept")
            self._part.sync()
            return self._repository.keep(
                self.path, self.name, md5=md5, sha512=sha512, size_bytes=self.size_bytes, source=self.source
            )
        finally:
            self.abort()

    def begin_again(self) -> None:
        """Forget what came."""
        self._part.begin_again()

    def leave(self) -> None:
        """Stop here; what came stays for a later process, where the version is known."""
        if self._is_open:
            self._is_open = False
            self._part.close()

    def abort(self) -> None:
        """Forget the file; harmless after finish and leave."""
        if not self._is_open:
            return
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.leave()


class Repository:
    """Content-addressed files under `images_dir`. What a received file is called is data of its SoftwareImage.

    Left-overs of a receiver that died are removed when a repository is opened.
    """

    def __init__(self, images_dir: Path, clock: Clock | None = None) -> None:
        self.root = images_dir
        self.incoming = images_dir / "incoming"
        self._clock = clock or SystemClock()
        self.clean_incoming()

    def begin(self, name: str, source: str = "", version: str = "") -> Incoming:
        """Start to receive a file that others call `name`, or go on with the part of this version of it."""
        return Incoming(self, name, source, version)

    def adopt(
        self, path: Path, name: str, *, expect_md5: str = "", expect_sha512: str = "", source: str = ""
    ) -> SoftwareImage:
        """Take a whole file that a worker wrote into `incoming`, after hashing it again; it is moved, not copied."""
        md5, sha512, size = hash_file(path)
        for algorithm, expected, actual in (("MD5", _hex(expect_md5), md5), ("SHA-512", _hex(expect_sha512), sha512)):
            if expected and expected != actual:
                path.unlink(missing_ok=True)
                raise ImageHashWrong(file=safe_name(name), algorithm=algorithm, expected=expected, actual=actual)
        return self.keep(path, safe_name(name), md5=md5, sha512=sha512, size_bytes=size, source=source)

    def keep(self, path: Path, name: str, *, md5: str, sha512: str, size_bytes: int, source: str) -> SoftwareImage:
        """Move a written file to its place, once per content, and describe it."""
        identity = identify_file(path, name)
        target = self._place(sha512)
        with disk(target):
            private_dir(target.parent)
            if target.exists() and target.stat().st_size == size_bytes:
                path.unlink()
            else:
                path.chmod(0o600)
                path.replace(target)
                _sync_dir(target.parent)
                _sync_dir(self.root)
        return SoftwareImage(
            id=sha512[:_ID_DIGITS],
            file_name=name,
            size_bytes=size_bytes,
            md5=md5,
            sha512=sha512,
            imported_at=self._clock.now(),
            source=source,
            identity=identity,
        )

    def path_of(self, image: SoftwareImage) -> Path:
        """Where the bytes of an image are; ImageError when they are gone."""
        path = self._place(image.sha512)
        if not path.is_file():
            raise ImageError(file=image.file_name, detail="its bytes are no longer in the repository")
        return path

    def has(self, image: SoftwareImage) -> bool:
        """True when the bytes of an image are there, in full length."""
        path = self._place(image.sha512)
        return path.is_file() and path.stat().st_size == image.size_bytes

    def delete(self, image: SoftwareImage) -> None:
        """Remove the bytes; the caller knows that no other image of this content is listed."""
        path = self._place(image.sha512)
        with disk(path):
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()

    def clean_incoming(self) -> tuple[str, ...]:
        """Remove received files that nobody writes and nobody will go on with; the names of what was removed."""
        removed: list[str] = []
        for path in sorted(self.incoming.glob("*")) if self.incoming.is_dir() else []:
            if path.is_file() and is_left_over(path):
                with contextlib.suppress(OSError):  # on a read-only disk they stay; that is told when one writes
                    path.unlink(missing_ok=True)
                    removed.append(path.name)
        return tuple(removed)

    def _place(self, sha512: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{128}", sha512):
            raise ImageError(file=sha512[:40], detail="not a SHA-512 in hexadecimal")
        return self.root / sha512[:2] / sha512


def safe_name(name: str) -> str:
    """A name from outside as harmless data: no path parts, no control or invisible characters, at most 200 bytes."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    while len(plain.encode()) > _NAME_BYTES:
        plain = plain[:-1]
    return plain if plain.strip(".") else "unnamed"


def hash_file(path: Path) -> tuple[str, str, int]:
    """(MD5, SHA-512, size) of a file."""
    md5, sha512, size = hashlib.md5(usedforsecurity=False), hashlib.sha512(), 0
    try:
        with path.open("rb") as file:
            while data := file.read(_CHUNK):
                md5.update(data)
                sha512.update(data)
                size += len(data)
    except OSError as err:
        raise ImageError(file=path.name, detail=err.strerror or str(err)) from err
    return md5.hexdigest(), sha512.hexdigest(), size


def _hex(text: str) -> str:
    return "".join(text.split()).lower()


def _sync_dir(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
