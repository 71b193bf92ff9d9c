"""Devices, groups, jump hosts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
class Group:
    """A group of devices; a location has a time zone (IANA name)."""

    name: str
    kind: GroupKind
    parent: str = ""
    zone: str = ""


@dataclass(frozen=True)
class JumpHost:
    """A hop; `via` names the jump host it is reached through, if any."""

    name: str
    address: str
    port: int = 22
    credentials: str = ""
    via: str = ""


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
