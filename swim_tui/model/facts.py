"""What was last read from a device. Everything not understood is None or empty, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swim_tui.model.install import Fpd, InstallState, IssuState, Module, Node, NodePair, Vpc


class OsKind(StrEnum):
    """Operating system as `show version` tells it."""

    IOS = "ios"
    IOS_XE = "ios-xe"
    IOS_XR = "ios-xr"
    NXOS = "nx-os"
    UNKNOWN = "unknown"


class BootMode(StrEnum):
    """Bundle: one .bin; install: packages.conf."""

    BUNDLE = "bundle"
    INSTALL = "install"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FileEntry:
    """One row of `dir`; `path` is relative to its file system, without a leading slash."""

    path: str
    size_bytes: int
    modified: str = ""
    is_dir: bool = False


@dataclass(frozen=True)
class FileSystem:
    """One file system of one member; `name` with its colon (`flash:`), `prefixes` are all its names."""

    name: str
    total_bytes: int | None = None
    free_bytes: int | None = None
    prefixes: tuple[str, ...] = ()
    kind: str = ""  # disk, flash, nvram, network, opaque
    flags: str = ""
    is_default: bool = False
    member: int | None = None
    files: tuple[FileEntry, ...] | None = None  # None = not listed

    @property
    def is_standby(self) -> bool:
        """True when it belongs to the standby supervisor or route processor."""
        return any(
            p.startswith(("stby-", "slave")) or p.endswith(("//sup-remote/", "//sup-standby/")) for p in self.prefixes
        )


@dataclass(frozen=True)
class BootState:
    """Boot variable now and at the next reload, and what gates it. Entries keep the device's spelling."""

    current: tuple[str, ...] = ()
    next_reload: tuple[str, ...] = ()
    config_lines: tuple[str, ...] = ()  # `boot system ...` lines of running-config, in order
    manual_boot: bool | None = None
    config_register: str = ""
    config_register_next: str = ""  # empty = same as now
    member: int | None = None
    is_read: bool = False  # False: no boot command was understood


@dataclass(frozen=True)
class Member:
    """A stack member, supervisor or route processor."""

    number: int
    role: str = ""
    state: str = ""
    version: str = ""
    image: str = ""
    mode: BootMode = BootMode.UNKNOWN
    pid: str = ""
    serial: str = ""


@dataclass(frozen=True)
class Redundancy:
    """Redundancy as the device states it; empty strings = not read."""

    hardware_mode: str = ""
    operating_mode: str = ""
    my_state: str = ""
    peer_state: str = ""
    communications: str = ""  # Up, Down
    manual_switchover: str = ""  # enabled, disabled and why


@dataclass(frozen=True)
class VersionFacts:
    """What `show version` says; bytes and seconds; None = not said."""

    os: OsKind = OsKind.UNKNOWN
    version: str = ""  # as the running software names itself (XE form on XE)
    ios_version: str = ""  # the IOS train on XE
    family: str = ""  # token before -FEATURESET-M
    image_name: str = ""  # C2960-LANBASEK9-M
    feature_set: str = ""
    image_file: str = ""  # with its file system: bootflash:/x.bin
    hostname: str = ""
    uptime_s: int | None = None
    restarted: str = ""  # text of the restart line, device's own clock
    reload_reason: str = ""
    rommon: str = ""
    ram_bytes: int | None = None
    flash_bytes: int | None = None
    mode: BootMode = BootMode.UNKNOWN
    members: tuple[Member, ...] = ()
    config_register: str = ""
    config_register_next: str = ""
    pid: str = ""
    serial: str = ""
    edition: str = ""  # IOS XR: px (32 bit), x64, LNT


@dataclass(frozen=True)
class Facts:
    """One reading of a device, whole."""

    device: str
    read_at: datetime
    version: VersionFacts = VersionFacts()
    file_systems: tuple[FileSystem, ...] = ()
    boot: tuple[BootState, ...] = ()  # one per member; routers: one, standby second
    redundancy: Redundancy = Redundancy()
    members: tuple[Member, ...] = ()  # from show switch / show redundancy
    clock: str = ""  # `show clock` text
    booted_at: datetime | None = None  # device's own clock, from the restart line
    clock_offset_s: float | None = None  # device clock minus ours at reading
    privilege: int | None = None
    scp_server: bool | None = None
    sftp_server: bool | None = None  # None: the configuration does not tell (it is built in, or there is none)
    config_dirty: bool | None = None  # running differs from startup beyond masked lines
    config_diff: tuple[str, ...] = ()
    config_readable: bool | None = None
    pending_reload: str = ""  # text of `show reload` if one is scheduled
    other_users: tuple[str, ...] = ()
    config_locked_by: str = ""
    ssh_algorithms: str = ""
    interfaces_up: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # commands whose answer was not understood
    install: InstallState | None = None  # None = no install command was understood
    issu: IssuState | None = None
    nodes: tuple[Node, ...] = ()  # XR show platform
    node_pairs: tuple[NodePair, ...] = ()
    fpds: tuple[Fpd, ...] | None = None
    failed_config: tuple[str, ...] | None = None  # XR: lines of startup-config that were not taken; () = none
    modules: tuple[Module, ...] = ()
    vpc: Vpc | None = None

    def file_system(self, name: str) -> FileSystem | None:
        """The file system that answers to this prefix, if any."""
        for fs in self.file_systems:
            if name == fs.name or name in fs.prefixes:
                return fs
        return None

    def boot_state(self) -> BootState:
        """The boot state of the active member (empty if none was read)."""
        return self.boot[0] if self.boot else BootState()
