"""Catalyst archives: a POSIX tar of info files, the image and its web pages, readable anywhere without a file."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Software

BLOCK = 512
HTML_FILES = ("html/homepage.htm", "html/more.txt", "html/toolbar.js")


def directory(software: Software) -> str:
    """The directory an archive makes, without the dot and ending of its image."""
    assert software.inner is not None
    return software.inner.file.removesuffix(".bin")


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _header(name: str, size: int, kind: bytes = b"0") -> bytes:
    mode = b"0000755\0" if kind == b"5" else b"0000644\0"
    head = name.encode().ljust(100, b"\0") + mode + b"0000000\0" * 2 + f"{size:011o}\0".encode() + b"14567000000\0"
    tail = kind + bytes(100) + b"ustar\x0000" + bytes(247)
    checksum = sum(head) + sum(b" " * 8) + sum(tail)
    return head + f"{checksum:06o}\0 ".encode() + tail


def total_size(software: Software) -> int:
    """Bytes of an archive: the declared size in whole blocks, but never less than what it holds."""
    assert software.inner is not None
    return max(_padded(software.size_bytes), _padded(software.inner.size_bytes) + 24 * BLOCK)


def info_text(software: Software) -> bytes:
    """The info file: what the image wants, decimal."""
    inner = software.inner
    assert inner is not None
    suffix = inner.file.removesuffix(".bin").partition("-")[2].replace("-mz", "")
    lines = [
        f"version_suffix: {suffix}",
        f"version_directory: {directory(software)}",
        "image_system_type_id: 0x00000000",
        f"image_name: {inner.file}",
        f"ios_image_file_size: {inner.size_bytes}",
        f"total_image_file_size: {software.size_bytes}",
        f"image_feature: IP|LAYER_2|SSH|3DES|MIN_DRAM_MEG={software.dram_mb}",
        f"image_family: {software.family}",
        "stacking_number: 1.9",
        "info_end:",
    ]
    return ("\n".join(lines) + "\n").encode()


@functools.lru_cache(maxsize=32)
def layout(software: Software) -> tuple[tuple[int, int, str, bytes], ...]:
    """(start, length, kind, bytes) runs of an archive; kind is `bytes`, `image` or `html`."""
    inner = software.inner
    assert inner is not None
    folder, info = directory(software), info_text(software)
    runs: list[tuple[int, str, bytes]] = []

    def member(name: str, data: bytes) -> None:
        whole = _header(name, len(data)) + data.ljust(_padded(len(data)), b"\0")
        runs.append((len(whole), "bytes", whole))

    short = (f"version_directory: {folder}", f"image_name: {inner.file}", "info_end:", "")
    member("info", "\n".join(short).encode())
    runs.append((BLOCK, "bytes", _header(f"{folder}/", 0, b"5")))
    runs.append((BLOCK, "bytes", _header(f"{folder}/{inner.file}", inner.size_bytes)))
    runs.append((inner.size_bytes, "image", b""))
    runs.append((_padded(inner.size_bytes) - inner.size_bytes, "html", b""))
    runs.append((BLOCK, "bytes", _header(f"{folder}/html/", 0, b"5")))
    # info, info.ver, the headers of both and the two empty blocks at the end
    tail = 2 * (BLOCK + _padded(len(info))) + 2 * BLOCK
    left = total_size(software) - sum(length for length, _, _ in runs) - tail - len(HTML_FILES) * BLOCK
    each = max(0, left // len(HTML_FILES)) // BLOCK * BLOCK
    for number, name in enumerate(HTML_FILES):
        size = each if number else max(0, left - each * (len(HTML_FILES) - 1))
        runs.append((BLOCK, "bytes", _header(f"{folder}/{name}", size)))
        runs.append((_padded(size), "html", b""))
    member(f"{folder}/info", info)
    member("info.ver", info)
    runs.append((2 * BLOCK, "html", b""))
    found, at = [], 0
    for length, kind, data in runs:
        if length:
            found.append((at, length, kind, data))
        at += length
    return tuple(found)


def html_size(software: Software) -> int:
    """Bytes the web pages take on flash."""
    return sum(length for _, length, kind, _ in layout(software) if kind == "html")
