"""Checksum files that stand next to an image: what they are called, what they declare."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_BYTES = 1 << 18
"""A longer file is no list of checksums."""

_BARE = re.compile(r"\A\s*([0-9a-fA-F]{32}|[0-9a-fA-F]{128})\s*\Z")
_GNU = re.compile(r"^\\?([0-9a-fA-F]{32}|[0-9a-fA-F]{128})[ \t]+\*?(.+?)[ \t\r]*$", re.MULTILINE)
_BSD = re.compile(
    r"^(?:MD5|SHA-?512)[ \t]*\((.+?)\)[ \t]*=[ \t]*([0-9a-fA-F]{32}|[0-9a-fA-F]{128})[ \t\r]*$", re.M | re.I
)


@dataclass(frozen=True)
class Declared:
    """A hash that somebody declared for a file; `by` names who: a checksum file, or nothing for a person."""

    md5: str = ""
    sha512: str = ""
    by: str = ""

    def __bool__(self) -> bool:
        return bool(self.md5 or self.sha512)


NOTHING_DECLARED = Declared()


def names_beside(name: str) -> tuple[str, ...]:
    """What a checksum file for `name` may be called, the strongest first."""
    own = tuple(f"{name}.{end}" for end in ("sha512", "sha512sum", "md5", "md5sum"))
    return (*own[:2], "SHA512SUMS", *own[2:], "MD5SUMS")


def is_checksum_file(name: str) -> bool:
    """True for what is called as a checksum file is."""
    return name.lower().endswith((".md5", ".md5sum", ".sha512", ".sha512sum", ".sha256", ".asc", ".sig", "sums"))


def declared_in(text: str, name: str, by: str) -> Declared:
    """What a checksum file says of `name`: a bare hash, lines of md5sum and sha512sum, or those of BSD."""
    bare = _BARE.match(text)
    if bare is not None:
        return _declared(bare.group(1), by) if by.startswith(f"{name}.") else NOTHING_DECLARED
    found = [(hash, file) for hash, file in _GNU.findall(text)] + [(hash, file) for file, hash in _BSD.findall(text)]
    digests = [hash for hash, file in found if re.split(r"[/\\]", file)[-1] == name]
    strongest = max(digests, key=len, default="")
    return _declared(strongest, by) if strongest else NOTHING_DECLARED


def _declared(digest: str, by: str) -> Declared:
    digest = digest.lower()
    return Declared(md5=digest, by=by) if len(digest) == 32 else Declared(sha512=digest, by=by)
