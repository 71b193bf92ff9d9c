"""What the engine and the file server's process say to each other: JSON lines on its stdin and stdout.

Secrets travel on the pipe only: never as arguments, never in the environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from swim_tui.model.options import Protocol

SERVED = (Protocol.HTTP, Protocol.HTTPS, Protocol.SFTP, Protocol.SCP, Protocol.FTP, Protocol.TFTP)
SSH = frozenset({Protocol.SFTP, Protocol.SCP})


@dataclass(frozen=True)
class Setup:
    """The first line: what to listen on. `address` is what devices call us, `bind` where we listen; port 0 = any free
    one. SFTP and SCP share a port. `folder` holds host keys and certificate, `shelf` the folders of the leases."""

    address: str
    bind: str
    ports: Mapping[str, int]
    folder: str
    shelf: str
    legacy: bool = False


@dataclass(frozen=True)
class Publish:
    """Serve the files in folder `lease` of the shelf. `is_open`: by TFTP also by their plain names, as a boot loader
    asks; else TFTP wants the token in the path, as HTTP does."""

    lease: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    is_open: bool = False


@dataclass(frozen=True)
class Withdraw:
    """Serve them no longer."""

    lease: str


@dataclass(frozen=True)
class Ready:
    """It listens on these ports."""

    ports: Mapping[str, int]


@dataclass(frozen=True)
class Failed:
    """It cannot listen; the process ends."""

    protocol: str
    port: int
    detail: str


@dataclass(frozen=True)
class Done:
    """A Publish or Withdraw took effect."""

    lease: str


@dataclass(frozen=True)
class Sent:
    """Somebody fetched (a part of) a file."""

    lease: str
    protocol: str
    name: str
    peer: str
    size_bytes: int


Message = Setup | Publish | Withdraw | Ready | Failed | Done | Sent
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Setup, Publish, Withdraw, Ready, Failed, Done, Sent)}


def encode(message: Message) -> bytes:
    """One line."""
    return json.dumps({"kind": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line; ValueError when it is none."""
    values = json.loads(line)
    kind = _KINDS.get(values.pop("kind", ""))
    if kind is None or set(values) - {f.name for f in fields(kind)}:
        raise ValueError("no message of the file server")
    message: Message = kind(**values)
    return message
