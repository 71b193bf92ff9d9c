"""Where a device's pull gets its bytes: a server of the lab, or any other one on this machine by a real client."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from .throttle import Throttle

if TYPE_CHECKING:
    from .device import Device
    from .servers import FileServer

SCHEMES = ("scp", "sftp", "ftp", "http", "https", "tftp")
PIECE = 128 * 1024
_URL = re.compile(r"^(?P<scheme>scp|sftp|ftp|https?|tftp):(?P<rest>.*)$", re.IGNORECASE)


class Trouble(StrEnum):
    """Why a fetch fails; each CLI has its own words for it."""

    TIMEOUT = "Timed out"
    REFUSED = "Connection refused"
    NAME = "Invalid IP address or hostname"
    LOGIN = "Authentication failed"
    DENIED = "Permission denied"
    NO_FILE = "No such file or directory"
    PROTOCOL = "Protocol error"
    IO = "I/O error"


class FetchError(Exception):
    """A fetch that did not work."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True)
class Url:
    """A remote file as typed; parts that were not typed are empty."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    username: str = ""
    password: str = ""
    vrf: str = ""

    @property
    def shown(self) -> str:
        """As IOS prints it: the user is never shown."""
        user = "*:*@" if self.scheme in ("scp", "sftp", "ftp") else ""
        vrf = f";{self.vrf}" if self.vrf else ""
        return f"{self.scheme}://{user}{self.host}{vrf}/{self.path}"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def parse_url(text: str) -> Url | None:
    """A remote path in all its spellings, or None for a local one."""
    match = _URL.match(text)
    if match is None:
        return None
    scheme, rest = match["scheme"].lower(), match["rest"]
    if not rest.startswith("//"):
        return Url(scheme)
    place, _, path = rest[2:].partition("/")
    user, at, place = place.rpartition("@")
    username, _, password = user.partition(":") if at else ("", "", "")
    place, _, vrf = place.partition(";")
    host, _, port = place.partition(":")
    return Url(scheme, host, int(port) if port.isdigit() else 0, path, unquote(username), unquote(password), vrf)


class Remote(Protocol):
    """An opened remote file; size -1 is unknown."""

    size: int
    name: str

    def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in order."""

    def throttles(self) -> list[Throttle]:
        """What limits it, apart from the device."""

    async def close(self) -> None:
        """Let go of the server."""


class LabRemote:
    """A file of one of the lab's own servers, without a network between."""

    def __init__(self, server: FileServer, url: Url, device: Device) -> None:
        self._server = server
        spec = server.spec.protocol(url.scheme)
        if spec is None:
            raise FetchError(Trouble.REFUSED)
        if url.scheme not in ("tftp",) and not server.admits(url.username, url.password):
            raise FetchError(Trouble.LOGIN)
        local = server.find(url.path, spec.home)
        if local is None:
            raise FetchError(Trouble.NO_FILE)
        self._content = server.content(local)
        self._path = "/" + str(local.relative_to(server.root))
        self.size = self._content.size
        self.name = local.name
        location = device.spec.location
        is_near = any(site in device.services.above(location) for site in server.spec.sites)
        self._throttles = server.pace_device()
        if not is_near:
            self._throttles.append(device.services.site_line(location))
        server.counters["pulls_now"] += 1
        self._done = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in order, for as long as the server is there."""
        while self._done < self.size:
            if self._server.faults.has("gone") or self._server.faults.has("hang"):
                raise FetchError(Trouble.TIMEOUT)
            piece = self._content.read(self._done, PIECE)
            self._done += len(piece)
            yield piece

    def throttles(self) -> list[Throttle]:
        """Server, LAN, and the line into the site when the server is elsewhere."""
        return self._throttles

    async def close(self) -> None:
        """Counted, whole or not."""
        self._server.counters["pulls_now"] -= 1
        self._server.downloaded(self._path, self._done)


def is_local(host: str) -> bool:
    """Whether an address belongs to this machine."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return True
    return False


async def open_remote(device: Device, url: Url) -> Remote:
    """Open a remote file; FetchError says why not (a timeout takes its time)."""
    from .netfetch import open_network  # asyncssh's client is only loaded when somebody needs it

    services = device.services
    table = services.servers
    server = table.find(url.host, url.scheme, url.port) if table else None
    if server is not None and (server.faults.has("gone") or server.faults.has("hang")):
        await asyncio.sleep(services.seconds(10))
        raise FetchError(Trouble.TIMEOUT)
    if server is not None and not (url.port and server.spec.protocol(url.scheme) is None):
        return LabRemote(server, url, device)
    if not re.fullmatch(r"[\d.]+", url.host):
        raise FetchError(Trouble.NAME)
    if not is_local(url.host):
        await asyncio.sleep(services.seconds(10))
        raise FetchError(Trouble.TIMEOUT)
    return await open_network(replace(url, port=url.port or 0))
