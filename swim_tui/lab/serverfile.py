"""The `servers:` and `site_rates:` of a network file."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from .yamlfile import Block, Fields

SSH_PROTOCOLS = ("sftp", "scp")
LISTENING = ("sftp", "scp", "http")
PORTS = {"sftp": 22, "scp": 22, "http": 80, "https": 443, "ftp": 21, "tftp": 69}


@dataclass(frozen=True)
class ProtocolSpec:
    """One protocol of a server; its port is what stands in front of the devices, not where the lab listens."""

    protocol: str
    port: int
    home: str


@dataclass(frozen=True)
class ServerFile:
    """A file that lies on a server when the lab starts: a software of the catalogue, or filler of a size."""

    name: str
    size: int = 0
    software: str = ""


@dataclass(frozen=True)
class ServerSpec:
    """One SWIM server; rates are bytes per second, 0 is unlimited."""

    name: str
    address: str
    port: int
    protocols: tuple[ProtocolSpec, ...]
    username: str
    home: str
    size_scale: float = 1.0
    sites: tuple[str, ...] = ()
    description: str = ""
    disk: int = 0
    upload_bytes_s: float = 0.0
    bytes_s: float = 0.0
    lan_bytes_s: float = 0.0
    files: tuple[ServerFile, ...] = ()
    faults: tuple[str, ...] = ()
    shell: bool = True  # it runs commands: hashes of files

    def protocol(self, name: str) -> ProtocolSpec | None:
        """The protocol of that name, if the server speaks it."""
        return next((item for item in self.protocols if item.protocol == name), None)


def _protocols(fields: Fields, block: Block, port: int, home: str) -> tuple[ProtocolSpec, ...]:
    found = []
    for item in block.get("protocols", ["sftp", "scp"]):
        if isinstance(item, Block):
            inner = Fields(item, f"{fields.what}: a protocol")
            name = inner.choice("protocol", tuple(PORTS))
            spec = ProtocolSpec(name, inner.integer("port", PORTS[name]), inner.text("home", home))
            inner.done()
        elif isinstance(item, str) and item in PORTS:
            spec = ProtocolSpec(item, port if item in SSH_PROTOCOLS else PORTS[item], home)
        else:
            raise block.fail(f"{fields.what}: 'protocols' knows {', '.join(PORTS)}, not {item!r}", "protocols")
        found.append(spec)
    if not found:
        raise block.fail(f"{fields.what} has no protocol", "protocols")
    return tuple(found)


def _files(blocks: list[Block]) -> tuple[ServerFile, ...]:
    found = []
    for block in blocks:
        fields = Fields(block, "a file of a server")
        file = ServerFile(fields.text("name", ""), fields.integer("size", 0), fields.text("software", ""))
        fields.done()
        found.append(ServerFile(file.name or file.software, file.size, file.software))
    return tuple(found)


def read_server(block: Block, scale: float) -> ServerSpec:
    """One entry of `servers:`."""
    fields = Fields(block, f"server '{block.get('name', '?')}'")
    port, home = fields.integer("port", 22), fields.text("home", "/swim")
    fields.known("protocols")
    spec = ServerSpec(
        name=fields.text("name"),
        address=fields.text("address"),
        port=port,
        protocols=_protocols(fields, block, port, home),
        username=fields.text("username", "swim"),
        home=home,
        size_scale=scale,
        sites=fields.texts("sites"),
        description=fields.text("description", ""),
        disk=fields.integer("disk", 0),
        upload_bytes_s=fields.number("upload_bytes_s", 0.0),
        bytes_s=fields.number("bytes_s", 0.0),
        lan_bytes_s=fields.number("lan_bytes_s", 0.0),
        files=_files(fields.blocks("files")),
        shell=fields.flag("shell", True),
    )
    fields.done()
    try:
        ipaddress.ip_address(spec.address)
    except ValueError as err:
        raise block.fail(f"{fields.what}: '{spec.address}' is not an IP address", "address") from err
    if not home.startswith("/"):
        raise block.fail(f"{fields.what}: 'home' must begin with a slash", "home")
    return spec


def read_site_rates(block: Block) -> dict[str, float]:
    """`site_rates: {LOCATION: bytes_per_second}`."""
    rates = {}
    for name, value in block.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
            raise block.fail(f"site_rates: '{name}' must be bytes per second, not {value!r}", name)
        rates[name] = float(value)
    return rates
