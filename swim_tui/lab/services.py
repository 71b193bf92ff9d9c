"""What the hosts of a lab share, and what a device asks of its personality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .config import Configuration
from .content import ContentStore
from .journal import Journal
from .model import Software
from .throttle import Throttle
from .userkeys import UserKeys

if TYPE_CHECKING:
    from .device import Device
    from .servers import ServerTable
    from .sessions import Link


@dataclass(frozen=True)
class Credentials:
    """The users of a lab; the password is the same on all devices."""

    username: str
    password: str
    enable: str
    jump_username: str
    jump_password: str
    server_password: str = ""


@dataclass
class Services:
    """What all hosts of a lab share."""

    journal: Journal
    contents: ContentStore
    software: Mapping[str, Software]
    credentials: Credentials
    time_scale: float = 1.0
    rates_follow_time_scale: bool = True
    servers: ServerTable | None = None
    user_keys: UserKeys = field(default_factory=UserKeys)
    devices: dict[str, Device] = field(default_factory=dict)
    sites: dict[str, Throttle] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def seconds(self, seconds: float) -> float:
        """A duration of the real world as it lasts here."""
        return seconds / self.time_scale

    def rate(self, bytes_s: float) -> float:
        """A rate as it is here; 0 is unlimited."""
        return bytes_s * self.time_scale if self.rates_follow_time_scale else bytes_s

    def above(self, location: str) -> list[str]:
        """A location group and everything above it."""
        found: list[str] = []
        while location and location not in found:
            found.append(location)
            location = self.parents.get(location, "")
        return found

    def site_line(self, location: str) -> Throttle:
        """The line into the site of a location; unlimited where no rate is given."""
        return next((self.sites[name] for name in self.above(location) if name in self.sites), Throttle(0))


@dataclass(frozen=True)
class BootChoice:
    """What a device starts: a software and the path of its image, or nothing (the boot loader)."""

    software: Software | None
    path: str = ""
    note: str = ""


class Personality(Protocol):
    """What makes a device a device of its class."""

    def first_config(self, device: Device) -> Configuration:
        """The startup configuration at the start of the lab."""

    def choose_boot(self, device: Device) -> BootChoice:
        """What a reload starts."""

    async def shell(self, link: Link) -> None:
        """Serve an interactive session until it ends."""

    async def run_command(self, link: Link, command: str) -> None:
        """Serve one command given on the SSH exec request."""
