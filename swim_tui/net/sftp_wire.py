"""SFTP version 3 (draft-ietf-secsh-filexfer-02) as packets: what is sent, what is understood of an answer."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, IntFlag

from swim_tui.errors import TransferRefused
from swim_tui.model.remote import RemoteFile
from swim_tui.net.text import neutral

PACKET_MAX = 1 << 20  # no honest answer is longer
_LONG = struct.Struct(">I")
_HUGE = struct.Struct(">Q")


class Kind(IntEnum):
    """Packet types."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    FSTAT = 8
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    REALPATH = 16
    STAT = 17
    RENAME = 18
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Open(IntFlag):
    """How a file is opened."""

    READ = 1
    WRITE = 2
    CREATE = 8
    TRUNCATE = 16


OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE = 0, 1, 2, 3, 4
_WORDS = {
    NO_SUCH_FILE: "no such file",
    PERMISSION_DENIED: "permission denied",
    FAILURE: "failure, without a reason",
    8: "operation not supported",
}


@dataclass(frozen=True)
class Reply:
    """One answer to request `id`."""

    kind: int
    id: int
    body: bytes


def number(value: int) -> bytes:
    """Four bytes."""
    return _LONG.pack(value)


def text(value: str | bytes) -> bytes:
    """A counted string."""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return _LONG.pack(len(data)) + data


def packet(kind: int, id: int, *parts: bytes) -> bytes:
    """A whole request."""
    body = b"".join(parts)
    return struct.pack(">IBI", len(body) + 5, kind, id) + body


def init() -> bytes:
    """The first packet of a client: version 3."""
    return struct.pack(">IBI", 5, Kind.INIT, 3)


def write_head(id: int, handle: bytes, offset: int, size: int) -> bytes:
    """What stands before the data of a WRITE request."""
    length = 1 + 4 + 4 + len(handle) + 8 + 4 + size
    return struct.pack(">IBI", length, Kind.WRITE, id) + text(handle) + _HUGE.pack(offset) + _LONG.pack(size)


def read_request(id: int, handle: bytes, offset: int, size: int) -> bytes:
    """A READ request."""
    return packet(Kind.READ, id, text(handle), _HUGE.pack(offset), _LONG.pack(size))


class Fields:
    """Reads the fields of an answer one after the other; TransferRefused when they end too early."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        """Four bytes."""
        return int.from_bytes(self._take(4), "big")

    def huge(self) -> int:
        """Eight bytes."""
        return int.from_bytes(self._take(8), "big")

    def data(self) -> bytes:
        """A counted string."""
        return self._take(self.number())

    @property
    def ended(self) -> bool:
        """True when nothing is left."""
        return self._at >= len(self._body)

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._body):
            raise TransferRefused(file="", detail="an answer is shorter than it says")
        data, self._at = self._body[self._at : end], end
        return data

    def attributes(self, name: str = "") -> RemoteFile:
        """Size, kind and time of a file; owners and what else there is are passed over."""
        flags = self.number()
        size = self.huge() if flags & 1 else None
        if flags & 2:
            self._take(8)
        mode = self.number() if flags & 4 else 0
        modified: datetime | None = None
        if flags & 8:
            self._take(4)
            modified = datetime.fromtimestamp(self.number(), UTC)
        if flags & 0x80000000:
            for _ in range(self.number()):
                self.data()
                self.data()
        return RemoteFile(name, size, stat.S_ISDIR(mode), modified)


def names(body: bytes) -> list[RemoteFile]:
    """The entries of a NAME answer; names that are no plain file names are left out."""
    fields = Fields(body)
    found = []
    for _ in range(fields.number()):
        name = fields.data().decode("utf-8", "replace")
        long = fields.data()
        entry = fields.attributes(name)
        if name in ("", ".", "..") or "/" in name or neutral(name) != name:
            continue
        is_dir = entry.is_dir or long[:1] == b"d"
        found.append(RemoteFile(name, None if is_dir else entry.size_bytes, is_dir, entry.modified_at))
    return found


def status_of(reply: Reply) -> tuple[int, str]:
    """Code and words of a STATUS answer."""
    fields = Fields(reply.body)
    code = fields.number()
    said = "" if fields.ended else neutral(" ".join(fields.data().decode("utf-8", "replace").split()))
    if said.lower() in ("", "failure"):
        said = _WORDS.get(code, f"status {code}")
    return code, said
