"""Every command a platform's class may send, read-only and changing apart."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol
from swim_tui.packs.pack import Pack

_SESSION = ("terminal width 511", "terminal length 0")
_CHECKS = ("show privilege", "show clock", "show version", "dir {fs}", "dir {fs}{path}", "show reload")
_BUNDLE = frozenset({DeviceClass.IOS_BIN, DeviceClass.IOS_TAR, DeviceClass.XE_BUNDLE})


@dataclass(frozen=True)
class PackCommands:
    """Commands with {fs} and {path} where a file system and a file come in; `typed` adds what is typed at prompts."""

    read_only: tuple[str, ...]
    changing: tuple[str, ...]


def commands_of(pack: Pack) -> PackCommands:
    """The commands of a pack: read-only ones and changing ones."""
    read = [*_SESSION, *_CHECKS, *pack.read_commands, *pack.pre_check_commands, *pack.boot.show, pack.hash_command]
    return PackCommands(tuple(dict.fromkeys(read)), tuple(dict.fromkeys(_changing(pack))))


def _changing(pack: Pack) -> list[str]:
    lines = ["delete /force {fs}{path}"]
    if Protocol.SCP in pack.protocols:
        lines += ["configure terminal", "ip scp server enable", "no ip scp server enable", "end"]
    if any(p is not Protocol.SCP for p in pack.protocols):
        lines.append("copy {url} {fs}{path}")
    if pack.device_class in _BUNDLE:
        lines += ["configure terminal", pack.boot.clear, f"boot system {pack.boot.template}", "end"]
        if pack.has_stack:
            lines.append("no boot system switch all")
    if pack.save_command:
        lines.append(pack.save_command)
    if pack.device_class in _BUNDLE:
        lines.append("reload")
    return lines
