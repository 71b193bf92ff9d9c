"""Every command a platform's class may send, read-only and changing apart."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol
from swim_tui.packs.pack import Pack, Variant

_SESSION = ("terminal width 511", "terminal length 0")
_CHECKS = ("show version", "show clock", "dir {fs}", "dir {fs}{path}")
_IOS_CHECKS = ("show privilege", "show reload")
USERS = "show users"
_BUNDLE = frozenset({DeviceClass.IOS_BIN, DeviceClass.IOS_TAR, DeviceClass.XE_BUNDLE})
_BOOT_LINES = _BUNDLE | {DeviceClass.XE3_INSTALL, DeviceClass.XE16_INSTALL, DeviceClass.XE_SUBPKG, DeviceClass.XE_ISSU}


@dataclass(frozen=True)
class SessionLimit:
    """How a platform says how many sessions it takes: the command that shows it, the number where nothing is set."""

    command: str
    unset: int


_IOS_LINES = SessionLimit("show running-config | include ^line vty", 5)
_SESSION_LIMITS = {
    "cisco_ios": _IOS_LINES,
    "cisco_xe": _IOS_LINES,
    "cisco_xr": SessionLimit("show running-config vty-pool", 5),
    "cisco_nxos": SessionLimit("show running-config | include session-limit", 32),
}


@dataclass(frozen=True)
class PackCommands:
    """Commands with {fs} and {path} where a file system and a file come in."""

    read_only: tuple[str, ...]
    changing: tuple[str, ...]


def commands_of(pack: Pack) -> PackCommands:
    """The commands of a pack, its variants and its upgrade in service: read-only ones and changing ones."""
    limit = session_limit(pack)
    read = [*_SESSION, *_CHECKS, *(_IOS_CHECKS if limit == _IOS_LINES else ())]
    read += [USERS, limit.command] if limit is not None else []
    read += [*pack.read_commands, *pack.pre_check_commands, *pack.boot.show]
    read += [pack.hash_command, pack.sha512_command, pack.signature_command]
    read += pack.install.reading()
    for variant in pack.variants:
        read += variant.install.reading()
    if pack.issu is not None:
        read += pack.issu.show
    return PackCommands(_once(read), _once(_changing(pack)))


def _once(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if line))


def session_limit(pack: Pack) -> SessionLimit | None:
    """How many sessions this platform takes at once; None where it is not known how to ask."""
    return _SESSION_LIMITS.get(pack.netmiko_type)


def _changing(pack: Pack) -> list[str]:
    lines = [pack.copy.delete, pack.copy.delete_folder]
    if Protocol.SCP in pack.protocols and pack.copy.scp_on:
        lines += ["configure terminal", *pack.copy.scp_on, *pack.copy.scp_off, "end"]
    if any(p is not Protocol.SCP for p in pack.protocols):
        lines += [pack.copy.pull, pack.copy.pull_vrf]
    if _boots_by_line(pack):
        lines += ["configure terminal", pack.boot.clear, f"boot system {pack.boot.template}", "end"]
        if pack.has_stack:
            lines.append("no boot system switch all")
    if pack.boot.by_hand:
        lines += ["configure terminal", *pack.boot.by_hand, "end"]
    lines += [pack.members.copy, pack.members.boot, pack.members.clear_boot, pack.save_command]
    lines += pack.install.changing()
    for variant in pack.variants:
        lines += variant.install.changing()
    if pack.issu is not None:
        lines += pack.issu.changing()
    lines.append(pack.reload_command)
    return lines


def _boots_by_line(pack: Pack) -> bool:
    """Install mode needs the line too: boot system flash:packages.conf."""
    classes: list[Pack | Variant] = [pack, *pack.variants]
    return any(one.device_class in _BOOT_LINES for one in classes)
