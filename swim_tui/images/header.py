"""What the bytes of an image say: CW strings, Catalyst tar info, package text, RPM lead, ISO volume."""

from __future__ import annotations

import mmap
import re
import struct
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

_HEAD = 65_536
_CW_LIMIT = 16_384
_CW_TRIES = 64
_CW_PAIR = re.compile(rb"(CW_[A-Z]+)\$([^$]{0,4096})\$")
_PKGINFO = re.compile(rb"(?:# ?pkginfo: *\.?)?\b(Platform|PackageName|Build|Name): *([\w.() -]{1,120})")
_ELF = b"\x7fELF"
_SELF_EXTRACTOR = b"\xfe\xed\xfa\xce"
_ZIP = b"PK\x03\x04"
_RPM = b"\xed\xab\xee\xdb"
_ISO_AT = 0x8001
_TAR_MEMBERS = 2000
_INFO_LIMIT = 65_536


@dataclass(frozen=True)
class Header:
    """Raw findings; `kind` is elf, tar, rpm, iso or "" (none of these)."""

    kind: str = ""
    cw: dict[str, str] = field(default_factory=dict)
    pkginfo: dict[str, str] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)
    label: str = ""  # RPM name-version-release, ISO volume
    problems: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Look into a file; OSError only when it cannot be read at all."""
    size = path.stat().st_size
    if size == 0:
        return Header(problems=("the file is empty",))
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head[:4] == _RPM:
            return Header(kind="rpm", label=_text(head[10:76]))
        if head[257:262] == b"ustar":
            return _tar(path, size)
        if head[_ISO_AT : _ISO_AT + 5] == b"CD001":
            return Header(kind="iso", label=_text(head[_ISO_AT + 39 : _ISO_AT + 71]))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            cw = _cw(view)
            problems = _truncated(view, size) if head[:4] == _ELF else ()
    kind = "elf" if head[:4] == _ELF else ""
    return Header(kind=kind, cw=cw, pkginfo=_pkginfo(head), problems=problems)


def _text(raw: bytes) -> str:
    plain = raw.split(b"\0", 1)[0].decode("ascii", "replace")
    return "".join(c for c in plain if c.isprintable()).strip()


def _cw(view: mmap.mmap) -> dict[str, str]:
    """The first CW block that holds pairs; the marker also occurs as a bare string in program code."""
    at = view.find(b"CW_BEGIN$")
    for _ in range(_CW_TRIES):
        if at < 0:
            return {}
        block = view[at : at + _CW_LIMIT]
        end = block.find(b"CW_END$")
        pairs = dict(_CW_PAIR.findall(block[: end if end > 0 else len(block)]))
        if end > 0 and (b"CW_IMAGE" in pairs or b"CW_VERSION" in pairs):
            return {key.decode("ascii"): value.decode("latin-1").strip(" \0") for key, value in pairs.items()}
        at = view.find(b"CW_BEGIN$", at + 1)
    return {}


def _truncated(view: mmap.mmap, size: int) -> tuple[str, ...]:
    """A classic image names the length of its compressed part; a shorter file was cut off."""
    at = view.find(_SELF_EXTRACTOR)
    for _ in range(_CW_TRIES):
        if at < 0 or at + 24 > size:
            return ()
        if view[at + 20 : at + 24] == _ZIP:
            (compressed,) = struct.unpack(">I", view[at + 8 : at + 12])
            missing = at + 20 + compressed - size
            return (f"the file is cut off: {missing} bytes are missing",) if missing > 0 else ()
        at = view.find(_SELF_EXTRACTOR, at + 1)
    return ()


def _pkginfo(head: bytes) -> dict[str, str]:
    if b"pkginfo" not in head:
        return {}
    found: dict[str, str] = {}
    for key, value in _PKGINFO.findall(head):
        found.setdefault(key.decode("ascii"), value.decode("ascii").strip())
    return found


def _tar(path: Path, size: int) -> Header:
    """`info` stands at the front, again in the version directory, and as info.ver at the end."""
    info: dict[str, str] = {}
    problems: list[str] = []
    try:
        with tarfile.open(path, mode="r:") as archive:
            for number, member in enumerate(archive):
                if member.offset_data + member.size > size:
                    problems.append("the archive is cut off")
                    break
                name = member.name.rsplit("/", 1)[-1]
                if member.isfile() and name in ("info", "info.ver") and member.size <= _INFO_LIMIT:
                    stream = archive.extractfile(member)
                    for key, value in _info_lines(stream.read() if stream is not None else b"").items():
                        info.setdefault(key, value)
                if number >= _TAR_MEMBERS or "image_family" in info or "version_directory" in info:
                    break
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as err:
        problems.append(f"the archive cannot be read: {err}")
    return Header(kind="tar", info=info, problems=tuple(problems))


def _info_lines(raw: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in raw.decode("ascii", "replace").splitlines())
    return {key.strip(): value.strip() for key, colon, value in pairs if colon and key.strip()}
