"""Devices, groups, jump hosts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class DeviceClass(StrEnum):
    """Driver classes (DEVICE_FACTS 0.1); packs name one, code knows only these."""

    IOS_BIN = "IOS-BIN"
    IOS_TAR = "IOS-TAR"
    XE_BUNDLE = "XE-BUNDLE"
    XE3_INSTALL = "XE3-INSTALL"
    XE16_INSTALL = "XE16-INSTALL"
    XE_SUBPKG = "XE-SUBPKG"
    XE_ISSU = "XE-ISSU"
    XR_32 = "XR-32"
    XR_64 = "XR-64"
    XR7 = "XR7"
    NXOS = "NXOS"


class Role(StrEnum):
    """What a device is in the network; decides the activation order."""

    ACCESS = "access"
    DISTRIBUTION = "distribution"
    CORE = "core"
    WAN = "wan"
    DC = "dc"
    PATH = "path"


class GroupKind(StrEnum):
    """The three group trees."""

    LOCATION = "location"
    DEVICE_TYPE = "device_type"
    USER = "user"


@dataclass(frozen=True)
class GroupRule:
    """Which devices a user-defined group has by their attributes; every field that is set must fit.

    `location` and `name` are patterns with * and ?; a location fits when it, or a location above it, does.
    """

    platform: str = ""
    role: str = ""
    location: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return any((self.platform, self.role, self.location, self.name))

    def fits(self, device: Device, locations: Iterable[str]) -> bool:
        """True when a device belongs; `locations` are its own and those above it."""
        if not self:
            return False
        return (
            self.platform in ("", device.platform)
            and self.role in ("", device.role)
            and (not self.name or _like(device.name, self.name))
            and (not self.location or any(_like(place, self.location) for place in locations))
        )


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text.lower(), pattern.lower())


@dataclass(frozen=True)
class Group:
    """A group of devices; a location has a time zone (IANA name).

    `rule` adds devices by attribute to a user-defined group; `credentials` is the profile of members that name none.
    """

    name: str
    kind: GroupKind
    parent: str = ""
    zone: str = ""
    rule: GroupRule = GroupRule()
    credentials: str = ""


class HopMethod(StrEnum):
    """How a jump host passes a connection on."""

    FORWARD = "forward"  # direct-tcpip, as ssh -J
    EXEC = "exec"  # a command on the jump host gives the byte stream: nc %h %p, ssh -W %h:%p
    USER = "user"  # a bastion that takes the target in the user name: %r%%%h


A_CODE_EACH_TIME = (
    "a bastion of method user is logged in to anew for each session of each device, and its profile asks a one-time "
    "code each time; give it a key or a push, or use method forward or exec, where one code serves the whole run"
)


@dataclass(frozen=True)
class JumpHost:
    """A hop; `via` names the jump host it is reached through, if any.

    `template` is the command of method exec or the user name of method user; %h is the target's address, %p its port,
    %r the target's user, %u the user of this jump host, %% a per cent sign.
    """

    name: str
    address: str
    port: int = 22
    credentials: str = ""
    via: str = ""
    method: HopMethod = HopMethod.FORWARD
    template: str = ""


@dataclass(frozen=True)
class Device:
    """A managed network element, as the inventory has it. `platform` is a pack name, empty = not detected yet."""

    name: str
    address: str
    port: int = 22
    platform: str = ""
    role: Role = Role.ACCESS
    location: str = ""
    device_type: str = ""
    groups: tuple[str, ...] = ()
    credentials: str = ""
    jump: tuple[str, ...] = ()
    legacy_ssh: bool = False
    upstream: tuple[str, ...] = ()
    pair: str = ""
    vrf: str = ""
    source_interface: str = ""
    console: str = ""
    description: str = ""
