"""SWIM servers: external file servers that get an image once, and that the devices of their sites pull it from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from swim_tui.errors import Problem
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Login

DEFAULT_PORTS = {
    Protocol.SCP: 22,
    Protocol.SFTP: 22,
    Protocol.HTTPS: 443,
    Protocol.FTP: 21,
    Protocol.HTTP: 80,
}
WRITERS = (Protocol.SFTP, Protocol.SCP, Protocol.FTP)
"""Protocols that a file can be put on a server with, the best first."""

SSH_PROTOCOLS = frozenset({Protocol.SCP, Protocol.SFTP})
"""Protocols that share a port, a login and a host key."""

NO_TFTP = "TFTP has no login and no size: SWIM servers are not used with it"

LOCAL_SERVER = "local"
"""The Local File Server where a SWIM server could be named."""

PROBE_FILE = "swim-tui-probe.txt"
"""A small file beside the images of a SWIM server: a device that pulls it can reach the server."""

PROBE_CONTENT = (b"swim-tui: devices pull this file to show that they reach this server. It may be deleted.\n" * 12)[
    :1024
]


@dataclass(frozen=True)
class ServerProtocol:
    """One protocol of a server, with its login.

    `port` 0 is the protocol's own; `credentials` names a profile instead of user and password; `home` is the Protocol
    Home Directory, for HTTP(S) the folder in the URL.
    """

    protocol: Protocol
    port: int = 0
    username: str = ""
    has_password: bool = False
    credentials: str = ""
    home: str = ""

    @property
    def real_port(self) -> int:
        """The port, the protocol's own where none is set."""
        return self.port or DEFAULT_PORTS[self.protocol]

    @property
    def has_login(self) -> bool:
        """False when everybody may read."""
        return bool(self.username or self.credentials)


@dataclass(frozen=True)
class SwimServer:
    """A SWIM server. `jump` is the way from the engine, `device_address` what devices call it, if that is another."""

    name: str
    address: str
    sites: tuple[str, ...]
    description: str = ""
    protocols: tuple[ServerProtocol, ...] = ()
    jump: tuple[str, ...] = ()
    jump_host: str = ""  # the jump host that it is
    device_address: str = ""
    max_pulls: int = 0  # 0 = the setting
    mbit_per_s: float = 0.0  # budget of what the engine sends to it; 0 = none

    def protocol(self, protocol: Protocol) -> ServerProtocol | None:
        """The row of this protocol, None if the server does not speak it."""
        return next((row for row in self.protocols if row.protocol is protocol), None)

    @property
    def writer(self) -> ServerProtocol | None:
        """The protocol that images are put there with; None when none can."""
        return next((row for wanted in WRITERS if (row := self.protocol(wanted)) is not None), None)

    @property
    def address_for_devices(self) -> str:
        """What devices call it."""
        return self.device_address or self.address


@dataclass(frozen=True)
class ServerWay:
    """One protocol of one server with its login in memory. `endpoint` has the SSH port; all share its hops."""

    server: str
    row: ServerProtocol
    endpoint: Endpoint

    @property
    def login(self) -> Login:
        """User and password."""
        return self.endpoint.login

    def path(self, name: str) -> str:
        """A file in the home directory, as the server calls it."""
        return path_on(self.row, name)


def path_on(row: ServerProtocol, name: str) -> str:
    """A file in the home directory of a protocol; relative to the login directory where no home is set."""
    return f"{row.home.rstrip('/')}/{name}" if row.home else name


@dataclass(frozen=True)
class ServerCheck:
    """What Verify Credentials found of one protocol; `detail` in words, `problem` when it failed."""

    protocol: Protocol
    ok: bool
    detail: str
    at: datetime
    problem: Problem | None = None


@dataclass(frozen=True)
class ServerRow:
    """One line of Software Image Management Servers; `images` are files known to be there."""

    server: SwimServer
    checks: tuple[ServerCheck, ...] = ()
    verifying: bool = False
    images: tuple[str, ...] = ()
