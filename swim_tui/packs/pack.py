"""A device pack as data: only packs know platforms, code knows device classes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol


class Support(StrEnum):
    """What a platform supports beyond distribution."""

    SEPARATE_ACTIVATION = "separate-activation"
    EXTERNAL_SERVER = "external-server"
    ISSU = "issu"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    TFTP_FALLBACK = "tftp-fallback"


@dataclass(frozen=True)
class Recognition:
    """How a platform shows itself; regular expressions, all given ones must match."""

    pid: str = ""  # against the chassis PID or model word
    family: str = ""  # against the family token of show version
    image_file: str = ""


@dataclass(frozen=True)
class PackWaits:
    """Waits of a platform in unscaled seconds, and rates in bytes a second for estimates."""

    reload_limit_s: float = 1800.0
    expected_outage_s: float = 400.0
    per_member_s: float = 120.0
    settle_s: float = 60.0
    stable_s: float = 60.0
    first_login_after_banner_s: float = 20.0
    login_interval_s: float = 60.0
    max_logins: int = 5
    poll_s: float = 5.0
    copy_bytes_per_s: float = 500_000.0  # expected rate, replaced by measured ones
    copy_floor_bytes_per_s: float = 50_000.0  # time-out of a copy = size / floor
    hash_bytes_per_s: float = 1_000_000.0  # floor for hash time-outs
    stall_s: float = 120.0


@dataclass(frozen=True)
class BootSyntax:
    """How boot entries are written: `template` with {fs} and {path} after `boot system`; used when none exists."""

    template: str = "{fs}{path}"
    clear: str = "no boot system"
    show: tuple[str, ...] = ("show bootvar", "show boot")


@dataclass(frozen=True)
class Pack:
    """One platform."""

    name: str  # asr1002
    title: str  # Cisco ASR 1002
    device_class: DeviceClass
    netmiko_type: str
    recognise: Recognition
    families: tuple[str, ...]  # image families it accepts
    file_patterns: tuple[str, ...]  # regular expressions of image file names it accepts
    boot_file_system: str  # bootflash:
    file_systems: tuple[str, ...]  # offered as destination, boot first
    protocols: tuple[Protocol, ...]
    upgrade_modes: tuple[str, ...] = ("bundle",)
    space_factor_bundle: float = 1.0
    space_factor_install: float = 2.2
    hash_command: str = "verify /md5 {fs}{path}"
    hash_algorithm: str = "md5"
    boot: BootSyntax = BootSyntax()
    save_command: str = "write memory"
    good_config_registers: tuple[str, ...] = ("0x2102", "0x102", "0xF", "0x10F", "0x3102")
    checks_manual_boot: bool = False  # switches stay at the boot loader when Manual Boot is yes
    has_stack: bool = False
    standby_prefixes: tuple[str, ...] = ()
    waits: PackWaits = PackWaits()
    supports: tuple[Support, ...] = ()
    read_commands: tuple[str, ...] = ()  # facts, in order
    pre_check_commands: tuple[str, ...] = ()
    recovery: tuple[str, ...] = ()  # console steps when SSH does not come back; {old} {new} {fs} are filled
    legacy_ssh: bool = False  # shown in the inventory, never switched on by itself
    source: str = ""  # file it was read from
