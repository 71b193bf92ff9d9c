"""What a network file describes: software, platforms, jump hosts, devices, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .serverfile import ServerSpec

# No image is smaller than its head with the CW block.
MIN_IMAGE = 20480


@dataclass(frozen=True)
class Software:
    """One release of the catalogue: what its image is called, says about itself and weighs."""

    file: str
    family: str
    image: str
    version: str
    xe_version: str
    size: int
    seed: str
    sysdescr: str
    feature: str = ""
    header: str = "elf"
    size_scale: float = 1.0
    platforms: tuple[str, ...] = ()
    publish: bool = False
    bad: str = ""
    packages: tuple[str, ...] = ()
    build: str = ""
    microcode: str = ""
    dram_mb: int = 64
    inner: Software | None = None
    patches: str = ""  # an SMU: the file of the release it goes onto
    reloads: bool = True

    @property
    def size_bytes(self) -> int:
        """The size of the synthetic image: the declared one divided by the size scale."""
        return max(MIN_IMAGE, int(self.size / self.size_scale))

    @property
    def shown_version(self) -> str:
        """The version as the system names itself: the XE version where there is one."""
        return self.xe_version or self.version


@dataclass(frozen=True)
class FlashFile:
    """A file that lies on a file system when the lab starts; `software` names a catalogue file."""

    name: str
    size: int = 0
    software: str = ""
    folder: str = ""


@dataclass(frozen=True)
class FileSystemSpec:
    """One row of `show file systems`; size 0 means an opaque one without sizes."""

    prefix: str
    size: int
    kind: str = "disk"
    flags: str = "rw"
    aliases: tuple[str, ...] = ()
    is_default: bool = False
    fixed_free: int = 0
    files: tuple[FlashFile, ...] = ()


@dataclass(frozen=True)
class BootTimes:
    """Seconds of a reload, before the time scale; `death` is how sessions end (eof, rst, hang)."""

    drop_s: float = 5.0
    dead_s: float = 300.0
    early_s: float = 10.0
    death: str = "eof"


@dataclass(frozen=True)
class MemberSpec:
    """What is different about one member of a stack, or about one route processor or supervisor."""

    number: int
    pid: str = ""
    priority: int = 0
    boot_fs_size: int = 0
    running: str = ""
    files: tuple[FlashFile, ...] = ()


@dataclass(frozen=True)
class UnitRules:
    """How a platform names its members and their file systems; style is "" for a device of one unit."""

    style: str = ""
    numbers: tuple[int, ...] = (1,)
    ready_s: float = 60.0
    microcode_s: float = 0.0


@dataclass(frozen=True)
class Platform:
    """Everything that is the same for all devices of one kind."""

    name: str
    personality: str
    pid: str
    families: tuple[str, ...]
    boot_fs: str
    file_systems: tuple[FileSystemSpec, ...]
    boot_line: str
    bootvar_suffix: str
    boot_forms: tuple[str, ...]
    boot_append: bool
    config_register: str
    on_no_image: str
    scp_bytes_s: float
    verify_bytes_s: float
    boot: BootTimes
    vty_lines: int
    flush_s: float
    legacy_ssh: bool
    has_sha512: bool
    delete_force_asks: bool
    dir_slash: bool
    exec_timeout_s: float
    ssh_version: str
    show_version: str
    config: str
    texts: Mapping[str, str] = field(default_factory=dict)
    units: UnitRules = UnitRules()
    inventory_name: str = ""  # what inventories call this platform, where its lab name says more


@dataclass(frozen=True)
class JumpSpec:
    """A jump host; `via` names the jump host it is reached through.

    One without forwarding may have `commands` that reach on (nc, ssh), or take the target in the user name
    (`USER%ADDRESS`), as a bastion that logs in to the target itself does.
    """

    name: str
    address: str
    port: int = 22
    via: str = ""
    otp: bool = False
    banner: str = ""
    forwarding: bool = True
    commands: tuple[str, ...] = ()
    target_in_user: bool = False
    push: str = ""  # asks (a prompt that takes 1) or silent (no prompt at all): then a person approves elsewhere
    push_s: float = 0.0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupSpec:
    """A group of the inventory."""

    name: str
    kind: str
    parent: str = ""
    zone: str = ""


@dataclass(frozen=True)
class DeviceSpec:
    """One device of the network, with its deviations from its platform."""

    name: str
    address: str
    port: int
    platform: Platform
    running: str
    size_scale: float
    hostname: str
    role: str = "access"
    location: str = ""
    device_type: str = ""
    groups: tuple[str, ...] = ()
    jump: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    pair: str = ""
    description: str = ""
    boot_fs_size: int = 0
    files: tuple[FlashFile, ...] = ()
    boot: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    config_register: str = ""
    uptime_days: float = 20.0
    privilege: int = 15
    has_enable: bool = True
    scp_server: bool = True
    manual_boot: bool = False
    neighbors: tuple[Mapping[str, str], ...] = ()
    exec_timestamp: bool = False
    syslog_noise: bool = False
    domain_lookup: bool = False
    banner: str = ""
    motd: str = ""
    scp_bytes_s: float = -1.0
    pull_bytes_s: float = -1.0
    copy_order: tuple[str, ...] = ()
    boot_times: BootTimes | None = None
    faults: tuple[str, ...] = ()
    pid: str = ""
    mode: str = ""
    stack: int = 0
    members: tuple[MemberSpec, ...] = ()


@dataclass(frozen=True)
class Network:
    """A whole network file, includes resolved."""

    name: str
    jumps: tuple[JumpSpec, ...]
    devices: tuple[DeviceSpec, ...]
    groups: tuple[GroupSpec, ...]
    software: Mapping[str, Software]
    rates_follow_time_scale: bool = True
    time_scale: float = 1.0
    servers: tuple[ServerSpec, ...] = ()
    site_rates: Mapping[str, float] = field(default_factory=dict)
    authorized_keys: tuple[str, ...] = ()
