"""The record format of journals and snapshots: one line each, `crc32 in hex SPACE payload`.

A person can read it with less and grep. A reader steps over any line whose checksum is wrong and goes on at the next
one, so damage costs the records it touches and no other.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CRC_DIGITS = 8
_HEAD = _CRC_DIGITS + 1


@dataclass(frozen=True)
class Dropped:
    """What a reader could not use: `size_bytes` in all, the first of them at `offset`."""

    path: str
    offset: int
    size_bytes: int
    is_tail: bool

    def __str__(self) -> str:
        where = "at the end" if self.is_tail else "in the middle"
        return f"{self.size_bytes} unreadable bytes {where}, from offset {self.offset}"


@dataclass(frozen=True)
class Scan:
    """The records of a log, the offset after the last good one, and what was dropped."""

    records: list[bytes]
    good_end: int
    size: int
    dropped: Dropped | None = None


def frame(payload: bytes) -> bytes:
    """One record as a line; the payload must have no line feed of its own."""
    if not payload or b"\n" in payload:
        raise ValueError("a record is one line that is not empty")
    return b"%08x %b\n" % (binascii.crc32(payload), payload)


def encode(value: Any) -> bytes:
    """JSON in one line; lone surrogates (file names that are not UTF-8) survive."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode_all(records: list[bytes]) -> list[Any]:
    """The values of many records with a single call of the parser, which is several times quicker than one each."""
    values: list[Any] = json.loads(b"[" + b",".join(records) + b"]")
    return values


def frame_all(values: Iterable[Any]) -> bytes:
    """Many values as lines."""
    return b"".join(frame(encode(value)) for value in values)


def _payload(line: bytes) -> bytes | None:
    """The payload of a line, or None if the line is not one of ours."""
    if len(line) <= _HEAD or line[_CRC_DIGITS] != 0x20:
        return None
    payload = line[_HEAD:]
    return payload if line[:_CRC_DIGITS] == b"%08x" % binascii.crc32(payload) else None


def scan(data: bytes, path: str = "") -> Scan:
    """Find the good records in the bytes of a log."""
    records: list[bytes] = []
    offset = good_end = bad_bytes = 0
    first_bad: int | None = None
    *lines, rest = data.split(b"\n")
    for line in lines:
        end = offset + len(line) + 1
        payload = _payload(line)
        if payload is not None:
            records.append(payload)
            good_end = end
        else:
            first_bad = offset if first_bad is None else first_bad
            bad_bytes += len(line) + 1
        offset = end
    if rest:  # no line feed: the write never ended, so nobody was told that it did
        first_bad = offset if first_bad is None else first_bad
        bad_bytes += len(rest)
    if first_bad is None:
        return Scan(records, good_end, len(data))
    dropped = Dropped(path, first_bad, bad_bytes, is_tail=first_bad >= good_end)
    return Scan(records, good_end, len(data), dropped)


def scan_file(path: Path) -> Scan:
    """Find the good records of a file; a file that is not there has none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    return scan(data, str(path))


def read_log(path: Path) -> tuple[list[bytes], Dropped | None]:
    """All complete, checksum-right records of a log, and what had to be dropped; a missing file has no records."""
    result = scan_file(path)
    return result.records, result.dropped
