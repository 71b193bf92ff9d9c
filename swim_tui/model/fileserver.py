"""The Local File Server as it is set: what devices call it, what it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from swim_tui.model.options import Protocol

LOCAL_PULL = "Local File Server"
"""The engine as a server that devices pull from, where a SWIM server is named."""

LOCAL_USER = "swim"
SERVED_PROTOCOLS = (Protocol.HTTPS, Protocol.HTTP, Protocol.SFTP, Protocol.SCP, Protocol.FTP, Protocol.TFTP)
STANDARD_PORTS = {
    Protocol.HTTPS: 443,
    Protocol.HTTP: 80,
    Protocol.SFTP: 22,
    Protocol.SCP: 22,
    Protocol.FTP: 21,
    Protocol.TFTP: 69,
}
DEFAULT_PORTS = "HTTP=8080,HTTPS=8443,SSH=8022,FTP=8021,TFTP=69"


@dataclass(frozen=True)
class LocalFileServer:
    """Off while it has no address or no protocol. `bind` empty = the address itself; `legacy`: old devices may come."""

    address: str = ""
    protocols: tuple[Protocol, ...] = ()
    bind: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)
    legacy: bool = False

    @property
    def is_on(self) -> bool:
        """True when devices may be told to pull from it."""
        return bool(self.address and self.protocols)

    def port(self, protocol: Protocol) -> int:
        """Where it listens for this protocol; SFTP and SCP share the port named SSH."""
        name = "SSH" if protocol in (Protocol.SFTP, Protocol.SCP) else protocol.value
        return self.ports.get(name, STANDARD_PORTS[protocol])


OFF = LocalFileServer()


def parse_ports(text: str) -> dict[str, int]:
    """`HTTP=8080,SSH=8022` as a table; ValueError with words."""
    known = {"HTTP", "HTTPS", "SSH", "FTP", "TFTP"}
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, number = part.partition("=")
        name = name.strip().upper()
        if name not in known or not equals:
            raise ValueError(f"'{part}' is none of HTTP, HTTPS, SSH, FTP, TFTP with = and a port")
        if not number.strip().isdigit() or not 1 <= int(number) <= 65535:
            raise ValueError(f"the port of {name} is not between 1 and 65535")
        found[name] = int(number)
    return found
