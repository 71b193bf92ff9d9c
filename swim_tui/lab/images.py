"""Synthetic images: a true head with a CW block, then filler that only depends on a seed and an offset."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import random
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .heads import HEADERS, plain_head
from .model import Software
from .tarball import layout, total_size

BLOCK = 1 << 20
STAMP = 16
HEAD = 16384


@functools.lru_cache(maxsize=24)
def _seeded_block(seed: str) -> bytes:
    return random.Random(seed).randbytes(BLOCK)


def cw_block(software: Software) -> bytes:
    """The CW strings as they stand in an image, not compressed."""
    feature = software.image.rsplit("-", 2)[-2].lower() if "-" in software.image else software.image.lower()
    parts = {
        "CW_IMAGE": software.image,
        "CW_FAMILY": software.family,
        "CW_FEATURE": software.feature or "IP|SSH",
        "CW_VERSION": software.version,
        "CW_MEDIA": "RAM",
        "CW_SYSDESCR": "\r\n".join(software.sysdescr.strip().splitlines()),
    }
    marker = f"-{feature}-m"
    body = "".join(f"{key}${value}$\0" for key, value in parts.items())
    return f"CW_BEGIN${marker}$\0{body}CW_END${marker}$\0".encode()


def _elf_head(size: int) -> bytes:
    ident = b"\x7fELF" + bytes([1, 2, 1]) + bytes(9)
    # e_machine 0x2b is not what the CPU is: real images carry odd values here.
    fields = struct.pack(">HHIIIIIHHHHHH", 2, 0x2B, 1, 0x80008000, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    magic = struct.pack(">IIIII", 0xFEEDFACE, size * 2, max(0, size - HEAD), 0x1234ABCD, 0x5678EF01)
    return (ident + fields).ljust(256, b"\0") + magic + b"PK\x03\x04"


def _xe_head(software: Software) -> bytes:
    info = [
        "# pkginfo: Name: rp_super",
        "# pkginfo: BuildTime: 2017-07-10_11.54",
        f"# pkginfo: Platform: {software.family}",
        "# pkginfo: PackageName: universalk9",
        f"# pkginfo: Build: {software.xe_version}",
        f"# pkginfo: .Version: {software.xe_version}.0.0",
    ]
    return b"\xba\xbe\xfa\xce" + bytes(60) + "\n".join(info).encode() + b"\n"


@functools.lru_cache(maxsize=128)
def image_head(software: Software) -> bytes:
    """The first bytes of an image: HEAD, or more for an ISO, whose mark lies further on."""
    if software.header in HEADERS:
        plain = plain_head(software)
        return plain + _seeded_block(software.seed)[: max(HEAD, len(plain) + 1024) - len(plain)]
    start = _elf_head(software.size_bytes) if software.header == "elf" else _xe_head(software)
    plain = start.ljust(2048, b"\0") + cw_block(software)
    return plain + _seeded_block(software.seed)[: HEAD - len(plain)]


@dataclass(frozen=True)
class ImageBytes:
    """The bytes of one synthetic image, readable at any offset without a file."""

    software: Software

    @property
    def size(self) -> int:
        """Exact size in bytes."""
        return total_size(self.software) if self.software.inner else self.software.size_bytes

    def _archive(self, offset: int, count: int) -> Iterator[tuple[bytes, int, int]]:
        """The runs of a tar: its own members, and those of the image inside."""
        assert self.software.inner is not None
        end = min(offset + count, self.size)
        for start, length, kind, data in layout(self.software):
            first, last = max(offset, start), min(end, start + length)
            if first >= last:
                continue
            if kind == "image":
                yield from ImageBytes(self.software.inner)._pieces(first - start, last - first)
            elif kind == "bytes":
                yield data, first - start, last - first
            else:
                yield bytes(last - first), 0, last - first

    def _pieces(self, offset: int, count: int) -> Iterator[tuple[bytes, int, int]]:
        """(source, start, length) runs that cover the range; sources are never copied."""
        if self.software.inner:
            yield from self._archive(offset, count)
            return
        end = min(offset + count, self.size)
        block, head = _seeded_block(self.software.seed), image_head(self.software)
        while offset < end:
            if offset < len(head):
                source, start, limit = head, offset, len(head)
            else:
                number, within = divmod(offset, BLOCK)
                if within < STAMP:
                    stamp = hashlib.md5(f"{self.software.seed}:{number}".encode()).digest()
                    source, start, limit = stamp, within, number * BLOCK + STAMP
                else:
                    source, start, limit = block, within, (number + 1) * BLOCK
            length = min(end, limit) - offset
            yield source, start, length
            offset += length

    def read(self, offset: int, count: int) -> bytes:
        """The bytes of a range (short at the end)."""
        return b"".join(source[start : start + length] for source, start, length in self._pieces(offset, count))

    def matches(self, offset: int, data: bytes) -> bool:
        """Whether the image holds exactly these bytes there; compares without copying."""
        if offset + len(data) > self.size:
            return False
        at = 0
        for source, start, length in self._pieces(offset, len(data)):
            piece = data if length == len(data) else data[at : at + length]
            if not source.startswith(piece, start):
                return False
            at += length
        return True


def broken_twin(software: Software) -> Software:
    """The same name and size with the head of a device that does not exist: it boots nowhere."""
    return dataclasses.replace(
        software,
        inner=broken_twin(software.inner) if software.inner else None,
        family="C0000",
        image="C0000-UNIVERSALK9-M",
        seed=f"{software.seed}/bad",
        sysdescr=software.sysdescr.replace(software.image, "C0000-UNIVERSALK9-M"),
    )


def write_image(software: Software, folder: Path) -> dict[str, str]:
    """Write an image file; its path, size, MD5 and SHA-512 as text."""
    image = ImageBytes(software)
    path = folder / software.file
    md5, sha512 = hashlib.md5(), hashlib.sha512()
    folder.mkdir(parents=True, exist_ok=True)
    # hashlib lets go of the GIL: the slow SHA-512 runs beside MD5 and the writing.
    with path.open("wb") as out, ThreadPoolExecutor(1) as pool:
        for offset in range(0, image.size, 4 * BLOCK):
            piece = image.read(offset, 4 * BLOCK)
            pending = pool.submit(sha512.update, piece)
            md5.update(piece)
            out.write(piece)
            pending.result()
    return {"path": str(path), "size": str(image.size), "md5": md5.hexdigest(), "sha512": sha512.hexdigest()}
