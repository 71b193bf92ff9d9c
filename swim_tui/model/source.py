"""Where an image to import is: a path, an address of a server, a device, the vendor's download service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

DEVICE = "device:"
CISCO = "cisco:"
_PORTS = {"http": 80, "https": 443, "ftp": 21, "sftp": 22, "scp": 22}
_SECRET = re.compile(r"token|passw|secret|signature|^sig$|api[-_]?key|credential|^auth", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")


class SourceKind(StrEnum):
    """Kinds of sources; the values of addresses are their schemes."""

    PATH = "path"
    DEVICE = "device"
    CISCO = "cisco"
    HTTP = "http"
    HTTPS = "https"
    FTP = "ftp"
    SFTP = "sftp"
    SCP = "scp"

    @property
    def over_ssh(self) -> bool:
        """True when a worker fetches it: the engine itself speaks no SSH."""
        return self in (SourceKind.SFTP, SourceKind.SCP)

    @property
    def is_url(self) -> bool:
        """True for an address of a server."""
        return self.value in _PORTS


@dataclass(frozen=True)
class Source:
    """A source as it was parsed. `path`: the local path, the path on the server as its protocol takes it (see
    `server_path`), or PID/IMAGE of Cisco.com. It never holds credentials."""

    kind: SourceKind
    text: str
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def name(self) -> str:
        """The file name at the end, without the query of a URL."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        """True when the address ends as a directory does."""
        return (self.kind.is_url and self.path.endswith("/")) or self.path == ""


def parse_source(text: str) -> Source:
    """The source that `text` names; ValueError with words for one that cannot be.

    An SFTP or SCP path is absolute (`sftp://host/dir/x`), below the login directory as `sftp://host/~/x`. An FTP path
    begins in the login directory, as other clients take it; `ftp://host//dir/x` is absolute.
    """
    if text.startswith(DEVICE):
        return Source(SourceKind.DEVICE, text, path=text.removeprefix(DEVICE))
    if text.startswith(CISCO):
        return _cisco(text)
    if "://" not in text:
        if not text.startswith(("/", "~")):
            raise ValueError(f"'{text}' is not an absolute path")
        return Source(SourceKind.PATH, text, path=text)
    if not text.isprintable() or " " in text:
        raise ValueError("the address holds blanks or control characters: write them as %20 and so on")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as err:
        raise ValueError(f"the address cannot be read: {err}") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ValueError(f"'{scheme}://' is no source: {', '.join(f'{name}://' for name in _PORTS)} are")
    if "@" in parts.netloc:
        raise ValueError(
            "the address holds a user or password, which would be kept with the job: leave it out, and name a "
            "credential profile (--credentials)"
        )
    secret = next((k for k, _ in parse_qsl(parts.query, keep_blank_values=True) if _SECRET.search(k)), "")
    if secret:
        raise ValueError(
            f"'{secret}' in the address is a credential, which would be kept with the job: name a credential profile "
            "instead, or download the file and import it from its path"
        )
    if not host or not _HOST.fullmatch(host):
        raise ValueError("the address names no server")
    return Source(SourceKind(scheme), text, host, port or _PORTS[scheme], _server_path(scheme, parts.path))


def cisco_search(text: str) -> tuple[str, str]:
    """Product id and running release of `cisco:PID@RELEASE`; ValueError when it is neither."""
    pid, at, release = text.removeprefix(CISCO).partition("@")
    if not text.startswith(CISCO) or not at or not pid or not release or not text.isprintable() or "/" in text:
        raise ValueError("a search at Cisco.com names product and running release: cisco:WS-C2960X-48TS-L@15.2(4)E7")
    return pid, release


def _server_path(scheme: str, path: str) -> str:
    path = unquote(path)
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise ValueError("the path holds control characters")
    if scheme in ("sftp", "scp"):
        return path.removeprefix("/~/") if path.startswith("/~/") else path
    if scheme == "ftp":
        return path.removeprefix("/")
    return path


def _cisco(text: str) -> Source:
    pid, slash, image = text.removeprefix(CISCO).rpartition("/")
    if not slash or not pid or not image or not text.isprintable():
        raise ValueError("a Cisco.com image is named as cisco:PID/IMAGE, for example cisco:WS-C2960X-48TS-L/c2960x.bin")
    return Source(SourceKind.CISCO, text, path=f"{pid}/{image}")
