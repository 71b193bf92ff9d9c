"""Flash file systems: files with sizes and times, free space, and the names they answer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .content import Content, Text


class NoSpace(Exception):
    """The file system has no room for what is written."""


@dataclass
class File:
    """One file or directory."""

    name: str
    content: Content
    modified: datetime
    perms: str = "-rw-"
    index: int = 0
    is_folder: bool = False

    @property
    def size(self) -> int:
        """Bytes it takes on the file system now."""
        return self.content.size


@dataclass
class FileSystem:
    """One file system of a device; paths inside it have no leading slash."""

    prefix: str
    total: int
    kind: str = "disk"
    flags: str = "rw"
    aliases: tuple[str, ...] = ()
    is_default: bool = False
    fixed_free: int = 0
    files: dict[str, File] = field(default_factory=dict)
    _next: int = 11

    @property
    def used(self) -> int:
        """Bytes taken by files."""
        return sum(file.size for file in self.files.values())

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        return max(0, (self.fixed_free or self.total) - self.used)

    @property
    def has_sizes(self) -> bool:
        """Whether it is a real medium, and no opaque or network row."""
        return self.total > 0

    def put(self, name: str, content: Content, modified: datetime, perms: str = "-rw-") -> File:
        """Create or replace a file; NoSpace when it does not fit."""
        old = self.files.get(name)
        room = self.free + (old.size if old else 0)
        if content.size > room:
            raise NoSpace(name)
        file = File(name, content, modified, perms, old.index if old else self._take_index())
        self.files[name] = file
        return file

    def make_folder(self, name: str, modified: datetime) -> None:
        """Create a directory (its own bytes are not counted)."""
        if name not in self.files:
            self.files[name] = File(name, Text(b""), modified, "drwx", self._take_index(), is_folder=True)

    def _take_index(self) -> int:
        self._next += 1
        return self._next

    def listing(self, folder: str = "") -> list[File]:
        """The files of one directory, in index order."""
        lead = f"{folder}/" if folder else ""
        inside = [f for f in self.files.values() if f.name.startswith(lead) and "/" not in f.name[len(lead) :]]
        return sorted(inside, key=lambda file: file.index)

    def below(self, folder: str) -> list[File]:
        """All files anywhere below a directory."""
        return [file for name, file in self.files.items() if name.startswith(f"{folder}/")]


class Storage:
    """All file systems of a device."""

    def __init__(self, systems: Iterable[FileSystem], default: str) -> None:
        self.systems = list(systems)
        self.writers = 0
        self.default = default

    def system(self, prefix: str) -> FileSystem | None:
        """The file system of a name with or without its colon."""
        bare = prefix.rstrip(":").lower()
        for system in self.systems:
            if bare == system.prefix or bare in system.aliases:
                return system
        return None

    def locate(self, path: str) -> tuple[FileSystem, str, str] | None:
        """(file system, name as typed, path inside) of `flash:/x`, `flash:x` or `x`; None for an unknown prefix."""
        prefix, colon, rest = path.partition(":")
        if not colon:
            prefix, rest = self.default, path
        system = self.system(prefix)
        if system is None:
            return None
        return system, prefix.lower(), rest.strip("/")
