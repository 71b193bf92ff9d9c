"""A lab: the network of a file brought to life in this process."""

from __future__ import annotations

import asyncio
import dataclasses
import resource
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .addresses import Addresses
from .algorithms import new_host_key
from .content import ContentStore
from .device import Device
from .images import ImageBytes, broken_twin, write_image
from .inventory import ExtraJump, Where, inventory, write_inventory
from .ios.personality import IosPersonality
from .ios_tar.personality import TarPersonality
from .issu.four import SupervisorPersonality
from .issu.router import RouterPersonality
from .journal import Journal
from .jump import JumpHost
from .model import Network
from .nxos.personality import NxosPersonality
from .servers import FileServer, ServerTable, remove_tree
from .services import Credentials, Personality, Services
from .sessions import open_link
from .throttle import Throttle
from .userkeys import UserKeys
from .wire import Host, Listener
from .xe_install.personality import XeInstallPersonality
from .xr.personality import XrPersonality

MODES = ("virtual", "own", "loopback")
PERSONALITIES: dict[str, Callable[[], Personality]] = {
    "ios": IosPersonality,
    "xe-bundle": IosPersonality,
    "nxos": NxosPersonality,
    "xr": XrPersonality,
    "ios-tar": TarPersonality,
    "xe-install": XeInstallPersonality,
    "xe-issu": SupervisorPersonality,
    "xe-subpkg": RouterPersonality,
}


def new_credentials() -> Credentials:
    """Random passwords for one lab."""
    return Credentials(
        username="admin",
        password=secrets.token_urlsafe(12),
        enable=secrets.token_urlsafe(12),
        jump_username="jump",
        jump_password=secrets.token_urlsafe(12),
        server_password=secrets.token_urlsafe(12),
    )


def raise_file_limit() -> None:
    """As many open files as the system allows us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Lab:
    """All hosts of one network, their addresses, images and log."""

    def __init__(
        self,
        network: Network,
        folder: Path,
        *,
        mode: str = "virtual",
        time_scale: float = 1.0,
        extra_jump: ExtraJump | None = None,
    ) -> None:
        self.network = network
        self.folder = folder
        self.mode = mode
        self.extra_jump = extra_jump
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        images = [ImageBytes(software) for software in network.software.values()]
        images += [ImageBytes(broken_twin(software)) for software in network.software.values() if software.bad]
        self.services = Services(
            journal=Journal(folder / "lab-log.jsonl"),
            contents=ContentStore(folder / "content", images),
            software=network.software,
            credentials=new_credentials(),
            time_scale=time_scale,
            rates_follow_time_scale=network.rates_follow_time_scale,
            user_keys=UserKeys(network.authorized_keys),
        )
        self.services.parents = {group.name: group.parent for group in network.groups if group.kind == "location"}
        self.services.sites = {name: Throttle(self.services.rate(rate)) for name, rate in network.site_rates.items()}
        self.services.servers = ServerTable()
        self.servers: dict[str, FileServer] = {}
        self.table: dict[tuple[str, int], Host] = {}
        self.devices: dict[str, Device] = {}
        self.jumps: dict[str, JumpHost] = {}
        self.where: dict[str, Where] = {}
        self.images: list[dict[str, str]] = []

    @property
    def inventory_path(self) -> Path:
        """The inventory file of this lab."""
        return self.folder / "inventory.yaml"

    def build(self) -> None:
        """Make all hosts (no port is open yet)."""
        for jump in self.network.jumps:
            host = JumpHost(jump, self.services, new_host_key(is_legacy=False), self.table)
            self.jumps[jump.name] = host
        for server in self.network.servers:
            root = self.folder / "servers" / server.name
            remove_tree(root)
            self.servers[server.name] = FileServer(server, self.services, new_host_key(is_legacy=False), root)
        for spec in self.network.devices:
            is_legacy = spec.platform.legacy_ssh or "legacy_kex" in spec.faults
            personality = PERSONALITIES[spec.platform.personality]()
            self.devices[spec.name] = Device(
                spec, self.services, personality, new_host_key(is_legacy=is_legacy), open_link
            )
        self.services.devices = self.devices

    def open(self) -> None:
        """Give every host its address and open its port."""
        addresses = Addresses(is_one_address=self.mode == "loopback")
        for jump in self.jumps.values():
            via = bool(jump.spec.via)
            if via and self.mode == "virtual":
                self.where[jump.name] = Where(jump.spec.address, jump.spec.port)
            else:
                self._listen(jump, *addresses.take())
            self.table[jump.spec.address, jump.spec.port] = jump
        for device in self.devices.values():
            if self.mode == "virtual":
                self.where[device.name] = Where(device.spec.address, device.spec.port)
            else:
                self._listen(device, *addresses.take())
            self.table[device.spec.address, device.spec.port] = device
        # A device names a server by its address alone: servers never share one where there are several.
        if self.mode == "loopback" and self.servers:
            addresses = Addresses(is_one_address=False)
        for server in self.servers.values():
            self._listen(server, *addresses.take())
            self.table[server.spec.address, server.spec.port] = server
            assert self.services.servers is not None
            self.services.servers.add(server, [self.where[server.name].address])
            sites = [self.services.site_line(site) for site in server.spec.sites]
            server.behind(next((line for line in sites if line.rate), Throttle(0)))
        for name, where in self.where.items():
            if name in self.servers:
                self.table[where.address, where.port] = self.servers[name]
                continue
            host = self.devices.get(name) or self.jumps[name]
            self.table[where.address, where.port] = host

    async def open_http(self) -> None:
        """Open the HTTP ports of the servers."""
        for server in self.servers.values():
            spec = server.spec.protocol("http")
            if spec is not None:
                where = self.where[server.name]
                wanted = spec.port if spec.port >= 1024 and self.mode != "loopback" else 0
                await server.http.start(where.address, wanted)

    def _listen(self, host: Device | JumpHost | FileServer, address: str, port: int) -> None:
        host.listener = Listener(address, port, host)
        self.where[host.name] = Where(host.listener.address, host.listener.port)
        host.apply_listening()

    def write_images(self) -> None:
        """Write the target images (and their broken twins) into the images folder."""
        for software in self.network.software.values():
            if software.publish:
                self.images.append(write_image(software, self.folder / "images"))
            if software.bad:
                self.images.append(write_image(broken_twin(software), self.folder / "images" / "broken"))

    def write_inventory(self) -> None:
        """Write the inventory file."""
        direct = self.mode != "virtual"
        devices = [(d, self.where[d.name], [] if direct else list(d.spec.jump)) for d in self.devices.values()]
        jumps = [(jump, self.where[jump.name]) for jump in self.jumps.values()]
        credentials = self.services.credentials
        servers = [(server, self.where[server.name]) for server in self.servers.values()]
        document = inventory(self.network, credentials, devices, jumps, self.extra_jump, servers)
        write_inventory(self.inventory_path, document)

    def ready(self) -> dict[str, Any]:
        """What `up` prints when the lab answers."""
        credentials = dataclasses.asdict(self.services.credentials)
        return {
            "dir": str(self.folder.resolve()),
            "inventory": str(self.inventory_path.resolve()),
            "images_dir": str((self.folder / "images").resolve()),
            "images": self.images,
            "log": str(self.services.journal.path.resolve()),
            "addresses": self.mode,
            "jumps": {name: f"{self.where[name].address}:{self.where[name].port}" for name in self.jumps},
            "servers": {name: f"{self.where[name].address}:{self.where[name].port}" for name in self.servers},
            "devices": len(self.devices),
            "time_scale": self.services.time_scale,
            "credentials": credentials,
        }

    def status(self) -> dict[str, Any]:
        """All hosts in short."""
        rows = []
        for device in self.devices.values():
            state = device.state()
            where = self.where[device.name]
            row = {key: state[key] for key in ("name", "phase", "version", "image", "faults", "counters")}
            rows.append({**row, "address": f"{where.address}:{where.port}", "platform": device.platform.name})
        jumps = [
            {**jump.state(), "address": f"{self.where[jump.name].address}:{self.where[jump.name].port}"}
            for jump in self.jumps.values()
        ]
        servers = [
            {**server.state(), "address": f"{self.where[name].address}:{self.where[name].port}"}
            for name, server in self.servers.items()
        ]
        document = {"network": self.network.name, "devices": rows, "jumps": jumps, "addresses": self.mode}
        return {**document, "servers": servers} if servers else document

    def stop(self) -> None:
        """Close everything."""
        for device in self.devices.values():
            device.stop()
        for jump in self.jumps.values():
            jump.stop()
        for server in self.servers.values():
            server.stop()
        self.services.journal.write("lab", "down")
        self.services.journal.close()


async def start_lab(lab: Lab) -> None:
    """Build, open, write images and inventory."""
    lab.build()
    lab.open()
    await lab.open_http()
    await asyncio.to_thread(lab.write_images)
    lab.write_inventory()
    lab.services.journal.write("lab", "up", f"{len(lab.devices)} devices")
